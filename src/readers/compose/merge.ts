import type { Field, Mapping, Value } from './tree.ts';

/*
 * Merging of compose trees: an override file over its base, a service over the one it extends (compose-go
 * override/merge.go). Lists whose items replace each other by name or target are only concatenated here; when they are
 * read, the later item wins.
 */

/** Keys of a service whose values replace each other. */
const replaced: ReadonlySet<string> = new Set(['command', 'entrypoint', 'healthcheck.test']);
/** Keys of a service that may be lists or mappings and are merged by name. */
const layered: ReadonlySet<string> = new Set([
  'annotations',
  'deploy.labels',
  'dns',
  'dns_opt',
  'dns_search',
  'env_file',
  'environment',
  'extra_hosts',
  'label_file',
  'labels',
  'networks',
  'sysctls',
  'tmpfs',
]);

/** Counts merge steps, so that files that merge each other over and over are given up. */
export interface Budget {
  left: number;
}

/** Merges a whole file over the result of the files before it. */
export function mergeFiles(base: Mapping, over: Mapping, budget: Budget): Mapping {
  return mergeMappings(base, over, budget, (key, below, above) =>
    key === 'services' && below.kind === 'map' && above.kind === 'map'
      ? mergeMappings(below, above, budget, (_name, one, other) => mergeServices(one, other, budget))
      : mergeValues('/', below, above, budget),
  );
}

/** Merges a service over another one. */
export function mergeServices(base: Value, over: Value, budget: Budget): Value {
  return mergeValues('', base, over, budget);
}

function mergeValues(path: string, base: Value, over: Value, budget: Budget): Value {
  budget.left--;
  if (over.kind === 'reset' || over.overrides || base.kind === 'reset' || replaced.has(path)) return over;
  if (over.kind === 'scalar' && over.isNull) return base;
  if (layered.has(path)) return joined(path, base, over, budget);
  if (base.kind === 'map' && over.kind === 'map') {
    if (path === 'logging' && otherDriver(base, over)) return over;
    return mergeMappings(base, over, budget, (key, below, above) =>
      mergeValues(path === '' ? key : `${path}.${key}`, below, above, budget),
    );
  }
  if (base.kind === 'list' && over.kind === 'list') {
    budget.left -= base.items.length + over.items.length;
    return { ...over, items: [...base.items, ...over.items] };
  }
  return over;
}

function mergeMappings(
  base: Mapping,
  over: Mapping,
  budget: Budget,
  merge: (key: string, below: Value, above: Value) => Value,
): Mapping {
  budget.left -= base.fields.size;
  const fields = new Map<string, Field>(base.fields);
  for (const [key, field] of over.fields) {
    if (budget.left < 0) break;
    const below = fields.get(key);
    fields.set(key, below ? { ...field, value: merge(key, below.value, field.value) } : field);
  }
  return { ...base, fields };
}

/** Options of one log driver do not apply to another. */
function otherDriver(base: Mapping, over: Mapping): boolean {
  const [below, above] = [base.fields.get('driver')?.value, over.fields.get('driver')?.value];
  return below?.kind === 'scalar' && above?.kind === 'scalar' && below.raw !== above.raw;
}

function joined(path: string, base: Value, over: Value, budget: Budget): Value {
  const fields = over.kind === 'map' ? [...over.fields] : [];
  const reset = new Set(fields.filter(([, { value }]) => value.kind === 'reset').map(([key]) => key));
  if (reset.size > 0 && over.kind === 'map') {
    budget.left -= base.kind === 'map' ? base.fields.size : 0;
    const rest = { ...over, fields: new Map(fields.filter(([key]) => !reset.has(key))) };
    return joined(path, withoutKeys(path, base, reset), rest, budget);
  }
  const layers = [...layersOf(base), ...layersOf(over)];
  budget.left -= layers.length;
  return { kind: 'layers', layers, scope: over.scope, span: over.span, overrides: false };
}

/**
 * What `!reset` leaves of a value. Where it has become a list, nothing is found (compose-go loader/reset.go Apply); only
 * networks are mappings at that time, however they are written.
 */
function withoutKeys(path: string, base: Value, keys: ReadonlySet<string>): Value {
  if (base.kind === 'map') return { ...base, fields: new Map([...base.fields].filter(([key]) => !keys.has(key))) };
  if (path !== 'networks') return base;
  if (base.kind === 'layers') return { ...base, layers: base.layers.map((layer) => withoutKeys(path, layer, keys)) };
  if (base.kind !== 'list') return base;
  return { ...base, items: base.items.filter((item) => item.kind !== 'scalar' || !keys.has(item.raw)) };
}

/** The values that make up this one, the winning one last. */
export function layersOf(value: Value): readonly Value[] {
  return value.kind === 'layers' ? value.layers : [value];
}

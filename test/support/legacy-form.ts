import { parseDocument, stringify } from 'yaml';

export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A docker pipeline in the current format as people would have written it before 1.0; undefined for anything else. */
export function inLegacyForm(text: string): string | undefined {
  const pipeline = treeOf(text);
  const steps = listOf(pipeline?.steps);
  if (pipeline?.kind !== 'pipeline' || (pipeline.type ?? 'docker') !== 'docker' || !steps) return undefined;
  const services = listOf(pipeline.services);
  return stringify({
    pipeline: sectionOf(steps, pipeline),
    ...(services ? { services: sectionOf(services, pipeline) } : {}),
  });
}

function sectionOf(steps: readonly Tree[], { trigger, volumes: all }: Tree): Tree {
  const hostPaths = new Map((listOf(all) ?? []).map(({ name, host }) => [name, isTree(host) ? host.path : undefined]));
  return Object.fromEntries(
    steps.map(({ name, settings, environment, volumes, when, ...step }) => {
      const mounts = listOf(volumes)?.map((mount) => `${hostPaths.get(mount.name) ?? '/srv'}:${mount.path}`);
      const conditions = when ?? trigger;
      const own = {
        ...step,
        ...(isTree(settings) ? settings : {}),
        ...variablesOf(environment),
        ...(mounts ? { volumes: mounts } : {}),
        ...(conditions === undefined ? {} : { when: conditions }),
      };
      return [name, own];
    }),
  );
}

/** Variables, and the secrets among them in a list of their own. */
function variablesOf(environment: unknown): Tree {
  if (!isTree(environment)) return {};
  const all = Object.entries(environment);
  const secrets = all.flatMap(([target, value]) =>
    isTree(value) && value.from_secret !== undefined ? [{ source: value.from_secret, target }] : [],
  );
  const others = Object.fromEntries(all.filter(([, value]) => !isTree(value)));
  return { environment: others, ...(secrets.length > 0 ? { secrets } : {}) };
}

function treeOf(text: string): Tree | undefined {
  const document = parseDocument(text, { merge: true, logLevel: 'error' });
  if (document.errors.length > 0) return undefined;
  const tree: unknown = document.toJS();
  return isTree(tree) ? tree : undefined;
}

function listOf(value: unknown): readonly Tree[] | undefined {
  return Array.isArray(value) && value.every(isTree) ? value : undefined;
}

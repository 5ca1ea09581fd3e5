import type { Remark } from '../../model/remark.ts';
import type { Problem } from '../../model/report.ts';
import type { Located, Location, Source } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { type EnvEntry, parseEnv, rawOf } from '../env/file.ts';
import type { RawVariable } from '../env/settings.ts';
import type { Fetch } from './load.ts';
import { layersOf } from './merge.ts';
import { missingFile } from './notes.ts';
import { placeOf, type Reading, readBoolean, readScalar, type Scalar, shownText, type Value, valueAt } from './tree.ts';

/** How many variables the services of one reading may have together; real installations are far below. */
const maxVariables = 100_000;
/** How many characters of env files may be parsed again because their variables depend on the service. */
const maxCharacters = 10_000_000;

/** What the environment of a service consists of. */
export interface Environment {
  /** In the order in which they apply: env files, later ones over earlier ones, then `environment`. */
  readonly raw: readonly RawVariable[];
  readonly gaps: readonly Text[];
}

/** Reads the environments of services, and collects what is wrong with them. */
export type EnvironmentReader = ReturnType<typeof environmentReader>;

/** Makes a reader for the services of one project; `fetch` fetches the env files. */
export function environmentReader(fetch: Fetch) {
  const problems: Problem[] = [];
  const unknown: Remark[] = [];
  const parsed = new Map<Source, readonly EnvEntry[]>();
  const broken = new Set<Source>();
  let variables = 0;
  let characters = 0;

  const parse = (
    file: Source,
    raw: boolean,
    resolve: (name: string) => string | undefined,
  ): readonly EnvEntry[] | undefined => {
    const cached = parsed.get(file);
    if (cached) return cached;
    characters += file.text.length;
    if (characters > maxCharacters) return undefined;
    const result = parseEnv(file, raw ? 'docker' : 'compose', resolve);
    if (result.problems.length > 0 && !broken.has(file)) {
      for (const problem of result.problems) problems.push(problem);
      broken.add(file);
    }
    // Without references, the result is the same for every service.
    if (!file.text.includes('$')) parsed.set(file, result.entries);
    return result.entries;
  };

  const read = (service: Value, path: string): Environment => {
    if (variables > maxVariables)
      return { raw: [], gaps: [say`its environment was not read: the file holds too many variables`] };
    const gaps: Text[] = [];
    const own = variablesOf(valueAt(service, 'environment'), `${path}.environment`, gaps);
    const values = new Map<string, string>();
    const ownValues = new Map(
      own.map(({ name, value, origin }) => [name.value, origin === 'unresolved' ? undefined : value?.value]),
    );
    const raw: RawVariable[] = [];
    for (const item of envFilesOf(service, path)) {
      const { text, shown, at: usedAt } = item.reading;
      const gap = (why: Text): void => {
        unknown.push({ at: usedAt, message: why });
        gaps.push(why);
      };
      if (text === undefined) {
        gap(say`env_file "${shown}" is not known`);
        continue;
      }
      const file = fetch(item.scalar.scope, text, item.raw ? 'docker-env' : 'env');
      if (!('text' in file)) {
        if (item.required || file.kind !== 'unreadable') gap(missingFile('env_file', text, file));
        continue;
      }
      const { find } = item.scalar.scope;
      const entries = parse(file, item.raw, (name) => find(name)?.text ?? ownValues.get(name) ?? values.get(name));
      if (!entries || variables + entries.length > maxVariables) {
        gap(say`env_file "${text}" was not read for this service: the env files are too large together`);
        continue;
      }
      if (broken.has(file)) gaps.push(say`env_file "${text}" is malformed`);
      variables += entries.length;
      for (const entry of entries) {
        raw.push(entry.value ? rawOf(entry, usedAt) : passedThrough(entry.name, usedAt, find));
        if (entry.value && !entry.dynamic) values.set(entry.name.value, entry.value.value);
      }
    }
    variables += own.length;
    return { raw: [...raw, ...own], gaps };
  };
  return { read, problems, unknown };
}

interface EnvFile {
  readonly scalar: Scalar;
  readonly reading: Reading;
  readonly required: boolean;
  readonly raw: boolean;
}

/** A file that is named twice is read once, at its first place (compose-go override/uncity.go). */
function envFilesOf(service: Value, path: string): readonly EnvFile[] {
  const value = valueAt(service, 'env_file');
  if (!value) return [];
  const files = new Map<string, EnvFile>();
  const items = layersOf(value).flatMap((layer) => (layer.kind === 'list' ? layer.items : [layer]));
  for (const [index, item] of items.entries()) {
    const scalar = item.kind === 'map' ? valueAt(item, 'path') : item;
    if (scalar?.kind !== 'scalar' || scalar.isNull) continue;
    const reading = readScalar(scalar, value.kind === 'scalar' ? `${path}.env_file` : `${path}.env_file[${index}]`);
    const required = item.kind !== 'map' || readBoolean(valueAt(item, 'required'), path)?.value !== false;
    const raw = item.kind === 'map' && shownText(valueAt(item, 'format')) === 'raw';
    files.set(`${scalar.scope.folder}\0${reading.shown}`, { scalar, reading, required, raw });
  }
  return [...files.values()];
}

/** The variables of `environment`, a map or a list, with every layer of several files. */
function variablesOf(environment: Value | undefined, path: string, gaps: Text[]): RawVariable[] {
  const variables: RawVariable[] = [];
  for (const layer of environment ? layersOf(environment) : []) {
    if (layer.kind === 'map') {
      for (const { key, keyAt, value } of layer.fields.values()) {
        if (value.kind === 'reset') continue;
        const own = `${path}.${key}`;
        const name = { value: key, at: placeOf(keyAt, own) };
        if (key.includes('{{')) gaps.push(say`a name in its environment is a template`);
        if (value.kind === 'scalar' && !value.isNull) variables.push(named(name, readScalar(value, own)));
        else if (value.kind === 'scalar') variables.push(passedThrough(name, undefined, value.scope.find));
        else variables.push({ name, origin: 'unresolved', heldBy: 'deployment' });
      }
    } else if (layer.kind === 'list') {
      for (const item of layer.items) {
        const variable = item.kind === 'scalar' ? variableOfItem(item, path) : undefined;
        if (variable) variables.push(variable);
        else gaps.push(say`an item of its environment is not known`);
      }
    } else if (!(layer.kind === 'scalar' && layer.isNull)) gaps.push(say`its environment is not known`);
  }
  return variables;
}

/** `NAME=value` or a bare name. The name ends at the first equals sign outside references. */
function variableOfItem(item: Scalar, path: string): RawVariable | undefined {
  const { raw } = item;
  const equals = raw.indexOf('=');
  const dollar = raw.indexOf('$');
  if (equals >= 0 && (dollar < 0 || equals < dollar)) {
    const key = raw.slice(0, equals);
    if (key.includes('{{')) return undefined;
    const own = `${path}.${key}`;
    const name = readScalar(item, own, { start: 0, end: equals });
    return named({ value: key, at: name.at }, readScalar(item, own, { start: equals + 1, end: raw.length }));
  }
  // Either the name itself or the whole item is interpolated.
  const whole = readScalar(item, path);
  if (whole.text === undefined || whole.text === '') return undefined;
  const cut = whole.text.indexOf('=');
  const key = cut < 0 ? whole.text : whole.text.slice(0, cut);
  const at = { ...whole.at, path: `${path}.${key}` };
  if (cut < 0) return passedThrough({ value: key, at }, undefined, item.scope.find);
  const value = { value: whole.text.slice(cut + 1), at };
  return { name: { value: key, at }, value, origin: whole.origin, heldBy: 'deployment' };
}

function named(name: Located<string>, reading: Reading): RawVariable {
  const { text, shown, origin, at, usedAt, fallback } = reading;
  const value = { value: text ?? shown, at };
  return { name, value, origin, fallback, usedAt, heldBy: usedAt ? 'env-file' : 'deployment' };
}

/** A name without a value: Compose takes the value from its own environment and its env files. */
function passedThrough(
  name: Located<string>,
  usedAt: Location | undefined,
  find: Scalar['scope']['find'],
): RawVariable {
  const variable = find(name.value);
  const heldBy = usedAt || variable?.at ? 'env-file' : 'deployment';
  if (variable?.text === undefined) return { name, origin: 'unresolved', heldBy, usedAt };
  const value = { value: variable.text, at: variable.at ?? name.at };
  return { name, value, origin: 'interpolated', usedAt: usedAt ?? name.at, heldBy };
}

import type { Reading as Found } from '../../model/reading.ts';
import type { Remark } from '../../model/remark.ts';
import type { Problem } from '../../model/report.ts';
import type { Located, Location, Source } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { type EnvEntry, parseEnv } from '../env/file.ts';
import type { RawVariable } from '../env/settings.ts';
import { templateMark } from '../yaml/template.ts';
import { type FindVariable, isSet, type KnownVariable } from './interpolation.ts';
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
export interface EnvironmentReader {
  readonly read: (service: Value, path: string) => Environment;
  /** The labels of `label_file`, and why there may be more. */
  readonly readLabels: (service: Value, path: string) => { entries: readonly EnvEntry[]; gaps: readonly Text[] };
  readonly problems: readonly Problem[];
  readonly unknown: Found['unknown'];
}

/** Makes a reader for the services of one project; `fetchFile` fetches the env files. */
export function environmentReader(fetchFile: Fetch): EnvironmentReader {
  const problems: Problem[] = [];
  const unknown: Remark[] = [];
  const parsed = new Map<Source, readonly EnvEntry[]>();
  const broken = new Set<Source>();
  let variables = 0;
  let characters = 0;

  const parse = (
    file: Source,
    raw: boolean,
    find: FindVariable,
    earlier: FindVariable,
  ): readonly EnvEntry[] | undefined => {
    const cached = parsed.get(file);
    if (cached) return cached;
    characters += file.text.length;
    if (characters > maxCharacters) return undefined;
    const result = parseEnv(file, raw ? 'docker' : 'compose', { find, earlier });
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
    const values = new Map<string, KnownVariable>();
    const ownValues = new Map(
      own
        .filter(({ value }) => value)
        .map(({ name, value, origin }) => [name.value, origin === 'unresolved' ? {} : { text: value?.value }]),
    );
    const raw: RawVariable[] = [];
    for (const item of envFilesOf(service, path)) {
      const gap = (why: Text): void => {
        unknown.push({ at: item.reading.at, message: why });
        gaps.push(why);
      };
      const { text, shown } = item.reading;
      if (text === undefined) {
        gap(say`env_file "${shown}" is not known`);
        continue;
      }
      const file = fetchFile(item.scalar.scope, text, item.raw ? 'docker-env' : 'env');
      if (!('text' in file)) {
        if (item.required || file.kind !== 'unreadable') gap(missingFile('env_file', text, file));
        continue;
      }
      const { find } = item.scalar.scope;
      const findFirst: FindVariable = (name) => {
        const variable = find(name);
        return isSet(variable) ? variable : (ownValues.get(name) ?? variable);
      };
      const entries = parse(file, item.raw, findFirst, (name) => values.get(name));
      if (!entries || variables + entries.length > maxVariables) {
        gap(say`env_file "${text}" was not read for this service: the env files are too large together`);
        continue;
      }
      if (broken.has(file)) gaps.push(say`env_file "${text}" is malformed`);
      variables += entries.length;
      for (const entry of entries) {
        const variable = variableOf(entry, item.reading.at, find);
        if (variable) raw.push(variable);
        if (entry.value) values.set(entry.name.value, entry.dynamic ? {} : { text: entry.value.value });
      }
    }
    variables += own.length;
    return { raw: [...raw, ...own], gaps };
  };
  // Variables in them are those of the files themselves (compose-go types/project.go WithServicesLabelsResolved).
  const readLabels = (service: Value, path: string): { entries: readonly EnvEntry[]; gaps: readonly Text[] } => {
    const gaps: Text[] = [];
    const entries: EnvEntry[] = [];
    const value = valueAt(service, 'label_file');
    const values = new Map<string, KnownVariable>();
    for (const layer of value ? layersOf(value) : [])
      for (const item of layer.kind === 'list' ? layer.items : [layer]) {
        if (item.kind !== 'scalar' || item.isNull) continue;
        const { text, shown, at } = readScalar(item, `${path}.label_file`);
        const file = text === undefined ? undefined : fetchFile(item.scope, text, 'env');
        const found =
          file && 'text' in file
            ? parse(
                file,
                false,
                () => ({ unset: true }),
                (name) => values.get(name),
              )
            : undefined;
        if (found) {
          for (const entry of found) {
            entries.push(entry);
            values.set(entry.name.value, { text: entry.value?.value ?? '' });
          }
          variables += found.length;
          continue;
        }
        const why =
          file && !('text' in file) ? missingFile('label_file', shown, file) : say`label_file "${shown}" is not known`;
        unknown.push({ at, message: why });
        gaps.push(why);
      }
    return { entries, gaps };
  };
  return { read, readLabels, problems, unknown };
}

/** A line of an env file; undefined for a name that certainly has no value, which Compose leaves out. */
function variableOf(entry: EnvEntry, usedAt: Location, find: FindVariable): RawVariable | undefined {
  if (!entry.value) return find(entry.name.value)?.unset ? undefined : passedThrough(entry.name, usedAt, find);
  const origin = entry.dynamic ? 'unresolved' : entry.fallback ? 'fallback' : 'literal';
  return { name: entry.name, value: entry.value, origin, usedAt, heldBy: 'env-file' };
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
        if (templateMark.test(key)) gaps.push(say`a name in its environment is a template`);
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
    if (templateMark.test(key)) return undefined;
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
  if (!fallback && !usedAt) return { name, value, origin, heldBy: 'deployment' };
  return {
    name,
    value,
    origin,
    fallback,
    usedAt,
    heldBy: usedAt ? 'env-file' : 'deployment',
  };
}

/** A name without a value: Compose takes the value from its own environment and its env files. */
function passedThrough(name: Located<string>, usedAt: Location | undefined, find: FindVariable): RawVariable {
  const variable = find(name.value);
  const heldBy = usedAt || variable?.at ? 'env-file' : 'deployment';
  if (variable?.text === undefined) return { name, origin: 'unresolved', heldBy, usedAt };
  const value = { value: variable.text, at: variable.at ?? name.at };
  return { name, value, origin: 'interpolated', usedAt: usedAt ?? name.at, heldBy };
}

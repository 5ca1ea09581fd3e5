import { fileName } from '../../model/file-name.ts';
import type { Lookup, Reading } from '../../model/reading.ts';
import type { Remark } from '../../model/remark.ts';
import type { Problem } from '../../model/report.ts';
import { type Form, lineStarts, nameInPath, type Source } from '../../model/source.ts';
import { distinct, say, Text, textKey } from '../../model/text.ts';
import { parseEnv } from '../env/file.ts';
import { parseTemplate, type TemplateYaml } from '../yaml/template.ts';
import { type FindVariable, isSet, type KnownVariable } from './interpolation.ts';
import { type Budget, mergeFiles, mergeServices } from './merge.ts';
import { missingFile, problemAt } from './notes.ts';
import { folderOf, joinPath } from './paths.ts';
import {
  type Field,
  type Mapping,
  placeOf,
  readScalar,
  type Scalar,
  type Scope,
  treeOf,
  type Value,
  valueAt,
} from './tree.ts';

/** How many merge steps one reading may take, for chains of extends and for includes together. */
const maxSteps = 2_000_000;
/** How many files one reading may include; a file that is included twice counts twice. */
const maxIncludes = 500;
/** How many characters interpolation may add altogether. */
const maxInterpolated = 20_000_000;
/** How long a chain of services that extend each other may be. */
const maxChainLength = 100;

/** Names that Compose finds, and those that it merges on top (compose-go cli/options.go DefaultFileNames). */
export const defaultNames: ReadonlySet<string> = new Set([
  'compose.yaml',
  'compose.yml',
  'docker-compose.yml',
  'docker-compose.yaml',
]);
const overrideNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/** What a project is read with, besides its files. */
export interface ComposeOptions {
  /** Fetches files that others name. */
  readonly lookup: Lookup;
  /** Variables of the process that will run Compose, if they are known. */
  readonly environment?: ReadonlyMap<string, string>;
  /** Files of `--env-file`, which replace `.env`. */
  readonly envFiles?: readonly Source[];
  /** Whether the files were named (`-f`), so that none is looked for. */
  readonly named?: boolean;
}

/** All files of a project as one tree. */
export interface Project {
  readonly root?: Mapping;
  /** Every document as it is written, before anything is merged. */
  readonly documents: readonly Mapping[];
  /** By the name of a service, why something about it is unknown. */
  readonly gaps: ReadonlyMap<string, readonly Text[]>;
  readonly name?: string;
  /** The scope of the first file. */
  readonly scope: Scope;
  readonly problems: readonly Problem[];
  readonly unknown: Reading['unknown'];
  /** Every further file that was fetched so far. */
  readonly consumed: () => readonly Source[];
  /** Fetches a file that a value of the project names. */
  readonly fetchFile: Fetch;
}

/** Fetches a file by its path as written in a scope, or returns the problem that explains why not. */
export type Fetch = (scope: Scope, path: string, form: Form) => Source | Problem;

/** Reads the files of a project, base first, with everything that they include and extend. */
export function loadProject(sources: readonly [Source, ...Source[]], input: ComposeOptions): Project {
  return new Loader(sources, input).load();
}

interface Parsed {
  readonly roots: readonly Mapping[];
  /** Why its services are not completely known. */
  readonly gaps: readonly Text[];
}

interface Extended {
  readonly value: Value;
  readonly gaps: readonly Text[];
}

/** Services of one file while their `extends` are resolved. */
interface Services {
  readonly scope: Scope;
  readonly fields: ReadonlyMap<string, Field>;
  readonly gaps: ReadonlyMap<string, readonly Text[]>;
  readonly done: Map<string, Extended>;
}

/** The reading of one project, with what it has found so far. */
class Loader {
  private readonly sources: readonly [Source, ...Source[]];
  private readonly input: ComposeOptions;
  private readonly problems: Problem[] = [];
  private readonly unknown: Remark[] = [];
  private readonly fetched = new Map<string, Source>();
  private readonly extended = new Map<string, { services: Services; used: Set<string> } | Text>();
  private readonly parsed = new Map<Source, TemplateYaml>();
  private readonly documents: Mapping[] = [];
  private readonly budget: Budget = { left: maxSteps };
  private readonly gaps = new Map<string, Text[]>();
  private includes = 0;
  /** How many characters of variables were interpolated. */
  private interpolated = 0;

  constructor(sources: readonly [Source, ...Source[]], input: ComposeOptions) {
    this.sources = sources;
    this.input = input;
  }

  load(): Project {
    const [first] = this.sources;
    const variables = new Map<string, KnownVariable>();
    for (const [name, text] of this.input.environment ?? []) variables.set(name, { text });
    const otherwise: KnownVariable | undefined = this.input.environment ? { unset: true } : undefined;
    const find: FindVariable = (name) => this.counted(variables.get(name)) ?? otherwise;
    const envFiles = this.input.envFiles ?? this.envFiles();
    for (const [name, variable] of this.readEnvFiles(envFiles, find))
      if (!variables.has(name)) variables.set(name, variable);

    const files = this.projectFiles(find);
    const scope: Scope = { source: files[0] ?? first, folder: '', find };
    const scopes = [scope, ...files.slice(1).map((source): Scope => ({ ...scope, source }))];
    const parsed = scopes.map((each) => this.parse(each));
    const name = this.projectName(parsed, find);
    if (name !== undefined && !variables.has('COMPOSE_PROJECT_NAME'))
      variables.set('COMPOSE_PROJECT_NAME', { text: name });

    let root: Mapping | undefined;
    for (const [index, each] of scopes.entries()) {
      const parts = parsed[index];
      if (parts) root = this.mergeFile(root, each, parts, [each.source.name]);
    }
    if (this.budget.left < 0) {
      const message = say`merging its services takes more than ${maxSteps} steps`;
      this.problems.push({ kind: 'too-large', source: first.name, message, incomplete: true });
      const services = valueAt(root, 'services');
      if (services?.kind === 'map') for (const service of services.fields.keys()) this.addGaps(service, [message]);
    }
    return {
      root,
      documents: this.documents,
      gaps: this.gaps,
      name,
      scope,
      problems: this.problems,
      unknown: this.unknown,
      consumed: () => this.consumed(),
      fetchFile: (from, path, form) => this.fetchFile(from, path, form),
    };
  }

  /**
   * The files of the project, base first: those that were named, or those of COMPOSE_FILE, or the one with its override
   * (compose-go cli/options.go WithConfigFileEnv, WithDefaultConfigPath).
   */
  private projectFiles(find: FindVariable): readonly Source[] {
    const [first, ...others] = this.sources;
    if (this.input.named || others.length > 0) return this.sources;
    const listed = find('COMPOSE_FILE')?.text;
    if (listed) {
      const separator = find('COMPOSE_PATH_SEPARATOR')?.text || ':';
      const files = listed.split(separator, maxIncludes).flatMap((path) => this.fetchFirst([path], 'compose'));
      const own = files.findIndex(({ name }) => name === first.name);
      return own < 0 ? this.sources : files.with(own, first);
    }
    return defaultNames.has(fileName(first.name)) ? [first, ...this.fetchFirst(overrideNames, 'compose')] : [first];
  }

  /** The env files of a project for which none was named (compose-go cli/options.go WithEnvFiles). */
  private envFiles(): readonly Source[] {
    const { environment } = this.input;
    const named = environment?.get('COMPOSE_ENV_FILES');
    if (named) return named.split(',', maxIncludes).flatMap((path) => this.fetchFirst([path], 'env'));
    const isDisabled = /^(?:1|t|T|TRUE|true|True)$/.test(environment?.get('COMPOSE_DISABLE_ENV_FILE') ?? '');
    return isDisabled ? [] : this.fetchFirst(['.env'], 'env');
  }

  /** Files that were fetched, except those with services of Drone that nothing here extends. */
  private consumed(): Source[] {
    const alone = new Set<string>();
    for (const file of this.extended.values()) {
      if (file instanceof Text) continue;
      const { services, used } = file;
      const { text, name } = services.scope.source;
      for (const [service, { value }] of services.fields)
        if (!used.has(service) && /drone/i.test(text.slice(value.span.start, value.span.end))) alone.add(name);
    }
    const given = new Set(this.sources.map((source) => source.name));
    return [...this.fetched.values()].filter((source) => !alone.has(source.name) && !given.has(source.name));
  }

  private fetchFile(scope: Scope, path: string, form: Form): Source | Problem {
    const [first] = this.sources;
    const result = this.input.lookup(first, joinPath(scope.folder, path), form);
    if (!('text' in result)) return result;
    const cached = this.fetched.get(result.name);
    if (!cached) this.fetched.set(result.name, result);
    return cached ?? result;
  }

  /** The first of these names that exists beside the first file, if any. */
  private fetchFirst(paths: readonly string[], form: Form): Source[] {
    const [first] = this.sources;
    const scope: Scope = { source: first, folder: '', find: () => undefined };
    for (const path of paths) {
      const result = this.fetchFile(scope, path, form);
      if ('text' in result) return [result];
      if (result.kind !== 'unreadable')
        this.unknown.push({
          at: { source: first, path: '', span: { start: 0, end: 0 } },
          message: missingFile('file', path, result),
        });
    }
    return [];
  }

  /** Variables of env files for interpolation: later files win, and may use what earlier ones set. */
  private readEnvFiles(files: readonly Source[], outer: FindVariable): Map<string, KnownVariable> {
    const variables = new Map<string, KnownVariable>();
    for (const file of files) {
      const { entries, problems } = parseEnv(file, 'compose', { find: outer, earlier: (name) => variables.get(name) });
      for (const problem of problems) this.problems.push(problem);
      for (const { name, value, dynamic } of entries)
        if (value) variables.set(name.value, { text: dynamic ? undefined : value.value, at: value.at });
    }
    return variables;
  }

  /** A long value that is interpolated over and over becomes unknown once the limit is reached. */
  private counted(variable: KnownVariable | undefined): KnownVariable | undefined {
    this.interpolated += variable?.text?.length ?? 0;
    return variable && this.interpolated > maxInterpolated ? {} : variable;
  }

  private projectName(files: readonly Parsed[], find: FindVariable): string | undefined {
    const [first] = this.sources;
    const fromEnvironment = find('COMPOSE_PROJECT_NAME')?.text;
    if (fromEnvironment) return fromEnvironment;
    let written: string | undefined;
    for (const { roots } of files)
      for (const root of roots) {
        const value = valueAt(root, 'name');
        if (value?.kind === 'scalar') written = readScalar(value, 'name').text ?? written;
      }
    return normalName(written ?? '') || normalName(fileName(folderOf(first.name))) || undefined;
  }

  /** The documents of a file; each is merged over the one before. */
  private parse(scope: Scope): Parsed {
    const { source } = scope;
    const cached = this.parsed.get(source);
    const isNew = !cached;
    const yaml = cached ?? parseTemplate(source);
    this.parsed.set(source, yaml);
    this.budget.left -= source.text.length >> 4;
    if (this.budget.left < 0) return { roots: [], gaps: [] };
    const report = (problem: Problem): void => {
      if (isNew) this.problems.push(problem);
    };
    const gaps: Text[] = [];
    const { mark, decides } = yaml;
    if (mark) {
      report(problemAt(source, mark.start, say`the file is a template; render it first`, true));
      if (decides || yaml.problems.length > 0) gaps.push(say`the file is a template that is not rendered`);
    } else {
      // Further problems mostly follow from the first, and nothing below it is read.
      const [problem] = yaml.problems;
      if (problem) report(problem);
    }
    const brokenAt = yaml.problems.reduce(
      (first, problem) => Math.min(first, offsetOf(source, problem)),
      Number.POSITIVE_INFINITY,
    );
    const roots: Mapping[] = [];
    for (const document of yaml.documents) {
      if (!document.root) continue;
      // A key that is written twice may be in the branches of a condition, of which one is left.
      const tree = treeOf(document.root, scope, (problem) => {
        if (problem.incomplete || !decides) report(problem);
      });
      const services = valueAt(tree, 'services');
      if (services && services.kind !== 'map')
        report(problemAt(source, services.span.start, say`services is not a mapping`, true));
      if (tree.kind === 'map' && isNew) this.documents.push(tree);
      if (tree.kind === 'map') roots.push(withServices(wholeServices(tree, brokenAt)));
      else if (yaml.problems.length === 0 && !(tree.kind === 'scalar' && tree.isNull))
        report(problemAt(source, tree.span.start, say`a compose file must be a mapping`, true));
    }
    return { roots, gaps };
  }

  /** Merges the documents of a file, with what they include and extend, over a tree. */
  private mergeFile(
    below: Mapping | undefined,
    scope: Scope,
    file: Parsed,
    trail: readonly string[],
  ): Mapping | undefined {
    let root = below;
    for (const document of file.roots) {
      const included = this.include(document, scope, trail);
      const own = included ? mergeFiles(included, document, this.budget) : document;
      const services = this.servicesOf(own, scope, file.gaps);
      const fields = new Map(own.fields);
      const named = new Map<string, Field>();
      for (const [name, field] of services.fields) {
        const { value, gaps } = this.extend(name, services, []);
        named.set(name, { ...field, value });
        this.addGaps(name, gaps);
      }
      const at = own.fields.get('services');
      if (at) {
        const { scope: where, span } = at.value;
        fields.set('services', { ...at, value: { ...own, scope: where, span, fields: named } });
      }
      const whole: Mapping = { ...own, fields };
      root = root ? mergeFiles(root, whole, this.budget) : whole;
    }
    return root;
  }

  private addGaps(name: string, gaps: readonly Text[]): void {
    const known = this.gaps.get(name) ?? [];
    for (const gap of gaps) if (!known.some((one) => textKey(one) === textKey(gap))) known.push(gap);
    if (known.length > 0) this.gaps.set(name, known);
  }

  private servicesOf(root: Mapping, scope: Scope, fileGaps: readonly Text[]): Services {
    const services = valueAt(root, 'services');
    const fields = services?.kind === 'map' ? services.fields : new Map<string, Field>();
    const gaps = new Map([...fields.keys()].map((name) => [name, fileGaps] as const));
    return { scope, fields, gaps, done: new Map() };
  }

  private include(root: Mapping, scope: Scope, trail: readonly string[]): Mapping | undefined {
    const list = valueAt(root, 'include');
    if (!list) return undefined;
    let merged: Mapping | undefined;
    for (const item of list.kind === 'list' ? list.items : [list]) {
      const part = this.includeItem(item, scope, trail);
      if (part) merged = merged ? mergeFiles(merged, part, this.budget) : part;
    }
    return merged;
  }

  private includeItem(item: Value, scope: Scope, trail: readonly string[]): Mapping | undefined {
    const paths = scalarsOf(item.kind === 'map' ? valueAt(item, 'path') : item);
    const files: Source[] = [];
    for (const path of paths) {
      if (++this.includes > maxIncludes) {
        if (this.includes === maxIncludes + 1)
          this.problems.push(
            problemAt(scope.source, path.span.start, say`more than ${maxIncludes} files are included`, true),
          );
        return undefined;
      }
      const file = this.fetchNamed(path, scope, 'include', 'compose');
      if (file instanceof Text) {
        this.unknown.push({ at: placeOf(path, 'include'), message: file });
      } else if (trail.includes(file.name)) {
        const message = say`"${file.name}" includes itself: ${[...trail, file.name].map((name) => `"${name}"`).join(' -> ')}`;
        this.problems.push(problemAt(scope.source, path.span.start, message, true));
      } else files.push(file);
    }
    const [main] = paths;
    const [first] = files;
    if (!main || !first) return undefined;

    const folder = item.kind === 'map' ? valueAt(item, 'project_directory') : undefined;
    const written =
      folder?.kind === 'scalar' ? readScalar(folder, 'include').shown : folderOf(readScalar(main, 'include').shown);
    const inner: Scope = { source: first, folder: joinPath(scope.folder, written), find: scope.find };
    const envFiles = this.includedEnvFiles(item, scope, inner);
    const variables = this.readEnvFiles(envFiles, scope.find);
    const find: FindVariable = (name) => {
      const outer = scope.find(name);
      return isSet(outer) ? outer : (this.counted(variables.get(name)) ?? outer);
    };
    let root: Mapping | undefined;
    for (const source of files) {
      const each: Scope = { ...inner, source, find };
      root = this.mergeFile(root, each, this.parse(each), [...trail, source.name]);
    }
    return root;
  }

  private includedEnvFiles(item: Value, outer: Scope, inner: Scope): Source[] {
    const named = scalarsOf(item.kind === 'map' ? valueAt(item, 'env_file') : undefined);
    if (named.length === 0) {
      const file = this.fetchFile(inner, '.env', 'env');
      return 'text' in file ? [file] : [];
    }
    const files: Source[] = [];
    for (const path of named) {
      const file = this.fetchNamed(path, outer, 'env_file', 'env');
      if (file instanceof Text) this.unknown.push({ at: placeOf(path, 'include'), message: file });
      else files.push(file);
    }
    return files;
  }

  /** The file that a scalar names, or the reason why it is unknown. */
  private fetchNamed(path: Scalar, scope: Scope, key: string, form: Form): Source | Text {
    const { text, shown } = readScalar(path, key);
    if (text === undefined) return say`${key} "${shown}" is not known`;
    if (/^(?:[a-z+]+:\/\/|oci:|git@)/.test(text)) return say`${key} "${text}" is not on this machine`;
    const file = this.fetchFile(scope, text, form);
    return 'text' in file ? file : missingFile(key, text, file);
  }

  /** A service with everything that it extends. `chain` holds the services that led here. */
  private extend(name: string, services: Services, chain: readonly string[]): Extended {
    const cached = services.done.get(name);
    if (cached) return cached;
    const value = services.fields.get(name)?.value;
    const ownGaps = services.gaps.get(name) ?? [];
    if (!value) return { value: emptyMapping(services.scope), gaps: ownGaps };
    const extended = this.extendOnce(name, value, services, chain) ?? { value, gaps: [] };
    const result = { value: extended.value, gaps: distinct([...ownGaps, ...extended.gaps]) };
    services.done.set(name, result);
    return result;
  }

  private extendOnce(name: string, value: Value, services: Services, chain: readonly string[]): Extended | undefined {
    const extend = valueAt(value, 'extends');
    if (!extend) return undefined;
    const wanted = extend.kind === 'map' ? valueAt(extend, 'service') : extend;
    const file = valueAt(extend, 'file');
    const at = placeOf(extend, `services[${nameInPath(name)}].extends`);
    const gap = (why: Text): Extended => {
      this.unknown.push({ at, message: why });
      return { value, gaps: [why] };
    };
    if (wanted?.kind !== 'scalar') return gap(say`extends names no service`);
    const reference = readScalar(wanted, '').shown;
    const here = `${services.scope.source.name}#${name}`;
    const trail = [...chain, here];
    if (trail.length > maxChainLength) return gap(say`extends goes through more than ${maxChainLength} services`);

    let from = services;
    if (file?.kind === 'scalar') {
      const other = this.servicesOfFile(file, services.scope, reference);
      if (other instanceof Text) return gap(other);
      from = other;
    }
    const target = `${from.scope.source.name}#${reference}`;
    if (trail.includes(target)) {
      const names = [...trail.slice(trail.indexOf(target)), target].map(
        (step) => `"${step.slice(step.lastIndexOf('#') + 1)}"`,
      );
      const message = say`service "${reference}" extends itself: ${names.join(' -> ')}`;
      this.problems.push(problemAt(at.source, at.span.start, message, true));
      return { value, gaps: [message] };
    }
    if (!from.fields.has(reference)) return gap(say`extends names service "${reference}", which does not exist`);
    const base = this.extend(reference, from, trail);
    if (base.value.kind !== 'map') return { value, gaps: base.gaps };
    return { value: mergeServices(base.value, value, this.budget), gaps: base.gaps };
  }

  private servicesOfFile(file: Scalar, scope: Scope, service: string): Services | Text {
    const { text } = readScalar(file, '');
    const path = text === undefined ? '' : joinPath(scope.folder, text);
    const cached = this.extended.get(path);
    if (cached instanceof Text) return cached;
    if (cached) {
      cached.used.add(service);
      return cached.services;
    }
    const source = this.fetchNamed(file, scope, 'extends', 'compose');
    if (source instanceof Text) {
      if (text !== undefined) this.extended.set(path, source);
      return source;
    }
    const inner: Scope = { source, folder: folderOf(path), find: scope.find };
    const { roots, gaps } = this.parse(inner);
    let root: Mapping | undefined;
    for (const document of roots) root = root ? mergeFiles(root, document, this.budget) : document;
    const services = this.servicesOf(root ?? emptyMapping(inner), inner, gaps);
    this.extended.set(path, { services, used: new Set([service]) });
    return services;
  }
}

/** Project names as Compose normalises them (compose-go loader/loader.go NormalizeProjectName). */
function normalName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

const notServices: ReadonlySet<string> = new Set([
  'version',
  'name',
  'networks',
  'volumes',
  'secrets',
  'configs',
  'include',
  'models',
]);

/** Gives a file of the first format, whose services are at the top level, the shape of later formats. */
function withServices(root: Mapping): Mapping {
  if (root.fields.has('services') || root.fields.has('version') || root.fields.has('include')) return root;
  const services = new Map<string, Field>();
  for (const [key, field] of root.fields) {
    if (key.startsWith('x-') || notServices.has(key) || field.value.kind !== 'map') continue;
    services.set(key, field);
  }
  const isService = ({ value }: Field): boolean => ['image', 'build', 'extends'].some((key) => valueAt(value, key));
  const [first] = services.values();
  if (!first || ![...services.values()].some(isService)) return root;
  const { scope, span } = root;
  const value: Mapping = { kind: 'map', fields: services, scope, span, overrides: false };
  return { ...root, fields: new Map([['services', { key: 'services', keyAt: first.keyAt, value }]]) };
}

/** Keeps the services that end before the place where the text is broken: another key follows, above that place. */
function wholeServices(root: Mapping, brokenAt: number): Mapping {
  if (!Number.isFinite(brokenAt)) return root;
  const services = root.fields.get('services');
  const inner = services?.value.kind === 'map' ? services.value : undefined;
  const keys = [...root.fields.values(), ...(inner?.fields.values() ?? [])];
  const starts = keys.map(({ keyAt }) => keyAt.span.start).filter((start) => start <= brokenAt);
  const last = starts.reduce((most, start) => Math.max(most, start), -1);
  const isWhole = ({ keyAt }: Field): boolean => keyAt.span.start < last;
  const keep = (fields: ReadonlyMap<string, Field>): Map<string, Field> =>
    new Map([...fields].filter(([key, field]) => (key === 'services' && field === services) || isWhole(field)));
  const fields = keep(root.fields);
  if (services && inner) fields.set('services', { ...services, value: { ...inner, fields: keep(inner.fields) } });
  return { ...root, fields };
}

function offsetOf(source: Source, { line, column }: Problem): number {
  return (lineStarts(source)[(line ?? 1) - 1] ?? 0) + (column ?? 1) - 1;
}

function emptyMapping(scope: Scope): Mapping {
  return { kind: 'map', fields: new Map(), scope, span: { start: 0, end: 0 }, overrides: false };
}

/** The scalars of a value that may be a scalar or a list. */
export function scalarsOf(value: Value | undefined): readonly Scalar[] {
  if (!value) return [];
  const values = value.kind === 'list' ? value.items : [value];
  return values.filter((each) => each.kind === 'scalar');
}

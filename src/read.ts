import { createdAccount } from './drone/user-create.ts';
import type { ComposeInput } from './gather.ts';
import { folderOf } from './model/file-name.ts';
import type { Installation } from './model/installation.ts';
import { emptyReading, type Lookup, type Reading } from './model/reading.ts';
import { fault, type Problem } from './model/report.ts';
import { settingsOf } from './model/settings.ts';
import type { Form, Location, SecretPlace, Source } from './model/source.ts';
import { say, type Text } from './model/text.ts';
import { readCompose } from './readers/compose/compose.ts';
import { readInspect } from './readers/docker/inspect.ts';
import { readDockerRun } from './readers/docker/script.ts';
import { readEnvFile } from './readers/env/file.ts';
import { readHelmValues } from './readers/kubernetes/helm-values.ts';
import { readKubernetes } from './readers/kubernetes/manifests.ts';
import { readPipelines } from './readers/pipeline/stream.ts';
import { readScript } from './readers/script/script.ts';
import { readSystemd } from './readers/systemd/service.ts';

/** What all sources of one audit say together. */
export interface ReadResult {
  readonly installation: Installation;
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  readonly unknown: readonly { readonly at: Location; readonly message: Text }[];
  readonly secrets: readonly SecretPlace[];
}

/**
 * Gives each source to the reader of its form. A file that another one names is judged with that one, not on its own.
 */
export function read(
  sources: readonly Source[],
  lookup: Lookup,
  { together, envFiles, environment }: ComposeInput = { together: [], envFiles: [] },
): ReadResult {
  // Files of --compose-env-file replace `.env`, which is looked up otherwise.
  const compose = {
    lookup,
    envFiles: envFiles.length > 0 ? envFiles : undefined,
    environment,
  };
  const of = (form: Form) => sources.filter((source) => source.form === form);
  const manifests = of('kubernetes');
  const groups: SourceGroup[] = [
    ...(together.length > 0 ? [groupOf(together, (files) => readCompose(files, compose))] : []),
    ...of('compose')
      .filter((source) => !together.includes(source))
      .map((source) => groupOf([source], (files) => readCompose(files, compose))),
    ...each(of('systemd'), (source) => readSystemd(source, lookup)),
    ...each(of('docker-run'), (source) => readDockerRun(source, lookup)),
    ...each(of('helm-values'), readHelmValues),
    ...(manifests.length > 0 ? [groupOf(manifests, readKubernetes)] : []),
    ...each(of('docker-inspect'), readInspect),
    ...each(of('drone'), readPipelines),
    ...each([...of('starlark'), ...of('jsonnet')], readScript),
  ];
  const kept = rootGroups(groups);
  const parts = new Set(kept.flatMap(({ reading }) => reading.consumed.map((part) => part.name)));
  const projectFolders = new Set([...of('compose'), ...together].map(folderOf));
  const alone = each(
    [...of('env'), ...of('docker-env')].filter((source) => !parts.has(source.name)),
    (source) => readEnvFile(source, projectFolders.has(folderOf(source))),
  );
  return join(
    sources,
    [...kept, ...alone].map(({ reading }) => reading),
  );
}

interface SourceGroup {
  readonly own: readonly Source[];
  readonly reading: Reading;
}

function each(sources: readonly Source[], reader: (source: Source) => Reading): readonly SourceGroup[] {
  return sources.map((source) => groupOf([source], () => reader(source)));
}

function groupOf(own: readonly Source[], reader: (files: readonly Source[]) => Reading): SourceGroup {
  return { own, reading: guarded(own, reader) };
}

/**
 * The one place where readers are called. They never throw; where one does all the same, it costs the files that it
 * fails on, each of which becomes a problem. Nothing is known of such a file, so all of it is hidden.
 */
function guarded(files: readonly Source[], reader: (files: readonly Source[]) => Reading): Reading {
  try {
    return reader(files);
  } catch {
    const sound = files.length > 1 ? files.filter((file) => guarded([file], reader).problems.every(isNoFault)) : [];
    // Files that only fail together are lost together.
    const rest = sound.length > 0 && sound.length < files.length ? guarded(sound, reader) : emptyReading;
    const lost = rest === emptyReading ? files : files.filter((file) => !sound.includes(file));
    return {
      ...rest,
      problems: [...rest.problems, ...lost.map(({ name }) => fault(name, say`reading`))],
      secrets: [...rest.secrets, ...lost.map(wholeOf)],
    };
  }
}

function isNoFault({ kind }: Problem): boolean {
  return kind !== 'fault';
}

function wholeOf(source: Source): SecretPlace {
  return { source, path: '', span: { start: 0, end: source.text.length }, onlyHere: true };
}

/** Leaves out files that others include, extend or override. Of files that include each other, the first stays. */
function rootGroups(groups: readonly SourceGroup[]): readonly SourceGroup[] {
  const partsOf = ({ own, reading }: SourceGroup): string[] =>
    reading.consumed.map((part) => part.name).filter((name) => !own.some((source) => source.name === name));
  const used = new Set(groups.flatMap(partsOf));
  const isPart = (names: ReadonlySet<string>, { own }: SourceGroup): boolean =>
    own.length === 1 && own.every((source) => names.has(source.name));
  const roots = groups.filter((group) => !isPart(used, group));
  const covered = new Set(roots.flatMap(partsOf));
  const inCircles: SourceGroup[] = [];
  for (const group of groups) {
    if (roots.includes(group) || isPart(covered, group)) continue;
    inCircles.push(group);
    for (const name of partsOf(group)) covered.add(name);
  }
  return [...roots, ...inCircles];
}

function join(sources: readonly Source[], readings: readonly Reading[]): ReadResult {
  const containers = readings.flatMap((reading) => reading.containers);
  const consumed = readings.flatMap((reading) => reading.consumed);
  const seen = new Map<string, Source>();
  for (const source of [...sources, ...consumed]) if (!seen.has(source.name)) seen.set(source.name, source);
  const settings = [...containers.map(settingsOf), ...readings.flatMap((reading) => reading.settings)];
  return {
    installation: {
      kind: 'installation',
      owner: 'installation',
      label: say`installation`,
      settings,
      containers,
      pipelines: readings.flatMap((reading) => reading.pipelines),
      streams: readings.flatMap((reading) => reading.streams),
      accounts: [...readings.flatMap((reading) => reading.accounts), ...settings.flatMap(createdAccount)],
      ingresses: readings.flatMap((reading) => reading.ingresses ?? []),
      rights: readings.flatMap((reading) => reading.rights ?? []),
    },
    sources: [...seen.values()],
    problems: readings.flatMap((reading) => reading.problems),
    unknown: readings.flatMap((reading) => reading.unknown),
    secrets: readings.flatMap((reading) => reading.secrets),
  };
}

import { resolve } from 'node:path';
import { readEvidenceIndex } from './checks/evidence.ts';
import {
  decode,
  type FileTarget,
  type FileText,
  lookupWithin,
  maxBytes,
  nameOf,
  readText,
  sourceOf,
  walk,
} from './checks/files.ts';
import { gitIndexes } from './checks/git-index.ts';
import type { Lookup } from './model/reading.ts';
import { fault, type Problem } from './model/report.ts';
import type { Form, Source } from './model/source.ts';
import { say } from './model/text.ts';
import { couldBeRead, recognise } from './readers/recognise.ts';

/** Everything to look at, as named on the command line. */
export interface Targets {
  readonly cwd: string;
  /** Files and folders; `-` is standard input. */
  readonly paths: readonly string[];
  /** The form of named files and of standard input, if the user states it. */
  readonly form?: Form;
  /** Bytes of standard input up to one beyond a limit, read only when `-` is among the paths. */
  readonly standardInput: (limit: number) => Buffer;
  /** Compose files of one project, the base first, as `docker compose -f` takes them. */
  readonly composeFiles?: readonly string[];
  /** Env files that Compose uses in place of `.env`. */
  readonly envFiles?: readonly string[];
  /** The process environment, if Compose files are to be filled in from it. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Evidence of a live check, if one was asked for. */
  readonly live?: () => Promise<{ sources: readonly Source[]; problems: readonly Problem[] }>;
}

export interface Gathered {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  readonly lookup: Lookup;
  readonly compose: ComposeInput;
}

/** What the command line says about Compose projects. */
export interface ComposeInput {
  /** Files of one project, the base first; judged together, not one by one. */
  readonly together: readonly Source[];
  readonly envFiles: readonly Source[];
  readonly environment?: ReadonlyMap<string, string>;
}

/**
 * Returns the text of everything that was asked for. Whatever cannot be read becomes a problem and stops nothing else.
 */
export async function gather(targets: Targets): Promise<Gathered> {
  const composeFiles = targets.composeFiles ?? [];
  const named = targets.paths.filter((path) => path !== '-');
  const walked = walk(named, targets.cwd, couldBeRead);
  const sources: Source[] = [];
  const problems: Problem[] = [...walked.problems];
  const isTracked = gitIndexes();

  if (targets.paths.includes('-')) {
    const input = decode(targets.standardInput(maxBytes), '-');
    if ('problem' in input) problems.push(input.problem);
    else add('-', input, true);
  }

  const saved = walked.folders.flatMap((folder) => readEvidenceIndex(folder) ?? []);
  for (const evidence of saved) {
    for (const source of evidence.sources) sources.push(source);
    for (const problem of evidence.problems) problems.push(problem);
  }
  const inEvidence = new Set(saved.flatMap((evidence) => evidence.files));

  for (const file of walked.files) if (!inEvidence.has(file.path)) read(file);

  if (targets.live) {
    const evidence = await targets.live();
    for (const source of evidence.sources) sources.push(source);
    for (const problem of evidence.problems) problems.push(problem);
  }
  const together = composeFiles.flatMap((path) => readNamed(path, 'compose'));
  const isTogether = new Set(together.map(({ name }) => name));
  const compose: ComposeInput = {
    together,
    envFiles: (targets.envFiles ?? []).flatMap((path) => readNamed(path, 'env')),
    environment: targets.environment === undefined ? undefined : known(targets.environment),
  };
  return {
    sources: [...together, ...sources.filter(({ name }) => !isTogether.has(name))],
    problems,
    lookup: lookupWithin([...named, ...composeFiles], targets.cwd, isTracked, walked.listings),
    compose,
  };

  /** Reads a file that an option names; failure becomes a problem. */
  function readNamed(path: string, form: Form): Source[] {
    const full = resolve(targets.cwd, path);
    const name = nameOf(targets.cwd, full);
    const result = readText(full, name);
    if ('text' in result) return [sourceOf(name, form, result, full, isTracked)];
    problems.push(result.problem);
    return [];
  }

  function read(file: FileTarget): void {
    const result = readText(file.path, file.name);
    if ('text' in result) add(file.name, result, file.named, file.path);
    else if (file.named || recognise(file.name, '')) problems.push(result.problem);
  }

  function add(name: string, file: FileText, isNamed: boolean, path?: string): void {
    const form = (isNamed ? targets.form : undefined) ?? recognised(name, file.text);
    if (form === 'fault') problems.push(fault(name, say`recognising the form`));
    else if (form)
      sources.push(path === undefined ? { name, form, ...file } : sourceOf(name, form, file, path, isTracked));
    else if (isNamed)
      problems.push({
        kind: 'unsupported',
        source: name,
        message: say`is not in a form that drone-audit recognises; name the form with --form`,
        incomplete: true,
      });
  }
}

function recognised(name: string, text: string): Form | 'fault' | undefined {
  try {
    return recognise(name, text);
  } catch {
    return 'fault';
  }
}

function known(environment: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

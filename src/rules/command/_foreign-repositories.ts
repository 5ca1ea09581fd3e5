import { codeIn } from '../../analysis/repository-code.ts';
import { urlOf } from '../../model/hosts.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import type { Location } from '../../model/source.ts';
import {
  type CommandWord,
  operandsOf,
  type Program,
  pipedFrom,
  programOf,
  type SimpleCommand,
} from '../../shell/commands.ts';
import { partsOf } from '../../shell/paths.ts';
import { downloadOf } from './_downloads.ts';

/** Code of another repository that a step fetches without naming a commit, and runs. */
export interface ForeignCode {
  /** The command that fetches it. */
  readonly command: SimpleCommand;
  /** For messages: `github.com/example/tools`; without a login. */
  readonly repository: string;
  readonly runAt: Location;
  /** For messages: `make`, `a script of the repository`. */
  readonly runs: string;
  /** Whether its address says that it has the owner of the pipeline's own. */
  readonly isOfOwner: boolean;
}

interface Fetched {
  readonly command: SimpleCommand;
  readonly repository: string;
  readonly isOfOwner: boolean;
  readonly folder: string;
}

const maxPathLength = 300;
/** How many repositories of one step are followed. */
const maxFetched = 20;

/** What a step fetches of other repositories and runs. `commands` are those of the step, with those inside of others. */
export function* foreignCode(
  pipeline: Pipeline,
  step: Step,
  commands: readonly SimpleCommand[],
): Iterable<ForeignCode> {
  const texts = new Map(step.environment.flatMap(({ name, text }) => (text ? [[name.value, text.value]] : [])));
  let fetched: Fetched[] = [];
  /** The folder of the shell, and those to return to where a group of commands ends. */
  let folder: string | undefined = '';
  const left: { readonly group: number; readonly folder: string | undefined }[] = [];
  let isFirst = true;
  // What a step clones to push to it is its own.
  const pushes = commands.some(
    (command) => programOf(command)?.name === 'git' && command.words.some(({ text }) => text === 'push'),
  );
  for (const [index, command] of commands.entries()) {
    for (let last = left.at(-1); last && !command.within.includes(last.group); last = left.at(-1)) {
      folder = last.folder;
      left.pop();
    }
    for (const { name, value } of command.assignments) if (value?.text !== undefined) texts.set(name, value.text);
    const program = programOf(command);
    if (!program) continue;
    const words = program.arguments.map((word) => textOf(word, texts));
    if (program.name === 'cd' || program.name === 'pushd') {
      const group = command.within.at(-1);
      if (group !== undefined) left.push({ group, folder });
      const target = words.find((word) => !/^-./.test(word));
      folder = target === undefined || folder === undefined ? undefined : pathFrom(target, folder);
      continue;
    }
    const found = fetchOf(command, program, words, commands, index);
    if (found && folder !== undefined) {
      const place = pathFrom(found.folder, folder);
      // A build that does not clone by itself clones its own repository first.
      const isOwn = pushes || (isFirst && pipeline.clone.disable?.value === true);
      isFirst = false;
      if (place !== undefined && place !== '' && !isOwn && fetched.length < maxFetched)
        fetched.push({
          ...found,
          folder: place,
          isOfOwner: found.isOfOwner || isOfOwner(found.repository, pipeline, step),
        });
      continue;
    }
    if (fetched.length === 0) continue;
    const pinned = pinnedFolder(program, words, folder);
    if (pinned !== undefined) {
      fetched = fetched.filter((each) => !isIn(pinned, each.folder));
      continue;
    }
    for (const each of fetched) {
      const runs = runOf(command, program, words, folder, each.folder);
      if (runs === undefined) continue;
      yield { command: each.command, repository: each.repository, isOfOwner: each.isOfOwner, runAt: command.at, runs };
      fetched = fetched.filter((other) => other !== each);
    }
  }
}

/** The text of a word with what is known of its variables; `…` for the rest. */
function textOf({ parts, pattern }: CommandWord, texts: ReadonlyMap<string, string>): string {
  if (parts.length === 0) return pattern.slice(0, maxPathLength);
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'variable' && texts.has(part.name)) return texts.get(part.name) ?? '';
      return (part.kind === 'variable' || part.kind === 'substituted') && ownNames.test(part.name)
        ? `$${part.name}`
        : '\u2026';
    })
    .join('')
    .slice(0, maxPathLength);
}

/** Variables that name the pipeline's own repository, or its owner. */
const ownNames = /^(?:DRONE|CI)_(?:REPO(?:_\w+)?|REMOTE_URL|GIT_(?:HTTP|SSH)_URL)$/;

/** A path from where the step began, without `./`; undefined where it is not known. */
function pathFrom(path: string, folder: string): string | undefined {
  if (path.includes('\u2026') || path.startsWith('~') || path === '-' || path === '') return undefined;
  const joined = path.startsWith('/') ? path : `${folder}/${path}`;
  const isRooted = path.startsWith('/') || folder.startsWith('/');
  const parts = partsOf(joined);
  return parts && (isRooted ? '/' : '') + parts.join('/');
}

function isIn(path: string | undefined, folder: string): boolean {
  return path !== undefined && (path === folder || path.startsWith(`${folder}/`));
}

/** What a command fetches of another repository at a branch. */
function fetchOf(
  command: SimpleCommand,
  program: Program,
  words: readonly string[],
  commands: readonly SimpleCommand[],
  index: number,
): Fetched | undefined {
  if (program.name === 'git' || program.name === 'gh') {
    const operands = wordsWithout(program.arguments, words);
    const [first, second] = operands;
    const given =
      program.name === 'gh'
        ? first === 'repo' && second === 'clone'
          ? operands.slice(2)
          : []
        : first === 'clone'
          ? operands.slice(1)
          : first === 'submodule' && second === 'add'
            ? operands.slice(2)
            : [];
    const [address, named] = given;
    const repository = address === undefined ? undefined : repositoryOf(address, program.name === 'gh');
    if (repository === undefined || address === undefined) return undefined;
    const folder = named ?? repository.slice(repository.lastIndexOf('/') + 1);
    return { command, repository, folder, isOfOwner: /\$\w+_REPO_(?:OWNER|NAMESPACE)/.test(address) };
  }
  const download = downloadOf(command);
  const [address] = download?.addresses ?? [];
  const archive = address && branchArchive.exec(address.pattern.slice(0, maxPathLength));
  if (!download || !archive) return undefined;
  const [, host = '', owner = '', name = '', branch = ''] = archive;
  const unpacks = download.file === undefined ? pipedFrom(commands, index) : commands.slice(index + 1, index + 20);
  if (!unpacks.some((next) => /^(?:tar|bsdtar|unzip)$/.test(programOf(next)?.name ?? ''))) return undefined;
  return {
    command,
    repository: `${host}/${owner}/${name}`,
    folder: `${name}-${branch.replace(/\//g, '-')}`,
    isOfOwner: false,
  };
}

/** `https://github.com/o/r/archive/refs/heads/main.tar.gz`, `https://codeload.github.com/o/r/tar.gz/main`. */
const branchArchive =
  /^https?:\/\/(?:codeload\.)?(github\.com)\/([\w.-]{1,100})\/([\w.-]{1,100})\/(?:archive\/(?:refs\/heads\/)?|tarball\/|zipball\/|tar\.gz\/(?:refs\/heads\/)?|zip\/(?:refs\/heads\/)?)((?:main|master|develop|dev|trunk))(?:\.tar\.gz|\.zip)?$/;

/** Words that are neither options nor their values, for `git clone` and its like. */
function wordsWithout(all: readonly CommandWord[], texts: readonly string[]): readonly string[] {
  const operands = operandsOf(
    all,
    /^(?:-[bcCoju]|--(?:branch|depth|config|origin|jobs|upload-pack|reference|filter|template|name|separate-git-dir|shallow-since|git-dir|work-tree))$/,
  );
  const textOfWord = new Map(all.map((word, at) => [word, texts[at]]));
  return operands.map((word) => textOfWord.get(word) ?? word.pattern);
}

/** Host and path of a repository elsewhere; undefined for a path, an address that is not known, and the pipeline's own. */
function repositoryOf(address: string, isGh: boolean): string | undefined {
  if (/\$(?:DRONE|CI)_(?:REPO(?:_LINK|_NAME|_SLUG)?(?!_)|REMOTE_URL|GIT_(?:HTTP|SSH)_URL)\b/.test(address))
    return undefined;
  const found = isGh
    ? /^()(?:https:\/\/github\.com\/)?([\w.-]{1,100}\/[\w.-]{1,100})$/.exec(address)
    : (placeOfUrl(address) ?? /^(?:[\w.-]{1,60}@)?([\w.-]{1,250}\.[a-z]{2,20}):(?!\/\/)(.{1,250})$/.exec(address));
  if (!found) return undefined;
  const [, host = '', path = ''] = found;
  const name = path.replace(/\/$/, '').replace(/\.git$/, '');
  return name === '' || name.slice(name.lastIndexOf('/')).includes('\u2026')
    ? undefined
    : `${host || 'github.com'}/${name}`;
}

function placeOfUrl(address: string): readonly [whole: string, host: string, path: string] | undefined {
  const { scheme = '', host = '', rest = '' } = urlOf(address) ?? {};
  const path = /^(?::\d{1,5})?\/(.{1,250})$/.exec(rest)?.[1];
  const isKnown = /^(?:https?|ssh|git)$/.test(scheme) && /^[\w.-]{1,250}$/.test(host);
  return path === undefined || !isKnown ? undefined : [address, host, path];
}

/** The folder whose commit a command chooses; undefined for everything else. */
function pinnedFolder(program: Program, words: readonly string[], folder: string | undefined): string | undefined {
  if (program.name !== 'git') return undefined;
  const isChoice = words.some((word) => /^(?:checkout|reset|switch|fetch)$/.test(word));
  if (
    !isChoice ||
    !words.some(
      (word, at) => /^[0-9a-f]{7,40}$/.test(word) || (word === '\u2026' && namesCommit(program.arguments[at])),
    )
  )
    return undefined;
  const given = words[words.indexOf('-C') + 1];
  const isElsewhere = words.includes('-C') && given !== undefined;
  if (folder === undefined && !isElsewhere) return undefined;
  return isElsewhere ? pathFrom(given, folder ?? '') : folder;
}

/** `$COMMIT`: a variable that is named like a commit. */
function namesCommit(word: CommandWord | undefined): boolean {
  return word?.parts.some((part) => part.kind === 'variable' && /SHA|COMMIT|REV/.test(part.name)) === true;
}

/** What a command runs of a folder; undefined if nothing. */
function runOf(
  command: SimpleCommand,
  program: Program,
  words: readonly string[],
  here: string | undefined,
  folder: string,
): string | undefined {
  const isGiven = words.some((word) => {
    const path = /^(?:-chdir=|--prefix=|--directory=|-C|--[a-z-]{1,30}=)?(.*)$/s.exec(word)?.[1] ?? '';
    return here !== undefined && path !== '' && isIn(pathFrom(path, here), folder);
  });
  const first = command.words.find((word) => word.at === program.at);
  const called = first?.text;
  if (called?.includes('/') && here !== undefined && isIn(pathFrom(called, here), folder))
    return `"${called.slice(0, 100)}"`;
  const isInside = isIn(here, folder);
  if (!isInside && !isGiven) return undefined;
  if (/^(?:ansible-playbook|helm|helmfile)$/.test(program.name)) {
    if (
      program.name === 'helm' &&
      !/^(?:install|upgrade|template)$/.test(words.find((word) => !word.startsWith('-')) ?? '')
    )
      return undefined;
    const names = isGiven || program.name !== 'helm' || words.some((word) => /^\.{1,2}(?:\/|$)/.test(word));
    return names ? program.name : undefined;
  }
  if (isInside) return codeIn(command);
  return /^(?:ba|da|z|k)?sh$|^(?:source|\.)$|^python[\d.]*$|^(?:node|ruby|perl|php|make|npm|yarn|pnpm|pip3?|go|terraform|tofu)$/.test(
    program.name,
  )
    ? program.name
    : undefined;
}

/** Whether the file itself says that its repository has the same owner: by a `repo` condition. */
function isOfOwner(repository: string, { trigger, steps }: Pipeline, step: Step): boolean {
  const [, owner = ''] = repository.split('/');
  const conditions = [trigger, step.when, ...steps.map(({ when }) => when)];
  return (
    owner !== '' &&
    conditions.some((block) =>
      block?.conditions
        .get('repo')
        ?.include.some(({ value }) => value.toLowerCase().startsWith(`${owner.toLowerCase()}/`)),
    )
  );
}

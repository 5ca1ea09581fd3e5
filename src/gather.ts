import { resolve } from 'node:path';
import { legibleText } from './checks/encoding.ts';
import {
  type Doubt,
  type Evidence,
  type LookedUp,
  lookupIn,
  manifestName,
  readEvidence,
  whyNotBelieved,
} from './checks/evidence.ts';
import { disk, type FileTree, type KnownFiles } from './checks/file-tree.ts';
import {
  decode,
  type FileTarget,
  type FileText,
  look,
  lookupWithin,
  maxBytes,
  maxSearched,
  nameOf,
  notCheckedOut,
  notHere,
  readText,
  sourceOf,
  walk,
  withMeant,
} from './checks/files.ts';
import type { Fleet } from './checks/git/fleet.ts';
import { keptElsewhere } from './checks/git/pointer.ts';
import { type Git, gitIndexes } from './checks/git-index.ts';
import { compare } from './model/compare.ts';
import { fileName, folderOf } from './model/file-name.ts';
import { addTo } from './model/groups.ts';
import type { Installation } from './model/installation.ts';
import { once } from './model/memoize.ts';
import { type PassedOver, tally, type Why } from './model/passed-over.ts';
import { type Progress, silently } from './model/progress.ts';
import type { Lookup } from './model/reading.ts';
import { fault, type Mention, type Problem, unreadable } from './model/report.ts';
import { type Form, formsOfPipelines, isAnswer, type Source } from './model/source.ts';
import { say, type Text } from './model/text.ts';
import { isUserError } from './model/user-error.ts';
import { mayUseOthers, usesDrone } from './readers/compose/compose.ts';
import {
  couldBeRead,
  isArchiveName,
  isArchiveOfDrone,
  isLinkNamedLikeDrone,
  isMediaName,
  isNamedAsDeployment,
  isNamedLikeDrone,
  isPipelineName,
} from './readers/file-names.ts';
import { mayServeOthers } from './readers/kubernetes/manifests.ts';
import { isEncrypted, mayBeRecognised, mayMention, unreadMention } from './readers/mentions.ts';
import { isOwnReport, maxReport, mayBeReportName } from './readers/own-report.ts';
import { recognise } from './readers/recognise.ts';

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
  /** Files that are looked at in place of those of the disk, and what git says of them. */
  readonly view?: { readonly tree: FileTree; readonly git: Git; readonly known?: KnownFiles };
  /** Git repositories of which commits are looked at (gather-git.ts). */
  readonly fleet?: Fleet;
  /** Whose saved evidence counts: `own` was written by this run; under a policy, what authors could have written does not. */
  readonly evidence?: 'own' | 'any' | 'under a policy';
  /** Paths of a list that a program made: what is not Drone's among them, or not there, is passed over. */
  readonly listed?: readonly string[];
  /** How much text of pipelines is kept (UTF-16 units); what is beyond is read again when its turn comes. By default all. */
  readonly keeps?: number;
  /** Called when that is exceeded. */
  readonly beforeMany?: () => void;
  /** Called as soon as many files are known to be there. */
  readonly atManyFiles?: () => void;
  /** A file of our own, by its name, which is neither audited nor counted. */
  readonly isOwn?: (name: string) => boolean;
  /** Absolute paths that this run writes reports to. */
  readonly outputs?: ReadonlySet<string>;
  /** Files of folders that are left out, by their names. */
  readonly excludes?: (name: string) => boolean;
  /** The engines and servers to look at. */
  readonly live?: readonly Look[];
  /** Looks at what only the settings reveal, once they are read. */
  readonly further?: FurtherLook;
  readonly progress?: Progress;
}

/** How many files are read between two words about it. */
const filesAStep = 32;

/** What was seen of something that runs, and what could not be seen. */
interface Seen {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  /** The names of containers that are not Drone's. */
  readonly others?: readonly string[];
}

/** Looks at something that runs. */
export type Look = () => Promise<Seen>;

/** The same, for addresses that stand in what was read; says what it left out because nobody asked for it. */
export type FurtherLook = (found: Installation) => Promise<Seen & { readonly notAsked: readonly string[] }>;

export interface Gathered {
  /** All that was seen, as it can be saved; complete once the readers have looked up what they ask for. */
  readonly evidence: () => Evidence;
  readonly sources: readonly Source[];
  /** Sources whose text was not kept, and is empty. */
  readonly later: ReadonlySet<Source>;
  /** Forgets which files there are: what is looked up from now on takes longer. */
  readonly settled?: () => void;
  /** Reads a source of these again. */
  readonly reread: (source: Source) => Source | Problem;
  readonly problems: readonly Problem[];
  /** Files that speak of Drone and were not read, as far as they are no deployment. */
  readonly mentions: readonly Mention[];
  /** Files and folders that are there and were not read, or only in part: no problem names each. */
  readonly unread: ReadonlySet<string>;
  /** How many files were left out. */
  readonly excluded: number;
  /** What was met and not read, by why. */
  readonly passedOver: readonly PassedOver[];
  readonly lookup: Lookup;
  readonly compose: ComposeInput;
  /** Sources whose form the user states. */
  readonly stated: ReadonlySet<string>;
  /** Whether saved evidence was believed though a policy is in force. */
  readonly isBelieved?: boolean;
  /** How many paths of a list were not Drone's, or not there. */
  readonly idleInList?: number;
  /** What the settings reveal, and nobody asked to look at. */
  readonly notAsked?: readonly string[];
  /** The folder of the repository with this root, as sources are named, and the commit that it is at, of which branch. */
  readonly repositoryAt: (root: string) => {
    readonly folder: string;
    readonly commit?: string;
    readonly branch?: string;
  };
}

/** What the command line says about Compose projects. */
export interface ComposeInput {
  /** Files of one project, the base first; judged together, not one by one. */
  readonly together: readonly Source[];
  readonly envFiles: readonly Source[];
  readonly environment?: ReadonlyMap<string, string>;
}

/** The text of everything that was asked for. What cannot be read becomes a problem and stops nothing else. */
export async function gather(targets: Targets): Promise<Gathered> {
  const { composeFiles = [], progress = silently } = targets;
  const {
    tree,
    git,
    known: knownFiles,
  }: NonNullable<Targets['view']> = targets.view ?? {
    tree: disk,
    git: gitIndexes(),
  };
  const list = listedPaths(targets, tree, git);
  const named = targets.paths.filter((path) => path !== '-' && !list.missing.has(path));
  progress('looking for files');
  const passed = tally();
  const walked = walk(named, targets.cwd, git, tree, passed.pass, targets.atManyFiles);
  // Without the rest of it, which nothing asks for later.
  const { listings } = walked;
  const sources: Source[] = [];
  const problems: Problem[] = [...walked.problems, ...list.problems];
  const mentions: Mention[] = [];
  const stated = new Set<string>();
  const later = new Set<Source>();
  const laterPaths = new Map<string, string>();
  let keepsMore = targets.keeps ?? Number.POSITIVE_INFINITY;
  const isExcluded = targets.excludes ?? (() => false);
  const isOwn = targets.isOwn ?? (() => false);
  const all = walked.files
    .map((file) => (list.files.has(file.path) ? { ...file, named: false } : file))
    .filter(({ name, named }) => named || !isOwn(name));
  /** What is there, and not read, and not named by a problem of its own. */
  const unread = new Set<string>();
  const files = all.filter(({ name, named }) => {
    const isWanted = named || !isExcluded(name);
    if (!isWanted) {
      unread.add(name);
      passed.pass('left out by the config', name);
    }
    return isWanted;
  });
  const away: string[] = [];
  const submodules: string[] = [];
  for (const { name, message, link } of walked.unfollowed) {
    if (isExcluded(name)) continue;
    if (link === 'submodule') submodules.push(name);
    else if (link ? isLinkNamedLikeDrone(name) : isNamedLikeDrone(name))
      problems.push({ kind: 'unreadable', source: name, message, incomplete: true });
    else if (link === 'away') away.push(name);
    else {
      unread.add(name);
      passed.pass('no file, or a link to elsewhere', name);
    }
  }
  const lookedUp = new Map<string, LookedUp>();
  /** What was looked up from a source of saved evidence, by its name. */
  const savedLookups = new Map<string, ReturnType<typeof lookupIn>>();
  const lookupOnDisk = lookupWithin([...named, ...composeFiles], targets.cwd, git, listings, tree);
  const lookup: Lookup = (from, path, form) => {
    const again = savedLookups.get(from.name);
    const found = again ? (again(from, path, form) ?? notSaved(path)) : lookupOnDisk(from, path, form);
    lookedUp.set([from.name, path, form].join('\0'), { from: from.name, path, form, found });
    return found;
  };

  if (targets.paths.includes('-')) {
    const input = standardInput();
    if ('problem' in input) problems.push(input.problem);
    else add('-', input, true);
  }

  const names = new Set(files.map(({ name }) => name));
  const saved = targets.view ? [] : walked.folders.flatMap((folder) => savedIn(folder) ?? []);
  for (const evidence of saved) {
    const again = lookupIn(evidence);
    for (const source of evidence.sources) {
      sources.push(source);
      savedLookups.set(source.name, again);
    }
    for (const { found } of evidence.lookups) if ('text' in found) savedLookups.set(found.name, again);
    for (const problem of evidence.problems) problems.push(problem);
    for (const mention of evidence.mentions) mentions.push(mention);
  }
  // What is returned would hold it.
  names.clear();
  const inEvidence = new Set(saved.flatMap((evidence) => evidence.files));

  const denied: string[] = [];
  /** Those that git does not have whole. */
  const lost: string[] = [];
  const encrypted: string[] = [];
  const unsearched: string[] = [];
  /** Those whose content is not in the work tree. */
  const pointers: string[] = [];
  /** Manifests that say nothing of Drone themselves, by their folder. */
  const serving = new Map<string, string[]>();
  for (const [index, file] of files.entries()) {
    if (index % filesAStep === 0) progress('reading files', { done: index, of: files.length });
    if (inEvidence.has(file.path)) passed.pass('part of saved evidence', file.name);
    else read(file);
  }
  for (const folder of new Set(sources.filter(({ form }) => form === 'kubernetes').map(folderOf)))
    for (const path of serving.get(folder) ?? [])
      for (const source of readNamed(path, 'kubernetes')) sources.push(source);
  note('unreadable', denied, say`may not be read by this user`, say`may not`);
  note('unreadable', lost, say`could not be read from the objects of git`, say`could not`);
  pointers.sort(byWhetherRead);
  note('unreadable', pointers, say`is kept in Git LFS or git-annex, and its content is not here`, say`are`);
  note(
    'unsupported',
    encrypted.filter(isNamedAsDeployment),
    say`is encrypted, and what is in it was not seen`,
    say`are`,
  );
  note('unreadable', submodules, notCheckedOut, say`are`);
  note('unreadable', away, say`is a link that leads out of the audited folder, and was not followed`, say`do`);
  const searched = say`is searched only in its first ${maxSearched / 1024 / 1024} MiB`;
  note('too-large', unsearched, searched, say`are`);

  for (const each of [denied, lost, unsearched, pointers, away, submodules, encrypted])
    for (const name of each) unread.add(name);

  const told = once(
    () =>
      new Set([
        ...sources.map(({ name }) => name),
        ...[...problems, ...mentions].map(({ source }) => source),
        ...pointers,
      ]),
  );
  const foreign = all.filter(({ path, name }) => list.files.has(path) && !told().has(name)).map(({ name }) => name);

  passOver(foreign, say`is not Drone's and was passed over`);
  passOver(list.deleted, say`is in the list, and not there: passed over`);

  for (const look of targets.live ?? []) {
    const evidence = await withoutFault(look);
    for (const source of evidence.sources) sources.push(source);
    for (const problem of evidence.problems) problems.push(problem);
    if ('others' in evidence)
      for (const name of evidence.others ?? []) passed.pass('a container that is not of Drone', name);
  }
  const savedNames = (key: 'together' | 'envFiles'): ReadonlySet<string> =>
    new Set(saved.flatMap((evidence) => evidence[key]));
  const savedTogether = savedNames('together');
  const savedEnvFiles = savedNames('envFiles');
  const together = [
    ...composeFiles.flatMap((path) => readNamed(path, 'compose')),
    ...sources.filter(({ name }) => savedTogether.has(name)),
  ];
  const isTogether = new Set(together.map(({ name }) => name));
  const envFiles = [
    ...(targets.envFiles ?? []).flatMap((path) => readNamed(path, 'env')),
    ...sources.filter(({ name }) => savedEnvFiles.has(name)),
  ];
  const compose: ComposeInput = {
    together,
    envFiles,
    environment:
      targets.environment === undefined
        ? saved.find(({ environment }) => environment)?.environment
        : known(targets.environment),
  };
  const given = [...together, ...sources.filter(({ name }) => !isTogether.has(name) && !savedEnvFiles.has(name))];
  const excluded = all.length - files.length + saved.reduce((sum, each) => sum + each.excluded, 0);
  return {
    evidence: () => ({
      sources: [...given, ...envFiles],
      lookups: [...lookedUp.values()].sort(byPath),
      problems,
      mentions,
      excluded,
      together: together.map(({ name }) => name),
      envFiles: envFiles.map(({ name }) => name),
      environment: compose.environment && usedIn(compose.environment, given),
    }),
    sources: given,
    later,
    settled: () => listings.clear(),
    reread,
    problems,
    mentions,
    unread,
    excluded,
    passedOver: passed.all(),
    lookup,
    compose,
    stated,
    isBelieved: targets.evidence === 'under a policy' && saved.length > 0,
    idleInList: foreign.length + list.missing.size,
    repositoryAt: (root) => ({ folder: nameOf(targets.cwd, root), commit: git.commitOf(root) }),
  };

  /** Says once what is so of several files, of which none is known to be Drone's: the first is named, the others counted. */
  function note(kind: Problem['kind'], [first, ...others]: readonly string[], message: Text, verb: Text): void {
    if (first === undefined) return;
    const more =
      others.length > 0 ? say`; ${others.length} more ${verb}, none of them named as Drone's files are` : say``;
    problems.push({ kind, source: first, message: say`${message}${more}`, incomplete: false });
  }

  /** Says the same of what is passed over in a list. */
  function passOver([first, ...others]: readonly string[], message: Text): void {
    if (first === undefined) return;
    const more = others.length > 0 ? say` (and ${others.length} more)` : say``;
    problems.push({ kind: 'empty', source: first, message: say`${message}${more}`, incomplete: false });
  }

  /** The evidence that a folder is, if it counts. */
  function savedIn(folder: string): ReturnType<typeof readEvidence> {
    const { evidence = 'any' } = targets;
    const isUnderPolicy = evidence === 'under a policy';
    const message = evidence === 'own' ? undefined : whyNotBelieved(folder, targets.cwd, git, isUnderPolicy);
    const source = nameOf(targets.cwd, resolve(folder, manifestName));
    if (message !== undefined) {
      problems.push({ kind: 'unsupported', source, message, incomplete: true });
      return undefined;
    }
    const found = readEvidence(folder, isUnderPolicy ? doubt : undefined);
    if (found && isUnderPolicy) problems.push({ kind: 'unsupported', source, message: believed, incomplete: false });
    return found;
  }

  /** Of a text that is something else when it is read as any other, and of one that takes the place of another file. */
  function doubt(...[source, path]: Parameters<Doubt>): ReturnType<Doubt> {
    const name = nameOf(targets.cwd, path);
    const isTaken = !isAnswer(source.name) && names.has(source.name);
    if (!isTaken && isAsFile(source, source.name) && isAsFile(source, name)) return undefined;
    const message = isTaken
      ? say`is saved as a file that is audited itself, and was not believed: it was read as any other`
      : say`is saved in another form than that of its text, and was not believed: it was read as any other`;
    return { kind: 'unsupported', source: name, message, incomplete: true };
  }

  function standardInput(): FileText | { problem: Problem } {
    try {
      const bytes = targets.standardInput(maxBytes);
      const elsewhere = keptElsewhere(bytes);
      if (elsewhere) return { problem: unreadable('-', notHere(elsewhere)) };
      if (bytes.length > 0) return decode(bytes, '-');
      return { problem: { kind: 'empty', source: '-', message: say`is empty`, incomplete: true } };
    } catch {
      return { problem: { kind: 'unreadable', source: '-', message: say`cannot be read`, incomplete: true } };
    }
  }

  /** Reads a file that an option names; failure becomes a problem. */
  function readNamed(path: string, form: Form): Source[] {
    const full = resolve(targets.cwd, path);
    const name = nameOf(targets.cwd, full);
    const result = readText(full, name, maxBytes, tree);
    if ('text' in result) return [sourceOf(name, form, result, full, git)];
    problems.push(withMeant(result.problem, full, targets.cwd));
    return [];
  }

  /**
   * Reads a pipeline as git holds it, where git wrote another text when it checked it out: Drone gets it from the SCM. Whether
   * there is nothing left to be read of the file.
   */
  function readHeld({ path, name, named }: FileTarget): boolean {
    const rewritten = git.rewritten(path);
    if (!rewritten || (rewritten.isLfs && !couldBeRead(fileName(name)))) return false;
    const because = say`git rewrites it when it checks it out (${rewritten.by}, ${rewritten.where})`;
    const doubt = (message: Text, incomplete: boolean): void => {
      problems.push({ kind: 'unsupported', source: name, message: say`${message}: ${because}`, incomplete });
    };
    const held = rewritten.held(maxBytes);
    if (held === undefined) return false;
    if (!Buffer.isBuffer(held)) {
      if (named || couldBeRead(fileName(name))) doubt(say`is not known as git holds it, and Drone may read it`, true);
      return false;
    }
    const text = decode(held, name);
    if ('problem' in text) {
      if (isPipelineName(name)) doubt(say`is no text as git holds it, and Drone cannot read it`, true);
      return isPipelineName(name);
    }
    const formOf = (of: string): Form | 'fault' | undefined =>
      (named ? targets.form : undefined) ?? recognised(name, of);
    const form = formOf(text.text);
    if (form === 'fault' || form === undefined || !formsOfPipelines.has(form)) return false;
    const checkout = readText(path, name, maxBytes, tree);
    const isText = 'text' in checkout;
    if (isText && withoutReturns(checkout.text) === withoutReturns(text.text)) return false;
    if (isText && formOf(checkout.text) !== form) {
      doubt(say`is a pipeline as git holds it, which was not read, and something else here`, true);
      return false;
    }
    sources.push(sourceOf(name, form, text, path, git));
    doubt(say`was read as git holds it, because that is what Drone reads, and not as it is here`, false);
    return true;
  }

  function read(target: FileTarget): void {
    if (readHeld(target)) return;
    const { path, name, named } = target;
    const file = fileName(name);
    const isCloser = couldBeRead(file);
    if (!named && !isNamedLikeDrone(name)) {
      const found = knownFiles?.isIdle(path, isCloser)
        ? 'nothing'
        : look(path, isCloser ? mayBeRecognised : mayMention, tree);
      if (found === 'nothing') knownFiles?.setIdle(path, isCloser);
      if (found === 'unreadable') (knownFiles?.isLost(path) ? lost : denied).push(name);
      else if (found === 'unsearched') unsearched.push(name);
      else if (found === 'Git LFS' || found === 'git-annex') {
        if (!isMediaName(name)) pointers.push(name);
        else passed.pass('kept in Git LFS or git-annex, and not here', name);
      } else if (isArchiveOfDrone(name)) mentions.push({ source: name, line: 1, what: 'a name of Drone' });
      else if (found === 'nothing' && isArchiveName(name)) {
        unread.add(name);
        passed.pass('an archive', name);
      } else if (found === 'nothing') passed.pass('nothing of Drone in it', name);
      if (found !== 'matters') return;
    }
    const result = readText(path, name, maxBytes, tree);
    const ours = named ? undefined : reportIn(target, result);
    if (ours) {
      passed.pass(ours, name);
      return;
    }
    if ('text' in result) {
      add(name, result, named, path);
      return;
    }
    // What is too large to be read is not too large to be searched.
    const byName = named || isPipelineName(name) || (isNamedLikeDrone(name) && result.problem.kind !== 'too-large');
    const said = byName ? undefined : searchedMention(target);
    if (byName || said === 'deployment') problems.push(result.problem);
    else if (said) mentions.push(said);
    else passed.pass('nothing of Drone in it', name);
  }

  /**
   * Why a file of a folder is a report, and no part of what is audited. What a run writes its report over is none if it could
   * be a deployment, so that it is not overwritten. Under a policy nothing is taken for one that could be a deployment.
   */
  function reportIn({ path, name }: FileTarget, read: ReturnType<typeof readText>): Why | undefined {
    const isTarget = targets.outputs?.has(path) === true;
    const isLarge = 'problem' in read && read.problem.kind === 'too-large' && mayBeReportName(name);
    const file = isLarge ? readText(path, name, maxReport, tree) : read;
    if (!('text' in file)) return undefined;
    const formOf = once(() => recognised(name, file.text) ?? formByOthers(name, file, path));
    const mayHide = isTarget || targets.evidence !== 'under a policy';
    if (isOwnReport(name, file.text, formOf) && (mayHide || formOf() === undefined)) return 'a report of drone-audit';
    return isTarget && !isLarge && formOf() === undefined ? 'where this run writes a report' : undefined;
  }

  /** What a file that is no text for us says of Drone all the same. */
  function searchedMention({ path, name }: FileTarget): Mention | 'deployment' | undefined {
    let said: Mention | 'deployment' | undefined;
    let lines = 0;
    const found = look(
      path,
      (bytes) => {
        const text = mayMention(bytes) ? legibleText(bytes) : undefined;
        const mention = text === undefined ? undefined : unreadMention(name, text);
        if (text !== undefined && recognised(name, text)) said = 'deployment';
        else if (mention && 'message' in mention) said = mention.incomplete ? 'deployment' : undefined;
        else if (mention) said = { ...mention, line: lines + mention.line };
        for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
        return said !== undefined;
      },
      tree,
    );
    if (found !== 'unsearched') return said;
    if (isNamedLikeDrone(name)) return 'deployment';
    unsearched.push(name);
    return undefined;
  }

  /** Takes a source, without its text if that is a pipeline and there is too much of them. */
  function keep(source: Source, path: string): void {
    const { name, form, text } = source;
    if (form !== 'drone' || keepsMore >= text.length) {
      if (form === 'drone') keepsMore -= text.length;
      sources.push(source);
      return;
    }
    if (keepsMore > 0) targets.beforeMany?.();
    keepsMore = 0;
    const left = { ...source, text: '' };
    if (resolve(targets.cwd, name) !== path) laterPaths.set(name, path);
    later.add(left);
    sources.push(left);
  }

  function reread({ name, form }: Source): Source | Problem {
    const path = laterPaths.get(name) ?? resolve(targets.cwd, name);
    const result = readText(path, name, maxBytes, tree);
    return 'text' in result ? sourceOf(name, form, result, path, git) : result.problem;
  }

  /** A compose file may have nothing of Drone but what other files give it. */
  function formByOthers(name: string, file: FileText, path?: string): Form | undefined {
    if (path === undefined || !mayUseOthers(name, file.text)) return undefined;
    return usesDrone(sourceOf(name, 'compose', file, path, git), lookup) ? 'compose' : undefined;
  }

  function add(name: string, file: FileText, isNamed: boolean, path?: string): void {
    const form = (isNamed ? targets.form : undefined) ?? recognised(name, file.text) ?? formByOthers(name, file, path);
    if (form === 'fault') {
      problems.push(fault(name, say`recognising the form`));
      return;
    }
    if (form) {
      if (isNamed && form === targets.form) stated.add(name);
      if (path === undefined) sources.push({ name, form, ...file });
      else keep(sourceOf(name, form, file, path, git), path);
      return;
    }
    if (path !== undefined && mayServeOthers(file.text)) addTo(serving, folderOf({ name }), path);
    const found = unreadMention(name, file.text);
    const problem = found && 'message' in found ? found : undefined;
    if (problem && (problem.incomplete || !isNamed)) problems.push(problem);
    else if (isNamed)
      problems.push({
        kind: 'unsupported',
        source: name,
        message: say`is not in a form that drone-audit recognises; name the form with --form`,
        incomplete: true,
      });
    else if (found && 'what' in found) mentions.push(found);
    else if (isEncrypted(file.text)) {
      encrypted.push(name);
      if (!isNamedAsDeployment(name)) passed.pass('encrypted', name);
    } else passed.pass('nothing of Drone in it', name);
  }
}

/** The files of a list, those that are not there, and those that only another folder would find. */
function listedPaths(
  { listed = [], cwd }: Targets,
  tree: FileTree,
  git: Git,
): {
  files: ReadonlySet<string>;
  missing: ReadonlySet<string>;
  deleted: readonly string[];
  problems: readonly Problem[];
} {
  const files = new Set<string>();
  const missing = new Set<string>();
  const problems: Problem[] = [];
  const root = listed.length > 0 ? git.rootOf(resolve(cwd, 'file')) : undefined;
  for (const path of listed) {
    const full = resolve(cwd, path);
    if (path === '-' || tree.isThere(full)) files.add(full);
    else missing.add(path);
    // git names the files of a change from the root of the repository.
    if (missing.has(path) && root !== undefined && root !== cwd && tree.isThere(resolve(root, path)))
      problems.push(
        unreadable(path, say`is not there, but below the root of the repository: the list is made for that folder`),
      );
  }
  const elsewhere = new Set(problems.map(({ source }) => source));
  return { files, missing, deleted: [...missing].filter((path) => !elsewhere.has(path)), problems };
}

/** Under a policy, people see that what they read of is not what was looked at. */
const believed = say`was believed: what it says of engines, servers and names is as true as whoever wrote it`;

function notSaved(path: string): Problem {
  return { kind: 'unreadable', source: path, message: say`is not in the saved evidence`, incomplete: true };
}

/** The variables that Compose files name. */
function usedIn(environment: ReadonlyMap<string, string>, sources: readonly Source[]): ReadonlyMap<string, string> {
  const named = new Set(
    sources
      .filter(({ form }) => form === 'compose')
      .flatMap(({ text }) => [...text.matchAll(/\$\{?([A-Za-z_]\w{0,200})/g)].map(([, name]) => name)),
  );
  return new Map([...environment].filter(([name]) => named.has(name)).sort(([one], [other]) => compare(one, other)));
}

/** Files that would be read are named before others. */
function byWhetherRead(one: string, other: string): number {
  return Number(couldBeRead(fileName(other))) - Number(couldBeRead(fileName(one)));
}

/** Line ends, in which a checkout may differ, change nothing of a pipeline. */
function withoutReturns(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function byPath(one: LookedUp, other: LookedUp): number {
  return compare(one.from, other.from) || compare(one.path, other.path) || compare(one.form, other.form);
}

/** What was gathered, and what its settings led to: the same where they led to nothing. */
export async function gatherFurther(first: Gathered, found: Installation, { further }: Targets): Promise<Gathered> {
  const seen = further && (await withoutFault(() => further(found)));
  const notAsked = seen && 'notAsked' in seen ? seen.notAsked : [];
  if (!seen || seen.sources.length + seen.problems.length + notAsked.length === 0) return first;
  const sources = seen.sources.length > 0 ? [...first.sources, ...seen.sources] : first.sources;
  const problems = [...first.problems, ...seen.problems];
  const evidence = (): Evidence => {
    const before = first.evidence();
    return { ...before, sources: [...before.sources, ...seen.sources], problems };
  };
  return { ...first, evidence, sources, problems, notAsked };
}

/** What a look saw. One that fails costs what it would have seen, not the report of everything else. */
async function withoutFault<T extends Seen>(look: () => Promise<T>): Promise<T | Seen> {
  try {
    return await look();
  } catch (error) {
    if (isUserError(error)) throw error;
    return { sources: [], problems: [fault('.', say`the look at what runs`)] };
  }
}

/** Whether reading a saved text as any other file, by this name, would make no more of it than its form does. */
function isAsFile({ name, form, text }: Source, file: string): boolean {
  const told = recognised(file, text);
  if (told !== undefined) return told === form || (told === 'env' && form === 'docker-env');
  // Nothing but its name makes a text a program, of which little is judged.
  if (form === 'starlark' || form === 'jsonnet') return file !== name;
  // What a program answered is in no form of a file.
  const unread = isAnswer(name) ? undefined : unreadMention(file, text);
  return !(unread && 'message' in unread && unread.incomplete);
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

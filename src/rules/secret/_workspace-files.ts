import { commandsOf } from '../../analysis/step-commands.ts';
import type { SecretUse } from '../../drone/secret-use.ts';
import { inPlace } from '../../facts/secret-handling.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import type { Location } from '../../model/source.ts';
import {
  type CommandPart,
  type CommandWord,
  dumpsEnvironment,
  pipeFrom,
  programOf,
  type SimpleCommand,
} from '../../shell/commands.ts';
import { partsOf } from '../../shell/paths.ts';
import { passesOnAll, printedNames } from './_printing.ts';
import type { SecretVariables } from './_secret-variables.ts';

/** A file of the workspace that a step writes a secret to, and leaves there. */
export interface SecretFile {
  readonly at: Location;
  /** The variable of the secret; absent for the whole environment. */
  readonly secret?: string;
  /** As written. */
  readonly path: string;
}

/** Paths longer than this, or deeper, are not followed. */
const maxPathLength = 300;
/** How many commands of one pipe are followed. */
const maxPipeLength = 30;
const maxFiles = 50;

/** The files of the workspace that hold a secret when the step ends. */
export function secretFilesOf(pipeline: Pipeline, step: Step, variables: SecretVariables): readonly SecretFile[] {
  const walk = new Walk(pipeline, step, variables);
  for (const { commands } of commandsOf(pipeline, step)) walk.follow(commands);
  return walk.files();
}

class Walk {
  readonly #step: Step;
  readonly #workspace: readonly string[];
  readonly #variables: Map<string, SecretUse>;
  readonly #texts = new Map<string, string>();
  /** By the whole path. */
  readonly #written = new Map<string, SecretFile>();
  readonly #trapped: string[] = [];
  /** The folder of the shell; undefined once it is not known. */
  #folder: string | undefined;

  constructor(pipeline: Pipeline, step: Step, variables: SecretVariables) {
    this.#step = step;
    this.#workspace = workspaceOf(pipeline);
    this.#variables = new Map(variables);
    for (const { name, text } of step.environment) if (text) this.#texts.set(name.value, text.value);
    const folder = step.workingDirectory?.value;
    this.#folder = folder === undefined ? '.' : this.#whole(folder, '.');
  }

  files(): readonly SecretFile[] {
    this.#forget(this.#trapped);
    return [...this.#written.values()];
  }

  follow(list: readonly SimpleCommand[]): void {
    for (let index = 0; index < list.length; ) {
      const pipe = pipeFrom(list, index);
      index += Math.max(pipe.length, 1);
      this.#pipe(pipe.slice(0, maxPipeLength));
      for (const command of pipe) {
        this.#assign(command);
        this.#move(command);
        this.#remove(command);
        if (command.inner.length > 0) this.follow(command.inner);
      }
    }
  }

  /** `KEY=$(echo "$SECRET" | base64 -d)`: another name for the secret. */
  #assign({ assignments }: SimpleCommand): void {
    for (const { name, value } of assignments) {
      if (value?.text !== undefined) this.#texts.set(name, value.text);
      const secret = value && this.#secretIn(value.parts);
      const use = secret === undefined ? undefined : this.#variables.get(secret);
      if (use && !this.#variables.has(name)) this.#variables.set(name, { ...use });
    }
  }

  #secretIn(parts: readonly CommandPart[]): string | undefined {
    for (const part of parts) {
      if (part.kind === 'variable' && this.#variables.has(part.name)) return part.name;
      if (part.kind !== 'output') continue;
      const printed = part.commands.flatMap((command) => printedNames(command, this.#variables));
      if (printed[0] !== undefined && part.commands.slice(1).every(passesOnAll)) return printed[0];
    }
    return undefined;
  }

  #pipe(pipe: readonly SimpleCommand[]): void {
    let held: { readonly secret?: string } | undefined;
    for (const command of pipe) {
      const own = this.#printed(command);
      held = own ?? (held && passesOnAll(command) ? held : undefined);
      if (!held) continue;
      for (const target of targetsOf(command)) this.#write(command, target, held.secret);
      if (writesOnly(command)) held = undefined;
    }
    for (const command of pipe) this.#writeElsewhere(command);
  }

  /** What a command prints of the secrets, decoded or not. */
  #printed(command: SimpleCommand): { readonly secret?: string } | undefined {
    if (dumpsEnvironment(command)) return {};
    const program = programOf(command);
    const asked = program?.name === 'printenv' ? program.arguments[0]?.text : undefined;
    const secret =
      asked !== undefined && this.#variables.has(asked) ? asked : printedNames(command, this.#variables)[0];
    return secret === undefined ? undefined : { secret };
  }

  /** Documents that become files, and files that are changed in place. */
  #writeElsewhere(command: SimpleCommand): void {
    for (const { parts, target } of command.documents) {
      const secret = this.#secretIn(parts);
      if (target && secret !== undefined) this.#write(command, target, secret);
    }
    const program = programOf(command);
    const isInPlace = program?.name === 'sed' && program.arguments.some(({ text }) => inPlace.test(text ?? ''));
    const file = isInPlace ? program.arguments.at(-1) : undefined;
    const secret = file && this.#secretIn(command.words.flatMap(({ parts }) => parts));
    if (file && secret !== undefined) this.#write(command, file, secret);
  }

  #write({ at }: SimpleCommand, target: CommandWord, secret: string | undefined): void {
    const written = this.#textOf(target);
    const path = written === undefined || this.#folder === undefined ? undefined : this.#whole(written, this.#folder);
    if (path === undefined || !this.#isShared(path) || this.#written.size >= maxFiles) return;
    const name = secret === undefined ? undefined : this.#variables.get(secret)?.variable;
    if (!this.#written.has(path)) this.#written.set(path, { at, secret: name, path: written ?? '' });
  }

  /** Follows `cd`. */
  #move(command: SimpleCommand): void {
    const program = programOf(command);
    if (program?.name !== 'cd' && program?.name !== 'pushd') return;
    const [target] = program.arguments.filter(({ pattern }) => !/^-./.test(pattern));
    const path = target && this.#textOf(target);
    this.#folder =
      path === undefined || path === '-' || this.#folder === undefined ? undefined : this.#whole(path, this.#folder);
  }

  /** `rm`, `shred -u`, `mv`; what `trap` names is removed in the end. */
  #remove(command: SimpleCommand): void {
    const program = programOf(command);
    if (!program) return;
    if (program.name === 'trap') {
      const words = (program.arguments[0]?.pattern ?? '').slice(0, maxPathLength).split(/[\s;&"']+/);
      if (words.some((word) => removers.has(word))) this.#trapped.push(...words);
    } else if (removers.has(program.name))
      this.#forget(program.arguments.map((word) => this.#textOf(word) ?? word.pattern));
  }

  #forget(words: readonly string[]): void {
    for (const word of words) {
      if (word.startsWith('-') || word === '' || this.#written.size === 0) continue;
      const gone = this.#whole(word, this.#folder ?? '.');
      for (const path of [...this.#written.keys()])
        if (isWithin(path, gone) || isLike(path, word)) this.#written.delete(path);
    }
  }

  /** The text of a word; undefined if a part of it is not known. The variables of the workspace stay as they are. */
  #textOf({ parts, pattern }: CommandWord): string | undefined {
    if (parts.length === 0) return pattern;
    let text = '';
    for (const part of parts) {
      if (part.kind === 'text') text += part.text;
      else if ((part.kind === 'variable' || part.kind === 'substituted') && workspaceVariables.has(part.name))
        text += '.';
      else if (part.kind === 'variable' && part.name === 'PWD') text += this.#folder ?? '';
      else {
        const known = part.kind === 'variable' ? this.#texts.get(part.name) : undefined;
        if (known === undefined) return undefined;
        text += known;
      }
    }
    return text.length > maxPathLength ? undefined : text;
  }

  /** A path as one from the workspace (`./a`) where it lies there, else from the root; undefined where that is not known. */
  #whole(path: string, folder: string): string | undefined {
    if (/^~|^$|^&|^\/dev\//.test(path) || path.includes('…')) return undefined;
    const joined = path.startsWith('/') ? path : `${folder}/${path}`;
    const parts = partsOf(joined);
    if (!parts) return undefined;
    const whole = joined.startsWith('/') ? `/${parts.join('/')}` : ['.', ...parts].join('/');
    for (const root of this.#workspace) {
      if (whole === root) return '.';
      if (whole.startsWith(`${root}/`)) return `./${whole.slice(root.length + 1)}`;
    }
    return whole;
  }

  /** Whether later steps find a file: below the workspace, and in no volume of its own. */
  #isShared(path: string): boolean {
    if (!path.startsWith('./')) return false;
    return !this.#step.mounts.some((mount) => {
      const folder = mount.path && this.#whole(mount.path.value, '.');
      return folder !== undefined && folder !== '.' && isWithin(path, folder);
    });
  }
}

/** Words of a command that name files which get what it prints. */
function targetsOf(command: SimpleCommand): readonly CommandWord[] {
  const redirected = command.redirections.flatMap(({ operator, target, at }) => {
    const isOfErrors = /^[02-9]/.test(at.source.text.slice(at.span.start, at.span.start + 1));
    return target && /^(?:&?>>?|>\|)$/.test(operator) && !isOfErrors ? [target] : [];
  });
  const program = programOf(command);
  const named = program?.name === 'tee' ? program.arguments.filter(({ pattern }) => !pattern.startsWith('-')) : [];
  return [...redirected, ...named];
}

function writesOnly({ redirections }: SimpleCommand): boolean {
  return redirections.some(({ operator }) => /^&?>/.test(operator));
}

const removers: ReadonlySet<string> = new Set(['rm', 'shred', 'mv', 'unlink', 'srm']);
const workspaceVariables: ReadonlySet<string> = new Set(['DRONE_WORKSPACE', 'CI_WORKSPACE', 'DRONE_WORKSPACE_BASE']);

function isWithin(path: string, folder: string | undefined): boolean {
  return folder !== undefined && (path === folder || path.startsWith(`${folder}/`) || folder === '.');
}

/** Whether a word with wildcards may mean a path, by its last part. */
function isLike(path: string, word: string): boolean {
  if (!/[*?]/.test(word)) return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const last = word.slice(word.lastIndexOf('/') + 1);
  const [start = ''] = last.split(/[*?]/, 1);
  const end = last.slice(Math.max(last.lastIndexOf('*'), last.lastIndexOf('?')) + 1);
  return name.startsWith(start) && name.endsWith(end);
}

/**
 * Where the workspace is: its volume is mounted at `base`, and commands run in `path` below it
 * (drone-runners/drone-runner-docker engine/compiler/workspace.go).
 */
function workspaceOf({ workspace, type }: Pipeline): readonly string[] {
  if (type === 'exec' || type === 'ssh') return [];
  const base = workspace?.base?.value ?? '/drone';
  const path = workspace?.path?.value ?? 'src';
  return [`${base}/${path}`, base]
    .map((each) => each.replace(/\/+/g, '/').replace(/\/$/, ''))
    .filter((each) => each !== '');
}

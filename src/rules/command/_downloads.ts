import { isOfTheBuild } from '../../analysis/step-hits.ts';
import {
  curlValues,
  fileCopiers,
  fileInstallers,
  interpreters,
  shellPrograms,
  sourcePrograms,
  unpackers,
  verifiers,
  wgetValues,
} from '../../facts/programs.ts';
import { fileName } from '../../model/file-name.ts';
import { hostOf, isPublicHost } from '../../model/hosts.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import type { Location } from '../../model/source.ts';
import { type Program, pipedFrom, programOf, type SimpleCommand } from '../../shell/commands.ts';
import { type Download, downloadOf as downloadOfCommand, writtenOf } from '../../shell/downloads.ts';

/** What a command downloads with `curl` or `wget`; undefined for everything else. */
export function downloadOf(command: SimpleCommand): Download | undefined {
  return downloadOfCommand(command, { curl: curlValues, wget: wgetValues });
}

/** Whether a download comes from outside the build, as far as its host is known. */
export function isFromOutside({ host }: Download, pipeline: Pipeline): boolean {
  return host === undefined || !isOfTheBuild(host, pipeline);
}

/**
 * What a fix has in place of its samples: the address of a download over https, if what it answers does not change, and
 * the name of its file.
 */
export function downloadFills(
  download: Download,
  samples: { readonly address: string; readonly file?: string },
): Readonly<Record<string, string>> {
  const { address, file } = samples;
  const own = download.addresses[0]?.text?.replace(/^http:/i, 'https:') ?? '';
  if (file === undefined) return { [address]: isOfRelease(download) ? own : '' };
  return {
    [address]: isOfRelease(download) ? own : address.replace(file, download.file ?? file),
    [file]: download.file ?? '',
  };
}

/** Whether the address of a download names a release or a commit, so that it answers tomorrow what it answers today. */
export function isOfRelease({ addresses }: Download): boolean {
  const path = /^https?:\/\/[^/?#]+([^?#]*)/i.exec(addresses[0]?.text ?? '')?.[1] ?? '';
  return (fixedPath.test(path) || fixedName.test(fileName(path))) && !movingPath.test(path);
}

/** Three numbers or a commit. */
const fixedPath = /\d{1,5}\.\d{1,5}\.\d{1,5}|[0-9a-f]{40}/;
/** A release of two numbers in the name of a file. */
const fixedName = /[-_]v?\d{1,5}\.\d{1,5}(?:[-_.]|$)/;
const movingPath = /(?:^|[/._-])(?:latest|main|master|HEAD|nightly|edge|stable)(?:[/._-]|$)/;

/** Where a download comes from, for messages. */
export function originOf({ host }: Download): string {
  return host === undefined ? 'the network' : `"${host}"`;
}

/** Whether a command compares a file with a checksum or a signature. */
export function isCheck(command: SimpleCommand): boolean {
  const program = programOf(command);
  if (program?.name === 'openssl') return program.arguments[0]?.text === 'dgst';
  return program !== undefined && verifiers.has(program.name);
}

/** What is done with a downloaded file later in the step; undefined when it is not run, unpacked or installed. */
export function useOf(fetching: Download, commands: readonly SimpleCommand[], index: number): string | undefined {
  const { file } = fetching;
  if (file === undefined) {
    const unpacks = pipedFrom(commands, index).some((next) => unpackers.has(programOf(next)?.name ?? ''));
    return unpacks ? 'is unpacked' : undefined;
  }
  const names = new Set([file]);
  for (const later of commands.slice(index + 1, index + 1 + maxLater)) {
    const program = programOf(later);
    if (!program) continue;
    const first = later.words[0]?.pattern ?? '';
    if (names.has(fileName(first)) && /\//.test(first)) return 'is run';
    const isGiven = [...names].some((name) =>
      program.arguments.some((word) => fileName(writtenOf(word)) === name || covers(word.pattern, name)),
    );
    if (!isGiven) continue;
    const use = useBy(program);
    if (use !== undefined) return use;
    // A copy under another name is the same file.
    const copy = fileCopiers.has(program.name) ? fileName(program.arguments.at(-1)?.pattern ?? '') : '';
    if (copy.length > 1 && !copy.includes('…')) names.add(copy);
  }
  return undefined;
}

/** How many commands after a download are searched for its use. */
const maxLater = 200;

/** `*.deb`, `./tool*`. */
function covers(pattern: string, file: string): boolean {
  const name = fileName(pattern);
  const star = name.indexOf('*');
  if (star < 0 || name.length < 3) return false;
  return file.startsWith(name.slice(0, star)) && file.endsWith(name.slice(name.lastIndexOf('*') + 1));
}

function useBy({ name, arguments: words }: Program): string | undefined {
  const first = words[0]?.text ?? '';
  if (unpackers.has(name)) return 'is unpacked';
  if (fileInstallers.has(name)) return 'is installed';
  if (
    /^(?:apt|apt-get|yum|dnf|apk|pip3?|npm)$/.test(name) &&
    words.some(({ text }) => text === 'install' || text === 'add')
  )
    return 'is installed';
  if (
    name === 'chmod' &&
    (/^\+|[ugoa]\+[rwst]*x|^[0-7]*[1357][0-7]{0,2}$/.test(first) || words.some(({ text }) => text === '+x'))
  )
    return 'is made executable';
  if ((shellPrograms.has(name) || interpreters.has(name)) && !/^-[a-z]*[cm]/.test(first)) return 'is run';
  if (name === 'source' || name === '.') return 'is run';
  return undefined;
}

/** Code and packages fetched over http://. */
export function* plainSources(
  command: SimpleCommand,
  pipeline: Pipeline,
): Iterable<{ readonly at: Location; readonly host: string; readonly isCode: boolean }> {
  const program = programOf(command);
  if (!program || !sourcePrograms.has(program.name)) return;
  const isCode = program.name === 'git';
  if (isCode && !program.arguments.some(({ text }) => /^(?:clone|fetch|pull|submodule|remote)$/.test(text ?? '')))
    return;
  const isWriting = program.name === 'echo' || program.name === 'printf';
  for (const { pattern, at } of program.arguments) {
    const address = /http:\/\/[^\s'"]+/.exec(pattern)?.[0];
    const host = address === undefined ? undefined : hostOf(address);
    if (address === undefined || host === undefined || host.includes('…')) continue;
    if (!isPublicHost(host) || isOfTheBuild(host, pipeline)) continue;
    // Of the lines that are written, only those for the repository lists of apt, apk and yum count.
    if (isWriting && !/^deb(?:-src)?\s/.test(pattern) && !command.redirections.some(isRepositoryList)) continue;
    yield { at, host, isCode };
  }
}

function isRepositoryList({ target }: SimpleCommand['redirections'][number]): boolean {
  return /\/etc\/(?:apt\/sources\.list|apk\/repositories|yum\.repos\.d)/.test(target?.pattern ?? '');
}

import { environmentFile, isCredentialFile, metadataCredentials, metadataHosts } from '../facts/credential-places.ts';
import { interpreters } from '../facts/programs.ts';
import { httpClients, printers, rawSenders, readers, transformers } from '../facts/secret-handling.ts';
import { isAddress, isInRange, isLoopback, urlOf } from '../model/hosts.ts';
import { memoizePer } from '../model/memoize.ts';
import { allSteps, type Pipeline, type Step } from '../model/pipeline.ts';
import type { Site } from '../model/site.ts';
import { say, type Text } from '../model/text.ts';
import {
  type CommandPart,
  type CommandWord,
  dumpsEnvironment,
  operandsOf,
  type Program,
  programOf,
  type SimpleCommand,
} from '../shell/commands.ts';
import { matchesCommands } from '../shell/words.ts';
import { commandsOf } from './step-commands.ts';

/** Credentials of a build on their way to another host. */
export interface SentCredential {
  /** The command that sends them. */
  readonly command: SimpleCommand;
  readonly what: Text;
  /** The host that gets them. */
  readonly host: string;
  /** To an address instead of a name, or over plain HTTP. */
  readonly isExposed: boolean;
}

/** What a step sends of what holds the build's credentials (the environment, credential files, metadata) to other hosts. */
export function credentialsSent(pipeline: Pipeline, step: Step, site: Site): readonly SentCredential[] {
  return sentIn(site)(pipeline)(step);
}

const sentIn = memoizePer((site: Site) =>
  memoizePer((pipeline: Pipeline) => memoizePer((step: Step) => findSent(pipeline, step, site))),
);

/** What sends; most steps do not, and are not taken apart. */
const senders =
  /\b(?:curl|wget|https?|xh|nc|ncat|netcat|socat|telnet|openssl|ftp|scp|dig|nslookup|host|drill|tcp|udp|python[0-9.]*|node|perl|ruby|php)\b/;

function findSent(pipeline: Pipeline, step: Step, site: Site): readonly SentCredential[] {
  if (!matchesCommands(step, senders)) return [];
  const flow = new Flow(step);
  for (const { commands } of commandsOf(pipeline, step)) flow.follow(commands);
  return flow.sent.filter(({ host }) => isElsewhere(host, pipeline, site));
}

/** Neither this machine nor the build nor its cluster, and not named in the site section. */
function isElsewhere(host: string, pipeline: Pipeline, site: Site): boolean {
  const isNear =
    isLoopback(host) ||
    (!host.includes('.') && !host.includes(':')) ||
    metadataHosts.has(host) ||
    /^(?:0\.0\.0\.0|host\.docker\.internal|host\.containers\.internal|172\.17\.0\.1)$|\.svc(?:\.|$)|\.cluster\.local$|\.local$/.test(
      host,
    );
  if (isNear || allSteps(pipeline).some(({ name }) => name.toLowerCase() === host)) return false;
  const known = [...site.secretHosts, ...site.registries, ...site.networks].map((each) => each.toLowerCase());
  return !known.some((each) => host === each || host.endsWith(each.replace(/^\*?\.?/, '.')) || isInRange(host, each));
}

/** What a command prints, a variable or a file holds. */
type Holding = Text | undefined;

const wholeEnvironment = say`its whole environment`;

/** Programs that print what they read, or most of it: `grep` and checksums do not. */
const passing: ReadonlySet<string> = new Set([
  ...readers,
  ...transformers,
  'bzip2',
  'xz',
  'zstd',
  'paste',
  'nl',
  'openssl',
  'xargs',
  'dd',
  'pv',
  'iconv',
]);

/** Where a connection or a request goes. */
interface Target {
  readonly host: string;
  readonly isExposed: boolean;
}

/** Follows what holds credentials through the commands of a step, in their order. */
class Flow {
  readonly sent: SentCredential[] = [];
  readonly #variables = new Map<string, Holding>();
  readonly #texts = new Map<string, string>();
  readonly #files = new Map<string, Holding>();
  /** Descriptors that are open to a host: `exec 3<>/dev/tcp/…`. */
  readonly #sockets = new Map<string, Target>();
  /** What substitutions print; each is followed once. */
  readonly #outputs = new Map<readonly SimpleCommand[], Holding>();

  constructor(step: Step) {
    for (const { name, text } of step.environment) if (text) this.#texts.set(name.value, text.value);
  }

  /** Follows a list, and tells what it prints. */
  follow(list: readonly SimpleCommand[]): Holding {
    let printed: Holding;
    /** What comes through the pipe, and the blocks that it goes to as a whole. */
    let piped: Holding;
    let block: { readonly depth: number; readonly id: number | undefined; readonly holding: Holding } | undefined;
    /** What the commands of the block before the pipe have printed. */
    let before: Holding;
    for (const [index, command] of list.entries()) {
      const previous = list[index - 1];
      const isReceiver = previous !== undefined && isPipe(previous);
      if (!isReceiver) piped = undefined;
      else if (endsBlock(previous, command)) piped ??= before;
      if (isReceiver && command.within.length > previous.within.length) {
        const depth = previous.within.length;
        block = { depth, id: command.within[depth], holding: piped };
      } else if (block && command.within[block.depth] !== block.id) block = undefined;
      const out = this.#run(command, piped ?? block?.holding);
      piped = out;
      before = before ?? out;
      if (!isPipe(command)) {
        printed ??= out;
        if (command.within.length === 0) before = undefined;
      }
    }
    return printed;
  }

  /** What one command prints, with what it reads. */
  #run(command: SimpleCommand, input: Holding): Holding {
    this.#followInner(command);
    for (const { name, value } of command.assignments) {
      this.#variables.set(name, value && this.#inParts(value.parts));
      if (value?.text !== undefined) this.#texts.set(name, value.text);
    }
    const program = programOf(command);
    let fed = input;
    for (const { operator, target } of command.redirections) {
      if (operator === '<' && target) fed = this.#ofFile(target);
      if (operator === '<<<' && target) fed = this.#inParts(target.parts);
    }
    for (const { parts } of command.documents) fed = fed ?? this.#inParts(parts);
    if (program) this.#send(command, program, fed);
    const out = this.#printedBy(command, program, fed);
    return this.#redirect(command, out);
  }

  /** The commands within a command: substitutions, `sh -c`. */
  #followInner(command: SimpleCommand): void {
    const parts = [
      ...command.assignments.flatMap(({ value }) => value?.parts ?? []),
      ...command.words.flatMap((word) => word.parts),
      ...command.redirections.flatMap(({ target }) => target?.parts ?? []),
      ...command.documents.flatMap((document) => document.parts),
    ];
    for (const part of parts)
      if (part.kind === 'output' && !this.#outputs.has(part.commands)) {
        this.#outputs.set(part.commands, undefined);
        this.#outputs.set(part.commands, this.follow(part.commands));
      }
    if (command.inner.length > 0) this.follow(command.inner);
  }

  /** What a command prints, wherever that goes. */
  #printedBy(command: SimpleCommand, program: Program | undefined, input: Holding): Holding {
    if (dumpsEnvironment(command)) return wholeEnvironment;
    // `$(< file)`
    if (!program) return command.words.length === 0 && command.assignments.length === 0 ? input : undefined;
    const { name, arguments: words } = program;
    if (printers.has(name)) return this.#inWords(words);
    if (name === 'read') {
      for (const { text } of words) if (text !== undefined && /^\w+$/.test(text)) this.#variables.set(text, input);
      return undefined;
    }
    if (name === 'curl' || name === 'wget') return this.#fetched(words);
    if (name === 'grep' || name === 'egrep') return passesGrep(words) ? input : undefined;
    if (name === 'awk' || name === 'cut') return onlyNames(words) ? undefined : input;
    if (!passing.has(name) || (name === 'openssl' && !/^(?:enc|base64)$/.test(words[0]?.text ?? ''))) return undefined;
    return input ?? this.#inFiles(words);
  }

  /** What a download prints, if it does not go to a file. */
  #fetched(words: readonly CommandWord[]): Holding {
    const answer = metadataOf(words.map((word) => this.#textOf(word)));
    const option = words.findIndex(({ text }) => /^(?:-[a-zA-Z]*[oO]|--output(?:-document)?)$/.test(text ?? ''));
    const file = option < 0 ? undefined : words[option + 1];
    if (!answer || !file || file.text === '-') return answer;
    this.#files.set(this.#textOf(file), answer);
    return undefined;
  }

  /** The credential files among words. */
  #inFiles(words: readonly CommandWord[]): Holding {
    for (const word of words) {
      const found = this.#ofFile(word);
      if (found) return found;
    }
    return undefined;
  }

  #ofFile(word: CommandWord): Holding {
    return this.#ofPath(this.#textOf(word));
  }

  #ofPath(path: string): Holding {
    if (isCredentialFile(path)) return say`the credential file "${path}"`;
    return environmentFile.test(path) ? wholeEnvironment : this.#files.get(path);
  }

  #inWords(words: readonly CommandWord[]): Holding {
    for (const { parts } of words) {
      const found = this.#inParts(parts);
      if (found) return found;
    }
    return undefined;
  }

  #inParts(parts: readonly CommandPart[]): Holding {
    for (const part of parts) {
      const found =
        part.kind === 'output'
          ? this.#outputs.get(part.commands)
          : part.kind === 'variable'
            ? this.#variables.get(part.name)
            : undefined;
      if (found) return found;
    }
    return undefined;
  }

  /** The text of a word with the variables filled in whose text is known; `…` in the place of others. */
  #textOf({ parts, pattern }: CommandWord): string {
    if (parts.length === 0) return pattern;
    return parts
      .map((part) => {
        if (part.kind === 'text') return part.text;
        if (part.kind !== 'variable') return '…';
        return this.#texts.get(part.name) ?? part.fallback ?? (part.name === 'HOME' ? '~' : '…');
      })
      .join('')
      .slice(0, maxTextLength);
  }

  /** What stays on standard output after the redirections of a command. */
  #redirect(command: SimpleCommand, out: Holding): Holding {
    let rest = out;
    for (const { operator, target, at } of command.redirections) {
      if (!target || !/^(?:&?>>?|>\||>&|<>)$/.test(operator)) continue;
      const descriptor = /^\d{0,3}/.exec(at.source.text.slice(at.span.start, at.span.start + 3))?.[0] ?? '';
      const path = this.#textOf(target);
      const socket = socketOf(path) ?? (operator === '>&' ? this.#sockets.get(path) : undefined);
      if (command.words[0]?.text === 'exec' && socket && descriptor !== '') this.#sockets.set(descriptor, socket);
      if (/^[02-9]/.test(descriptor) || /^(?:&?[12]|\/dev\/(?:stdout|stderr|tty))$/.test(path)) continue;
      if (socket) this.#add(command, out, socket);
      else if (operator !== '>&' || !/^\d+$/.test(path)) this.#files.set(path, out);
      rest = undefined;
    }
    if (programOf(command)?.name === 'tee')
      for (const word of command.words.slice(1)) if (out) this.#files.set(this.#textOf(word), out);
    return rest;
  }

  #add(command: SimpleCommand, what: Holding, target: Target | undefined): void {
    if (what && target) this.sent.push({ command, what, ...target });
  }

  #send(command: SimpleCommand, program: Program, input: Holding): void {
    const { name, arguments: words } = program;
    if (name === 'xargs') {
      const start = words.findIndex(({ text }, at) => senders.test(text ?? '') && !/^-/.test(words[at]?.text ?? ''));
      const [inner, ...given] = start < 0 ? [] : words.slice(start);
      if (inner?.text !== undefined && input)
        this.#add(command, input, this.#targetOf({ name: inner.text, at: inner.at, arguments: given }));
    } else if (httpClients.has(name)) this.#add(command, this.#givenToClient(program, input), this.#targetOf(program));
    else if (rawSenders.has(name) || (name === 'openssl' && words[0]?.text === 's_client'))
      this.#add(command, input ?? this.#inWords(words), this.#targetOf(program));
    else if (name === 'ftp') {
      const put = command.documents
        .flatMap(({ parts }) => parts.map((part) => (part.kind === 'text' ? part.text : '…')))
        .flatMap((text) => [...text.matchAll(/^\s{0,9}m?(?:put|send|append) {1,9}(\S{1,200})/gm)])
        .map(([, path = '']) => this.#ofPath(path));
      this.#add(command, input ?? put.find((found) => found), this.#targetOf(program));
    } else if (name === 'scp') {
      const operands = operandsOf(words, /^-[cDFiJloPSX]$/);
      const target = /^(?:scp:\/\/)?(?:[^@/]{0,100}@)?([A-Za-z0-9.-]{1,250}):/.exec(this.#patternOf(operands.at(-1)));
      if (target) this.#add(command, this.#inFiles(operands.slice(0, -1)), targetAt(target[1] ?? '', false));
    } else if (interpreters.has(name)) this.#sendByInterpreter(command, program);
  }

  #patternOf(word: CommandWord | undefined): string {
    return word ? this.#textOf(word) : '';
  }

  /** What an HTTP client sends as body, file, URL, or whole as a header. */
  #givenToClient({ name, arguments: words }: Program, input: Holding): Holding {
    if (input && (name === 'http' || name === 'https' || name === 'xh')) return input;
    let before = '';
    for (const word of words) {
      const text = this.#textOf(word);
      const option = before;
      before = /^-[a-zA-Z]*[a-zA-Z]$|^--[a-z-]+$/.test(text) ? text : '';
      const isBody =
        /^(?:-[a-zA-Z]*[dFT]|--(?:data(?:-\w+)?|json|form(?:-string)?|upload-file|url-query|post-data|body-data|post-file|body-file))$/.test(
          option,
        );
      const joined =
        /^(?:-[dFT]|--(?:data(?:-\w+)?|json|form(?:-string)?|upload-file|url-query|post-data|body-data|post-file|body-file)=)(?=.)/.exec(
          text,
        )?.[0];
      const value = joined === undefined ? text : text.slice(joined.length);
      if (isBody || joined !== undefined) {
        const isPath = /T$|file/.test(joined ?? option);
        const path = isPath ? value : /^(?:[\w.-]{0,100}=)?[@<]([^;,]{1,300})/.exec(value)?.[1];
        const isInput = path === '-' || path === '/dev/stdin';
        const found = isInput ? input : path === undefined ? undefined : this.#ofPath(path);
        if (found) return found;
      }
      const held = this.#inParts(word.parts);
      // A header authenticates: a token of the machine or of a file is for its service there.
      const isHeader = /^(?:-[a-zA-Z]*[HubAe]|--(?:header|user|oauth2-bearer|cookie|user-agent|referer))$/.test(option);
      if (held && (!isHeader || held === wholeEnvironment)) return held;
    }
    return undefined;
  }

  /** A program in the arguments of an interpreter, or in the document that it reads. */
  #sendByInterpreter(command: SimpleCommand, { arguments: words }: Program): void {
    const texts = [
      ...words.map((word) => this.#textOf(word)),
      ...command.documents.map((each) => textOfParts(each.parts)),
    ];
    const code = texts.join('\n').slice(0, maxTextLength);
    if (!networkCode.test(code)) return;
    const what = environmentCode.test(code) ? wholeEnvironment : (this.#fileInCode(code) ?? metadataOf(urlsIn(code)));
    const target =
      urlsIn(code)
        .map((url) => targetOfUrl(url, true))
        .find((each) => each && !metadataHosts.has(each.host)) ?? targetAt(addressIn(code), false);
    this.#add(command, what, target);
  }

  #fileInCode(code: string): Holding {
    for (const [, path = ''] of code.matchAll(/["']([^"'\n]{4,200})["']/g)) {
      const found = this.#ofPath(path);
      if (found) return found;
    }
    return undefined;
  }

  /** The host that a program is told to connect to. */
  #targetOf({ name, arguments: words }: Program): Target | undefined {
    const texts = words.map((word) => this.#textOf(word));
    if (httpClients.has(name)) {
      for (const [index, text] of texts.entries()) {
        const url = targetOfUrl(text.replace(/^--url=/, ''), false);
        if (url) return url;
        // curl and wget take a name without a scheme for http.
        const isOperand = !text.startsWith('-') && !/^-/.test(texts[index - 1] ?? '');
        const bare = isOperand ? targetOfUrl(`http://${text}`, true) : undefined;
        if (bare) return bare;
      }
      return undefined;
    }
    for (const text of texts) {
      const host =
        /^(?:@|[A-Za-z0-9-]{1,20}:)?([\u2026A-Za-z0-9_.-]{1,250}|\[[0-9a-fA-F:]{2,45}\])(?::\d{1,5})?(?:,.*)?$/.exec(
          text,
        )?.[1];
      if (host !== undefined && /[A-Za-z0-9]\.[A-Za-z0-9]|^\[/.test(host)) return targetAt(host, false);
    }
    return undefined;
  }
}

const maxTextLength = 20_000;

function isPipe({ operator }: SimpleCommand): boolean {
  return operator === '|' || operator === '|&';
}

/** Whether a pipe begins at the end of a block, so that all that the block prints goes into it. */
function endsBlock({ at }: SimpleCommand, next: SimpleCommand): boolean {
  const between = at.source.text.slice(at.span.end, Math.min(next.at.span.start, at.span.end + 100));
  return /(?:[})]|\b(?:done|fi|esac))\s{0,20}\|/.test(between);
}

function socketOf(path: string): Target | undefined {
  const host = /^\/dev\/(?:tcp|udp)\/([^/]{1,250})\//.exec(path)?.[1];
  return host === undefined ? undefined : targetAt(host, false);
}

function targetAt(host: string | undefined, isPlain: boolean): Target | undefined {
  if (host === undefined || host === '' || host === '…') return undefined;
  return { host: host.toLowerCase(), isExposed: isAddress(host) || isPlain };
}

function targetOfUrl(text: string, mustBeWhole: boolean): Target | undefined {
  const { scheme = '', host = '' } = urlOf(text) ?? {};
  if (!/^(?:https?|wss?|ftps?|sftp)$/.test(scheme) || (mustBeWhole && !/[A-Za-z0-9]\.[A-Za-z0-9]|^\[/.test(host)))
    return undefined;
  // `https://$HOST/`: nobody knows where that is.
  return /[A-Za-z0-9]\.[A-Za-z0-9]|^\[|^[\w-]+$/.test(host)
    ? targetAt(host, /^(?:http|ws|ftp)$/.test(scheme))
    : undefined;
}

/** What a metadata service answers, unless it is known to be harmless. */
function metadataOf(urls: readonly string[]): Holding {
  const asks = urls.some((url) => {
    const target = targetOfUrl(url, false) ?? targetOfUrl(`http://${url}`, true);
    return (
      target !== undefined && metadataHosts.has(target.host) && (metadataCredentials.test(url) || userData.test(url))
    );
  });
  return asks ? say`what the metadata service of its machine answers` : undefined;
}

/** Start scripts of machines, which often hold passwords, and whole trees. */
const userData = /\/(?:user-data|attributes\/?|instance\/\?recursive=true.*)$/;

/** `grep -v` leaves most; a pattern for secrets leaves what matters. */
function passesGrep(words: readonly CommandWord[]): boolean {
  const text = words.map(({ pattern }) => pattern).join(' ');
  const isInverse = words.some(({ text: word }) => /^-[a-zA-Z]*v|^--invert-match$/.test(word ?? ''));
  const isAboutSecrets = /secret|token|pass|key|cred|auth|aws|netrc|\^?\.$|''/i.test(text);
  return isInverse !== isAboutSecrets;
}

/** `cut -d= -f1`, `awk -F= '{print $1}'`: the names of variables. */
function onlyNames(words: readonly CommandWord[]): boolean {
  return words.some(({ pattern }) => /^-f ?1$|^\{ ?print \$1;? ?\}$|^1$/.test(pattern));
}

function textOfParts(parts: readonly CommandPart[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : '…')).join('');
}

/** Code that speaks to other hosts. */
const networkCode =
  /urlopen|urlretrieve|\brequests\.|\bhttpx\.|http\.client|HTTPConnection|HTTPSConnection|\bsocket\b|\bfetch\(|\bhttps?\.(?:request|get)\(|\baxios|Net::HTTP|TCPSocket|IO::Socket|LWP|HTTP::Tiny|file_get_contents|fsockopen|curl|\bnc\b|wget/;

/** The whole environment in the languages of one-liners, and in shell commands within them. */
const environmentCode =
  /\bos\.environ(?!\w|\s{0,3}[[.])|\bdict\(os\.environ\)|\bos\.environ\.(?:items|copy|values)\(|\bprocess\.env(?!\w|\s{0,3}[[.?])|\bENV\.(?:to_h|to_a|inspect|to_s|map|each)|%ENV\b|\bgetenv\(\s{0,3}\)|\$_ENV(?!\w|\[)|["'`(]\s{0,3}(?:env|printenv)\s{0,3}(?:["'`)|]|\| )/;

function urlsIn(code: string): readonly string[] {
  return code.match(/\b(?:https?|wss?|ftp):\/\/[^\s"'`)<>\\]{3,500}/gi) ?? [];
}

/** A host in quotes or parentheses, or after `nc`. */
function addressIn(code: string): string | undefined {
  return (
    /["']((?:\d{1,3}\.){3}\d{1,3}|[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6})["']\s{0,3}[,)]/i.exec(code)?.[1] ??
    /\b(?:nc|ncat)\s+((?:\d{1,3}\.){3}\d{1,3}|[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6})\s/i.exec(code)?.[1]
  );
}

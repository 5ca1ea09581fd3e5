import { isSecretName } from '../../facts/settings.ts';
import type { Container, Mount, Port } from '../../model/container.ts';
import type { Lookup } from '../../model/reading.ts';
import { type Located, type Location, nameInPath, type Source } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { uniqueName } from '../../model/unique-name.ts';
import { findSecretParts, isSecretKey, isSecretOption } from '../../secrets/parts.ts';
import { decimalNumber, sizeInBytes } from '../compose/scalars.ts';
import { type Gathered, isLastUnknown, loadEnvFile, tooManyVariables, withinBudget } from '../env/referenced.ts';
import { type RawVariable, readComponent } from '../env/settings.ts';
import {
  type Argument,
  after,
  literalPrefix,
  locate,
  type Part,
  type Place,
  placeOf,
  type ResolvedText,
  resolve,
  shownOf,
  split,
  textOf,
  wordAt,
} from './argument.ts';
import { globalValued, switches, switchLetters, valued, valuedLetters } from './flags.ts';
import { parseImage } from './image.ts';

/** The context of a command: where it is written, and what its shell or systemd knows. */
export interface CommandContext {
  readonly source: Source;
  readonly lookup: Lookup;
  /** A variable of the environment that the command runs in; undefined if it is unknown. */
  readonly variable: (name: string) => ResolvedText | undefined;
  /** A file of variables that the same text has written before. */
  readonly written?: (path: string, usedAt: Location) => readonly RawVariable[] | undefined;
  /** Whether a shell runs the text itself, so that `{{text}}` in it is no template. */
  readonly isScript?: boolean;
  /** How often each owner was used, so that all owners differ. */
  readonly owners: Map<string, number>;
}

/** The position of the first argument after `docker run` and similar commands; undefined for other commands. */
export function startOfRun(args: readonly Argument[], program: number): number | undefined {
  if (!isEngineClient(args, program)) return undefined;
  let at = program + 1;
  const next = (): string => wordAt(args, at);
  while (next().startsWith('-')) at += globalValued.has(next()) ? 2 : 1;
  let command = next();
  if (command === 'container' || command === 'service') {
    at++;
    command = `${command} ${next()}`;
  }
  return /^(?:(?:container )?(?:run|create)|service create)$/.test(command) ? at + 1 : undefined;
}

/** Whether a program is the client of an engine: `docker`, `podman`. */
export function isEngineClient(args: readonly Argument[], program: number): boolean {
  return /(?:^|[\\/])(?:docker|podman|nerdctl)(?:\.exe)?$/.test(wordAt(args, program));
}

/** A flag as given. Switches without a text of their own have no value. */
interface Flag {
  readonly name: string;
  readonly value?: readonly Part[];
  /** The place of the flag, or of its value if that is a separate argument. */
  readonly at: Place;
}

interface Line {
  readonly flags: readonly Flag[];
  readonly image?: Argument;
  /** Parts of a secret behind `--env NAME=`, `--env NAME` and the like, separated by blanks: docker takes the first for the image. */
  readonly stray: readonly Argument[];
  readonly command: readonly Argument[];
  readonly gaps: readonly Text[];
}

/** How many gaps of one command are kept; more would say nothing new. */
const maxGaps = 20;
/** How many containers and processes are read from one text. */
const maxFound = 500;

/** Whether enough was read from a text; the first time, this is noted as unknown. */
export function limitReached(gathered: Gathered, at: Location): boolean {
  const found = gathered.containers.length + gathered.settings.length;
  if (found < maxFound) return false;
  const message = say`only the first ${maxFound} containers and processes are read`;
  if (!isLastUnknown(gathered, message)) gathered.unknown.push({ at, message });
  return true;
}

/** Whether the arguments after `docker run` name an image; if not, a pasted command may go on in the next lines. */
export function namesImage(args: readonly Argument[]): boolean {
  return readLine(args).image !== undefined;
}

/**
 * Parses the arguments as the docker client does (spf13/pflag, not interspersed: the first argument that is not a flag
 * is the image, and everything after it is the command).
 */
function readLine(args: readonly Argument[]): Line {
  const flags: Flag[] = [];
  const gaps: Text[] = [];
  const stray: Argument[] = [];
  const miss = (gap: Text): void => {
    if (gaps.length < maxGaps) gaps.push(gap);
  };
  /** The value of an unknown flag; it is the image if no other argument can be. */
  let guessed: number | undefined;
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at];
    if (!arg) break;
    const lead = literalPrefix(arg.parts);
    if (lead === '--' && textOf(arg.parts) === '--') {
      at++;
      break;
    }
    if (lead.startsWith('--')) {
      const equals = lead.indexOf('=');
      const name = lead.slice(2, equals < 0 ? undefined : equals);
      if (equals >= 0) flags.push({ name, value: after(arg.parts, equals + 1), at: arg.here });
      else if (textOf(arg.parts) === undefined)
        miss(say`the flag "${shownOf(split(arg.parts, '=', 2)[0] ?? [])}" is not known`);
      else if (switches.has(name)) flags.push({ name, at: arg.here });
      else {
        const next = args[at + 1];
        const known = valued.has(name);
        if (!known) miss(say`the flag "--${name}" is not known`);
        if (next && (known || !literalPrefix(next.parts).startsWith('-'))) {
          at++;
          if (!known) guessed = at;
          flags.push({ name, value: next.parts, at: next.here });
        }
      }
      continue;
    }
    if (lead.startsWith('-') && (lead.length > 1 || arg.parts.length > 1)) {
      if (lead.length === 1) miss(say`the flag "${shownOf(arg.parts.slice(0, 2))}" is not known`);
      for (let letter = 1; letter < lead.length; letter++) {
        const sign = lead[letter] ?? '';
        const rest = after(arg.parts, letter + 1);
        const glued = literalPrefix(rest).startsWith('=') ? after(rest, 1) : rest;
        const plain = switchLetters[sign];
        const name = valuedLetters[sign];
        if (plain !== undefined) {
          flags.push({ name: plain, at: arg.here, value: glued === rest ? undefined : glued });
          if (glued === rest) continue;
        } else if (name === undefined) miss(say`the flag "-${sign}" is not known`);
        else if (textOf(rest) !== '') flags.push({ name, value: glued, at: arg.here });
        else {
          const next = args[at + 1];
          if (next) flags.push({ name, value: next.parts, at: next.here });
          at++;
        }
        break;
      }
      continue;
    }
    // `[OPTIONS]` and `...` are blanks that the reader of a guide may fill in.
    if (/^(?:\[.*\]|\.{3}|\u2026)$/.test(lead) || (arg.splits && isImageAhead(args, at + 1))) {
      miss(say`the arguments "${shownOf(arg.parts)}" are not known`);
      continue;
    }
    if (!isStraySecret(flags.at(-1), args, at)) break;
    stray.push(arg);
  }
  const image = args[at] ?? (guessed === undefined ? undefined : args[guessed]);
  return { flags, gaps, command: args.slice(at + 1), image, stray };
}

/** Whether an argument in the place of the image belongs to the secret variable before it: the image of Drone is behind it. */
function isStraySecret(before: Flag | undefined, args: readonly Argument[], at: number): boolean {
  const given = before?.name === 'env' ? textOf(before.value ?? []) : undefined;
  const [, name = '', value] = /^(\w+)(?:[=:](.*))?$/s.exec(given ?? '') ?? [];
  const text = textOf(args[at]?.parts ?? []);
  if (text === undefined || isSecretName(name) !== 'yes' || /drone/.test(text)) return false;
  return value === '' || args.slice(at + 1, at + 1 + maxStray).some(isImageOfDrone);
}

/** How far behind a secret the image is looked for. */
const maxStray = 50;

function isImageAhead(args: readonly Argument[], from: number): boolean {
  const next = args[from];
  return next !== undefined && (literalPrefix(next.parts).startsWith('-') || isImageOfDrone(next));
}

function isImageOfDrone(argument: Argument | undefined): boolean {
  const lead = argument ? literalPrefix(argument.parts) : '';
  return /drone/i.test(lead) && parseImage(lead) !== undefined;
}

/** Reads a command as a container. `program` is the position of `docker`, `start` that of what follows `run`. */
export function readRun(
  words: readonly Argument[],
  program: number,
  start: number,
  context: CommandContext,
  gathered: Gathered,
): void {
  const { source } = context;
  const line = readLine(words.slice(start));
  const imageText = line.image && textOf(line.image.parts);
  const image = imageText === undefined ? undefined : parseImage(imageText);
  const shownImage = line.image && shownOf(line.image.parts);
  const last = (name: string): Flag | undefined => line.flags.findLast((flag) => flag.name === name && flag.value);
  const named = last('name')?.value;
  const name = named ? shownOf(named) : (image?.name ?? shownImage ?? '');
  const id = uniqueName(context.owners, name);
  const path = `run[${nameInPath(id)}]`;
  const owner = `${source.name}#${path}`;
  const label = say`docker run "${name || id}"`;
  const from = words[program]?.here ?? { source, span: { start: 0, end: 0 } };
  const to = words[start - 1]?.here ?? from;
  const at = locate({ source, span: { start: from.span.start, end: to.span.end } }, path);

  const gaps = [...line.gaps];
  if (!line.image) gaps.push(say`the command names no image`);
  const raw = environmentOf(line.flags, path, context, gathered, gaps);
  for (const gap of gaps) gathered.unknown.push({ at, message: gap });

  const properties = propertiesOf(line, path);
  const { entrypoint, command } = properties;
  const read = readComponent({
    raw,
    gaps,
    start: { command, entrypoint: entrypoint.length > 0 ? entrypoint : undefined },
    live: false,
    image,
  });
  for (const secret of read.secrets) gathered.secrets.push(secret);
  for (const secret of secretArguments(line.command, path)) gathered.secrets.push(secret);
  for (const secret of secretOptions(line.flags, path)) gathered.secrets.push(secret);
  for (const { here } of line.stray) gathered.secrets.push(locate(here, path));
  gathered.containers.push({
    kind: 'container',
    owner,
    label,
    name: name || id,
    role: read.role,
    version: read.version,
    at,
    live: false,
    environment: read.environment,
    gaps,
    ...(line.image ? imageOf(line.image, path) : {}),
    ...properties,
  });
}

/** The environment of the container: env files first, then flags (docker/cli opts/parse.go ReadKVEnvStrings). */
function environmentOf(
  flags: readonly Flag[],
  path: string,
  context: CommandContext,
  gathered: Gathered,
  gaps: Text[],
): RawVariable[] {
  const raw: RawVariable[] = [];
  for (const { name, value, at } of flags) {
    if (name !== 'env-file' || !value) continue;
    const usedAt = locate(placeOf(value, at), `${path}.env-file`);
    const file = textOf(value);
    const written = file === undefined ? undefined : context.written?.(file, usedAt);
    if (written) {
      if (withinBudget(written.length, gathered)) for (const variable of written) raw.push(variable);
      else gaps.push(tooManyVariables);
      continue;
    }
    const read =
      file === undefined
        ? { gap: say`--env-file "${shownOf(value)}" is not known` }
        : loadEnvFile(
            { ...context, from: context.source, path: file, named: '--env-file', usedAt, dialect: 'docker' },
            gathered,
          );
    if ('gap' in read) gaps.push(read.gap);
    else for (const each of read.raw) raw.push(each.value ? each : passedOn(each, context));
  }
  for (const { name, value, at } of flags) {
    if (name !== 'env' || !value) continue;
    const [key = [], rest] = split(value, '=', 2);
    const variable = textOf(key);
    if (variable === undefined || variable === '') {
      if (variable === undefined) gaps.push(say`the variable "${shownOf(key)}" is not known`);
      continue;
    }
    const here = `${path}.env[${nameInPath(variable)}]`;
    const named = { value: variable, at: locate(placeOf(key, at), here) };
    // A shell would split `{{ name }}`, so that is a mark for people or templates.
    const verbatim =
      context.isScript && rest && !/\{\{\s|\s\}\}/.test(shownOf(rest)) ? { verbatim: true as const } : {};
    if (rest) raw.push({ name: named, heldBy: 'deployment', ...resolveWith(rest, here, at), ...verbatim });
    else raw.push(passedOn({ name: named, origin: 'unresolved', heldBy: 'deployment' }, context));
  }
  return raw;
}

/** What parts say about a variable; if they are partly unknown, with their text as written, to be masked. */
export function resolveWith(parts: readonly Part[], path: string, otherwise: Place): ResolvedText {
  const resolved = resolve(parts, path, otherwise);
  if (resolved.value || !parts.some(({ text }) => text)) return resolved;
  return { ...resolved, value: { value: shownOf(parts), at: locate(placeOf(parts, otherwise), path) } };
}

/** `--env NAME` takes the value from the environment of the command. */
function passedOn(variable: RawVariable, context: CommandContext): RawVariable {
  const resolved = context.variable(variable.name.value);
  if (!resolved?.value) return variable;
  return { ...variable, ...resolved, origin: 'interpolated', usedAt: variable.name.at };
}

function imageOf(image: Argument, path: string): Pick<Container, 'image' | 'imageText'> {
  const text = textOf(image.parts);
  const parsed = text === undefined ? undefined : parseImage(text);
  const at = locate(placeOf(image.parts, image.here), `${path}.image`);
  return parsed ? { image: { value: parsed, at } } : { imageText: { value: shownOf(image.parts), at } };
}

const builtInNetworks = /^(?:host|none|bridge|default|private|slirp4netns|pasta|container:.*|ns:.*)$/;

function propertiesOf(line: Line, path: string) {
  const { flags } = line;
  const all = (...names: readonly string[]): { flag: Flag; text: Located<string> }[] =>
    flags.flatMap((flag) => (flag.value && names.includes(flag.name) ? [{ flag, text: shownText(flag, path) }] : []));
  const texts = (...names: readonly string[]): Located<string>[] => all(...names).map(({ text }) => text);
  const one = (...names: readonly string[]): Located<string> | undefined => texts(...names).at(-1);
  const switched = (name: string): Located<boolean> | undefined => {
    const flag = flags.findLast((candidate) => candidate.name === name);
    const value = flag && (flag.value ? parseBool(textOf(flag.value)) : true);
    return flag && value !== undefined ? { value, at: locate(flag.at, `${path}.${name}`) } : undefined;
  };

  const networkFlags = texts('network', 'net').map(networkOf);
  const networkMode = networkFlags.find(({ name }) => builtInNetworks.test(name.value))?.name;
  const name = one('name');
  const labels = new Map<string, Located<string>>();
  for (const { flag } of all('label', 'container-label')) {
    const [key = [], value = []] = split(flag.value ?? [], '=', 2);
    const here = `${path}.labels[${nameInPath(shownOf(key))}]`;
    labels.set(shownOf(key), { value: shownOf(value), at: locate(placeOf(flag.value ?? [], flag.at), here) });
  }
  const logOptions = new Map<string, string>();
  for (const { value } of texts('log-opt')) {
    const equals = value.indexOf('=');
    logOptions.set(equals < 0 ? value : value.slice(0, equals), equals < 0 ? '' : value.slice(equals + 1));
  }
  const noCheck = switched('no-healthcheck');
  const apiSocket = switched('use-api-socket');
  const check = one('health-cmd');
  const entrypoint = one('entrypoint');
  const healthcheck = noCheck?.value
    ? { value: false, at: noCheck.at }
    : check && { value: !/^(?:none)?$/.test(check.value), at: check.at };

  return {
    mounts: [
      ...all('volume').map(({ flag }) => volumeOf(flag, path)),
      ...texts('mount').map(mountOf),
      ...texts('tmpfs').map(({ value, at }) => ({
        type: 'tmpfs' as const,
        target: value.split(':', 1)[0] ?? value,
        readOnly: false,
        at,
      })),
      ...(apiSocket?.value ? [{ ...socketMount, at: apiSocket.at }] : []),
    ],
    ports: [
      ...texts('publish').map(portOf),
      ...texts('expose').map(({ value, at }) => ({
        ...containerPort(value),
        at,
        hostAddress: switched('publish-all')?.value ? '' : undefined,
      })),
    ],
    privileged: switched('privileged'),
    capAdd: texts('cap-add'),
    capDrop: texts('cap-drop'),
    securityOpt: texts('security-opt'),
    devices: [...texts('device'), ...texts('device-cgroup-rule')],
    user: one('user'),
    readOnlyRoot: switched('read-only'),
    networkMode,
    pidMode: one('pid'),
    ipcMode: one('ipc'),
    utsMode: one('uts'),
    usernsMode: one('userns'),
    runtime: one('runtime'),
    networks: networkFlags
      .filter(({ name: network }) => !builtInNetworks.test(network.value))
      .map((found) => found.name),
    aliases: [
      ...(name ? [name.value] : []),
      ...networkFlags.flatMap((found) => found.aliases),
      ...texts('network-alias', 'net-alias').map(({ value }) => value),
    ],
    command: line.command.map(({ parts, here }, index) => ({
      value: shownOf(parts),
      at: locate(placeOf(parts, here), `${path}.command[${index}]`),
    })),
    entrypoint: entrypoint ? [entrypoint] : [],
    labels,
    logDriver: one('log-driver'),
    logOptions,
    restart: one('restart', 'restart-condition'),
    healthcheck,
    memoryLimit: numberOf(one('memory', 'limit-memory'), sizeInBytes),
    cpuLimit: numberOf(one('cpus', 'limit-cpu'), decimalNumber),
    pidsLimit: numberOf(one('pids-limit', 'limit-pids'), decimalNumber),
  } satisfies Partial<Container>;
}

/** What --use-api-socket mounts (docker/cli cli/command/container/create.go). */
const socketMount = {
  type: 'bind',
  source: '/var/run/docker.sock',
  target: '/var/run/docker.sock',
  readOnly: false,
} as const;

/** Flags that may be repeated, so that their values distinguish them. */
const repeated = /^(?:publish|expose|cap-add|cap-drop|security-opt|device|device-cgroup-rule|net|network|tmpfs)$/;

function shownText(flag: Flag, path: string): Located<string> {
  const parts = flag.value ?? [];
  const value = shownOf(parts);
  const which = repeated.test(flag.name) ? `[${nameInPath(value)}]` : '';
  return { value, at: locate(placeOf(parts, flag.at), `${path}.${flag.name}${which}`) };
}

function numberOf(
  text: Located<string> | undefined,
  read: (text: string) => number | undefined,
): Located<number> | undefined {
  const value = text && read(text.value);
  return text && value !== undefined ? { value, at: text.at } : undefined;
}

/** Go's strconv.ParseBool, with which the client reads switches. */
function parseBool(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** `NAME`, or `name=NAME,alias=OTHER` (docker/cli opts/network.go). */
function networkOf(text: Located<string>): { name: Located<string>; aliases: readonly string[] } {
  if (!text.value.includes('=')) return { name: text, aliases: [] };
  const fields = text.value.split(',').map((field) => field.split('='));
  const named = (key: string): string[] => fields.filter(([name]) => name === key).map(([, value]) => value ?? '');
  return { name: { value: named('name')[0] ?? '', at: text.at }, aliases: named('alias') };
}

const propagations = /^r?(?:private|shared|slave)$/;

/** `SOURCE:TARGET:OPTIONS` (docker/cli cli/compose/loader/volume.go); a drive letter is not a source. */
function volumeOf(flag: Flag, path: string): Mount {
  const pieces = [...split(flag.value ?? [], ':')];
  for (const index of [0, 1]) {
    const [drive, rest] = [pieces[index], pieces[index + 1]];
    if (!drive || !rest || !/^[A-Za-z]$/.test(literalPrefix(drive)) || !/^[\\/]/.test(literalPrefix(rest))) continue;
    pieces.splice(index, 2, joined(drive, rest));
  }
  const shown = pieces.map(shownOf);
  const [first = '', target] = shown;
  const options = (shown[2] ?? '').split(',');
  const at = locate(placeOf(flag.value ?? [], flag.at), `${path}.volumes[${nameInPath(target ?? first)}]`);
  if (target === undefined) return { type: 'volume', target: first, readOnly: false, at };
  const propagation = options.find((option) => propagations.test(option));
  const known = (pieces[0] ?? []).some(({ text }) => text);
  const isPath =
    /^(?:[./~\\]|[A-Za-z]:[\\/])/.test(first) || (!known ? isDirectory(first) : /^[$`].*[\\/]/.test(first));
  return {
    type: isPath ? 'bind' : known ? 'volume' : 'other',
    source: known ? first : undefined,
    target,
    readOnly: options.includes('ro') || options.includes('readonly'),
    propagation: propagation || undefined,
    at,
  };
}

function isDirectory(unknown: string): boolean {
  return /^(?:\$\{?(?:PWD|HOME)\b|\$\(pwd\)|`pwd`)/.test(unknown);
}

function joined(drive: readonly Part[], rest: readonly Part[]): readonly Part[] {
  const place = (drive[0] ?? rest[0])?.here;
  const end = rest.at(-1)?.here.span.end;
  if (!place || end === undefined) return rest;
  const here: Place = { source: place.source, span: { start: place.span.start, end } };
  return [{ text: `${shownOf(drive)}:${shownOf(rest)}`, at: here, here, origin: 'literal' }];
}

/** `type=bind,source=/a,target=/b,readonly` (docker/cli opts/mount.go). */
function mountOf({ value, at }: Located<string>): Mount {
  const fields = new Map<string, string>();
  for (const field of value.match(/(?:"[^"]*"|[^",])+/g) ?? []) {
    const plain = field.replaceAll('"', '');
    const equals = plain.indexOf('=');
    // Keys, types and propagations may be written in any case (docker/cli opts/mount.go).
    const key = (equals < 0 ? plain : plain.slice(0, equals)).toLowerCase();
    fields.set(key, equals < 0 ? 'true' : plain.slice(equals + 1));
  }
  const type = fields.get('type')?.toLowerCase() ?? 'volume';
  const source = fields.get('source') ?? fields.get('src');
  const target = fields.get('target') ?? fields.get('dst') ?? fields.get('destination');
  const propagation = fields.get('bind-propagation')?.toLowerCase();
  return {
    type: type === 'bind' || type === 'volume' || type === 'tmpfs' || type === 'npipe' ? type : 'other',
    source: source || undefined,
    target: target || undefined,
    readOnly: parseBool(fields.get('readonly') ?? fields.get('ro')) ?? false,
    propagation: propagation || undefined,
    at: { ...at, path: `${at.path}[${nameInPath(target ?? '')}]` },
  };
}

function containerPort(text: string): { containerPort: string; protocol: string } {
  const slash = text.indexOf('/');
  return slash < 0
    ? { containerPort: text, protocol: 'tcp' }
    : { containerPort: text.slice(0, slash), protocol: text.slice(slash + 1) };
}

/** `ADDRESS:HOST:CONTAINER/PROTOCOL` (docker/go-connections nat/nat.go), or `published=80,target=80` of services. */
function portOf({ value, at }: Located<string>): Port {
  if (value.includes('target=')) {
    const field = (name: RegExp): string | undefined =>
      value
        .split(',')
        .find((text) => name.test(text))
        ?.replace(/^[^=]*=/, '');
    const hostPort = field(/^published=/);
    return {
      hostAddress: '',
      hostPort: hostPort || undefined,
      containerPort: field(/^target=/) ?? '',
      protocol: field(/^protocol=/) ?? 'tcp',
      at,
    };
  }
  const pieces = value.split(':');
  const inner = containerPort(pieces.pop() ?? '');
  const hostPort = pieces.pop();
  const hostAddress = pieces.join(':').replace(/^\[(.*)\]$/, '$1');
  return { hostAddress, hostPort: hostPort || undefined, ...inner, at };
}

/** Places of secrets in driver options and labels: `--log-opt splunk-token=TEXT`. */
function secretOptions(flags: readonly Flag[], path: string): Location[] {
  const found: Location[] = [];
  for (const { name, value } of flags) {
    if (!value || !/^(?:log-opt|storage-opt|label|container-label|mount|health-cmd)$/.test(name)) continue;
    const [key = [], rest = []] = split(value, '=', 2);
    const isSecret = isSecretKey(textOf(key) ?? '');
    for (const { text, at, origin } of isSecret ? rest : value) {
      if (!text || origin === 'interpolated') continue;
      if (isSecret) found.push(locate(at, path));
      else for (const part of secretParts(text, at, path)) found.push(part);
    }
  }
  return found;
}

/** Places of the secret parts of a text, such as passwords in URLs. */
export function secretParts(text: string, at: Place, path: string, name = ''): Location[] {
  const exact = at.span.end - at.span.start === text.length;
  return findSecretParts(text, name).map((part) => {
    const span = { start: at.span.start + part.start, end: at.span.start + part.end };
    return locate(exact ? { source: at.source, span } : at, path);
  });
}

/** Places of secrets among arguments: `--token=TEXT`, `--password TEXT`. */
export function secretArguments(args: readonly Argument[], path: string): Location[] {
  const found: Location[] = [];
  args.forEach(({ parts }, index) => {
    const lead = literalPrefix(parts);
    const equals = lead.indexOf('=');
    if (!isSecretOption(equals < 0 ? lead : lead.slice(0, equals))) return;
    const value = equals < 0 ? args[index + 1]?.parts : after(parts, equals + 1);
    for (const part of value ?? []) if (part.text && part.origin !== 'unresolved') found.push(locate(part.at, path));
  });
  return found;
}

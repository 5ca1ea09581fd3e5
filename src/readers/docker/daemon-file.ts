import type { Host, Listener } from '../../model/engine.ts';
import { fileName } from '../../model/file-name.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Located, Location, Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { type Cursor, flag, locate, texts } from '../yaml/cursor.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { Node } from '../yaml/tree.ts';

/** Keys that dockerd alone has, one of which every file has that matters here. */
const ownKeys =
  /"(?:hosts|tls(?:verify|cacert)?|insecure-registries|registry-mirrors|log-driver|data-root|userns-remap|live-restore|storage-driver)"\s{0,8}:/;

/** Whether a text is the configuration of a Docker daemon: by its name, which is always the same, and its keys. */
export function looksLikeDaemonFile(name: string, text: string): boolean {
  if (/^daemon\.json$/i.test(fileName(name))) return /^\s*\{/.test(text) && ownKeys.test(text);
  // A unit of Drone is read for what it starts.
  return /\.(?:service|conf)$/i.test(name) && isDaemonUnit(text) && !/drone/i.test(text);
}

/** Whether a text is a unit, or a drop-in for one, with a daemon that may be told to listen on a network. */
function isDaemonUnit(text: string): boolean {
  return (
    /^[ \t]*\[Service\]/m.test(text) &&
    /^[ \t]*ExecStart[ \t]*=[^\n]{0,400}\bdockerd\b/m.test(text) &&
    text.includes('tcp://')
  );
}

/**
 * The `daemon.json` of a Docker engine, or the unit that starts it: where it listens, and whom it trusts
 * (https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file). What they leave out, the engine itself tells.
 */
export function readDaemonFile(source: Source): Reading {
  if (isDaemonUnit(source.text)) return readDaemonUnit(source);
  const { documents, problems } = parseYaml(source);
  if (problems.length > 0) return { ...emptyReading, problems };
  const root = documents[0]?.root;
  if (root?.kind !== 'map') {
    const message = say`holds no configuration of a Docker daemon`;
    return { ...emptyReading, problems: [{ kind: 'unsupported', source: source.name, message, incomplete: true }] };
  }
  const cursor: Cursor = { source, prefix: '' };
  const at = locate(cursor, '', { ...root, span: { start: root.span.start, end: root.span.start } });
  const registries = texts(cursor, root, 'insecure-registries', 'insecure-registries');
  const host: Host = {
    ...hostOf(source, at),
    insecureNetworks: registries.filter(isNetwork),
    insecureRegistries: registries.filter((each) => !isNetwork(each)),
    listeners: listenersOf(cursor, root),
  };
  return { ...emptyReading, hosts: [host] };
}

/** Of several commands systemd takes the last one that a file gives (man systemd.service). */
function readDaemonUnit(source: Source): Reading {
  const place = (start: number, end: number): Location => ({ source, path: 'ExecStart', span: { start, end } });
  let command: { readonly start: number; readonly text: string } | undefined;
  for (const found of source.text.matchAll(/^[ \t]*ExecStart[ \t]*=((?:[^\\\n]|\\[^\n]|\\\n)*)/gm)) {
    const text = found[1] ?? '';
    command = { start: found.index + found[0].length - text.length, text };
  }
  const addresses: Located<string>[] = [];
  let verifiesClients = false;
  let before = '';
  for (const { 0: word, index } of command?.text.matchAll(/[^\s\\"']+/g) ?? []) {
    const [, option = ''] = /^(-H=?|--host=)(?=.)/.exec(word) ?? [];
    const isValue = option !== '' || before === '-H' || before === '--host';
    const start = (command?.start ?? 0) + index;
    if (isValue)
      addresses.push({ value: word.slice(option.length), at: place(start + option.length, start + word.length) });
    verifiesClients ||= /^--tlsverify(?:=true)?$/.test(word);
    before = word;
  }
  const at = place(0, 0);
  return { ...emptyReading, hosts: [{ ...hostOf(source, at), listeners: networkOnes(addresses, verifiesClients) }] };
}

/** A host of which nothing is known yet. */
function hostOf(source: Source, at: Location): Host {
  return {
    kind: 'host',
    owner: source.name,
    label: say`the Docker daemon of "${source.name}"`,
    at,
    product: 'docker',
    components: [],
    rootless: false,
    securityAt: at,
    warnings: [],
    insecureNetworks: [],
    insecureRegistries: [],
    listeners: [],
    stageResources: [],
  };
}

function isNetwork({ value }: Located<string>): boolean {
  return /^[\da-f.:]{2,45}\/\d{1,3}$/i.test(value);
}

function listenersOf(cursor: Cursor, root: Node): readonly Listener[] {
  const verifiesClients = flag(cursor, root, 'tlsverify', 'tlsverify')?.value === true;
  return networkOnes(texts(cursor, root, 'hosts', 'hosts'), verifiesClients);
}

/** Those of a network; an address without a scheme is one (docker/cli opts/hosts.go ParseHost). */
function networkOnes(addresses: readonly Located<string>[], verifiesClients: boolean): readonly Listener[] {
  return addresses
    .filter(({ value }) => /^tcp:\/\//i.test(value) || !/^[a-z]{1,10}:\/\//i.test(value))
    .map((address) => ({ address, verifiesClients, told: 'by a file' }));
}

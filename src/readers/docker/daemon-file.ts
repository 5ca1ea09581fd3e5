import type { Host, Listener } from '../../model/engine.ts';
import { fileName } from '../../model/file-name.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Located, Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { type Cursor, flag, locate, texts } from '../yaml/cursor.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { Node } from '../yaml/tree.ts';

/** Keys that dockerd alone has, one of which every file has that matters here. */
const ownKeys =
  /"(?:hosts|tls(?:verify|cacert)?|insecure-registries|registry-mirrors|log-driver|data-root|userns-remap|live-restore|storage-driver)"\s{0,8}:/;

/** Whether a text is the configuration of a Docker daemon: by its name, which is always the same, and its keys. */
export function looksLikeDaemonFile(name: string, text: string): boolean {
  return /^daemon\.json$/i.test(fileName(name)) && /^\s*\{/.test(text) && ownKeys.test(text);
}

/**
 * The `daemon.json` of a Docker engine: where it listens, and whom it trusts
 * (https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file). What it leaves out, the engine itself tells.
 */
export function readDaemonFile(source: Source): Reading {
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
    kind: 'host',
    owner: source.name,
    label: say`the Docker daemon of "${source.name}"`,
    at,
    product: 'docker',
    components: [],
    rootless: false,
    securityAt: at,
    warnings: [],
    insecureNetworks: registries.filter(isNetwork),
    insecureRegistries: registries.filter((each) => !isNetwork(each)),
    listeners: listenersOf(cursor, root),
    stageResources: [],
  };
  return { ...emptyReading, hosts: [host] };
}

function isNetwork({ value }: Located<string>): boolean {
  return /^[\da-f.:]{2,45}\/\d{1,3}$/i.test(value);
}

/** `hosts`; an address without a scheme is one of tcp (docker/cli opts/hosts.go ParseHost). */
function listenersOf(cursor: Cursor, root: Node): readonly Listener[] {
  const verifiesClients = flag(cursor, root, 'tlsverify', 'tlsverify')?.value === true;
  return texts(cursor, root, 'hosts', 'hosts')
    .filter(({ value }) => /^tcp:\/\//i.test(value) || !/^[a-z]{1,10}:\/\//i.test(value))
    .map((address) => ({ address, verifiesClients, told: 'by a file' }));
}

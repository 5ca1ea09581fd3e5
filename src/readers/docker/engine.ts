import type { Host, Listener, StageResource } from '../../model/engine.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import { type Located, nameInPath, type SecretPlace, type Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { findSecretParts, isSecretKey } from '../../secrets/parts.ts';
import { secretsInLabels } from '../secret-words.ts';
import { type Cursor, contentSpan, entriesOf, flag, locate, text, textOf, texts, under } from '../yaml/cursor.ts';
import { parseYaml } from '../yaml/parse.ts';
import { itemsOf, type Node } from '../yaml/tree.ts';
import { hostFile } from './host-file.ts';

/** A container engine as it answers `/version`, `/info`, `/networks` and `/volumes`, the text of a `docker-engine://` source. */
export function readEngine(source: Source): Reading {
  const { documents, problems } = parseYaml(source);
  // Half an answer would make protections in the missing half look absent.
  if (problems.length > 0) return { ...emptyReading, problems };
  const root = documents[0]?.root;
  if (root?.kind !== 'map' || (under(root, 'Version') ?? under(root, 'Info')) === undefined) {
    const message = say`holds no answer of a container engine`;
    return { ...emptyReading, problems: [{ kind: 'unsupported', source: source.name, message, incomplete: true }] };
  }
  const cursor: Cursor = { source, prefix: '' };
  const resources = [...resourcesOf(cursor, root, 'network'), ...resourcesOf(cursor, root, 'volume')];
  return { ...emptyReading, hosts: [hostOf(cursor, root, resources)], secrets: secretsOf(cursor, root, resources) };
}

function hostOf(cursor: Cursor, root: Node, stageResources: readonly StageResource[]): Host {
  const info = under(root, 'Info');
  const version = under(root, 'Version');
  const components = componentsOf(cursor, version);
  const product = components.some(({ name }) => /^podman\b/i.test(name)) ? 'podman' : 'docker';
  const name = text(cursor, info, 'Info.Name', 'Name');
  const what = product === 'podman' ? say`Podman` : say`Docker engine`;
  const security = under(info, 'SecurityOptions');
  const securityOptions =
    security && (security.kind === 'seq' || textOf(security) !== undefined)
      ? texts(cursor, info, 'Info.SecurityOptions', 'SecurityOptions')
      : undefined;
  const at = name?.at ?? locate(cursor, '', root);
  const warnings = texts(cursor, info, 'Info.Warnings', 'Warnings');
  return {
    kind: 'host',
    owner: cursor.source.name,
    label: name ? say`${what} "${name.value}"` : what,
    at,
    product,
    version:
      text(cursor, version, 'Version.Version', 'Version') ?? text(cursor, info, 'Info.ServerVersion', 'ServerVersion'),
    platform: text(cursor, under(version, 'Platform'), 'Version.Platform.Name', 'Name'),
    os: text(cursor, info, 'Info.OSType', 'OSType') ?? text(cursor, version, 'Version.Os', 'Os'),
    components,
    rootless: securityOptions?.some(({ value }) => /(?:^|,)name=rootless(?:,|$)/.test(value)) === true,
    securityOptions,
    securityAt: security ? locate(cursor, 'Info.SecurityOptions', security) : at,
    warnings,
    insecureNetworks: texts(
      cursor,
      under(info, 'RegistryConfig'),
      'Info.RegistryConfig.InsecureRegistryCIDRs',
      'InsecureRegistryCIDRs',
    ),
    insecureRegistries: insecureRegistriesOf(cursor, info),
    liveRestore: flag(cursor, info, 'Info.LiveRestoreEnabled', 'LiveRestoreEnabled'),
    experimental: flag(cursor, info, 'Info.ExperimentalBuild', 'ExperimentalBuild'),
    storageDriver: text(cursor, info, 'Info.Driver', 'Driver'),
    dataRoot: text(cursor, info, 'Info.DockerRootDir', 'DockerRootDir'),
    bridgeTraffic: bridgeTrafficOf(cursor, root),
    swarm: text(cursor, under(info, 'Swarm'), 'Info.Swarm.LocalNodeState', 'LocalNodeState'),
    listeners: [...warnings.flatMap(warnedListener), ...ownListener(cursor, root)],
    socket: hostFile(cursor, under(root, 'droneAudit', 'socket'), 'droneAudit.socket'),
    stageResources,
  };
}

/** Docker has the versions in `Components`; what it reports of runc and containerd in /info are commits. */
function componentsOf(cursor: Cursor, version: Node | undefined): Host['components'] {
  return itemsOf(under(version, 'Components')).flatMap((node) => {
    const name = textOf(under(node, 'Name'));
    const found = text(cursor, node, `Version.Components[${nameInPath(name ?? '')}].Version`, 'Version');
    return name === undefined || !found ? [] : [{ name, version: found }];
  });
}

function insecureRegistriesOf(cursor: Cursor, info: Node | undefined): readonly Located<string>[] {
  return entriesOf(under(info, 'RegistryConfig', 'IndexConfigs')).flatMap(({ key, value }) => {
    const secure = flag(cursor, value, `Info.RegistryConfig.IndexConfigs[${nameInPath(key)}].Secure`, 'Secure');
    return secure?.value === false ? [{ value: key, at: secure.at }] : [];
  });
}

function bridgeTrafficOf(cursor: Cursor, root: Node): Located<boolean> | undefined {
  const bridge = itemsOf(under(root, 'Networks')).find((node) => textOf(under(node, 'Name')) === 'bridge');
  const option = 'com.docker.network.bridge.enable_icc';
  return flag(cursor, under(bridge, 'Options'), `Networks[bridge].Options[${nameInPath(option)}]`, option);
}

/**
 * The address in `WARNING: API is accessible on http://0.0.0.0:2375 without encryption` (moby/moby daemon/info.go
 * fillAPIInfo), which newer releases begin with `[DEPRECATION NOTICE]`.
 */
function warnedListener({ value, at }: Located<string>): Listener[] {
  const found = /API is accessible on (https?:\/\/\S{1,200}) without (?:encryption|TLS client verification)/.exec(
    value,
  );
  const [whole, address = ''] = found ?? [];
  if (!found || whole === undefined) return [];
  const quote = /["']/.test(at.source.text[at.span.start] ?? '') ? 1 : 0;
  const start = at.span.start + quote + found.index + whole.indexOf(address);
  // Escapes before it would shift its place.
  const isThere = at.source.text.startsWith(address, start);
  const span = isThere ? { start, end: start + address.length } : at.span;
  return [{ address: { value: address, at: { ...at, span } }, verifiesClients: false, told: 'by the engine' }];
}

/** The address that the audit itself came in at, without a certificate. */
function ownListener(cursor: Cursor, root: Node): Listener[] {
  const seen = under(root, 'droneAudit');
  const address = text(cursor, seen, 'droneAudit.address', 'address');
  const isPlain = textOf(under(seen, 'transport')) === 'http';
  return address && isPlain ? [{ address, verifiesClients: false, told: 'by its answer' }] : [];
}

function resourcesOf(cursor: Cursor, root: Node, kind: StageResource['kind']): readonly StageResource[] {
  const list = kind === 'network' ? 'Networks' : 'Volumes';
  return itemsOf(under(root, list)).flatMap((node) => {
    const nameNode = under(node, 'Name');
    const name = textOf(nameNode);
    const labels = new Map<string, Located<string>>();
    for (const { key, value } of entriesOf(under(node, 'Labels')))
      if (value.kind === 'scalar')
        labels.set(key, {
          value: value.text,
          at: locate(cursor, `${list}[${nameInPath(name ?? '')}].Labels[${nameInPath(key)}]`, value),
        });
    if (!nameNode || name === undefined || ![...labels.keys()].some((key) => /^io\.drone(?:\.|$)/.test(key))) return [];
    return [{ kind, name, labels, at: locate(cursor, `${list}[${nameInPath(name)}]`, nameNode) }];
  });
}

/** Labels, options of drivers (`o: username=ci,password=...`), and proxies with a login. */
function secretsOf(cursor: Cursor, root: Node, resources: readonly StageResource[]): readonly SecretPlace[] {
  const found: SecretPlace[] = resources.flatMap(({ labels }) => secretsInLabels(labels));
  const addParts = (node: Node | undefined, path: string, key: string): void => {
    if (node?.kind !== 'scalar' || textOf(node) === undefined) return;
    const span = contentSpan(cursor.source, node);
    const written = cursor.source.text.slice(span.start, span.end);
    const spans = isSecretKey(key)
      ? [{ start: 0, end: written.length }]
      : [
          ...findSecretParts(written, key),
          ...[...written.matchAll(/(?:^|,)([\w.-]{1,100})=([^,]+)/g)]
            .filter(([, name = '']) => isSecretKey(name))
            .map(({ index, 0: whole, 2: value = '' }) => ({
              start: index + whole.length - value.length,
              end: index + whole.length,
            })),
        ];
    for (const { start, end } of spans)
      found.push({ source: cursor.source, path, span: { start: span.start + start, end: span.start + end } });
  };
  for (const list of ['Networks', 'Volumes'])
    for (const node of itemsOf(under(root, list)))
      for (const { key, value } of entriesOf(under(node, 'Options')))
        addParts(value, `${list}.Options[${nameInPath(key)}]`, key);
  const info = under(root, 'Info');
  for (const key of ['HttpProxy', 'HttpsProxy']) addParts(under(info, key), `Info.${key}`, key);
  itemsOf(under(info, 'Labels')).forEach((node, index) => {
    addParts(node, `Info.Labels[${index}]`, '');
  });
  return found;
}

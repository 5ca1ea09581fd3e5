import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Settings } from '../../model/settings.ts';
import type { Location, Source } from '../../model/source.ts';
import { ownWords, say } from '../../model/text.ts';
import { readSettings } from '../env/settings.ts';
import { collectManifests } from './collect.ts';
import { withPatches } from './kustomize.ts';
import { isDroneSetting, namesDroneSetting } from './names.ts';
import { indexObjects, type KeptObject, keptObjects } from './objects.ts';
import { type Cluster, type Pod, readPod, roleInPatch } from './pods.ts';
import { readPodSecurity, readRights, tokenDefaults } from './rights.ts';
import { secretsBelow } from './secret-values.ts';
import { indexLinks, indexServices, readIngress } from './services.ts';
import { below, entriesOf, inBrackets, type Manifest, placeIn, textOf } from './tree.ts';

/** How many variables all pods may have together; real clusters are far below. */
const maxVariables = 200_000;
const maxCharacters = 16_000_000;

/**
 * Reads all manifests of one repository together, so that references to ConfigMaps, Secrets and Services are followed across
 * files. Only workloads of Drone, and those that belong with them, become containers.
 */
export function readKubernetes(sources: readonly Source[]): Reading {
  const collected = sources.map((source) => collectManifests(source));
  const malformed = new Set(
    sources.filter((_, index) => collected[index]?.problems.some(({ kind }) => kind === 'malformed')),
  );
  const { manifests, problems } = withPatches(collected.flatMap((one) => one.manifests));
  const reading = readManifests(manifests, malformed);
  return {
    ...reading,
    problems: [...collected.flatMap((one) => one.problems), ...problems],
    unknown: [...collected.flatMap((one) => one.unknown), ...reading.unknown],
  };
}

/** Reads objects of the Kubernetes API together. `malformed` lists the sources of which a part is lost. */
export function readManifests(manifests: readonly Manifest[], malformed: ReadonlySet<Source> = new Set()): Reading {
  const objects = manifests.flatMap(keptObjects);
  const cluster: Cluster = {
    find: indexObjects(objects.filter(({ isPatch }) => !isPatch)),
    services: indexServices(manifests),
    links: indexLinks(manifests),
    accounts: tokenDefaults(manifests),
    budget: { variables: maxVariables, characters: maxCharacters },
    gapsOf: (manifest) => [
      ...(malformed.has(manifest.source) ? [say`a part of the file is malformed`] : []),
      ...(manifest.rendered?.gaps ?? []),
    ],
  };
  const pods = manifests.flatMap((manifest) => readPod(manifest, cluster) ?? []);
  const ours = podsOfDrone(pods);
  const used = new Set(pods.flatMap((pod) => pod.used));
  const alone = objects.filter((object) => !used.has(object)).flatMap(settingsAlone);
  return {
    ...emptyReading,
    containers: ours.flatMap((pod) => pod.containers),
    settings: alone.map((one) => one.settings),
    unknown: [
      ...ours.flatMap((pod) => pod.unknown),
      ...alone.map(({ settings }) => ({ at: settings.at, message: workloadMissing })),
    ],
    secrets: [
      ...objects.flatMap(secretValues),
      ...manifests.flatMap(lastApplied),
      ...manifests.flatMap(({ source, node, path, rendered }) => (rendered ? [] : secretsBelow(source, node, path))),
      ...pods.flatMap((pod) => pod.secrets),
      ...alone.flatMap((one) => one.secrets),
    ],
    rights: readRights(manifests),
    ingresses: manifests.flatMap(readIngress),
    podSecurity: manifests.flatMap(readPodSecurity),
  };
}

const droneWord = /(?:^|[-_./])drone(?:$|[-_./])/;

/** Workloads that run Drone or are named after it, and those in the same file and namespace: database, proxy. */
function podsOfDrone(pods: readonly Pod[]): readonly Pod[] {
  const places = new Set<string>();
  const place = ({ manifest }: Pod) => `${manifest.namespace ?? ''}\n${manifest.source.name}`;
  for (const pod of pods) if (pod.containers.some(runsDrone)) places.add(place(pod));
  return pods.filter(
    (pod) =>
      places.has(place(pod)) || droneWord.test(pod.manifest.name) || droneWord.test(pod.manifest.namespace ?? ''),
  );
}

function runsDrone(container: Pod['containers'][number]): boolean {
  if (!['other', 'proxy', 'docker', 'unknown'].includes(container.role)) return true;
  if (droneWord.test(container.image?.value.name ?? container.imageText?.value ?? '')) return true;
  for (const name of container.environment.variables.keys()) if (isDroneSetting(name)) return true;
  return false;
}

const workloadMissing = say`the workload that uses it is not in the audit`;

/** A ConfigMap or Secret with Drone's settings that no pod of the audit uses. */
function settingsAlone(object: KeptObject): readonly { settings: Settings; secrets: readonly Location[] }[] {
  const values = [...object.values.values()];
  if (!values.some((value) => isDroneSetting(value.name.value))) return [];
  const input = {
    owner: `${object.manifest.source.name}#${object.manifest.path}`,
    label: say`${ownWords(object.kind)} "${object.name}"`,
    at: object.at,
    raw: values.map(({ name, value, origin }) => ({
      name,
      value,
      origin,
      heldBy: object.kind === 'Secret' ? ('secret-object' as const) : ('deployment' as const),
    })),
    gaps: [...object.gaps, workloadMissing],
    live: false,
  };
  const { settings, secrets } = readSettings(input);
  return [{ settings: object.isPatch ? { ...settings, role: roleInPatch(settings.role) } : settings, secrets }];
}

/** Everything in a Secret is secret, whatever it is called. */
function secretValues(object: KeptObject): readonly Location[] {
  if (object.kind !== 'Secret') return [];
  return [...object.values.values()].flatMap(({ value }) => (value && value.value !== '' ? [value.at] : []));
}

const lastAppliedKey = 'kubectl.kubernetes.io/last-applied-configuration';

/** kubectl keeps a second copy of the whole object, as JSON in an annotation. */
function lastApplied(manifest: Manifest): readonly Location[] {
  const annotations = below(manifest.node, 'metadata', 'annotations');
  return entriesOf(annotations).flatMap(({ key, value }) =>
    key === lastAppliedKey && textOf(value)
      ? [placeIn(manifest, value, inBrackets(`${manifest.path}.metadata.annotations`, key))]
      : [],
  );
}

const droneImage = /(?:^|[\s"'/])drone\/[a-z]|[/"'\s]drone-(?:runner|server|agent|oss)|(?:include|template) "drone[.-]/;
const droneName =
  /(?:^[ \t]*(?:- )?|[{,][ \t]*)["']?(?:name|namespace|serviceAccountName|chart|app(?:\.kubernetes\.io\/(?:name|instance|part-of))?)["']?:[ \t]*["']?(?:[\w.:]+-)*drone(?:[-.:"',}\s]|$)/m;

/** Whether a text holds objects of the Kubernetes API that concern Drone. Cheap, because nothing is parsed. */
export function looksLikeKubernetes(text: string): boolean {
  return hasObjects(text) && (droneImage.test(text) || droneName.test(text) || namesDroneSetting(text));
}

/**
 * Whether a text holds what only the manifests beside it can tell to concern Drone: Services and Ingresses before its
 * pods, rights of its accounts. Not templates, nor what starts pods of its own.
 */
export function mayServeOthers(text: string): boolean {
  return hasObjects(text) && serving.test(text) && !text.includes('{{');
}

const serving =
  /^["']?kind["']?[ \t]*:[ \t]*["']?(?:Service|Ingress|Namespace|ServiceAccount|Role|ClusterRole|RoleBinding|ClusterRoleBinding|ConfigMap|Secret)["']?[ \t]*$/m;

function hasObjects(text: string): boolean {
  const json = /^\s*\{/.test(text);
  return json
    ? /"apiVersion"\s*:/.test(text) && /"kind"\s*:/.test(text)
    : /^(?:- )?["']?apiVersion["']?[ \t]*:/m.test(text) && /^(?:- | {2})?["']?kind["']?[ \t]*:/m.test(text);
}

import type { BuildPolicy } from '../../model/kubernetes.ts';
import { memoizePer } from '../../model/memoize.ts';
import { parseYaml } from '../yaml/parse.ts';
import { isNull, itemsOf, type Node } from '../yaml/tree.ts';
import type { FindObject, KeptObject } from './objects.ts';
import { below, entriesOf, type Manifest, textOf } from './tree.ts';

/** A pod and one of its containers, as its manifest has them. */
interface Mounting {
  readonly manifest: Manifest;
  readonly spec: Node;
  readonly container: Node;
  readonly find: FindObject;
}

/**
 * The policies in a file of a container of the Kubernetes runner (drone-runner-kube engine/policy/policy.go); undefined where the
 * file does not come from a ConfigMap or Secret that was read.
 */
export function readPolicies(path: string, mounting: Mounting): readonly BuildPolicy[] | undefined {
  const mount = itemsOf(below(mounting.container, 'volumeMounts'))
    .map((item) => ({ item, target: (textOf(below(item, 'mountPath')) ?? '').replace(/\/$/, '') }))
    .filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
  if (!mount) return undefined;
  const name = textOf(below(mount.item, 'name'));
  const volume = itemsOf(below(mounting.spec, 'volumes')).find((each) => textOf(below(each, 'name')) === name);
  const inside = [textOf(below(mount.item, 'subPath')), path.slice(mount.target.length + 1)].filter(Boolean).join('/');
  const object = volume && heldBy(volume, mounting);
  if (!object) return undefined;
  const items = below(volume, object.kind === 'ConfigMap' ? 'configMap' : 'secret', 'items');
  const item = itemsOf(items).find((each) => textOf(below(each, 'path')) === inside);
  return policiesIn(object)(items ? (textOf(below(item, 'key')) ?? '') : inside);
}

function heldBy(volume: Node, { manifest, find }: Mounting): KeptObject | undefined {
  const configMap = textOf(below(volume, 'configMap', 'name'));
  const secret = textOf(below(volume, 'secret', 'secretName'));
  const found =
    configMap === undefined
      ? secret === undefined
        ? 'missing'
        : find('Secret', secret, manifest)
      : find('ConfigMap', configMap, manifest);
  return typeof found === 'string' ? undefined : found;
}

/** By key, read once: many pods may mount one object. */
const policiesIn = memoizePer((object: KeptObject) => {
  const read = new Map<string, readonly BuildPolicy[] | undefined>();
  return (key: string): readonly BuildPolicy[] | undefined => {
    if (!read.has(key)) read.set(key, policiesOf(object, key));
    return read.get(key);
  };
});

function policiesOf({ values, manifest }: KeptObject, key: string): readonly BuildPolicy[] | undefined {
  const kept = values.get(key);
  if (!kept?.value || kept.origin === 'unresolved') return undefined;
  const { documents, problems } = parseYaml({ name: manifest.source.name, form: 'kubernetes', text: kept.value.value });
  if (problems.length > 0) return undefined;
  return documents.flatMap(({ root }) => (root && !isNull(root) ? [policyOf(root)] : []));
}

function policyOf(root: Node): BuildPolicy {
  const namespace = textOf(below(root, 'metadata', 'namespace')) || undefined;
  const serviceAccount = textOf(below(root, 'service_account')) || undefined;
  return {
    isDefault: textOf(below(root, 'name')) === 'default',
    isForSome: entriesOf(below(root, 'match')).length > 0,
    ...(namespace === undefined ? {} : { namespace }),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
  };
}

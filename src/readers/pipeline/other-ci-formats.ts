import { field, type MappingNode, type Node } from '../yaml/tree.ts';

/*
 * Files that only look like Drone's: those of its fork Woodpecker and its successor Harness, and manifests. Reading
 * them as Drone's would report faults that do not exist.
 */

const woodpeckerKeys = ['when', 'matrix', 'labels', 'skip_clone', 'variables', 'runs_on'];
const droneKeys = ['trigger', 'type', 'node', 'image_pull_secrets', 'concurrency'];

/** Whose file it is, if it is not Drone's: `a Woodpecker pipeline`. */
export function foreignOwner(root: Node | undefined): string | undefined {
  if (root?.kind !== 'map') return undefined;
  if (scalar(root, 'apiVersion')) return 'a Kubernetes manifest';
  const kind = scalar(root, 'kind');
  if (kind !== undefined) {
    const spec = map(root, 'spec');
    return kind === 'pipeline' && spec && !field(root, 'steps') ? 'a Harness pipeline' : undefined;
  }
  const pipeline = field(root, 'pipeline')?.value;
  if (pipeline?.kind === 'map' && isList(pipeline, 'stages')) return 'a Harness pipeline';
  if (isList(root, 'stages') && field(root, 'version')) return 'a Harness pipeline';
  if (pipeline?.kind === 'seq' && pipeline.items.some((item) => field(item, 'name'))) return 'a Woodpecker pipeline';
  return isWoodpecker(root) ? 'a Woodpecker pipeline' : undefined;
}

function isWoodpecker(root: MappingNode): boolean {
  const steps = field(root, 'steps')?.value;
  if (!steps || steps.kind === 'scalar') return false;
  if (droneKeys.some((key) => field(root, key))) return false;
  if (steps.kind === 'map') return true;
  const clone = field(root, 'clone')?.value;
  const clonesByPlugin = clone?.kind === 'map' && clone.entries.some(({ value }) => value.kind === 'map');
  return clonesByPlugin || woodpeckerKeys.some((key) => field(root, key));
}

function scalar(root: MappingNode, key: string): string | undefined {
  const value = field(root, key)?.value;
  return value?.kind === 'scalar' && value.text !== '' ? value.text : undefined;
}

function map(root: MappingNode, key: string): MappingNode | undefined {
  const value = field(root, key)?.value;
  return value?.kind === 'map' ? value : undefined;
}

function isList(root: MappingNode, key: string): boolean {
  return field(root, key)?.value.kind === 'seq';
}

import { posix } from 'node:path';
import { fileName, folderOf } from '../../model/file-name.ts';
import type { Reading } from '../../model/reading.ts';
import type { Problem } from '../../model/report.ts';
import type { Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { mentionIn } from '../mentions.ts';
import { itemsOf, type Node } from '../yaml/tree.ts';
import { below, type Manifest, textOf, textsOf } from './tree.ts';

/*
 * Kustomizations say which manifests are patched and what else is changed in them. They are not rendered here: base and
 * patches are judged as they are written, patches only for what they hold.
 */

/** The names that kustomize looks for (kustomize api/konfig/general.go RecognizedKustomizationFileNames). */
export const kustomizationName = /^(?:kustomization\.ya?ml|Kustomization)$/;

/** Whether an object is a file of kustomize, which may leave out what it is; Flux has a kind of the same name. */
function isKustomization({ source, node }: Manifest): boolean {
  const version = textOf(below(node, 'apiVersion'));
  return version === undefined
    ? kustomizationName.test(fileName(source.name))
    : version.startsWith('kustomize.config.k8s.io/');
}

/** The manifests of one audit, with those marked that the kustomizations among them patch others with. */
export function withPatches(
  manifests: readonly Manifest[],
): { readonly manifests: readonly Manifest[] } & Pick<Reading, 'problems'> {
  const kustomizations = manifests.filter(isKustomization);
  if (kustomizations.length === 0) return { manifests, problems: [] };
  const others = new Set<string>();
  for (const { source } of manifests.filter((one) => !isKustomization(one)))
    for (const place of [source.name, pathFrom(source, '.')]) others.add(place);
  const patches = new Set<string>();
  const problems: Problem[] = [];
  for (const { source, node } of kustomizations) {
    const resolve = (paths: readonly string[]) => paths.map((path) => pathFrom(source, path));
    const patched = resolve(patchPaths(node));
    for (const name of patched) patches.add(name);
    const named = resolve(['resources', 'bases', 'components'].flatMap((key) => textsOf(below(node, key))));
    if (!mentionIn(source.text) && ![...patched, ...named].some((path) => others.has(path))) continue;
    const message = say`is a kustomization that is not rendered; render it first (kustomize build)`;
    problems.push({ kind: 'unsupported', source: source.name, message, incomplete: true });
  }
  return {
    manifests: manifests.map((one) => (patches.has(one.source.name) ? { ...one, isPatch: true } : one)),
    problems,
  };
}

/** A path as a file writes it, from where the names of sources begin; without the slash of a folder. */
function pathFrom(source: Source, path: string): string {
  return posix.join(folderOf(source), path).replace(/(?<=.)\/$/, '');
}

/** The files of patches; patches may also be written in place, as a text of several lines. */
function patchPaths(kustomization: Node): readonly string[] {
  const listed = ['patches', 'patchesJson6902'].flatMap((key) =>
    itemsOf(below(kustomization, key)).flatMap((item) => textOf(below(item, 'path')) ?? []),
  );
  const merged = textsOf(below(kustomization, 'patchesStrategicMerge')).filter((text) => !text.includes('\n'));
  return [...listed, ...merged];
}

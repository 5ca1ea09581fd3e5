import { fileName } from '../../model/file-name.ts';
import type { Reading } from '../../model/reading.ts';
import type { Remark } from '../../model/remark.ts';
import type { Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { uniqueName } from '../../model/unique-name.ts';
import { itemsOf, type Node } from '../yaml/tree.ts';
import { isForDrone, readChart } from './charts.ts';
import { kustomizationName } from './kustomize.ts';
import { parseManifests } from './marks.ts';
import { below, entryOf, inBrackets, type Manifest, textOf } from './tree.ts';

/** The objects of a source: documents of a stream, items of lists, what charts make of their values. */
export function collectManifests(
  source: Source,
): { readonly manifests: readonly Manifest[] } & Pick<Reading, 'problems' | 'unknown'> {
  const parsed = parseManifests(source, say`helm template`);
  const found: Manifest[] = [];
  const unknown: Remark[] = [...parsed.unknown];
  const paths = new Map<string, number>();
  const add = (node: Node | undefined, depth: number): void => {
    // Kustomize takes a file of its own names without them.
    const isKustomization = depth === 0 && kustomizationName.test(fileName(source.name));
    const kind = textOf(below(node, 'kind')) ?? (isKustomization ? 'Kustomization' : undefined);
    const apiVersion = textOf(below(node, 'apiVersion')) ?? (isKustomization ? '' : undefined);
    if (!node || kind === undefined || (apiVersion === undefined && depth === 0)) return;
    const items = kind.endsWith('List') ? below(node, 'items') : undefined;
    if (items) {
      const itemKind = kind.slice(0, -'List'.length);
      for (const item of itemsOf(items)) {
        // Items of a typed list may omit their kind.
        if (itemKind !== '' && !below(item, 'kind')) addObject(item, itemKind);
        else add(item, depth + 1);
      }
      return;
    }
    addObject(node, kind);
  };
  const addObject = (node: Node, kind: string): void => {
    const name = textOf(below(node, 'metadata', 'name')) ?? '';
    const namespace = textOf(below(node, 'metadata', 'namespace'));
    // Where others have the name, too, their order says nothing.
    const path = uniqueName(paths, inBrackets(kind, namespace === undefined ? name : `${namespace}/${name}`));
    const manifest: Manifest = { source, node, kind, name, namespace, path };
    found.push(manifest);
    const values = kind === 'HelmRelease' ? below(node, 'spec', 'values') : undefined;
    const key = entryOf(below(node, 'spec'), 'values')?.keyNode;
    const chart = textOf(below(node, 'spec', 'chart', 'spec', 'chart')) ?? '';
    if (values && isForDrone(chart, values)) {
      const release = textOf(below(node, 'spec', 'releaseName')) ?? name;
      const gaps = below(node, 'spec', 'valuesFrom') ? [say`valuesFrom names values that were not read`] : [];
      const rendered = readChart({
        source,
        values,
        key,
        hint: chart,
        path: `${path}.spec.values`,
        // The charts name their objects like this.
        name: release.includes(chart) ? release : `${release}-${chart}`,
        namespace: textOf(below(node, 'spec', 'targetNamespace')) ?? namespace,
        gaps,
      });
      for (const manifest of rendered.manifests) found.push(manifest);
      for (const each of rendered.unknown) unknown.push(each);
    }
  };
  for (const document of parsed.documents) add(document.root, 0);
  return { manifests: found, problems: parsed.problems, unknown };
}

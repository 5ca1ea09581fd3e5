import type { Reading } from '../../model/reading.ts';
import type { Remark } from '../../model/remark.ts';
import type { Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import type { Node } from '../yaml/tree.ts';
import { isChartValues, looksLikeSecretsChart, readChart } from './charts.ts';
import { readManifests } from './manifests.ts';
import { parseManifests } from './marks.ts';
import { namesDroneSetting } from './names.ts';
import { secretsBelow } from './secret-values.ts';
import { entriesOf, type Manifest } from './tree.ts';

/** The values of a chart are at the top of a file or a few keys deep, below the names of charts and their parents. */
const maxSectionDepth = 3;

/**
 * Reads the values of Drone's Helm charts as the charts render them, including their defaults. A file of an umbrella
 * chart may hold values for several.
 */
export function readHelmValues(source: Source): Reading {
  const parsed = parseManifests(source, say`helmfile template`);
  const manifests: Manifest[] = [];
  const unknown: Remark[] = [...parsed.unknown];
  const look = (node: Node, holder: Node | undefined, hint: string, path: string, depth: number): void => {
    if (node.kind !== 'map') return;
    if (isChartValues(node, hint, source.name)) {
      const rendered = readChart({ source, values: node, key: holder, hint, path, name: hint });
      for (const manifest of rendered.manifests) manifests.push(manifest);
      for (const each of rendered.unknown) unknown.push(each);
      return;
    }
    if (depth >= maxSectionDepth) return;
    for (const { key, keyNode, value } of entriesOf(node))
      look(value, keyNode, key, path === '' ? key : `${path}.${key}`, depth + 1);
  };
  for (const document of parsed.documents) if (document.root) look(document.root, undefined, '', '', 0);
  const malformed = parsed.problems.some(({ kind }) => kind === 'malformed');
  const reading = readManifests(manifests, malformed ? new Set([source]) : new Set());
  const secrets = parsed.documents.flatMap(({ root }) => (root ? secretsBelow(source, root, '') : []));
  return {
    ...reading,
    problems: parsed.problems,
    unknown: [...unknown, ...reading.unknown],
    secrets: [...reading.secrets, ...secrets],
  };
}

const foreign =
  /^(?:apiVersion|services|jobs|steps|pipeline|on|kind[ \t]*:[ \t]*["']?(?:pipeline|secret|signature|template|cron))\b/m;
const environment = /^[ \t]*env[ \t]*:/m;
const repository = /^[ \t]*repository[ \t]*:[ \t]*["']?(?:[\w.:-]+\/)*drone(?:\/|-)[a-z]/m;

/** Whether a text holds values for one of Drone's charts: `env` with its settings, or the repository of its image. */
export function looksLikeHelmValues(text: string, name = ''): boolean {
  if (/^\s*[[{]/.test(text) || foreign.test(text)) return false;
  if (looksLikeSecretsChart(text, name)) return true;
  return repository.test(text) || (environment.test(text) && namesDroneSetting(text));
}

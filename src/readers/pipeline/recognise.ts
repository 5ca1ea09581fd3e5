import { lineEndOf } from '../../model/source.ts';

/** One of these occurs beside `kind: pipeline`. */
const pipelineKeys = [
  'steps',
  'services',
  'trigger',
  'clone',
  'platform',
  'type',
  'workspace',
  'depends_on',
  'node',
  'volumes',
  'environment',
];
/** Keys of manifests and Harness pipelines, which have kinds too. */
const foreignKeys = ['apiVersion', 'spec', 'stages'];
const topLevel = /^([A-Za-z_][A-Za-z0-9_-]{0,60})[ \t]*:(.*)$/;
/** Only the beginning of longer lines is looked at. */
const maxLineLength = 300;

/**
 * Whether the content of a text is that of a Drone pipeline file: a document of one of Drone's kinds with a key that
 * belongs to it, or the 0.8 format. Manifests of Kubernetes and Tekton, compose files and Harness pipelines are not.
 */
export function looksLikeDrone(text: string): boolean {
  if (/^\s*\{/.test(text)) return /"kind"\s*:\s*"pipeline"/.test(text) && /"steps"\s*:/.test(text);
  let keys = new Map<string, string>();
  let legacy: 'none' | 'open' | 'step' = 'none';
  for (let start = 0; start < text.length; ) {
    const end = lineEndOf(text, start);
    const line = text.slice(start, Math.min(end, start + maxLineLength)).replace(/^\uFEFF|\r$/g, '');
    start = end + 1;
    if (line.startsWith('---')) {
      if (isDroneDocument(keys)) return true;
      keys = new Map();
      legacy = 'none';
      continue;
    }
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (legacy === 'open' && /^[ \t]+[^ \t#:-][^:]*:[ \t]*(?:#.*)?$/.test(line)) legacy = 'step';
      else if (legacy === 'step' && /^[ \t]{2,}(?:image|commands)[ \t]*:/.test(line)) return true;
      continue;
    }
    const found = topLevel.exec(line);
    if (!found?.[1]) continue;
    const rest = (found[2] ?? '').trim();
    keys.set(found[1], rest);
    legacy = found[1] === 'pipeline' && rest === '' ? 'open' : 'none';
  }
  return isDroneDocument(keys);
}

/** Whether the keys at column 0 of a document, with the text after them on the line, are Drone's. */
function isDroneDocument(keys: ReadonlyMap<string, string>): boolean {
  if (foreignKeys.some((key) => keys.has(key))) return false;
  const kind = /^["']?([a-z]+)["']?(?:[ \t]+#.*)?$/.exec(keys.get('kind') ?? '')?.[1];
  switch (kind) {
    case 'pipeline':
      return pipelineKeys.some((key) => keys.has(key));
    case 'secret':
      return keys.has('get') || (keys.get('data') ?? '') !== '';
    case 'signature':
      return keys.has('hmac');
    case 'template':
      return keys.has('load');
    default:
      return false;
  }
}

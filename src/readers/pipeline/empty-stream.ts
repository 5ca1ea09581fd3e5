import type { PipelineStream } from '../../model/pipeline.ts';
import type { Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';

/** A stream that is being read: its lists can still grow. */
export type OpenStream = {
  -readonly [K in keyof PipelineStream]: PipelineStream[K] extends readonly (infer Item)[] ? Item[] : PipelineStream[K];
};

/** The stream of a text in which nothing has been found yet. */
export function emptyStream(source: Source): OpenStream {
  return {
    kind: 'document',
    owner: source.name,
    label: say`${source.name}`,
    source,
    at: { source, path: '', span: { start: 0, end: source.text.length } },
    pipelines: [],
    secrets: [],
    signatures: [],
    templates: [],
    registries: [],
    crons: [],
    legacy: false,
    lost: [],
    refusals: [],
    trustRefusals: [],
    substitutions: [],
    unknownKeys: [],
    duplicateKeys: [],
    lateMergeKeys: [],
  };
}

import type { Pipeline, PipelineStream } from '../../src/model/pipeline.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { Location } from '../../src/model/source.ts';
import { readPipelines } from '../../src/readers/pipeline/stream.ts';

/** Reads a text as `.drone.yml`. */
export function read(text: string): Reading {
  return readPipelines({ name: '.drone.yml', form: 'drone', text });
}

/** The one stream of a text. */
export function streamOf(text: string): PipelineStream {
  const [stream] = read(text).streams;
  if (!stream) throw new Error('no stream');
  return stream;
}

/** The first pipeline of a text. */
export function pipelineOf(text: string): Pipeline {
  const [pipeline] = read(text).pipelines;
  if (!pipeline) throw new Error('no pipeline');
  return pipeline;
}

/** What stands at a place. */
export function textAt(at: Location | undefined): string | undefined {
  return at?.source.text.slice(at.span.start, at.span.end);
}

/** Every located text below a value, but the stream and the source it hangs on. */
export function locatedTexts(root: unknown): { value: string; at: Location }[] {
  const found: { value: string; at: Location }[] = [];
  const seen = new Set<unknown>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Map) {
      for (const item of value.values()) walk(item);
      return;
    }
    if (isLocated(value)) found.push(value);
    for (const [key, item] of Object.entries(value)) if (key !== 'stream' && key !== 'source') walk(item);
  };
  walk(root);
  return found;
}

function isLocated(value: object): value is { value: string; at: Location } {
  return 'value' in value && typeof value.value === 'string' && 'at' in value;
}

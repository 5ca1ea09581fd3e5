import type { PipelineStream } from '../../model/pipeline.ts';
import { lineStarts, type Span } from '../../model/source.ts';

/** How many lines above a separator are searched for the start of the block it may cut. */
const maxLines = 400;

/**
 * Separators that cut a block scalar (`|`, `>`) in two: the lines above belong to the block, and what follows is not a
 * Drone document. `rest` is what follows, up to the next separator.
 */
export function* separatorsInText(stream: PipelineStream): Iterable<{ span: Span; rest: string }> {
  const { text } = stream.source;
  if (stream.legacy || !text.includes('\n---')) return;
  const starts = lineStarts(stream.source);
  const lineAt = (index: number): string => text.slice(starts[index], starts[index + 1] ?? text.length).trimEnd();
  for (let index = 1; index < starts.length; index++) {
    const start = starts[index] ?? 0;
    if (!text.startsWith('---', start) || !endsInBlock(index, lineAt)) continue;
    const next = text.indexOf('\n---', start + 3);
    const rest = text.slice(start + 3, next < 0 ? text.length : next);
    if (/^kind\s*:/m.test(rest) || rest.trim() === '') continue;
    yield { span: { start, end: start + lineAt(index).length }, rest };
  }
}

/** Whether the lines before this one belong to a block scalar, judged by their indentation. */
function endsInBlock(index: number, lineAt: (index: number) => string): boolean {
  let least = Number.POSITIVE_INFINITY;
  for (let i = index - 1; i >= Math.max(0, index - maxLines); i--) {
    const line = lineAt(i);
    if (line === '') continue;
    const indentation = line.length - line.trimStart().length;
    if (indentation >= least) continue;
    if (least !== Number.POSITIVE_INFINITY && /(?:^|[\s:-])[|>][-+0-9]{0,2}(?:\s+#.*)?$/.test(line)) return true;
    if (indentation === 0) return false;
    least = indentation;
  }
  return false;
}

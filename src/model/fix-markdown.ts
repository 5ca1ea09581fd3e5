import { memoize } from './memoize.ts';

/** A part of the simple Markdown of a fix: prose, or a code block. */
export type Part = Prose | Block;

export interface Prose {
  readonly kind: 'prose';
  readonly text: string;
}

export interface Block {
  readonly kind: 'block';
  /** The first word after the fence. */
  readonly language: string;
  /** The second: what the block is a part of, or the form it is written in; empty if it stands for itself. */
  readonly use: string;
  /** Without the fences, and without a line feed at the end. */
  readonly text: string;
}

/** The parts of a fix in their order; prose is a paragraph each. */
export const partsOf = memoize((fix: string): readonly Part[] => {
  const parts: Part[] = [];
  let lines: string[] = [];
  let fence: readonly string[] | undefined;
  const endProse = (): void => {
    if (lines.length > 0) parts.push({ kind: 'prose', text: lines.join('\n') });
    lines = [];
  };
  for (const line of fix.split('\n')) {
    if (fence && line === '```') {
      parts.push({ kind: 'block', language: fence[0] ?? '', use: fence[1] ?? '', text: lines.join('\n') });
      lines = [];
      fence = undefined;
    } else if (fence) lines.push(line);
    else if (line.startsWith('```')) {
      endProse();
      fence = line.slice(3).split(' ');
    } else if (line.trim() === '') endProse();
    else lines.push(line);
  }
  endProse();
  return parts;
});

/** The Markdown of parts. */
export function markdownOf(parts: readonly Part[]): string {
  return parts
    .map((part) => (part.kind === 'prose' ? part.text : `\`\`\`${part.language}\n${part.text}\n\`\`\``))
    .join('\n\n');
}

/** Lines moved to the right; empty ones stay empty. */
export function indented(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(columns));
}

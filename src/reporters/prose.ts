import { unmarked } from '../model/prose.ts';
import type { ReportedProblem } from '../model/report.ts';
import { displayWidth, wrap, wrapCode } from './display-width.ts';
import { visible } from './escape.ts';

/**
 * Lines for a terminal from the simple Markdown of rules: paragraphs and list items wrapped at `width` columns, fenced
 * code indented and left as it is, so that it can be pasted.
 */
export function proseLines(markdown: string, width: number): string[] {
  const lines: string[] = [];
  let paragraph = '';
  let fence = '';

  function flush(): void {
    const item = /^(?:[-*]|\d+\.) /.exec(paragraph)?.[0] ?? '';
    if (paragraph !== '') lines.push(...hanging(item, unmarked(paragraph.slice(item.length)), width, wrapCode));
    paragraph = '';
  }

  for (const written of markdown.split(/\r?\n/)) {
    const line = visible(written);
    const trimmed = line.trim();
    const run = /^`{3,}/.exec(trimmed)?.[0] ?? '';
    if (fence === '' ? run !== '' : run.length >= fence.length && trimmed === run) {
      flush();
      fence = fence === '' ? run : '';
    } else if (fence !== '') {
      lines.push(`  ${line}`.trimEnd());
    } else if (trimmed === '' || /^(?:[-*]|\d+\.) /.test(trimmed)) {
      flush();
      paragraph = trimmed;
    } else {
      paragraph = paragraph === '' ? trimmed : `${paragraph} ${trimmed}`;
    }
  }
  flush();
  return lines;
}

/** Text after a label, with further lines indented as far. */
export function hanging(label: string, text: string, width: number, lines = wrap): string[] {
  const start = displayWidth(label);
  return lines(text, width - start).map((line, index) => (index === 0 ? label : ' '.repeat(start)) + line);
}

/** The problems below what was explained. */
export function problemLines(problems: readonly ReportedProblem[], width: number): string[] {
  return problems.flatMap(({ source, line, message, incomplete }) => {
    const where = line === undefined ? source : `${source}:${line}`;
    return hanging(incomplete ? 'ERROR  ' : 'note   ', visible(`${where}: ${message}`), width);
  });
}

/** A block of code in Markdown, within fences that are longer than any run of backticks in it. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

/** A text of at most `most` characters, with `…` where it goes on. */
export function cut(text: string, most: number): string {
  const characters = text.length > most ? [...text] : [];
  return characters.length > most
    ? `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
    : text;
}

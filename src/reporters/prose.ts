import type { ReportedProblem } from '../model/report.ts';
import { displayWidth, wrap } from './display-width.ts';
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
    if (paragraph !== '') lines.push(...hanging(item, plain(paragraph.slice(item.length)), width));
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
export function hanging(label: string, text: string, width: number): string[] {
  const start = displayWidth(label);
  return wrap(text, width - start).map((line, index) => (index === 0 ? label : ' '.repeat(start)) + line);
}

/** The problems below what was explained. */
export function problemLines(problems: readonly ReportedProblem[], width: number): string[] {
  return problems.flatMap(({ source, line, message, incomplete }) => {
    const where = line === undefined ? source : `${source}:${line}`;
    return hanging(incomplete ? 'ERROR  ' : 'note   ', visible(`${where}: ${message}`), width);
  });
}

/** The first sentence of a text. A full stop ends it if a capital or a quotation follows. */
export function firstSentence(text: string): string {
  const joined = text.replace(/\s+/g, ' ').trim();
  const end = /[.!?](?= [A-Z`"])/.exec(joined);
  return end ? joined.slice(0, end.index + 1) : joined;
}

/**
 * What a fix says to do first, in a sentence. Where the sentence only leads up to a command or a setting, that is part of
 * it; larger snippets are not.
 */
export function instruction(fix: string): string {
  const [before = '', snippet = ''] = fix.split(/^[ \t]*```.*$/m, 2);
  const [block = ''] = before.trim().split(/\n\s*(?:\n|[-*|] )/);
  const paragraph = visible(plain(block.replace(/^(?:[-*]|\d+\.) /, '')).replace(/\s+/g, ' '));
  const sentence = firstSentence(paragraph);
  const [line = '', ...further] = snippet.trim().split(/\r?\n/);
  const leadsUp = sentence === paragraph && !/[.!?]$/.test(paragraph) && line !== '';
  if (leadsUp && (further.length === 0 || /^On /.test(paragraph)))
    return `${sentence} \`${visible(line.trim())}\`${further.length > 0 ? ' …' : ''}`;
  return sentence.replace(/(?:, for example)?[.:]$/, '');
}

/** `4 files`, `1 file`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

function plain(markdown: string): string {
  return markdown.replace(/\[([^\]\n]*)\]\(([^)\s]*)\)/g, '$1 ($2)').replace(/\*\*([^*\n]+)\*\*/g, '$1');
}

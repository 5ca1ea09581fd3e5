import { type Block, partsOf } from '../../model/fix-markdown.ts';
import { acting, visible } from '../../model/visible.ts';
import { entity, wellFormed } from '../escape.ts';
import type { DiffLine } from './fix-diff.ts';

/**
 * The one way for text into the page, between tags and in attributes alike. What could act or hide text is shown as
 * U+202E, also where a message has it as `\u{202E}` already.
 */
export function escaped(text: string): string {
  return asShown(text).replace(/[&<>"']/g, entity);
}

/** The same as it is read, for what has to know how long that is. */
export function asShown(text: string): string {
  return visible(wellFormed(text)).replace(/\\u\{([0-9A-F]{1,6})\}/g, codePoint);
}

function codePoint(written: string, hex: string): string {
  const point = Number.parseInt(hex, 16);
  if (point > 0x10ffff) return written;
  const isActing = String.fromCodePoint(point).replace(acting, '') === '';
  return isActing ? `U+${hex.padStart(4, '0')}` : written;
}

/** A name is longer than these only where somebody wants it to be. */
const longestName = 100;

/** The end of a path in whole parts, `…/deploy/.drone.yml:3`: a part of a name could be that of another file. */
export function cutFront(path: string, most: number): string {
  if (path.length <= most) return path;
  const fits = path.indexOf('/', path.length - most + 1);
  const end = path.slice(Math.max(fits < 0 ? path.lastIndexOf('/') : fits, 0));
  const characters = end.length > longestName ? [...end] : [];
  return `…${characters.length > longestName ? characters.slice(-longestName).join('') : end}`;
}

/** One line of the simple Markdown of rules: code, emphasis, and links to documentation. */
export function inline(markdown: string): string {
  return markdown
    .split(/(`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? `<code>${escaped(part.slice(1, -1))}</code>` : marked(part)))
    .join('');
}

function marked(text: string): string {
  return text
    .split(/(\*\*[^*\n]+\*\*|\[[^[\]\n]*\]\(https:[^()\s]*\))/)
    .map((part, index) => {
      if (index % 2 === 0) return escaped(part);
      if (part.startsWith('**')) return `<b>${escaped(part.slice(2, -2))}</b>`;
      const end = part.indexOf('](');
      return link(part.slice(end + 2, -1), part.slice(1, end));
    })
    .join('');
}

/** A link to an address of our own rule data, never to one that was read. */
export function link(address: string, text: string): string {
  return `<a href="${escaped(address)}" rel="noreferrer">${escaped(text)}</a>`;
}

/** The simple Markdown of rules: paragraphs, lists and code blocks, which `diff` may tell to be changes of a file. */
export function prose(markdown: string, diff?: (block: Block) => readonly DiffLine[] | undefined): string {
  return partsOf(markdown)
    .map((part) => {
      if (part.kind === 'prose') return paragraphs(part.text);
      const lines = diff?.(part);
      return lines ? changes(lines) : code(part.text);
    })
    .join('');
}

function paragraphs(text: string): string {
  let html = '';
  let list = '';
  let open: string[] = [];
  const flush = (): void => {
    if (open.length > 0)
      html += list === '' ? `<p>${inline(open.join(' '))}</p>` : `<li>${inline(open.join(' '))}</li>`;
    open = [];
  };
  for (const line of text.split('\n')) {
    const item = /^\s*(?:([-*])|\d+\.) /.exec(line);
    if (item) {
      flush();
      if (list === '') {
        list = item[1] === undefined ? 'ol' : 'ul';
        html += `<${list}>`;
      }
      open.push(line.slice(item[0].length));
    } else open.push(line.trim());
  }
  flush();
  return list === '' ? html : `${html}</${list}>`;
}

function code(text: string): string {
  return `<pre tabindex="0"><code>${text.replaceAll('\t', '  ').split('\n').map(escaped).join('\n')}</code></pre>`;
}

/** Signs, colours and, without style, what browsers make of the elements tell what changes. */
function changes(lines: readonly DiffLine[]): string {
  const shown = lines.map(({ kind, text }) => {
    const [tag, sign] = marks[kind];
    // The line feed is within: between blocks it would be a line of its own.
    const line = `${sign} ${escaped(text.replaceAll('\t', '  '))}\n`;
    return tag === '' ? line : `<${tag}>${line}</${tag}>`;
  });
  return `<pre tabindex="0"><code>${shown.join('')}</code></pre>`;
}

const marks: Readonly<Record<DiffLine['kind'], readonly [tag: string, sign: string]>> = {
  there: ['', ' '],
  added: ['ins', '+'],
  removed: ['del', '-'],
};

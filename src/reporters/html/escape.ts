import { partsOf } from '../../model/fix-markdown.ts';
import { acting, visible } from '../../model/visible.ts';
import { entity, wellFormed } from '../escape.ts';

/**
 * The one way for text into the page, between tags and in attributes alike. What could act or hide text is shown as
 * U+202E, also where a message has it as `\u{202E}` already.
 */
export function escaped(text: string): string {
  return visible(wellFormed(text))
    .replace(/\\u\{([0-9A-F]{1,6})\}/g, codePoint)
    .replace(/[&<>"']/g, entity);
}

function codePoint(written: string, hex: string): string {
  const point = Number.parseInt(hex, 16);
  if (point > 0x10ffff) return written;
  const isActing = String.fromCodePoint(point).replace(acting, '') === '';
  return isActing ? `U+${hex.padStart(4, '0')}` : written;
}

/** The end of a text, with `…` where it began before: of a path the end tells most. */
export function cutFront(text: string, most: number): string {
  const characters = text.length > most ? [...text] : [];
  return characters.length > most ? `…${characters.slice(1 - most).join('')}` : text;
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

/** The simple Markdown of rules: paragraphs, lists and code blocks. */
export function prose(markdown: string): string {
  return partsOf(markdown)
    .map((part) => (part.kind === 'prose' ? paragraphs(part.text) : code(part.text, part.language)))
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

/** A block of code; lines of a diff are marked by what they say. */
function code(text: string, language: string): string {
  const lines = text.replaceAll('\t', '  ').split('\n');
  const isDiff = language === 'diff';
  const shown = lines.map((line) => {
    const kind = isDiff && line.startsWith('+') ? 'ins' : isDiff && line.startsWith('-') ? 'del' : '';
    return kind === '' ? escaped(line) : `<span class="${kind}">${escaped(line)}</span>`;
  });
  return `<pre tabindex="0"><code>${shown.join('\n')}</code></pre>`;
}

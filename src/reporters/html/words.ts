import type { Finding } from '../../model/report.ts';
import type { Severity } from '../../model/severity.ts';
import { lineOf } from '../../model/source.ts';
import { cut } from '../prose.ts';
import { escaped } from './escape.ts';

/** A sign, a word and a colour for each severity, so that no one of them alone has to tell. */
const signs: Readonly<Record<Severity, string>> = {
  critical: '\u25c6',
  high: '\u25b2',
  medium: '\u25cf',
  low: '\u25bc',
  info: '\u25cb',
};

export function sign(severity: Severity): string {
  return `<span aria-hidden="true">${signs[severity]}</span>`;
}

/** Its sign comes with the style. */
export function chip(severity: Severity): string {
  return `<span class="chip ${severity}">${severity}</span>`;
}

/** What is listed of one kind; the rest is counted. */
export function limited<T>(
  items: readonly T[],
  most: number,
  show: (item: T) => string,
  more: (rest: number) => string,
): string {
  const shown = items.slice(0, most).map(show).join('');
  return items.length > most ? shown + more(items.length - most) : shown;
}

export function codeOf(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

/** A path or place in a table, to be broken behind its slashes. */
export function pathOf(text: string): string {
  return `<code>${escaped(text).replaceAll('/', '/<wbr>')}</code>`;
}

/** `1,234` */
export function amount(number: number): string {
  return number.toLocaleString('en-US');
}

/** `1,234 files` */
export function many(number: number, noun: string): string {
  return `${amount(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** A name as it is below the folder that the whole report is about. */
export function below(root: string, name: string): string {
  return root !== '' && name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
}

/** `docker-compose.yml:9` */
export function placeIn(root: string, { at }: Pick<Finding, 'at'>): string {
  return `${below(root, at.source.name)}:${lineOf(at)}`;
}

/** A sentence with options of the command line, which are not to be broken. */
export function option(text: string): string {
  return escaped(cut(text, 2000)).replace(
    /\(--[a-z-]{1,40}\)/g,
    (written) => `(<code class="o">${written.slice(1, -1)}</code>)`,
  );
}

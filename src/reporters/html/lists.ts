import { firstOf } from '../../model/iterables.ts';
import { escaped } from './escape.ts';
import { amount, codeOf } from './words.ts';

const mostListed = 200;
/** More than so many items are folded. */
const mostOpen = 10;

/** A heading with what belongs to it, folded where that is long; nothing where there is nothing. */
export function* part(id: string, title: string, items: number, content: Iterable<string>): Generator<string> {
  if (items === 0) return;
  const isLong = items > mostOpen;
  yield isLong
    ? `<details class="fold" id="${id}"><summary><h3>${title}</h3> <span class="gives">${amount(items)}</span></summary>`
    : `<h3 id="${id}">${title}</h3>`;
  yield* content;
  yield isLong ? '</details>\n' : '\n';
}

/** The same with a list. */
export function list<T>(id: string, title: string, items: Iterable<T>, show: (item: T) => string): Generator<string> {
  const { first, more } = firstOf(items, mostListed);
  return part(id, title, first.length + more, listItems(first, more, show));
}

function* listItems<T>(first: readonly T[], more: number, show: (item: T) => string): Generator<string> {
  yield '<ul>';
  for (const item of first) yield `<li>${show(item)}`;
  yield more > 0 ? `<li>and ${amount(more)} more: JSON has all of them</ul>` : '</ul>';
}

/** A place with what is said of it. */
export function placed({ source, line, message }: { source: string; line?: number; message: string }): string {
  return `${codeOf(line === undefined ? source : `${source}:${line}`)} ${escaped(message)}`;
}

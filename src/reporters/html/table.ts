import { amount as amountOf } from './words.ts';

/** How many rows a table of evidence has; JSON has all of them. */
export const mostRows = 1000;

/**
 * A table whose first column heads its rows, in parts; `amount`: how many items there are, where not all are given. Cells are markup, and say what they are without their heading: on
 * a narrow screen they stand below each other. A cell with a class is a pair.
 */
export function* table<T>(
  label: string,
  headings: readonly string[],
  items: readonly T[],
  cells: (item: T) => readonly (string | readonly [name: string, markup: string])[],
  amount = items.length,
): Generator<string> {
  yield `<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><thead><tr>${headings.map((heading) => `<th scope="col">${heading}`).join('')}<tbody>\n`;
  for (const item of items.slice(0, mostRows)) {
    const [first, ...others] = cells(item).map((cell) =>
      typeof cell === 'string' ? `>${cell}` : ` class="${cell[0]}">${cell[1]}`,
    );
    yield `<tr><th scope="row"${first}${others.map((cell) => `<td${cell}`).join('')}\n`;
  }
  const rest = amount - mostRows;
  if (rest > 0) yield `<tr><td colspan="${headings.length}">and ${amountOf(rest)} more: JSON has all of them`;
  yield '</table></div>\n';
}

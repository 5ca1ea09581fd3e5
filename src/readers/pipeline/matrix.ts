import type { MappingNode } from '../yaml/tree.ts';
import { fieldsOf } from './fields.ts';
import { type Reader, scalarText } from './values.ts';

/** One combination of the values of a build matrix. */
export type Row = ReadonlyMap<string, string>;

/** The converter stops after this many combinations (drone/drone-yaml yaml/converter/legacy/matrix/matrix.go). */
const maxCombinations = 27;
/** And after this many lists. */
const maxLists = 12;
const maxRows = 64;

/** The rows of `matrix`: those listed under `include`, or all combinations of the lists; empty if there are none. */
export function matrixRows(reader: Reader, matrix: MappingNode): readonly Row[] {
  const fields = fieldsOf([matrix]);
  const listed = fields.get('include')?.last;
  if (listed?.kind === 'seq' && listed.items.some((item) => item.kind === 'map'))
    return listed.items.slice(0, maxRows).map((item) => {
      const row = new Map<string, string>();
      for (const { key, last } of fieldsOf([item]).values())
        if (last.kind === 'scalar') row.set(key, scalarText(reader, last));
      return row;
    });
  let rows: Row[] = [];
  for (const { key, last } of [...fields.values()].slice(0, maxLists)) {
    if (last.kind !== 'seq' || last.items.length === 0) continue;
    const values = last.items.flatMap((item) => (item.kind === 'scalar' ? [scalarText(reader, item)] : []));
    const before: readonly Row[] = rows.length > 0 ? rows : [new Map()];
    rows = before.flatMap((row) => values.slice(0, maxCombinations).map((value) => new Map([...row, [key, value]])));
    rows = rows.slice(0, maxCombinations);
  }
  return rows;
}

/** Whether a step with `when.matrix` belongs to a row: one equal value is enough (convert.go:165). */
export function fitsRow(reader: Reader, when: MappingNode | undefined, row: Row): boolean {
  if (!when) return true;
  const wanted = [...fieldsOf([when]).values()];
  return (
    wanted.length === 0 ||
    wanted.some(({ key, last }) => last.kind === 'scalar' && row.get(key) === scalarText(reader, last))
  );
}

/** The keys that every row has: their `${KEY}` are gone once the file is converted. */
export function keysOfAll(rows: readonly Row[]): ReadonlySet<string> {
  const [first, ...others] = rows;
  return new Set([...(first?.keys() ?? [])].filter((key) => others.every((row) => row.has(key))));
}

/** How many characters a row may add to one text. */
const maxGrowth = 20_000;

/** Puts the values of a row into a text, as the converter does in the whole file. */
export function substitution(row: Row): (text: string) => string {
  return (text) => {
    if (!text.includes('${')) return text;
    let growth = 0;
    return text.replace(/\$\{([^{}]{1,200})\}/g, (whole, key: string) => {
      const value = row.get(key);
      if (value === undefined || growth > maxGrowth) return whole;
      growth += value.length;
      return value.includes('\n') ? JSON.stringify(value) : value;
    });
  };
}

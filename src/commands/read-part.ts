import { linesOf } from '../checks/part-file.ts';
import type { Shard } from '../model/shard.ts';
import { isUserError, UserError } from '../model/user-error.ts';
import type { BatchRecord } from '../outcomes.ts';
import type { Whole } from '../whole.ts';

/** What the report of a part says of the audit. */
export interface PartHead extends Shard {
  readonly terms: string;
  readonly division: string;
  readonly batches: number;
  readonly whole: Whole;
}

/**
 * Reads the report of a part, record by record: reports as they are written have each on a line of its own, and the rest of
 * them is passed over. Throws a `UserError` for what is no such report, or not all of one.
 */
export function readPart(
  path: string,
  file: string,
  { check, take }: { readonly check: (head: PartHead) => void; readonly take: (record: BatchRecord) => void },
): PartHead {
  const damaged = (): UserError => new UserError(`"${file}" is damaged: scan that part again`);
  let head: PartHead | undefined;
  let state: 'before' | 'head' | 'records' | 'behind' = 'before';
  const lines: string[] = [];
  let last = '';
  try {
    for (const line of linesOf(path)) {
      if (line !== '') last = line;
      if (state === 'before' && line === '  "shard": {') state = 'head';
      else if (state === 'head') {
        if (line === '    "records": [' || line === '    "records": []') {
          head = headOf(JSON.parse(`{${lines.join('')} "records": []}`));
          check(head);
          state = line.endsWith('[]') ? 'behind' : 'records';
        } else lines.push(line);
      } else if (state === 'records') {
        if (line === '    ]') state = 'behind';
        else take(recordIn(JSON.parse(line.trim().replace(/,$/, ''))));
      }
    }
  } catch (error) {
    if (isUserError(error)) throw error;
    if (isFromReading(error)) throw new UserError(`"${file}" cannot be read`);
    throw damaged();
  }
  if (state === 'before')
    throw new UserError(`"${file}" is not the JSON report of a part: scan --shard I/N -o FILE.json writes one`);
  if (!head || state !== 'behind' || last !== '}') throw damaged();
  return head;
}

function isFromReading(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function headOf(read: unknown): PartHead {
  const { index, of, terms, division, batches, whole } = read as Record<string, unknown>;
  if (!isCount(index) || !isCount(of) || !isCount(batches) || index < 1 || index > of) throw new TypeError('no share');
  if (typeof terms !== 'string' || typeof division !== 'string' || typeof whole !== 'string')
    throw new TypeError('no terms');
  return { index, of, terms, division, batches, whole: harmless(whole) as Whole };
}

function recordIn(read: unknown): BatchRecord {
  if (typeof read !== 'string') throw new TypeError('no record');
  const { batch, orders, summary, details } = harmless(read) as Record<string, unknown>;
  if (!isCount(batch) || !Array.isArray(orders) || !orders.every(isCount)) throw new TypeError('no batch');
  if (!isObject(summary) || !isObject(details)) throw new TypeError('no outcome');
  return { batch, orders, summary: JSON.stringify(summary), details: JSON.stringify(details) };
}

/** JSON, in which nothing but texts of files holds what could act on a terminal: whoever wrote the file may not be who scanned. */
function harmless(json: string): unknown {
  return JSON.parse(json, (key, value: unknown) =>
    typeof value === 'string' && key !== 'text' ? value.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, shown) : value,
  );
}

function shown(sign: string): string {
  if (sign === '\n' || sign === '\t') return sign;
  return `\\u{${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

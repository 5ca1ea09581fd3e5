import { linesOf } from '../checks/part-file.ts';
import { amount, isObject } from '../model/shape.ts';
import type { Shard } from '../model/shard.ts';
import { isUserError, UserError } from '../model/user-error.ts';
import type { OutcomeRecord } from '../outcome-record.ts';
import { type BatchRecord, textOfRecord } from '../outcomes.ts';
import { digestOfRecord } from '../reporters/json.ts';
import type { Whole } from '../whole.ts';
import { isRecord, isWhole } from './part-shapes.ts';

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
  if (file === '-') throw new UserError('merge reads the parts from files, and not from standard input');
  const damaged = (): UserError =>
    new UserError(`"${file}" is damaged, or by another version of drone-audit: scan that part again`);
  let head: PartHead | undefined;
  let state: 'before' | 'head' | 'records' | 'behind' | 'ended' = 'before';
  const lines: string[] = [];
  try {
    for (const line of linesOf(path)) {
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
      } else if (state === 'behind' && line === '}') state = 'ended';
      else if (state === 'ended' && line !== '') throw damaged();
    }
  } catch (error) {
    if (isUserError(error)) throw error;
    if (isFromReading(error)) throw new UserError(`"${file}" cannot be read`);
    throw damaged();
  }
  if (state === 'before')
    throw new UserError(`"${file}" is not the JSON report of a part: scan --shard I/N -o FILE.json writes one`);
  if (!head || state !== 'ended') throw damaged();
  return head;
}

function isFromReading(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function headOf(read: unknown): PartHead {
  const { index, of, terms, division, batches, whole } = isObject(read) ? read : {};
  if (!isCount(index) || !isCount(of) || !isCount(batches) || index < 1 || index > of) throw new TypeError('no share');
  if (typeof terms !== 'string' || typeof division !== 'string' || typeof whole !== 'string')
    throw new TypeError('no terms');
  const said: unknown = JSON.parse(whole);
  if (!isWhole(said)) throw new TypeError('no audit');
  return { index, of, terms, division, batches, whole: said as Whole };
}

function recordIn(read: unknown): BatchRecord {
  const text = typeof read === 'string' ? read : '';
  const json = text.slice(text.indexOf(' ') + 1);
  if (text !== `${digestOfRecord(json)} ${json}`) throw new TypeError('no record');
  const record: unknown = JSON.parse(json);
  const { batch, orders, summary, details } = isObject(record) ? record : {};
  if (!isCount(batch) || !Array.isArray(orders) || !orders.every(isCount)) throw new TypeError('no batch');
  if (!isRecord(summary, details, orders.length)) throw new TypeError('no outcome');
  return { batch, orders, text: textOfRecord({ summary, details } as OutcomeRecord) };
}

function isCount(value: unknown): value is number {
  return amount(value);
}

import { resolve } from 'node:path';
import { Spool } from '../checks/spool.ts';
import { count } from '../model/prose.ts';
import { exitStatus } from '../model/report.ts';
import { UserError } from '../model/user-error.ts';
import { Outcomes } from '../outcomes.ts';
import { allRules, familyOf } from '../rules/all.ts';
import { maskFor } from '../secrets/mask.ts';
import { termsOf } from '../shards.ts';
import { reportOf, type Whole } from '../whole.ts';
import type { Io } from './io.ts';
import { parseFormat, parseOutput, refuseSharedFiles } from './output.ts';
import { type PartHead, readPart } from './read-part.ts';
import { ruleSet } from './rule-set.ts';
import { writeReports } from './write-reports.ts';

export interface MergeOptions {
  readonly format: string;
  readonly output: readonly string[];
  readonly color: 'auto' | 'always' | 'never';
  readonly summary: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly progress?: boolean;
}

/** Makes one report of those of all parts of an audit: the report that the audit without parts would have made. */
export async function merge(files: readonly string[], options: MergeOptions, io: Io): Promise<number> {
  const format = parseFormat(options.format);
  if (options.summary && format !== 'text') throw new UserError(`--summary is a text, and cannot be ${format}`);
  const outputs = options.output.map(parseOutput);
  refuseSharedFiles(outputs, io.cwd);
  if (format === 'card' || outputs.some((output) => output.format === 'card'))
    throw new UserError('a card is for a build of Drone, and not for what several processes say');
  const outcomes = new Outcomes(allRules, familyOf, new Spool());
  const seen = new Map<number, { readonly file: string; readonly part: PartHead }>();
  const batches = new Set<number>();
  for (const file of files) {
    const part = readPart(resolve(io.cwd, file), file, {
      check: (head) => {
        refuseOther(file, head, [...seen.values()][0]);
        const there = seen.get(head.index);
        if (there)
          throw new UserError(
            `part ${head.index} of ${head.of} is given twice: ${shown(there.file)} and ${shown(file)}`,
          );
      },
      take: (record) => {
        if (batches.has(record.batch)) throw new TypeError('a batch is in two parts');
        batches.add(record.batch);
        outcomes.put(record);
      },
    });
    seen.set(part.index, { file, part });
  }
  const [first] = seen.values();
  if (!first) throw new UserError('merge needs the JSON reports of all parts');
  const { of, batches: all } = first.part;
  const missing = Array.from({ length: of }, (_, index) => index + 1).filter((index) => !seen.has(index));
  if (missing.length > 0)
    throw new UserError(
      `${missing.length === 1 ? `part ${missing[0]} of ${of} is` : `parts ${listed(missing)} of ${of} are`} missing: the report would look complete without being so`,
    );
  if (batches.size !== all)
    throw new UserError(`the parts hold ${batches.size} of ${count(all, 'installation')}: scan all of them again`);
  const whole = together([...seen.values()].map(({ part }) => part.whole));
  const nothing = maskFor([]);
  const report = reportOf(whole, outcomes.outcome(), {
    every: allRules,
    ruleSet,
    maskOf: () => nothing,
    listsPassedOver: options.verbose,
  });
  const written = await writeReports(
    report,
    {
      format,
      outputs,
      rules: allRules.filter(({ id }) => whole.chosen.includes(id)),
      kept: files.map((file) => resolve(io.cwd, file)),
    },
    options,
    io,
  );
  return exitStatus(written);
}

/** Refuses a part of another audit, of other files or by another version. */
function refuseOther(
  file: string,
  part: PartHead,
  first: { readonly file: string; readonly part: PartHead } | undefined,
): void {
  const own = termsOf(part.whole, ruleSet().sha256);
  if (part.terms !== own)
    throw new UserError(
      `${shown(file)} was written by another version or build of drone-audit: scan that part again with this one`,
    );
  if (!first) return;
  const { of, terms, division } = first.part;
  if (part.of !== of)
    throw new UserError(`${shown(file)} is a part of ${part.of}, and ${shown(first.file)} one of ${of}`);
  if (part.division !== division)
    throw new UserError(
      `${shown(file)} and ${shown(first.file)} are parts of different files: something was added or removed between their scans`,
    );
  if (part.terms !== terms)
    throw new UserError(
      `${shown(file)} and ${shown(first.file)} were scanned with different options, configs or files`,
    );
}

/** What the parts have in common; an entry of a config is idle where it is idle in all of them. */
function together(wholes: readonly Whole[]): Whole {
  const [first, ...others] = wholes;
  if (!first) throw new TypeError('there is no part');
  return {
    ...first,
    entries: first.entries.map((entry, number) => ({
      ...entry,
      isToldIdle: entry.isToldIdle && others.every(({ entries }) => entries[number]?.isToldIdle !== false),
    })),
  };
}

function shown(file: string): string {
  return `"${file}"`;
}

const mostListed = 20;

function listed(numbers: readonly number[]): string {
  const rest = numbers.length - mostListed;
  return numbers.slice(0, mostListed).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

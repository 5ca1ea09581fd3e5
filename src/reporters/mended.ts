import type { Report } from '../model/report.ts';
import { lineOf } from '../model/source.ts';
import type { Decision } from './decisions.ts';
import { outsidersWays } from './ways.ts';

/** Rules whose change is made in all places at once: the server and its runners have one RPC secret. */
const madeEverywhere: ReadonlySet<string> = new Set(['weak-rpc-secret']);

/** Which decisions are done by making the changes that close the ways in. */
export class MendedByCut {
  private readonly places = new Set<string>();
  private readonly everywhere = new Set<string>();
  private readonly rules = new Set<string>();
  private installations = 0;

  constructor({ ways: all }: Pick<Report, 'ways'>) {
    for (const ways of all ?? []) {
      this.installations++;
      if (outsidersWays(ways).length === 0) continue;
      for (const { rule, place } of ways.cut.changes) {
        if (rule === undefined) continue;
        this.rules.add(rule);
        if (place) this.places.add(keyOf(rule, place.file, place.line));
        if (madeEverywhere.has(rule)) this.everywhere.add(rule);
      }
    }
  }

  /** Whether each of its findings is gone with them. */
  has({ first: { rule }, findings, places }: Decision): boolean {
    if (this.installations === 1 && this.everywhere.has(rule)) return true;
    return (
      findings.length === places && findings.every(({ at }) => this.places.has(keyOf(rule, at.source.name, lineOf(at))))
    );
  }

  /** Whether a change is one of this rule: only its decisions can be done by them. */
  tells(rule: string): boolean {
    return this.rules.has(rule);
  }
}

function keyOf(rule: string, file: string, line: number): string {
  return `${rule}\n${line}\n${file}`;
}

import type { Finding, Report } from '../model/report.ts';
import { lineOf } from '../model/source.ts';
import type { WayPlace } from '../model/ways.ts';
import { withoutLinks } from './escape.ts';
import { cut } from './prose.ts';
import { type WayGroup, wayInALine, waysOfOutsiders } from './ways.ts';

/** A way, as SARIF has it. */
interface CodeFlow {
  readonly message: Message;
  readonly threadFlows: { readonly locations: ThreadFlowLocation[] }[];
}

interface ThreadFlowLocation {
  readonly location: {
    readonly message: Message;
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string };
      readonly region: { readonly startLine: number };
    };
  };
}

interface Message {
  readonly text: string;
}

/** How many ways a result and a run tell: what is audited must not be able to make a file too large. */
const mostOfResult = 5;
const mostOfRun = 1000;
/** How long a text of them is (UTF-16 units). */
const mostOfText = 500;

/** The ways of outsiders that a finding is part of: one that tells of a step of it, or of a change that closes it. */
export class CodeFlows {
  private readonly flows = new Map<string, CodeFlow[]>();

  constructor({ ways: all }: Pick<Report, 'ways'>, uriOf: (file: string) => string) {
    let left = mostOfRun;
    for (const ways of all ?? [])
      for (const group of waysOfOutsiders(ways)) {
        const flow = flowOf(group, uriOf);
        if (!flow) continue;
        const keys = new Set<string>();
        for (const { rule, place, fix, isCut } of group.way.steps) {
          if (rule && place) keys.add(keyOf(rule, place));
          if (isCut)
            for (const change of ways.cut.changes)
              if (change.rule && change.place && change.what === fix) keys.add(keyOf(change.rule, change.place));
        }
        for (const key of keys) {
          const there = this.flows.get(key) ?? [];
          if (there.length >= mostOfResult || left <= 0) continue;
          this.flows.set(key, [...there, flow]);
          left--;
        }
      }
  }

  /** Undefined where it is part of none. */
  of({ rule, at }: Finding): CodeFlow[] | undefined {
    return this.flows.size === 0 ? undefined : this.flows.get(keyOf(rule, { file: at.source.name, line: lineOf(at) }));
  }
}

function keyOf(rule: string, { file, line }: WayPlace): string {
  return `${rule}\n${line}\n${file}`;
}

/** The steps that have a place; none has no flow. */
function flowOf(group: WayGroup, uriOf: (file: string) => string): CodeFlow | undefined {
  const locations = group.way.steps.flatMap(({ place, why, does }): ThreadFlowLocation[] =>
    place
      ? [
          {
            location: {
              message: { text: textOf(why === '' ? does : why) },
              physicalLocation: {
                artifactLocation: { uri: uriOf(place.file), uriBaseId: '%SRCROOT%' },
                region: { startLine: place.line },
              },
            },
          },
        ]
      : [],
  );
  if (locations.length === 0) return undefined;
  return { message: { text: textOf(wayInALine(group)) }, threadFlows: [{ locations }] };
}

function textOf(text: string): string {
  return withoutLinks(cut(text, mostOfText));
}

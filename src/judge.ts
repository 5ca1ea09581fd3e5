import { addTo } from './model/groups.ts';
import type { Artifact, Installation } from './model/installation.ts';
import { memoizePer } from './model/memoize.ts';
import { fault, type Problem } from './model/report.ts';
import { type AnyRule, type Context, type Hit, type Inconclusive, type Rule, say } from './model/rule.ts';
import type { Site } from './model/site.ts';

/** What a rule found in one artefact. */
export interface Verdict {
  readonly rule: AnyRule;
  readonly artifact: Artifact;
  readonly context: Context;
  readonly hit: Hit;
}

export interface Undecided {
  readonly rule: AnyRule;
  readonly artifact: Artifact;
  readonly inconclusive: Inconclusive;
}

export interface Judgement {
  readonly verdicts: readonly Verdict[];
  readonly undecided: readonly Undecided[];
  /** Rules that failed, each with the file it failed on. */
  readonly faults: readonly Problem[];
}

/** Runs each artefact through the rules for its kind, in the order of artefacts, then of rules. */
export function judge(installation: Installation, rules: readonly AnyRule[], site: Site): Judgement {
  const verdicts: Verdict[] = [];
  const undecided: Undecided[] = [];
  const faults = new Map<string, Problem>();
  const context: Context = { site, installation };
  const artifacts: readonly Artifact[] = [
    ...installation.settings,
    ...installation.containers,
    ...installation.streams,
    ...installation.pipelines,
    ...installation.accounts,
    ...installation.hosts,
    ...installation.endpoints,
    ...installation.repositories,
    ...installation.probes,
    installation,
  ];
  const rulesOn = byKind(rules);
  for (const artifact of artifacts) {
    for (const rule of rulesOn.get(artifact.kind) ?? []) {
      try {
        for (const result of hitsOf(rule, artifact, context)) {
          if ('inconclusive' in result) undecided.push({ rule, artifact, inconclusive: result });
          else verdicts.push({ rule, artifact, context, hit: result });
        }
      } catch {
        // It costs what this rule would have said here, and nothing else. Said once for each file.
        const file = 'at' in artifact ? artifact.at.source.name : '.';
        faults.set(`${rule.id}\n${file}`, fault(file, say`the rule "${rule.id}"`));
      }
    }
  }
  return { verdicts, undecided, faults: [...faults.values()] };
}

const byKind = memoizePer((rules: readonly AnyRule[]): ReadonlyMap<Artifact['kind'], readonly AnyRule[]> => {
  const found = new Map<Artifact['kind'], AnyRule[]>();
  for (const rule of rules) addTo(found, rule.on, rule);
  return found;
});

/** The one place where a rule meets an artefact; `rule.on` equals `artifact.kind`. */
function hitsOf(rule: AnyRule, artifact: Artifact, context: Context): Iterable<Hit | Inconclusive> {
  return (rule as Rule).judge(artifact, context);
}

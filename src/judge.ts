import { addTo } from './model/groups.ts';
import type { Artifact, Installation } from './model/installation.ts';
import type { AnyRule, Context, Hit, Inconclusive, Rule } from './model/rule.ts';
import type { Site } from './model/site.ts';

/** What a rule found in one artefact. */
export interface Verdict {
  readonly rule: AnyRule;
  readonly artifact: Artifact;
  readonly hit: Hit;
}

export interface Undecided {
  readonly rule: AnyRule;
  readonly artifact: Artifact;
  readonly inconclusive: Inconclusive;
}

/** Runs each artefact through the rules for its kind, in the order of artefacts, then of rules. */
export function judge(
  installation: Installation,
  rules: readonly AnyRule[],
  site: Site,
): { readonly verdicts: readonly Verdict[]; readonly undecided: readonly Undecided[] } {
  const verdicts: Verdict[] = [];
  const undecided: Undecided[] = [];
  const context: Context = { site, installation };
  const artifacts: readonly Artifact[] = [
    ...installation.settings,
    ...installation.containers,
    ...installation.streams,
    ...installation.pipelines,
    ...installation.accounts,
    installation,
  ];
  const rulesOn = new Map<Artifact['kind'], AnyRule[]>();
  for (const rule of rules) addTo(rulesOn, rule.on, rule);
  for (const artifact of artifacts) {
    for (const rule of rulesOn.get(artifact.kind) ?? []) {
      // The one place where a rule meets an artefact; `rule.on` equals `artifact.kind`.
      for (const result of (rule as Rule).judge(artifact, context)) {
        if ('inconclusive' in result) undecided.push({ rule, artifact, inconclusive: result });
        else verdicts.push({ rule, artifact, hit: result });
      }
    }
  }
  return { verdicts, undecided };
}

import { type Control, controlStandards } from './facts/controls.ts';
import type { StandardName } from './facts/standards.ts';
import { compare } from './model/compare.ts';
import { addTo } from './model/groups.ts';
import type { ControlResult, RuleRun, Violations } from './model/report.ts';
import { severities } from './model/severity.ts';

/**
 * What an audit shows of each control of some standards. A finding makes it `failed`, whatever else; `nothing found` means that
 * all its rules ran, and were sure; what is in between is `not assessed`. No score, and no verdict on a standard. Pure.
 */
export function controlResults(
  standards: readonly StandardName[],
  runs: readonly RuleRun[],
  violations: readonly Violations[],
): readonly ControlResult[] {
  const runOf = new Map(runs.map((run) => [run.rule, run]));
  const byRule = new Map<string, Violations[]>();
  for (const each of violations) addTo(byRule, each.rule, each);
  return standards.flatMap((standard) =>
    controlStandards[standard].controls.map((control) => {
      const found = control.rules
        .flatMap((rule) => byRule.get(rule) ?? [])
        // A hit that names its recommendations says nothing of the others of its rule.
        .filter(({ cisDocker }) => standard !== 'cis-docker' || !cisDocker || cisDocker.includes(control.id));
      const finders = new Set(found.map(({ rule }) => rule));
      // One fault that two rules found counts once, for the rule that tells of it.
      const faults = found.filter(({ sameAs }) => sameAs === undefined || !finders.has(sameAs));
      const ran = control.rules.flatMap((rule) => runOf.get(rule) ?? []);
      return resultOf(standard, control, ran, faults);
    }),
  );
}

function resultOf(
  standard: StandardName,
  control: Control,
  runs: readonly RuleRun[],
  found: readonly Violations[],
): ControlResult {
  const failures = failuresOf(found);
  const accepted = found
    .flatMap((each) => each.accepted)
    .sort(
      (a, b) =>
        compare(a.file, b.file) || a.line - b.line || compare(a.rule, b.rule) || compare(a.fingerprint, b.fingerprint),
    );
  const reasons = [...reasonsOf(control, runs, found)];
  const isAbsent = runs.length > 0 && runs.every(({ notRun }) => notRun?.kind === 'none there');
  const result =
    failures.length > 0
      ? 'failed'
      : control.assessed !== 'no' && isAbsent
        ? 'not applicable'
        : reasons.length > 0
          ? 'not assessed'
          : 'nothing found';
  const { id, title, isManual, assessed, why, rules } = control;
  return {
    ...{ standard, id, title, isManual, assessed, about: why, rules, result, failures, accepted },
    reasons: result === 'not applicable' ? [...new Set(runs.flatMap(({ notRun }) => notRun?.why ?? []))] : reasons,
  };
}

/** What each rule found, open or accepted, by the findings that tell of it. */
function failuresOf(found: readonly Violations[]): ControlResult['failures'] {
  const groups = new Map<string, Violations[]>();
  for (const each of found) addTo(groups, `${each.rule} ${each.toldWith ?? ''}`, each);
  return [...groups]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([, own]) => {
      const [{ rule, toldWith }] = own as [Violations];
      const sum = (count: (each: Violations) => number): number => own.reduce((all, each) => all + count(each), 0);
      const open = Object.fromEntries(
        severities.map((severity) => [severity, sum((each) => each.open[severity])]),
      ) as Violations['open'];
      const accepted = sum((each) => each.accepted.length);
      const isFailure = accepted > 0 || Object.values(open).some((count) => count > 0);
      return isFailure ? [{ rule, toldWith, open, accepted, notShown: sum((each) => each.notShown) }] : [];
    });
}

/** Why silence about a control does not mean that nothing is there. */
function* reasonsOf(control: Control, runs: readonly RuleRun[], found: readonly Violations[]): Iterable<string> {
  if (control.assessed === 'no') {
    yield control.why;
    return;
  }
  const notRun = new Map<string, string[]>();
  for (const { rule, notRun: why } of runs) if (why && why.kind !== 'none there') addTo(notRun, why.why, rule);
  for (const [why, rules] of notRun) yield `${some(rules, runs.length)} did not run: ${why}`;
  const undecided = runs.filter((run) => run.undecided > 0);
  if (undecided.length > 0)
    yield `undecided: ${undecided.map((run) => `${run.rule} (${times(run.undecided)})`).join(', ')}`;
  const unsure = rulesOf(found.filter((each) => each.unsure > 0));
  if (unsure.length > 0) yield `what is found is too unsure to be shown: ${unsure.join(', ')} (--min-confidence)`;
  const unknown = runs.filter((run) => run.unknownRelease > 0);
  if (unknown.length > 0)
    yield `release not known: ${unknown.map((run) => `${run.rule} (${containers(run.unknownRelease)})`).join(', ')}`;
  const unread = Math.max(0, ...runs.map((run) => run.unread));
  if (unread > 0) yield `${unread === 1 ? '1 place' : `${unread} places`} could not be read or judged`;
}

function rulesOf(found: readonly Violations[]): readonly string[] {
  return [...new Set(found.map(({ rule }) => rule))].sort();
}

/** How many rules are named one by one. */
const maxNamed = 3;

function some(rules: readonly string[], all: number): string {
  if (rules.length === all) return all === 1 ? `its rule (${rules[0]})` : `all ${all} rules`;
  const named = rules.length > maxNamed ? '' : ` (${rules.join(', ')})`;
  return `${rules.length} of ${all} rules${named}`;
}

function containers(count: number): string {
  return count === 1 ? '1 container' : `${count} containers`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

import {
  type Allow,
  type Config,
  configOf,
  type Entries,
  type PathEntry,
  type Preference,
  type Written,
} from './config-entries.ts';
import type { Problem } from './model/report.ts';
import { atLeast, bySeverity, confidences, type Severity, severities, usualFailOn } from './model/severity.ts';
import { ownWords, say, type Text } from './model/text.ts';

/** Which findings may be accepted by what lies in the audited repository. */
export interface Allows {
  /** By `ignore` and `severity` of its config. */
  readonly config: boolean;
  /** By comments in its files. */
  readonly comment: boolean;
  /** By a baseline. */
  readonly baseline: boolean;
  /** Whether findings of this rule and severity may be accepted, by whichever means are allowed. */
  readonly finding: (rule: string, severity: Severity) => boolean;
  /** The most severe that may be accepted; absent: each. */
  readonly upTo?: Severity;
}

/** Where no policy binds. */
export const everythingAllowed: Allows = { config: true, comment: true, baseline: true, finding: () => true };

/** What binds an audit, and what a repository tried in vain. */
export interface InForce {
  readonly config?: Config;
  readonly allows: Allows;
  readonly problems: readonly Problem[];
}

/** A config without a policy above it. What it says of locks does not bind, because its authors are those of what is audited. */
export function withoutPolicy(config: Config | undefined): InForce {
  const problems = (config?.allows ?? []).map((allow) =>
    told(
      allow,
      say`"allow" has no effect here: it binds in a policy, which --policy names, or --config from outside what is audited`,
    ),
  );
  return { config, allows: everythingAllowed, problems };
}

/** What a policy says, with what it leaves to the audited repository. Whatever is stricter than the policy counts always. */
export function underPolicy(policy: Config, own: Config | undefined): InForce {
  // One that the policy extends, and that lies in what is audited, leaves nothing to its authors.
  const allow = policy.allows.find(({ isAudited, where }) => !isAudited || where === policy.name);
  const allows = allowsOf(allow);
  const problems: Problem[] = [];
  for (const { name, isAudited } of policy.files)
    if (isAudited)
      problems.push(
        told(
          { where: name, line: 1, column: 1 },
          say`lies in what is audited: its authors decide what this policy says`,
        ),
      );
  if (!own || policy.files.some(({ name }) => name === own.name)) return { config: policy, allows, problems };
  /** Entries that are allowed; the others are told. */
  const allowed = <Entry extends Written>(
    entries: readonly Entry[],
    isAllowed: (entry: Entry) => boolean,
    what: (entry: Entry) => Text,
  ): readonly Entry[] =>
    entries.filter((entry) => {
      const isFine = isAllowed(entry);
      if (!isFine) problems.push(told(entry, say`the policy does not allow ${what(entry)}`));
      return isFine;
    });
  const mayAccept = ({ rule }: { readonly rule: string }): boolean => allows.config && allows.finding(rule, 'info');
  const left: Entries = {
    files: own.files,
    ignores: allowed(own.ignores, mayAccept, ({ key, rule }) =>
      key === 'ignore' ? say`"${rule}" to be ignored by a config` : say`"${rule}" to be switched off by a config`,
    ),
    // Whether one is lower shows with the finding.
    severities: own.severities,
    acceptances: own.acceptances.flatMap((entry) =>
      allowed([entry], isIn(allow?.accept), ({ path }) => say`problems of "${path}" to be accepted`).map((each) => ({
        ...each,
        matches: (problem: Problem) => isUnder(allow?.accept, problem.source) && each.matches(problem),
      })),
    ),
    excluded: allowed(own.excluded, isIn(allow?.exclude), ({ path }) => say`"${path}" to be excluded`).map((entry) => ({
      ...entry,
      matches: (name: string) => isUnder(allow?.exclude, name) && entry.matches(name),
    })),
    joined: allowed(
      own.joined,
      () => allow?.installation === true,
      ({ path }) => say`"${path}" to be joined by "installation"`,
    ),
    siteEntries: allowed(
      own.siteEntries,
      ({ key }) => allow?.site.has(key) === true,
      ({ key }) => say`"site.${key}" to be set by a config`,
    ),
    preferences: allowed(
      own.preferences,
      (preference) => isStricter(preference, policy.preferences),
      ({ key, value }) => say`"${ownWords(key)}" to be ${String(value)}, which is less strict`,
    ),
    allows: [],
  };
  for (const entry of own.allows)
    problems.push(told(entry, say`the policy does not allow "allow" to be set by a config`));
  // Of single values that of the repository counts, which is allowed or stricter; what the policy accepts, it accepts itself.
  const config = { ...configOf(policy.name, [left, policy]), ignores: [...policy.ignores, ...left.ignores] };
  return { config, allows, problems };
}

function allowsOf(allow: Allow | undefined): Allows {
  const may = (means: string): boolean => allow?.means.has(means) === true;
  return {
    config: may('config'),
    comment: may('comment'),
    baseline: may('baseline'),
    upTo: allow?.upTo,
    finding: (rule, severity) =>
      (allow?.rules === undefined || allow.rules.has(rule)) &&
      (allow?.upTo === undefined || atLeast(allow.upTo, severity)),
  };
}

/** Whether an entry stays within allowed paths: its own text is matched, so that a star of its own needs one of theirs. */
function isIn(
  paths: readonly PathEntry[] = [],
): (entry: { readonly path: string; readonly pattern: string }) => boolean {
  return ({ pattern }) => isUnder(paths, pattern);
}

function isUnder(paths: readonly PathEntry[] = [], name: string): boolean {
  return paths.some(({ matches }) => matches(name));
}

/** What holds where nobody says anything. */
export const usual = { failOn: usualFailOn, minSeverity: 'low', minConfidence: 'medium', pedantic: false } as const;

/** The value of a preference: of several the first. */
export function preferred<Key extends Preference['key']>(
  preferences: readonly Preference[],
  key: Key,
): Extract<Preference, { key: Key }> | undefined {
  return preferences.find((each): each is Extract<Preference, { key: Key }> => each.key === key);
}

/** Whether a preference shows or fails as much as those of a policy, or more. */
function isStricter(own: Preference, policy: readonly Preference[]): boolean {
  switch (own.key) {
    case 'failOn':
      return failsAsMuch(own.value, preferred(policy, 'failOn')?.value ?? usual.failOn);
    case 'minSeverity':
      return bySeverity(own.value, preferred(policy, 'minSeverity')?.value ?? usual.minSeverity) >= 0;
    case 'minConfidence': {
      const theirs = preferred(policy, 'minConfidence')?.value ?? usual.minConfidence;
      return confidences.indexOf(own.value) >= confidences.indexOf(theirs);
    }
    case 'pedantic':
      return own.value || !(preferred(policy, 'pedantic')?.value ?? usual.pedantic);
  }
}

/** Whether one gate lets nothing through that another would not. */
export function failsAsMuch(one: Severity | 'never', other: Severity | 'never'): boolean {
  const scale: readonly (Severity | 'never')[] = ['never', ...severities];
  return scale.indexOf(one) >= scale.indexOf(other);
}

/** A remark of a config, with its place. */
export function told({ where, line, column }: Omit<Written, 'by' | 'isShared'>, message: Text): Problem {
  return { kind: 'suppression', source: where, line, column, message, incomplete: false };
}

import {
  closedReach,
  type Exclusion,
  exclusionOf,
  reachByHand,
  withoutPullRequests,
} from './drone/server-repository.ts';
import { type Container, isNotRunning } from './model/container.ts';
import { addTo } from './model/groups.ts';
import type { Artifact, Installation } from './model/installation.ts';
import { memoizePer } from './model/memoize.ts';
import type { PipelineStream, Reach } from './model/pipeline.ts';
import { fault, type Problem } from './model/report.ts';
import {
  type AnyRule,
  type Context,
  type Hit,
  type Inconclusive,
  type Remark,
  type Rule,
  type Severity,
  say,
} from './model/rule.ts';
import { bySeverity, oneStepLower } from './model/severity.ts';
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
    const stream = artifact.kind === 'pipeline' ? artifact.stream : artifact.kind === 'document' ? artifact : undefined;
    const exclusion = stream && exclusionOf(stream, installation);
    for (const rule of rulesOn.get(artifact.kind) ?? []) {
      try {
        const results =
          stream && exclusion
            ? withServer(rule, artifact, stream, exclusion, context)
            : hitsOf(rule, artifact, context);
        for (const result of results) {
          if ('inconclusive' in result) undecided.push({ rule, artifact, inconclusive: result });
          else verdicts.push({ rule, artifact, context, hit: asItRuns(rule, artifact, context, result) });
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

/** A hit as it is in view of the state of its container: what nobody can reach before it is started counts one step less. */
function asItRuns(rule: AnyRule, artifact: Artifact, { installation }: Context, hit: Hit): Hit {
  if (!rule.needsRunning) return hit;
  const container =
    artifact.kind === 'container'
      ? artifact
      : artifact.kind === 'settings'
        ? artifact.container
        : hit.of && containersByOwner(installation.containers).get(hit.of.owner);
  const state = container?.observed?.state ?? '';
  // Of steps, those that ended show what builds are like.
  if (!container || container.role === 'step' || !isNotRunning(state)) return hit;
  const who = artifact.kind === 'container' ? say`it` : container.label;
  const again = /^(?:created|configured|initialized)$/.test(state) ? '' : ' again';
  return {
    ...hit,
    message: say`${hit.message}, once ${who} is started${again} (its state is "${state}")`,
    severity: oneStepLower(severityOf(rule, hit)),
  };
}

const containersByOwner = memoizePer(
  (containers: readonly Container[]): ReadonlyMap<string, Container> =>
    new Map(containers.map((container) => [container.owner, container])),
);

const byKind = memoizePer((rules: readonly AnyRule[]): ReadonlyMap<Artifact['kind'], readonly AnyRule[]> => {
  const found = new Map<Artifact['kind'], AnyRule[]>();
  for (const rule of rules) {
    addTo(found, rule.on, rule);
    if (rule.judgeEndpoint) addTo(found, 'endpoint', rule);
  }
  return found;
});

/** The hits of a rule in a pipeline file, as they are once the server has had its say. */
function* withServer(
  rule: AnyRule,
  artifact: Artifact,
  stream: PipelineStream,
  exclusion: Exclusion,
  context: Context,
): Iterable<Hit | Inconclusive> {
  const { left } = exclusion;
  let rest: ReadonlyMap<string, Hit> | undefined;
  const withoutPullRequest = (hit: Hit): Hit | undefined => {
    rest ??= hitsByPlace(rule, artifact, withoutPullRequests(stream), context);
    return rest.get(placeOf(hit));
  };
  for (const hit of hitsOf(rule, artifact, context)) {
    if ('inconclusive' in hit) yield hit;
    // Whoever can read it does not need a build.
    else if (rule.withoutBuild && (left === 'nothing' || left === 'by hand')) yield { ...hit, reach: undefined };
    else if (left === 'nothing') yield lowered(rule, hit, 'info', closedTo(hit, nothing), exclusion);
    else if (left === 'by hand') {
      const reach = reachByHand(hit.reach ?? reachOf(artifact, stream));
      const remains = reach.events.size > 0 && withoutPullRequest(hit) !== undefined;
      const severity = remains ? oneStepLower(severityOf(rule, hit)) : 'info';
      yield lowered(rule, hit, severity, closedTo(hit, reach), exclusion);
    } else if (hit.reach?.pullRequest) yield withFewerPullRequests(rule, hit, withoutPullRequest(hit), exclusion);
    else yield hit;
  }
}

/**
 * A hit that rests on pull requests, where the server does not build all of them: it counts one step less, but no less than
 * without any. `without` is what the rule says then.
 */
function withFewerPullRequests(rule: AnyRule, hit: Hit, without: Hit | undefined, exclusion: Exclusion): Hit {
  const { left } = exclusion;
  const severity = severityOf(rule, hit);
  // A condition that lets pull requests in is at fault for them alone.
  const remains = rule.cause === undefined ? without : undefined;
  const least = remains && severityOf(rule, remains);
  const [counts = severity] = [oneStepLower(severity), ...(least === undefined ? [] : [least])].sort(bySeverity);
  if (left === 'of readers' || left === 'of writers') {
    const reach = left === 'of readers' ? hit.reach : hit.reach && { events: hit.reach.events, pullRequest: false };
    return counts === severity && remains ? { ...hit, reach } : lowered(rule, hit, counts, reach, exclusion);
  }
  // What is so without them needs no word about them.
  if (remains && counts === least)
    return counts === severity ? remains : { ...remains, related: [...(remains.related ?? []), reasonOf(exclusion)] };
  return lowered(rule, hit, counts, hit.reach && closedReach(hit.reach), exclusion);
}

/** A hit that counts less, with the reason. */
function lowered(rule: AnyRule, hit: Hit, severity: Severity, reach: Hit['reach'], exclusion: Exclusion): Hit {
  return {
    ...hit,
    message: say`${hit.message}; ${exclusion.aside}`,
    reach,
    severity,
    related: severity === severityOf(rule, hit) ? hit.related : [...(hit.related ?? []), reasonOf(exclusion)],
  };
}

function reasonOf({ by, reason }: Exclusion): Remark {
  return { at: by.at, message: reason };
}

function severityOf(rule: AnyRule, { severity }: Hit): Severity {
  return severity ?? rule.severity;
}

const nothing: NonNullable<Hit['reach']> = { events: new Set(), pullRequest: false };

/** Less reach, for a hit that has any. */
function closedTo({ reach }: Hit, left: NonNullable<Hit['reach']>): Hit['reach'] {
  return reach && left;
}

/** What starts a pipeline, or any of a file. */
function reachOf(artifact: Artifact, { pipelines }: PipelineStream): Pick<Reach, 'events'> {
  if (artifact.kind === 'pipeline') return artifact.reach;
  return { events: new Set(pipelines.flatMap(({ reach }) => [...reach.events])) };
}

function hitsByPlace(
  rule: AnyRule,
  artifact: Artifact,
  closed: PipelineStream,
  context: Context,
): ReadonlyMap<string, Hit> {
  const copy = artifact.kind === 'pipeline' ? closed.pipelines[artifact.stream.pipelines.indexOf(artifact)] : closed;
  const found = new Map<string, Hit>();
  for (const hit of copy ? hitsOf(rule, copy, context) : [])
    if (!('inconclusive' in hit) && !found.has(placeOf(hit))) found.set(placeOf(hit), hit);
  return found;
}

function placeOf({ at, subject }: Hit): string {
  return `${at.span.start} ${subject ?? ''}`;
}

/** The one place where a rule meets an artefact; `rule.on` equals `artifact.kind`, but for what it says of addresses too. */
function hitsOf(rule: AnyRule, artifact: Artifact, context: Context): Iterable<Hit | Inconclusive> {
  if (artifact.kind === 'endpoint' && rule.on !== 'endpoint') return rule.judgeEndpoint?.(artifact, context) ?? [];
  return (rule as Rule).judge(artifact, context);
}

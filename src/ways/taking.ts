import { asksFor, isOtherPlatform, labelKey } from '../drone/runner-labels.ts';
import { admits, isNamed, takesTrustedOnly } from '../drone/runner-limits.ts';
import { servesType } from '../drone/runner-types.ts';
import { parseGoBool } from '../facts/go-values.ts';
import { memoizePer } from '../model/memoize.ts';
import { type DroneEvent, events, type Pipeline } from '../model/pipeline.ts';
import { setVariable } from '../model/settings.ts';
import { say, type Text, textKey } from '../model/text.ts';
import type { Change, Step } from './graph.ts';
import type { Start } from './states.ts';
import type { Runner, SeenRepository, View } from './view.ts';

/* Which builds a runner takes. Its limits are the only thing that binds whoever writes the pipeline file. */

/** Whether a runner takes a build, how sure that is, and what would change it. */
export type Taking = Pick<Step, 'certainty' | 'why' | 'at' | 'closers'>;

/** Builds of a repository, or of one that a stranger activates: `own`. */
export interface Asking {
  readonly repository: SeenRepository | 'own';
  readonly start: Start | 'own';
}

const eventsOf: Readonly<Record<Asking['start'], readonly DroneEvent[]>> = {
  pull_request: ['pull_request'],
  push: ['push', 'tag', 'cron', 'custom'],
  promote: ['promote'],
  own: events,
};

/** A name of no organisation in sight. */
const stranger = 'a-stranger-of-the-scm';

/** A runner that is asked for a build, and what it says. */
export interface Taker {
  readonly runner: Runner;
  readonly taking: Taking;
}

/** The runners that are asked for builds, and what they say; equal ones are the same object. */
export interface Takers {
  /** The same for the same answers. */
  readonly number: number;
  readonly all: readonly Taker[];
}

/**
 * The runners that are asked for a build, by default all of them, else those that serve one of some pipelines. Most ask for no
 * more of a repository than what all of a kind have, so that this is found out once for the kind.
 */
export function takersOf(asking: Asking, view: View, pipelines?: readonly Pipeline[]): Takers {
  const known = takersBy(view);
  const served = pipelines && [...new Set(pipelines.map(demandsOf))].sort();
  const kind = JSON.stringify([kindOf(asking, view), served ?? 'all']);
  const found = known.byKind.get(kind);
  if (found) return found;
  const runners = pipelines
    ? new Set(pipelines.flatMap((pipeline) => runnersFor(pipeline, view)))
    : new Set(view.runners);
  const all = view.runners.flatMap((runner) =>
    runners.has(runner) ? [{ runner, taking: takingOf(runner, asking, view) }] : [],
  );
  const key = JSON.stringify([
    asking.start,
    ...all.map(({ runner, taking: { certainty, why, closers = [] } }) => [
      ...[runner.name, certainty, textKey(why)],
      ...closers.map((change) => change.key),
    ]),
  ]);
  const takers = known.byKey.get(key) ?? { number: known.byKey.size, all };
  known.byKey.set(key, takers);
  known.byKind.set(kind, takers);
  return takers;
}

const takersBy = memoizePer((_: View) => ({
  byKind: new Map<string, Takers>(),
  byKey: new Map<string, Takers>(),
}));

/** What runners may ask of a build, as one text: the slug and the trust of its repository only where one of them does. */
function kindOf({ repository, start }: Asking, view: View): string {
  if (repository === 'own') return 'own';
  const { areNamed, areTrusted } = limitsIn(view);
  // A change that makes it untrusted is one of this repository.
  return JSON.stringify([start, areNamed ? slugOf(repository) : '', areTrusted ? repository.name : '']);
}

const limitsIn = memoizePer(({ runners }: View) => ({
  areNamed: runners.some(({ settings }) => setVariable(settings, 'DRONE_LIMIT_REPOS')),
  areTrusted: runners.some(({ settings }) => takesTrustedOnly(settings)),
}));

/** The runners that a pipeline of a fixed file goes to. */
export function runnersFor(pipeline: Pipeline, view: View): readonly Runner[] {
  const known = runnersBy(view);
  const demands = demandsOf(pipeline);
  const found = known.get(demands) ?? view.runners.filter((runner) => goesTo(pipeline, runner));
  known.set(demands, found);
  return found;
}

const runnersBy = memoizePer((_: View) => new Map<string, readonly Runner[]>());

/** What a pipeline demands of its runner. */
export const demandsOf = memoizePer(({ type, os, arch, node }: Pipeline) =>
  JSON.stringify([type, os.value, arch.value, labelKey([...node].map(([key, { value }]) => [key, value] as const))]),
);

function slugOf({ known, at, isUnseen }: SeenRepository): string | undefined {
  return known?.slug ?? (isUnseen ? undefined : at.source.slug);
}

export function takingOf(runner: Runner, { repository, start }: Asking, view: View): Taking {
  const { settings } = runner;
  const of = view.runners.length === 1 ? say`the only runner` : say`${runner.name}`;
  const slug = repository === 'own' ? undefined : slugOf(repository);
  const assumed: Text[] = [];
  const unknown: Text[] = [];
  const closers: Change[] = [];

  const repos = setVariable(settings, 'DRONE_LIMIT_REPOS');
  const hasSlug =
    repository === 'own'
      ? admits(settings, 'DRONE_LIMIT_REPOS', (pattern) => isNamed(pattern.split('/')[0] ?? '', stranger))
      : slug === undefined
        ? repos?.value === undefined
          ? admits(settings, 'DRONE_LIMIT_REPOS', () => true)
          : true
        : admits(settings, 'DRONE_LIMIT_REPOS', (pattern) => isNamed(pattern, slug));
  if (hasSlug === false) return { certainty: 'closed', why: say`DRONE_LIMIT_REPOS of ${of}`, at: repos?.at };
  if (hasSlug === undefined) unknown.push(say`DRONE_LIMIT_REPOS of ${of} is not known`);
  else if (repos && repository !== 'own' && slug === undefined)
    assumed.push(say`that DRONE_LIMIT_REPOS of ${of} admits the repository, whose slug is not known`);

  const limited = setVariable(settings, 'DRONE_LIMIT_EVENTS');
  const hasEvent = admits(settings, 'DRONE_LIMIT_EVENTS', (pattern) =>
    eventsOf[start].some((event) => isNamed(pattern, event)),
  );
  if (hasEvent === false) return { certainty: 'closed', why: say`DRONE_LIMIT_EVENTS of ${of}`, at: limited?.at };
  if (hasEvent === undefined) unknown.push(say`DRONE_LIMIT_EVENTS of ${of} is not known`);

  const trusted = trustOf(repository, view);
  const isTrustedOnly = takesTrustedOnly(settings);
  const limit = settings.variables.get('DRONE_LIMIT_TRUSTED');
  if (isTrustedOnly === undefined) unknown.push(say`DRONE_LIMIT_TRUSTED of ${of} is not known`);
  else if (isTrustedOnly && trusted === 'untrusted')
    return { certainty: 'closed', why: say`DRONE_LIMIT_TRUSTED, the repository is not trusted`, at: limit?.at };
  else if (isTrustedOnly && trusted === 'unknown')
    unknown.push(say`whether the repository is trusted, as DRONE_LIMIT_TRUSTED of ${of} demands, is not known`);
  else if (isTrustedOnly && repository !== 'own') closers.push(untrusting(repository));

  if (repository === 'own') closers.push(limitingRepositories(runner));
  if (start === 'pull_request') closers.push(limitingEvents(runner));
  const certainty = unknown.length > 0 ? 'unknown' : assumed.length > 0 ? 'assumed' : 'seen';
  const why = unknown[0] ?? assumed[0] ?? say`${runner.name} takes builds of it`;
  return { certainty, why, at: settings.at, closers };
}

/** Whether a repository is trusted: what the server knows, the site says, or the server does by default. */
export function trustOf(
  repository: SeenRepository | 'own',
  { servers, context }: View,
): 'trusted' | 'by default' | 'untrusted' | 'unknown' {
  if (repository !== 'own' && repository.known) return repository.known.trusted.value ? 'trusted' : 'untrusted';
  const byDefault = servers.some(
    ({ variables }) => parseGoBool(variables.get('DRONE_REPOSITORY_TRUSTED')?.value ?? '') === true,
  );
  if (byDefault) return 'by default';
  if (repository === 'own') return 'untrusted';
  return context.site.trust;
}

/** Whether a pipeline of a fixed file goes to a runner. */
export function goesTo(pipeline: Pipeline, { settings, labels }: Runner): boolean {
  const isServed = servesType(settings, pipeline) || (settings.role === 'server' && pipeline.type === 'docker');
  return isServed && asksFor(pipeline, labels) && !isOtherPlatform(settings, pipeline);
}

export function untrusting(repository: SeenRepository): Change {
  const slug = repository.known?.slug;
  return {
    key: `trusted ${repository.name}`,
    edge: 'trusted-file',
    kind: 'repository',
    what: say`make ${slug ?? repository.name} untrusted (drone repo update --trusted=false)`,
    at: repository.known?.trusted.at ?? repository.at,
    rule: 'trusted-repository-open-to-forks',
    breaks: 4,
    caution: say`steps that mount paths of the host or ask for privilege are refused then; do not give them DRONE_RUNNER_VOLUMES instead, which every build gets`,
  };
}

function limitingEvents(runner: Runner): Change {
  return {
    key: `limit events ${runner.name}`,
    edge: 'fork-build',
    kind: 'setting',
    what: say`set DRONE_LIMIT_EVENTS of ${runner.name} to events without pull_request`,
    at: setVariable(runner.settings, 'DRONE_LIMIT_EVENTS')?.at ?? runner.settings.at,
    rule: 'unrestricted-runner',
    breaks: 6,
    caution: say`a pull request that comes to this runner fails then: give pull requests a runner of their own`,
  };
}

function limitingRepositories(runner: Runner): Change {
  return {
    key: `limit repositories ${runner.name}`,
    edge: 'own-repository',
    kind: 'setting',
    what: say`set DRONE_LIMIT_REPOS of ${runner.name} to the repositories that it is for`,
    at: setVariable(runner.settings, 'DRONE_LIMIT_REPOS')?.at ?? runner.settings.at,
    rule: 'unrestricted-runner',
    breaks: 3,
  };
}

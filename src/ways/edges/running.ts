import { opensDebugShells } from '../../analysis/debug-shells.ts';
import { registrationOf } from '../../analysis/registration.ts';
import { listedAccounts } from '../../analysis/server-repository.ts';
import { scmNames, scmOf } from '../../drone/scm.ts';
import type { Variable } from '../../model/environment.ts';
import { groupedBy } from '../../model/groups.ts';
import { hostOf } from '../../model/hosts.ts';
import { memoizePer } from '../../model/memoize.ts';
import type { Pipeline, Step as PipelineStep } from '../../model/pipeline.ts';
import { type Settings, setVariable } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';
import { ownWords, say, type Text } from '../../model/text.ts';
import type { Edge, UnnamedStep } from '../edge.ts';
import type { Change, Step } from '../graph.ts';
import { toLaterBuilds } from '../later.ts';
import {
  account,
  approved,
  assets,
  build,
  code,
  codeOnRunner,
  droneAdmin,
  file,
  fixed,
  group,
  onRunner,
  onRunnerTrusted,
  onRunnerTrustedByDefault,
  position,
  running,
  type Start,
} from '../states.ts';
import { type Asking, type Takers, type Taking, takersOf, trustOf } from '../taking.ts';
import { type Runner, runsRepositoryCode, type SeenRepository, type View } from '../view.ts';
import { stepsOn } from './privilege.ts';

/* Getting code to run. */

export const runningEdges: readonly Edge[] = [
  {
    id: 'register',
    does: 'registers at Drone',
    rules: ['open-registration', 'ineffective-user-create'],
    source: 'harness/drone plugin/admission/open.go:38-49, account.go:38-73',
    *steps({ servers, isScmPublic }) {
      if (servers.length === 0)
        yield {
          ...{ from: position('scm-account'), to: account },
          ...unseenServer,
        };
      for (const server of servers)
        yield { from: position('scm-account'), to: account, ...registering(server, isScmPublic) };
    },
  },
  {
    id: 'own-repository',
    does: 'has a repository of their own built',
    rules: ['unrestricted-runner'],
    source:
      'harness/drone handler/api/api.go:192-194, handler/api/repos/enable.go:49-60, service/syncer/filter.go:22-34',
    *steps(view) {
      const own = file('own', 'push');
      for (const server of view.servers) {
        // One that is blank is a list of one blank name, which no repository has.
        const filter = server.variables.get('DRONE_REPOSITORY_FILTER');
        const shared = { from: account, to: own, at: filter?.at ?? server.at };
        const closers = [filteringRepositories(server)];
        if (filter) yield { ...shared, certainty: 'closed', why: say`DRONE_REPOSITORY_FILTER` };
        else if (!server.complete)
          yield {
            ...shared,
            certainty: 'unknown',
            why: say`whether DRONE_REPOSITORY_FILTER is set is not known`,
            closers,
          };
        else if (view.isScmPublic)
          yield {
            ...shared,
            certainty: 'seen',
            why: say`an account may activate repositories of its own: no DRONE_REPOSITORY_FILTER`,
            closers,
          };
        else
          yield {
            ...shared,
            certainty: 'assumed',
            why: say`whoever has an account has a repository of their own at the SCM`,
            closers,
          };
      }
      if (view.servers.length === 0) yield { from: account, to: own, ...unseenServer };
      yield* takings(own, { repository: 'own', start: 'own' }, undefined, view, new Set());
    },
  },
  {
    id: 'fork-build',
    does: 'opens a pull request, which Drone builds',
    rules: ['fork-builds'],
    source: 'harness/drone trigger/trigger.go:101-110, core/repo.go:52-53, service/hook/parser/parse.go:264',
    *steps(view) {
      const made = new Set<string>();
      for (const repository of view.repositories) {
        yield { from: position('fork-author'), to: build(repository), ...buildingForks(repository, view) };
        yield* takingsOf(repository, 'pull_request', view, made);
        yield* runningAsIs(repository, view, made);
      }
    },
  },
  {
    id: 'own-file',
    does: 'brings a pipeline file of their own',
    rules: ['unprotected-repository'],
    source: 'harness/drone plugin/config/repo.go:34, trigger/trigger.go:266-276, service/content/content.go:54',
    *steps(view) {
      for (const repository of view.repositories) {
        const ends = { from: build(repository), to: file(repository, 'pull_request') };
        yield { ...ends, ...choosingFile(repository, view) };
        if (protection(repository))
          yield {
            from: approved(repository),
            to: ends.to,
            certainty: 'seen',
            why: say`an approved build runs all that its author wrote`,
          };
      }
    },
  },
  {
    id: 'repo-code',
    does: 'has their own code run by a step of the file',
    rules: ['secret-with-repository-code'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:330-343',
    *steps(view) {
      for (const repository of view.repositories) {
        const [step] = stepsWithCode(repository).map(([, each]) => each);
        if (!step) continue;
        yield {
          ...{ from: fixed(repository), to: code(repository), certainty: 'seen', at: step.at },
          why: say`step "${step.name}" runs code of the repository on pull requests`,
        };
      }
    },
  },
  {
    id: 'pasted-text',
    does: 'writes text that becomes part of the pipeline',
    rules: ['outsider-text-substitution', 'unescaped-template-text'],
    source: 'drone/runner-go pipeline/runtime/runner.go:166-205, harness/drone plugin/converter/template.go:97-108',
    *steps(view) {
      for (const rule of ['outsider-text-substitution', 'unescaped-template-text'])
        for (const { at, message } of view.hitsOf(rule))
          for (const repository of view.repositories) {
            if (!repository.streams.some((stream) => stream.at.source === at.source)) continue;
            if (!repository.pipelines.some(({ reach }) => reach.pullRequest)) continue;
            const blocked = protection(repository);
            const ends = { from: build(repository), to: file(repository, 'pull_request') };
            if (blocked?.isSigned === false) continue;
            yield { ...ends, certainty: 'seen', why: message, at, closers: [withoutText(rule, at)] };
          }
    },
  },
  {
    id: 'any-runner',
    does: 'asks for that runner by its labels',
    rules: ['runner-reachable-by-label'],
    source: 'harness/drone scheduler/queue/queue.go:196-200, 266-276',
    // Its steps are made with those of the builds that ask; these are what is not known of where they get.
    *steps(view) {
      for (const runner of view.runners) yield* unmodelled(runner);
      for (const { at, label } of view.servers)
        yield {
          ...{ edge: 'server-all', from: position('host-user'), to: assets.server, certainty: 'unknown', at },
          why: say`what a login on the machine of ${label} gives is not modelled`,
        };
      // Where neither a component nor a repository was read there is nothing to tell of.
      if (view.repositories.length === 0) return;
      if (view.runners.length === 0) yield* beyondUnseenRunner(view);
      if (view.servers.length === 0) yield* beyondUnseenServer();
    },
  },
  {
    id: 'writer-build',
    does: 'pushes a commit that is built',
    rules: ['unchecked-builds'],
    source:
      'harness/drone handler/api/api.go:205-207, 268-287, handler/api/repos/builds/create.go:41-96, trigger/trigger.go:266',
    *steps(view) {
      const made = new Set<string>();
      for (const repository of view.repositories) {
        yield {
          ...{
            from: position('writer'),
            to: file(repository, 'push'),
            certainty: repository.known ? 'seen' : 'assumed',
          },
          why: say`whoever may push chooses file and event`,
          at: repository.at,
        };
        yield* takingsOf(repository, 'push', view, made);
      }
      if (view.repositories.length > 0)
        yield {
          ...{ from: position('repo-admin'), to: position('writer'), certainty: 'seen', silent: true },
          why: say`whoever administers a repository may push to it`,
        };
    },
  },
  {
    id: 'promote-pull-request',
    does: 'waits until a writer promotes it',
    rules: ['promotion-of-any-ref'],
    source: 'harness/drone handler/api/repos/builds/promote.go:44-96',
    *steps(view) {
      const made = new Set<string>();
      for (const repository of view.repositories) {
        const ends = { from: build(repository), to: file(repository, 'promote'), at: repository.at } as const;
        yield isOnGogs(view)
          ? { ...ends, certainty: 'closed', why: fileOfMaster }
          : {
              ...{ ...ends, certainty: 'seen', act: 'promote' },
              why: say`a promotion runs the file of the build that is promoted, with all secrets`,
            };
        yield* takingsOf(repository, 'promote', view, made);
      }
    },
  },
  {
    id: 'approve',
    does: 'waits until an administrator of the repository approves it',
    rules: ['unapproved-builds-waiting'],
    source: 'harness/drone handler/api/api.go:246-248',
    *steps(view) {
      for (const repository of view.repositories)
        if (protection(repository))
          yield {
            ...{ from: build(repository), to: approved(repository), certainty: 'seen', act: 'approve' },
            why: say`a changed file waits for approval`,
            at: repository.known?.protected.at ?? repository.at,
          };
    },
  },
  {
    id: 'debug-shell',
    does: 'gets a shell in the steps of a build that a writer restarts for debugging',
    rules: ['debug-shell'],
    source:
      'drone-runners/drone-runner-docker command/daemon/config.go:111, drone-runner-kube command/daemon/config.go:140',
    *steps(view) {
      const shells = new Map<Runner, Omit<UnnamedStep, 'to'>>();
      const from = position('log-reader');
      for (const { at, message, owner } of view.hitsOf('debug-shell'))
        for (const runner of view.runners)
          if (runner.settings.owner === owner)
            shells.set(runner, {
              ...{ from, certainty: 'seen', act: 'restart with debug', why: message, at },
              closers: [withoutShells(runner, at)],
            });
      // The log tells the address at a relay that is not public (drone-runner-docker engine/compiler/compiler.go:249-258).
      for (const runner of view.runners) {
        const relay = ownRelayOf(runner.settings);
        if (relay) shells.set(runner, { from, certainty: 'closed', why: say`DRONE_TMATE_HOST`, at: relay.at });
      }
      // The build may be any: its steps have what they are given, and its code is where every code is.
      for (const [runner, shell] of shells) yield { ...shell, to: codeOnRunner(runner) };
      yield* toLaterBuilds(view, {
        edge: 'debug-shell',
        addsFor: ({ name }) => say`and builds of ${name} come to it`,
        *stepsAt({ runner, taking }) {
          const shell = shells.get(runner);
          if (shell && taking.certainty !== 'closed') yield shell;
        },
      });
    },
  },
  {
    id: 'claim-admin',
    does: 'signs in under the login of an administrator who has never signed in',
    rules: ['unclaimed-administrator'],
    source: 'harness/drone cmd/drone-server/config/config.go:630-650, handler/web/login.go:74',
    *steps({ hitsOf, isScmPublic, installation, servers }) {
      if (isScmPublic === false) return;
      // Every documented set-up names an administrator: without the list of accounts nothing tells whether they signed in.
      if (listedAccounts(installation).length === 0)
        for (const { owner, login, admin, machine, at } of installation.accounts)
          if (admin && !machine && servers.some((server) => server.owner === owner))
            yield {
              ...{ from: position('scm-account'), to: droneAdmin, certainty: 'unknown', at },
              why: say`whether administrator "${login}" has signed in, and the login is still theirs, only the server tells (--server)`,
              closers: [removingAccount(`${owner} account ${login}`, at)],
            };
      for (const { at, message, owner, subject = '' } of hitsOf('unclaimed-administrator'))
        yield {
          ...{ from: position('scm-account'), to: droneAdmin, certainty: 'assumed', why: message, at },
          closers: [removingAccount(`${owner} ${subject}`, at)],
        };
    },
  },
];

/** The relay that shells of a runner go through, unless it is that of tmate, which is open to all. */
function ownRelayOf(settings: Settings): Variable | undefined {
  const relay = setVariable(settings, 'DRONE_TMATE_HOST');
  const isOwn = relay && !/(?:^|\.)tmate\.io$/.test(hostOf(relay.value ?? '') ?? '');
  return isOwn && opensDebugShells(settings) ? relay : undefined;
}

function registering(server: Settings, isScmPublic: boolean | undefined): Taking {
  const { state, ...rest } = registrationOf(server);
  const scm = scmOf(server);
  const filter = server.variables.get('DRONE_USER_FILTER');
  const closed = setVariable(server, 'DRONE_REGISTRATION_CLOSED');
  const admission = setVariable(server, 'DRONE_ADMISSION_PLUGIN_ENDPOINT');
  if (state === 'undecided')
    return { certainty: 'unknown', why: 'because' in rest ? rest.because : say``, at: server.at };
  if (state === 'closed') {
    const isClosed = closed?.value !== undefined && !/^(?:0|f|false)$/i.test(closed.value);
    if (isClosed) return { certainty: 'closed', why: say`DRONE_REGISTRATION_CLOSED`, at: closed.at };
    if (filter) return { certainty: 'closed', why: say`DRONE_USER_FILTER`, at: filter.at };
    if (admission) return { certainty: 'unknown', why: say`an admission extension decides`, at: admission.at };
    return { certainty: 'closed', why: say`registration is closed`, at: server.at };
  }
  const closers = [closingRegistration(server)];
  const name = scm ? scmNames[scm.provider] : undefined;
  if (isScmPublic)
    return {
      certainty: 'seen',
      why: say`anyone may sign in at ${name ?? 'the SCM'}, and registration is open`,
      at: server.at,
      closers,
    };
  return { certainty: 'assumed', why: say`registration is open to all whom the SCM lets in`, at: server.at, closers };
}

function buildingForks(repository: SeenRepository, view: View): Taking {
  const { known } = repository;
  const closers = [ignoringForks(repository)];
  const providers = view.servers.map((server) => scmOf(server)?.provider);
  if (providers.length > 0 && providers.every((provider) => provider === 'bitbucket'))
    return { certainty: 'closed', why: say`Bitbucket Cloud, whose pull requests Drone does not build` };
  if (repository.isUnseen)
    return {
      ...{ certainty: 'unknown', at: repository.at },
      why: say`no repository was read, and whether Drone builds pull requests from forks is not known`,
    };
  if (!known)
    return {
      certainty: 'assumed',
      why: say`Drone builds pull requests from forks unless the repository ignores them; the server was not asked`,
      at: repository.at,
      closers,
    };
  if (!known.active.value) return { certainty: 'closed', why: say`the repository is not active`, at: known.active.at };
  if (known.ignorePullRequests.value)
    return { certainty: 'closed', why: say`ignore_pull_requests`, at: known.ignorePullRequests.at };
  if (known.ignoreForks.value) return { certainty: 'closed', why: say`ignore_forks`, at: known.ignoreForks.at };
  return { certainty: 'seen', why: say`pull requests from forks are built`, at: known.ignoreForks.at, closers };
}

/** What a repository that is protected holds back, and whether an unchanged file is held back with it. */
export function protection({
  known,
  streams,
}: SeenRepository): { isSigned: boolean; why: Text; at: Step['at'] } | undefined {
  if (!known?.protected.value) return undefined;
  const isSigned = streams.some(({ signatures }) => signatures.length > 0);
  const why = isSigned ? say`protected` : say`protected, and no signature: every hook build is blocked`;
  return { isSigned, why, at: known.protected.at };
}

/** For refs of pull requests, also where one is promoted (harness/drone service/content/content.go:54). */
const fileOfMaster = say`Gogs, where the file of the branch "master" is read`;

function isOnGogs({ servers }: View): boolean {
  return servers.some((server) => scmOf(server)?.provider === 'gogs');
}

function choosingFile(repository: SeenRepository, view: View): Taking {
  const blocked = protection(repository);
  if (blocked) return { certainty: 'closed', why: blocked.why, at: blocked.at };
  if (isOnGogs(view)) return { certainty: 'closed', why: fileOfMaster };
  for (const server of view.servers)
    for (const name of ['DRONE_YAML_ENDPOINT', 'DRONE_CONVERT_PLUGIN_ENDPOINT', 'DRONE_VALIDATE_PLUGIN_ENDPOINT']) {
      const endpoint = setVariable(server, name);
      if (endpoint)
        return { certainty: 'unknown', why: say`the extension of ${name} decides which file runs`, at: endpoint.at };
    }
  return {
    certainty: repository.known ? 'seen' : 'assumed',
    why: say`the file is read at the head of the pull request, and the repository is ${repository.known ? '' : 'assumed to be '}not protected`,
    at: repository.known?.protected.at ?? repository.at,
    closers: [protecting(repository)],
  };
}

/** Steps of a file that is not theirs, in which code of the author of a pull request runs. */
function stepsWithCode({ pipelines }: SeenRepository): readonly (readonly [Pipeline, PipelineStep])[] {
  return pipelines.flatMap((pipeline) =>
    pipeline.steps
      .filter((step) => step.reach.pullRequest && runsRepositoryCode(pipeline, step))
      .map((step) => [pipeline, step] as const),
  );
}

/** From a build of a pull request to the runners that take the file as it is. */
function* runningAsIs(repository: SeenRepository, view: View, made: Set<string>): Iterable<UnnamedStep> {
  const found = stepsWithCode(repository);
  if (found.length === 0) return;
  const blocked = protection(repository);
  const from = build(repository);
  const ends = { from, silent: true } as const;
  if (blocked?.isSigned === false) {
    const closed = { ...ends, edge: 'own-file', certainty: 'closed', why: blocked.why, at: blocked.at } as const;
    yield { ...closed, to: fixed(repository) };
    for (const runner of view.runners) yield { ...closed, to: codeOnRunner(runner) };
    return;
  }
  const takers = takersAsIs(repository, view);
  yield* silentSteps(from, fixed(repository), takers);
  const place = `as it is ${takers.number}`;
  yield { ...ends, to: group(place), certainty: 'seen', why: say`` };
  if (!made.has(place))
    for (const { runner, taking } of takers.all)
      yield { from: group(place), to: codeOnRunner(runner), ...taking, silent: true };
  made.add(place);
  if (view.runners.length === 0) yield { ...ends, to: fixed(repository), ...unseenRunner };
}

/** The runners of the pipelines of a file that is not theirs, in which code of the author of a pull request runs. */
export function takersAsIs(repository: SeenRepository, view: View): Takers {
  const pipelines = stepsWithCode(repository).map(([pipeline]) => pipeline);
  return takersOf({ repository, start: 'pull_request' }, view, pipelines);
}

/** That some runner takes a build, where none was seen. */
const unseenRunner = {
  certainty: 'assumed',
  why: say`no runner was seen, and one is assumed to take the build`,
} as const;

const unseenServer = { certainty: 'unknown', why: say`the settings of the server were not seen` } as const;

/** What builds and the people of its machine get of a runner of which no edge tells. */
function* unmodelled(runner: Runner): Iterable<UnnamedStep> {
  const { name, kind, settings } = runner;
  const ends = { edge: 'privileged-host', to: assets.host(runner), certainty: 'unknown', at: settings.at } as const;
  yield {
    ...ends,
    from: position('host-user'),
    why: say`what a login on the machine of ${name} gives is not modelled`,
  };
  if (kind !== 'other') return;
  const why = say`${name} is a ${ownWords(settings.role)}, a kind of runner that is not modelled`;
  for (const from of stepsOn(runner)) yield { ...ends, from, why };
}

/** What a runner opens that was not read: whether it does is not known, and by that nothing beyond it is closed. */
function* beyondUnseenRunner({ repositories }: View): Iterable<UnnamedStep> {
  const unseen = { certainty: 'unknown', why: say`no runner was read` } as const;
  const host = assets.host({ name: 'unseen-runner' });
  const { rpcSecret, server, database } = assets;
  const starts = ['pull_request', 'push', 'promote'] as const;
  for (const repository of repositories)
    for (const from of [...starts.map((start) => running(repository, start)), fixed(repository)])
      yield { edge: 'privileged-host', from, to: host, ...unseen };
  for (const from of [file('own', 'push'), position('host-user')])
    yield { edge: 'privileged-host', from, to: host, ...unseen };
  yield { edge: 'engine-rpc', from: host, to: rpcSecret, ...unseen };
  for (const to of [server, database]) yield { edge: 'engine-server', from: host, to, ...unseen, vague: true };
  yield { edge: 'open-engine', from: position('network'), to: host, ...unseen };
  yield { edge: 'http-rpc', from: position('neighbour'), to: rpcSecret, ...unseen };
  yield { edge: 'log-rpc', from: position('log-reader'), to: rpcSecret, ...unseen };
  yield { edge: 'image-component', from: position('supplier'), to: rpcSecret, ...unseen };
}

/** The same of a server: its keys, its wire, its logs and its backups. */
function* beyondUnseenServer(): Iterable<UnnamedStep> {
  const { rpcSecret, server, database } = assets;
  yield { edge: 'weak-cookie', from: position('network'), to: droneAdmin, ...unseenServer };
  yield { edge: 'weak-rpc', from: position('network'), to: rpcSecret, ...unseenServer };
  yield { edge: 'http-server', from: position('neighbour'), to: droneAdmin, ...unseenServer };
  yield { edge: 'http-rpc', from: position('neighbour'), to: rpcSecret, ...unseenServer };
  yield { edge: 'log-token', from: position('log-reader'), to: droneAdmin, ...unseenServer };
  for (const to of [database, droneAdmin])
    yield { edge: 'backup', from: position('backup-reader'), to, ...unseenServer };
  for (const to of [server, droneAdmin]) {
    yield { edge: 'image-component', from: position('supplier'), to, ...unseenServer };
    yield { edge: 'server-all', from: position('host-user'), to, ...unseenServer };
  }
}

/** The steps from the file of a repository that somebody chose to where it runs. */
function takingsOf(repository: SeenRepository, start: Start, view: View, made: Set<string>): Iterable<UnnamedStep> {
  return takings(file(repository, start), { repository, start }, running(repository, start), view, made);
}

/**
 * The steps from a file of somebody's choice to the runners that take it, and to what it is given wherever it runs. Files
 * that the same runners take share the states behind, and the steps there: `made` has those that exist.
 */
function* takings(
  from: string,
  asking: Asking,
  ran: string | undefined,
  view: View,
  made: Set<string>,
): Iterable<UnnamedStep> {
  const { repository, start } = asking;
  if (ran !== undefined && view.runners.length === 0) yield { from, to: ran, ...unseenRunner, silent: true };
  const takers = takersOf(asking, view);
  if (ran !== undefined) yield* silentSteps(from, ran, bestOf(takers));
  const trust = trustOf(repository, view);
  const isTrusted = repository !== 'own' && trust === 'trusted';
  const place = `${isTrusted ? `${repository.name} ` : trust === 'by default' ? 'by default ' : ''}${takers.number}`;
  yield { from, to: group(place), certainty: 'seen', why: say``, silent: true };
  if (made.has(place)) return;
  made.add(place);
  for (const { runner, taking } of takers.all) {
    const hasLabels = runner.labels === undefined || runner.labels.size > 0;
    const there = [
      onRunner(runner, start),
      ...(isTrusted ? [onRunnerTrusted(runner, repository)] : []),
      ...(trust === 'by default' ? [onRunnerTrustedByDefault(runner)] : []),
    ];
    for (const to of there)
      yield hasLabels
        ? { edge: 'any-runner', from: group(place), to, ...taking }
        : { from: group(place), to, ...taking, silent: true };
  }
}

/** Those of runners that may take a build; where none does, all that refuse it. */
const bestOf = memoizePer(({ number, all }: Takers): Takers => {
  const open = all.filter(({ taking }) => taking.certainty !== 'closed');
  return { number, all: open.length === 0 ? all : open };
});

/** The silent steps to what a build is or has wherever it runs. */
function* silentSteps(from: string, to: string, takers: Takers): Iterable<UnnamedStep> {
  for (const way of anywhere(takers)) yield { from, to, ...way, silent: true };
}

/** How many runners may take a build so that each is a way of its own (runners). */
const mostApart = 3;

/**
 * What lets a build run on any of some runners. Of many, those of the same certainty are one way, which their limits close
 * together: many repositories on many runners do not make a step for each pair.
 */
const anywhere = memoizePer(({ all }: Takers): readonly (Taking & Pick<Step, 'together'>)[] => {
  if (all.length <= mostApart) return all.map(({ taking }) => taking);
  const alike = groupedBy(
    all.map(({ taking }) => taking),
    ({ certainty }) => certainty,
  );
  return [...alike.values()].flatMap((takings) => {
    const [first] = takings;
    if (!first) return [];
    const isOfAll = ({ key }: Change): boolean =>
      takings.every(({ closers = [] }) => closers.some((each) => each.key === key));
    const limits = takings.flatMap(({ closers = [] }) => closers.slice(-1));
    const others = takings.length - 1;
    return [
      {
        ...first,
        ...(first.certainty === 'closed' && others > 0
          ? { why: say`${first.why}, and ${others} more refuse it too` }
          : {}),
        closers: (first.closers ?? []).filter(isOfAll),
        ...(limits.length === takings.length ? { together: limits } : {}),
      },
    ];
  });
});

function closingRegistration(server: Settings): Change {
  return {
    key: `registration ${server.owner}`,
    edge: 'register',
    kind: 'setting',
    what: say`set DRONE_USER_FILTER to your organisations, or DRONE_REGISTRATION_CLOSED=true`,
    at: server.at,
    rule: 'open-registration',
    breaks: 0,
    caution: say`accounts that exist stay: review them`,
  };
}

function filteringRepositories(server: Settings): Change {
  return {
    key: `repository filter ${server.owner}`,
    edge: 'own-repository',
    kind: 'setting',
    what: say`set DRONE_REPOSITORY_FILTER to your organisations`,
    at: server.at,
    rule: 'open-registration',
    breaks: 1,
  };
}

function ignoringForks(repository: SeenRepository): Change {
  const slug = repository.known?.slug ?? repository.at.source.slug ?? repository.name;
  return {
    key: `forks ${repository.name}`,
    edge: 'fork-build',
    kind: 'repository',
    what: say`have ${slug} ignore pull requests from forks (drone repo update --ignore-forks=true)`,
    at: repository.known?.ignoreForks.at ?? repository.at,
    rule: 'fork-builds',
    breaks: 3,
    caution: say`pull requests from branches of the repository, and those that were built already, are not affected`,
  };
}

function protecting(repository: SeenRepository): Change {
  const slug = repository.known?.slug ?? repository.at.source.slug ?? repository.name;
  return {
    key: `protected ${repository.name}`,
    edge: 'own-file',
    kind: 'repository',
    what: say`protect ${slug} and sign its pipeline file (drone repo update --protected=true, drone sign --save)`,
    at: repository.known?.protected.at ?? repository.at,
    rule: 'unprotected-repository',
    breaks: 2,
    caution: say`a changed file waits for approval, and whoever approves it runs all of it; code in an unchanged file runs at once`,
  };
}

function withoutText(rule: string, at: Location): Change {
  return {
    key: `text ${at.source.name} ${at.span.start}`,
    edge: 'pasted-text',
    kind: 'line',
    what: say`take the text from the environment of the step, where it is no part of the pipeline`,
    ...{ at, rule, breaks: 0 },
  };
}

function withoutShells(runner: Runner, at: Location): Change {
  return {
    key: `shells ${runner.name}`,
    edge: 'debug-shell',
    kind: 'setting',
    what: say`set DRONE_TMATE_ENABLED=false on ${runner.name}`,
    ...{ at, rule: 'debug-shell', breaks: 1 },
  };
}

function removingAccount(account: string, at: Location): Change {
  return {
    key: `administrator ${account}`,
    edge: 'claim-admin',
    kind: 'setting',
    what: say`remove the account, and take it out of DRONE_USER_CREATE, or have its person sign in`,
    ...{ at, rule: 'unclaimed-administrator', breaks: 1 },
  };
}

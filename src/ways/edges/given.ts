import { extensionsBehind } from '../../analysis/extensions.ts';
import { isOn } from '../../analysis/setting-state.ts';
import type { Variable } from '../../model/environment.ts';
import { hostOf } from '../../model/hosts.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { setVariable } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import type { Edge } from '../edge.ts';
import type { Change, Step } from '../graph.ts';
import { cloneCredentialOf, effectsOf, type HeldSecret, runnerSecretsOf, secretsOf } from '../holdings.ts';
import { assets, code, fixed, onRunner, position, running } from '../states.ts';
import { goesTo } from '../taking.ts';
import { nameOf, type Runner, runsRepositoryCode, type SeenRepository, type View } from '../view.ts';
import { suppliedBy } from './leaks.ts';
import { filesOn, stepsOn } from './privilege.ts';
import { takersAsIs } from './running.ts';
import { withoutRunnerSecret } from './spreading.ts';

/* What a build is given. */

export const givenEdges: readonly Edge[] = [
  {
    id: 'flagged-secret',
    does: 'is given the secret, which is released to pull requests',
    rules: ['secret-for-pull-requests', 'organization-secret-for-pull-requests'],
    source: 'harness/drone operator/manager/manager.go:335-348, drone/runner-go secret/static.go:53',
    *steps(view) {
      for (const repository of view.repositories)
        for (const secret of secretsOf(repository, view)) {
          const { asset, kind, release, usedOnPullRequests, name, at } = secret;
          // A build that outsiders have no part in is given it, released or not.
          // What belongs to the organisation is told as such.
          for (const start of ['push', 'promote'] as const)
            if (kind !== 'organization' || start !== 'push')
              yield {
                ...{ from: running(repository, start), to: asset, certainty: 'seen', silent: true, why: say``, at },
                edge: start === 'push' ? 'writer-build' : 'promote-pull-request',
              };
          if (kind !== 'stored' && kind !== 'organization') continue;
          const own = { from: running(repository, 'pull_request'), to: asset, at } as const;
          if (release === 'no') yield { ...own, certainty: 'closed', why: say`not flagged` };
          else if (release === 'unknown')
            yield {
              ...own,
              certainty: 'unknown',
              why: say`if "${name}" is released to pull requests, which the server tells`,
            };
          else
            yield {
              ...own,
              certainty: 'seen',
              why: say`"${name}" is released to pull requests`,
              closers: [unflagging(repository, secret)],
            };
          const user = usedOnPullRequests.find(({ pipeline, step }) => runsRepositoryCode(pipeline, step));
          if (!user || release === 'no') continue;
          yield {
            ...{
              from: code(repository),
              to: asset,
              certainty: release === 'yes' ? 'seen' : 'unknown',
              at: user.step.at,
            },
            why: say`step "${user.step.name}" has "${name}" and runs code of the repository`,
            closers: [unflagging(repository, secret)],
          };
        }
    },
  },
  {
    id: 'encrypted-secret',
    does: 'is given the encrypted secret of the file',
    rules: ['plaintext-secret-document', 'secret-on-pull-request'],
    source: 'drone/runner-go secret/encrypted.go:47-52, drone/go-scm scm/driver/github/pr.go:185',
    *steps(view) {
      for (const repository of view.repositories)
        for (const { asset, kind, name, at, usedOnPullRequests } of secretsOf(repository, view)) {
          if (kind !== 'encrypted') continue;
          const { known } = repository;
          const ends = { from: running(repository, 'pull_request'), to: asset, at } as const;
          if (!known) yield { ...ends, certainty: 'unknown', why: say`if the repository is private` };
          else if (known.private.value)
            yield { ...ends, certainty: 'seen', why: say`"${name}" is given to pull requests of a private repository` };
          else yield { ...ends, certainty: 'closed', why: say`withheld from pull requests of a public repository` };
          const user = usedOnPullRequests.find(({ pipeline, step }) => runsRepositoryCode(pipeline, step));
          if (user && known?.private.value)
            yield {
              ...{ from: code(repository), to: asset, certainty: 'seen', at: user.step.at },
              why: say`step "${user.step.name}" has "${name}" and runs code of the repository`,
            };
        }
    },
  },
  {
    id: 'external-secret',
    does: 'asks the secret extension for the secret by its path',
    rules: ['unfiltered-secret-extension', 'external-secret-on-pull-request'],
    source:
      'drone/runner-go secret/external.go:59-85, drone/drone-vault plugin/plugin.go:69-116, drone/drone-kubernetes-secrets plugin/plugin.go:55-76',
    *steps(view) {
      const external = new Map(
        view.repositories.flatMap((repository) =>
          secretsOf(repository, view).flatMap((secret) =>
            secret.kind === 'external' ? [[secret.asset, secret] as const] : [],
          ),
        ),
      );
      for (const runner of view.runners) {
        const endpoint = setVariable(runner.settings, 'DRONE_SECRET_PLUGIN_ENDPOINT');
        if (!endpoint) continue;
        const extensions = extensionsBehind(runner.settings, endpoint.value, view.installation);
        const guard = extensions.find((extension) => isOn(extension, 'DRONE_DISALLOW_FORKS'));
        const address = endpoint.value === undefined ? undefined : hostOf(endpoint.value);
        // By the names of it that those have who find it open, in files and at its address.
        const names = new Set([...extensions.map(nameOf), ...(address === undefined ? [] : [address])]);
        for (const name of names)
          for (const asset of external.keys())
            yield {
              ...{ from: assets.extension(name), to: asset, certainty: 'seen', at: endpoint.at },
              why: say`${runner.name} has it from that extension, which gives it to whoever asks as a runner does`,
            };
        for (const asset of external.keys())
          for (const from of filesOn(runner))
            yield guard && from === onRunner(runner, 'pull_request')
              ? { from, to: asset, certainty: 'closed', why: say`DRONE_DISALLOW_FORKS of the extension`, at: guard.at }
              : {
                  from,
                  to: asset,
                  certainty: 'unknown',
                  why: say`if the extension filters neither repository nor event`,
                  at: endpoint.at,
                };
      }
    },
  },
  {
    id: 'runner-environment',
    does: 'reads a variable that the runner gives to every step',
    rules: ['secret-in-runner-environment'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:204-214, command/daemon/daemon.go:155',
    *steps({ runners, hitsOf }) {
      for (const { at, message, owner, subject = '' } of hitsOf('secret-in-runner-environment'))
        for (const runner of runners) {
          if (runner.settings.owner !== owner) continue;
          const name = subject.replace(/^variable /, '');
          const closers = [withoutVariable(runner, name, at)];
          for (const from of stepsOn(runner))
            yield { from, to: assets.runnerSecret(name), certainty: 'seen', at, why: message, closers };
        }
    },
  },
  {
    id: 'runner-secret',
    does: 'asks for a secret of the runner',
    rules: ['global-runner-secrets'],
    source: 'drone-runners/drone-runner-docker command/daemon/daemon.go:173-176, drone/runner-go secret/static.go:53',
    *steps({ runners }) {
      for (const runner of runners)
        for (const secret of runnerSecretsOf(runner)) {
          const ends = { to: assets.runnerSecret(secret.name), at: secret.at } as const;
          yield {
            from: onRunner(runner, 'pull_request'),
            ...ends,
            certainty: 'closed',
            why: say`never given to pull requests`,
          };
          yield {
            ...{ from: onRunner(runner, 'own'), ...ends, certainty: 'seen' },
            why: say`${runner.name} gives "${secret.name}" to builds of every repository that are not of pull requests`,
            closers: [withoutRunnerSecret(runner, secret)],
          };
        }
    },
  },
  {
    id: 'namespace-secret',
    does: 'asks for a secret of the organisation',
    rules: ['broad-organization-secret'],
    source: 'harness/drone operator/manager/manager.go:326-348',
    *steps(view) {
      for (const repository of view.repositories)
        for (const { asset, kind, name, at } of secretsOf(repository, view))
          if (kind === 'organization')
            yield {
              ...{ from: running(repository, 'push'), to: asset, certainty: 'seen', at },
              why: say`"${name}" is for every repository of the organisation`,
              closers: [
                {
                  ...{ key: `organisation ${asset}`, edge: 'namespace-secret', kind: 'repository', at, breaks: 3 },
                  what: say`make "${name}" a secret of the repositories that need it`,
                  rule: 'broad-organization-secret',
                },
              ],
            };
    },
  },
  {
    id: 'clone-credential',
    does: 'reads the credential that the repository is cloned with',
    rules: ['clone-credential-in-every-step', 'clone-credential-for-public-repositories'],
    source:
      'harness/drone service/netrc/netrc.go:56; drone-runners/drone-runner-docker engine/compiler/compiler.go:262-292; drone/drone-git posix/clone:27-33',
    *steps(view) {
      for (const repository of view.repositories) {
        const to = assets.cloneCredential(repository);
        const always = repository.known?.private.value === false ? alwaysOf(view) : undefined;
        const given = {
          ...{ to, at: always?.at ?? repository.known?.private.at ?? repository.at },
          ...cloneCredentialOf(repository, view),
          ...(always ? { closers: [withoutAlways(always)] } : {}),
        };
        for (const start of ['push', 'promote', 'pull_request'] as const)
          yield { from: running(repository, start), ...given };
        const from = fixed(repository);
        yield given.certainty === 'closed'
          ? { from, ...given }
          : { from, ...given, ...givenAsIs(repository, given, view) };
      }
    },
  },
  {
    id: 'registry-pull',
    does: 'has images pulled with the credentials of the runner',
    rules: ['shared-registry-credentials'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:416-448, engine/engine.go:244-270',
    *steps({ runners, hitsOf }) {
      for (const { at, message, owner } of hitsOf('shared-registry-credentials'))
        for (const runner of runners)
          if (runner.settings.owner === owner)
            for (const from of filesOn(runner))
              yield {
                ...{ from, to: assets.registry(runner.name), certainty: 'seen', why: message, at },
                closers: [withoutRegistry(runner, at)],
              };
    },
  },
  {
    id: 'written-secret',
    does: 'reads the secret in the file',
    rules: ['hardcoded-secret'],
    source: 'CWE-798',
    *steps(view) {
      for (const { at, message } of view.hitsOf('hardcoded-secret'))
        for (const repository of view.repositories)
          if (repository.streams.some((stream) => stream.at.source === at.source))
            yield {
              ...{
                from: position('fork-author'),
                to: assets.secret(repository, 'in the file'),
                certainty: 'seen',
                why: message,
                at,
              },
              closers: [
                {
                  ...{
                    key: `written ${at.source.name} ${at.span.start}`,
                    edge: 'written-secret',
                    kind: 'line',
                    at,
                    breaks: 0,
                  },
                  what: say`take the credential out of the file, and make it invalid`,
                  rule: 'hardcoded-secret',
                },
              ],
            };
    },
  },
  {
    id: 'build-network',
    does: 'reaches what the network of builds reaches',
    rules: ['metadata-credentials'],
    source: 'drone-runners/drone-runner-docker engine/engine.go:90-94',
    *steps({ runners }) {
      for (const runner of runners)
        for (const from of stepsOn(runner))
          yield {
            from,
            to: assets.network(runner),
            certainty: 'seen',
            why: say`every build reaches the network of its runner`,
            at: runner.settings.at,
          };
    },
  },
  {
    id: 'workspace',
    does: 'leaves something in the workspace for a later step that has the secret',
    rules: ['secret-with-repository-code'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:161-174',
    *steps(view) {
      for (const repository of view.repositories)
        for (const secret of secretsOf(repository, view)) {
          const { asset, release, usedOnPullRequests, name } = secret;
          if (release === 'no') continue;
          const user = usedOnPullRequests.find(({ pipeline, step }) =>
            comesAfterCode(pipeline.steps.indexOf(step), pipeline),
          );
          if (user)
            yield {
              ...{
                from: code(repository),
                to: asset,
                certainty: release === 'yes' ? 'assumed' : 'unknown',
                at: user.step.at,
              },
              why: say`step "${user.step.name}" has "${name}" and comes after code of the repository in the same workspace`,
              closers: [
                {
                  ...{ key: `workspace ${asset}`, edge: 'workspace', kind: 'line', at: user.step.at, breaks: 1 },
                  what: say`keep step "${user.step.name}" from pull requests, or in a pipeline without code of the repository`,
                  rule: 'secret-with-repository-code',
                },
                unflagging(repository, secret),
              ],
            };
        }
    },
  },
  {
    id: 'image-deploy',
    does: 'changes an image whose step deploys or publishes',
    rules: ['unpinned-image'],
    source: 'drone-runners/drone-runner-docker engine/engine.go:244-246',
    *steps(view) {
      for (const repository of view.repositories)
        for (const { asset, pipeline, step } of effectsOf(repository)) {
          // Whoever writes the file of such a build deploys what they like.
          for (const start of ['push', 'promote'] as const)
            yield {
              ...{
                from: running(repository, start),
                to: asset,
                certainty: 'seen',
                silent: true,
                why: say``,
                at: step.at,
              },
              edge: start === 'push' ? 'writer-build' : 'promote-pull-request',
            };
          const { image } = step;
          if (image && image.value.digest === undefined && mayRun(pipeline, view))
            yield { ...suppliedBy(image.value.text, step.name, image.at), to: asset };
        }
    },
  },
];

function comesAfterCode(index: number, pipeline: SeenRepository['pipelines'][number]): boolean {
  return pipeline.steps.some(
    (step, place) => place < index && step.reach.pullRequest && runsRepositoryCode(pipeline, step),
  );
}

/** Whether a runner takes a pipeline; where none was seen, one does that was not. */
function mayRun(pipeline: Pipeline, { runners }: View): boolean {
  return runners.length === 0 || runners.some((runner) => goesTo(pipeline, runner));
}

function alwaysOf({ servers }: View): Variable | undefined {
  return servers.flatMap((server) => {
    const variable = isOn(server, 'DRONE_GIT_ALWAYS_AUTH') ? server.variables.get('DRONE_GIT_ALWAYS_AUTH') : undefined;
    return variable ?? [];
  })[0];
}

function withoutAlways({ at }: Variable): Change {
  return {
    ...{ key: 'always a credential', edge: 'clone-credential', kind: 'setting', at, breaks: 2 },
    what: say`unset DRONE_GIT_ALWAYS_AUTH, so that builds of public repositories get no credential`,
    rule: 'clone-credential-for-public-repositories',
  };
}

function narrowingClone({ runners: [runner] }: View): Change {
  return {
    ...{ key: 'clone only', edge: 'clone-credential', kind: 'setting', breaks: 2 },
    what: say`set DRONE_NETRC_CLONE_ONLY=true on all runners`,
    ...(runner ? { at: runner.settings.at } : {}),
    rule: 'clone-credential-in-every-step',
    caution: say`it narrows the credential to the clone step, and is no cut where an author brings a file of their own`,
  };
}

/**
 * Whether every step of a file that is not theirs is given the credential: by a runner that takes the build, and does not keep it
 * to the clone step.
 */
function givenAsIs(
  repository: SeenRepository,
  given: Pick<Step, 'certainty' | 'closers'>,
  view: View,
): Pick<Step, 'certainty' | 'closers'> & Partial<Pick<Step, 'why' | 'at'>> {
  const closers = [...(given.closers ?? []), narrowingClone(view)];
  const takers = takersAsIs(repository, view).all.filter(({ taking }) => taking.certainty !== 'closed');
  const [first] = takers;
  if (!first) return { certainty: given.certainty, closers };
  const wide = takers.filter(({ runner }) => isOn(runner.settings, 'DRONE_NETRC_CLONE_ONLY') !== true);
  const ranks = wide.map(({ runner, taking }) => {
    const isAssumed = isOn(runner.settings, 'DRONE_NETRC_CLONE_ONLY') === undefined && taking.certainty === 'seen';
    return isAssumed ? 'assumed' : taking.certainty;
  });
  const best = (['seen', 'assumed', 'unknown'] as const).find((rank) => ranks.includes(rank));
  if (!best)
    return {
      certainty: 'closed',
      why: say`DRONE_NETRC_CLONE_ONLY, which narrows it to the clone step of a file that is not theirs`,
      at: first.runner.settings.variables.get('DRONE_NETRC_CLONE_ONLY')?.at ?? first.runner.settings.at,
    };
  const certainty = given.certainty === 'unknown' || best === 'seen' ? given.certainty : best;
  // Others take the build without giving it away, so that the limits of the only one that does rule it out.
  const [only] = wide;
  const limits = wide.length === 1 && takers.length > 1 ? (only?.taking.closers ?? []) : [];
  return { certainty, closers: [...closers, ...limits] };
}

function withoutRegistry(runner: Runner, at: Location): Change {
  return {
    ...{ key: `registry ${runner.name}`, edge: 'registry-pull', kind: 'setting', at, breaks: 3 },
    what: say`limit ${runner.name} to the repositories that may pull the images (DRONE_LIMIT_REPOS)`,
    rule: 'shared-registry-credentials',
  };
}

function withoutVariable(runner: Runner, name: string, at: Location): Change {
  return {
    key: `runner variable ${runner.name} ${name}`,
    edge: 'runner-environment',
    kind: 'setting',
    what: say`take "${name}" out of DRONE_RUNNER_ENVIRON of ${runner.name}, and give it to the repositories that need it`,
    at,
    rule: 'secret-in-runner-environment',
    breaks: 2,
  };
}

function unflagging(repository: SeenRepository, { asset, name, at, kind }: HeldSecret): Change {
  return {
    key: `flag ${asset}`,
    edge: 'flagged-secret',
    kind: 'repository',
    what: say`remove "${name}" of ${repository.known?.slug ?? repository.name} and add it again without --allow-pull-request`,
    at,
    rule: kind === 'organization' ? 'organization-secret-for-pull-requests' : 'secret-for-pull-requests',
    breaks: 3,
    caution: say`whoever has the runner has it all the same`,
  };
}

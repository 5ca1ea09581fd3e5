import { databaseOf } from '../../analysis/database.ts';
import { areOnOneHost } from '../../analysis/same-host.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { endpointOf } from '../../drone/network.ts';
import { type Settings, setVariable } from '../../model/settings.ts';
import { say, type Text } from '../../model/text.ts';
import type { Edge, UnnamedStep } from '../edge.ts';
import type { Certainty, Change } from '../graph.ts';
import { cloneCredentialOf, effectsOf, runnerSecretsOf, secretsOf } from '../holdings.ts';
import { laterIn, toLaterBuilds } from '../later.ts';
import { assets, droneAdmin, file, held, machine, position } from '../states.ts';
import type { Taking } from '../taking.ts';
import { nameOf, type Runner, type SeenRepository, type View } from '../view.ts';

/* Spreading from what was taken. */

export const spreadingEdges: readonly Edge[] = [
  {
    id: 'engine-rpc',
    does: 'reads the RPC secret in the environment of the runner',
    rules: ['server-and-runner-together'],
    source: 'drone-runners/drone-runner-docker command/daemon/config.go:24',
    *steps({ runners }) {
      for (const runner of runners) {
        if (runner.settings.role === 'server') continue;
        const found = [assets.rpcSecret, ...runnerSecretsOf(runner).map(({ name }) => assets.runnerSecret(name))];
        for (const to of found)
          for (const from of machineOf(runner)) {
            const closers = [buildingElsewhere(runner), ...withoutSecret(runner, to)];
            yield { from, to, ...rpcThere(runner, from), closers };
          }
      }
    },
  },
  {
    id: 'rpc-all',
    does: 'asks the server for builds and their secrets, as a runner does',
    rules: ['weak-rpc-secret', 'reachable-rpc'],
    source:
      'harness/drone operator/manager/rpc2/server.go:45-58, handler.go:119-143, operator/manager/manager.go:248-356',
    *steps(view) {
      for (const repository of view.repositories) {
        yield { from: assets.rpcSecret, to: held(repository), ...ranBefore(repository), at: repository.at };
        // What a server hands out for a repository, whoever made it do so.
        const shared = { from: held(repository), certainty: 'seen', silent: true, why: say`` } as const;
        yield {
          ...shared,
          to: assets.cloneCredential(repository),
          at: repository.at,
          ...cloneCredentialOf(repository, view),
        };
        // With what the server sends goes the key of the repository, which the secrets of its file are encrypted with.
        for (const { asset, kind, at } of secretsOf(repository, view))
          if (kind !== 'external') yield { ...shared, to: asset, at };
      }
    },
  },
  {
    id: 'rpc-results',
    does: 'takes builds as a runner and reports what they like',
    rules: ['unknown-runner'],
    source: 'harness/drone operator/manager/rpc2/server.go:33-41',
    *steps(view) {
      for (const repository of view.repositories)
        for (const { asset, step } of effectsOf(repository))
          yield {
            ...{ from: assets.rpcSecret, to: asset, ...ranBefore(repository), at: step.at, later: true },
            why: say`whoever has the RPC secret may take the build of step "${step.name}"`,
          };
    },
  },
  {
    id: 'engine-server',
    does: 'reaches the server, which runs on the same machine',
    rules: ['server-and-runner-together'],
    source: 'docs.docker.com/engine/security/#docker-daemon-attack-surface',
    *steps(view) {
      for (const runner of view.runners) {
        const beside = view.serversBeside(runner);
        const isSure = beside.length > 0 && (runner.engine.place === 'own' || runner.engine.place === 'dind');
        const hosts = runner.engine.place === 'dind' ? [assets.host(runner)] : machineOf(runner);
        for (const from of hosts) {
          if (!isSure) {
            const why = say`whether the server is on the machine of ${runner.name}'s builds was not seen`;
            for (const to of [assets.server, assets.database])
              yield { from, to, certainty: 'unknown', why, at: runner.settings.at, vague: true };
          }
          if (runner.engine.place === 'own' || runner.engine.place === 'dind')
            for (const extension of extensionsBeside(runner, view))
              yield {
                ...{ from, to: assets.extension(nameOf(extension)), certainty: 'seen', at: extension.at },
                why: say`${extension.label} is on the machine that ${runner.name} builds on`,
                closers: [apart(runner)],
              };
          if (!isSure) continue;
          for (const server of beside) {
            const why = say`${server.label} is on the machine that ${runner.name} builds on`;
            const closers = [apart(runner)];
            yield { from, to: assets.server, certainty: 'seen', why, at: server.at, closers };
            const host = databaseOf(server)?.source.host;
            if (host === undefined || endpointOf(host, server, view.installation) !== 'remote')
              yield { from, to: assets.database, certainty: 'seen', why, at: server.at, closers };
          }
        }
      }
    },
  },
  {
    id: 'engine-builds',
    does: 'waits for builds that come to that engine',
    rules: ['unrestricted-runner'],
    source: 'drone-runners/drone-runner-docker engine/convert.go:31-38',
    *steps(view) {
      for (const runner of view.runners)
        for (const from of machineOf(runner))
          yield { from, to: machine(runner), certainty: 'seen', why: say``, silent: true };
      yield* toLaterBuilds(view, {
        edge: 'engine-builds',
        addsFor: ({ name }) => say`those of ${name} among them`,
        *stepsAt({ runner, taking }, isReached) {
          if (isReached || taking.certainty === 'closed')
            yield { from: machine(runner), ...comingTo(runner, taking), later: true };
        },
      });
      for (const { repository, pipelines, to } of laterIn(view)) {
        const shared = { from: to, certainty: 'seen', silent: true } as const;
        for (const { asset, at, users } of secretsOf(repository, view))
          if (users.some(({ pipeline }) => pipelines.includes(pipeline)))
            yield { ...shared, to: asset, why: say``, at };
        for (const { asset, pipeline, step } of effectsOf(repository))
          if (pipelines.includes(pipeline)) yield { ...shared, to: asset, why: say``, at: step.at };
      }
    },
  },
  {
    id: 'server-all',
    does: 'has the keys and data of the server',
    rules: [],
    source: 'harness/drone cmd/drone-server/config/config.go:155-190',
    *steps(view) {
      for (const server of view.servers) {
        const why = say`${server.label} holds the keys of its database, DRONE_DATABASE_SECRET among them`;
        const shared = { from: assets.server, certainty: 'seen', why, at: server.at } as const;
        yield { ...shared, to: assets.database };
        yield { ...shared, to: assets.rpcSecret };
        yield { ...shared, to: droneAdmin };
        for (const repository of view.repositories) yield { ...shared, to: held(repository) };
      }
    },
  },
  {
    id: 'database-all',
    does: 'reads what the database holds',
    rules: ['unencrypted-database', 'unencrypted-user-tokens', 'default-database-password'],
    source: 'harness/drone store/user/scan.go:27-52, store/user/user.go:67-70',
    *steps(view) {
      for (const server of view.servers) {
        const shared = { from: assets.database, at: server.at } as const;
        yield { ...shared, to: droneAdmin, certainty: 'seen', why: say`API tokens are stored as they are` };
        const key = setVariable(server, 'DRONE_DATABASE_SECRET');
        for (const repository of view.repositories) {
          const to = held(repository);
          if (key) yield { ...shared, to, certainty: 'closed', why: say`DRONE_DATABASE_SECRET`, at: key.at };
          else if (server.complete)
            yield {
              ...shared,
              to,
              certainty: 'seen',
              why: say`secrets are stored as they are, without DRONE_DATABASE_SECRET`,
              closers: [encrypting(server)],
            };
          else
            yield { ...shared, to, certainty: 'unknown', why: say`whether DRONE_DATABASE_SECRET is set is not known` };
          const tokens = { ...shared, to: assets.cloneCredential(repository) } as const;
          const isEncrypted = isOn(server, 'DRONE_DATABASE_ENCRYPT_USER_TABLE');
          if (isEncrypted && key)
            yield { ...tokens, certainty: 'closed', why: say`DRONE_DATABASE_ENCRYPT_USER_TABLE`, at: key.at };
          else if (isEncrypted === undefined || !(key || server.complete))
            yield {
              ...{ ...tokens, certainty: 'unknown' },
              why: say`whether DRONE_DATABASE_ENCRYPT_USER_TABLE is set is not known`,
            };
          else
            yield {
              ...{ ...tokens, certainty: 'seen', closers: [encryptingUsers(server)] },
              why: say`tokens of the SCM are stored as they are`,
            };
        }
      }
    },
  },
  {
    id: 'admin-all',
    does: 'builds any commit with its secrets, as an administrator of Drone',
    rules: ['many-administrators'],
    source: 'harness/drone handler/api/acl/check.go:76-79, acl/org.go:49-52, handler/api/repos/update.go:106',
    *steps({ repositories }) {
      for (const repository of repositories)
        yield {
          ...{ from: droneAdmin, to: file(repository, 'promote'), at: repository.at },
          ...(repository.isUnseen
            ? { certainty: 'assumed', why: say`administrators may build in every repository, one of which is assumed` }
            : { certainty: 'seen', why: say`administrators may build and promote in every repository` }),
        };
    },
  },
  {
    id: 'token-writer',
    does: 'pushes where the owner of the credential may',
    rules: ['personal-owner', 'shared-clone-credential', 'broad-scm-scope'],
    source: 'harness/drone service/netrc/netrc.go:53-90',
    *steps({ repositories, servers }) {
      const own = servers.flatMap((server) => setVariable(server, 'DRONE_GIT_USERNAME') ?? [])[0];
      for (const repository of repositories)
        yield {
          ...{
            from: assets.cloneCredential(repository),
            to: position('writer'),
            certainty: 'assumed',
            at: own?.at ?? repository.at,
          },
          why: own
            ? say`it is the account of DRONE_GIT_USERNAME, for every repository`
            : say`it is the token of whoever activated ${repository.name}`,
        };
    },
  },
];

/** The extensions that are known to be on the machine that a runner builds on. */
function extensionsBeside({ settings }: Runner, { installation }: View): readonly Settings[] {
  return installation.settings.filter((each) => each.role === 'extension' && areOnOneHost(settings, each));
}

/** The engine that a runner builds on, and its machine. */
function machineOf(runner: Runner): readonly string[] {
  return runner.kind === 'docker' ? [assets.engine(runner), assets.host(runner)] : [assets.host(runner)];
}

/** Whether the runner's own container is on the engine or machine that its builds are on. */
function rpcThere(
  runner: Runner,
  from: string,
): { certainty: Certainty | 'closed'; why: Text; at: Runner['engine']['at'] } {
  const { place, at } = runner.engine;
  const isEngine = from === assets.engine(runner);
  if (place === 'remote' || (place === 'dind' && isEngine))
    return { certainty: 'closed', why: say`the runner is not on the engine that builds`, at };
  if (place === 'own' || place === 'dind')
    return {
      certainty: 'seen',
      why: say`the environment of ${runner.name} holds it, on the same ${runner.kind === 'exec' ? 'machine' : 'engine'}`,
      at,
    };
  if (place === 'none')
    return { certainty: 'unknown', why: say`whether ${runner.name} is on the node of its builds was not seen`, at };
  return { certainty: 'assumed', why: say`${runner.name} is assumed to be on the engine that it builds on`, at };
}

/** Whether a server hands out the secrets of a repository to whoever speaks for a runner: a build has to have run. */
function ranBefore({ known, name }: SeenRepository): { certainty: Certainty; why: Text } {
  if (known?.active.value)
    return { certainty: 'seen', why: say`the server gives runners the secrets of ${known.slug}` };
  if (known)
    return { certainty: 'assumed', why: say`${known.slug} is not active now, and is assumed to have been built` };
  return {
    certainty: 'assumed',
    why: say`${name} is assumed to have been built by Drone, other than for a pull request`,
  };
}

/** Whether builds that have to do with nobody's pull request come to a runner. */
function comingTo(runner: Runner, { certainty, why, at }: Taking): Omit<UnnamedStep, 'from' | 'to'> {
  if (certainty === 'closed')
    return {
      ...{ certainty, why: onlyPullRequests(runner) ? say`only pull requests build there` : why },
      ...(at ? { at } : {}),
    };
  const closers = [runnerOfItsOwn(runner)];
  const isUnknown = certainty === 'unknown';
  return {
    ...{ certainty: isUnknown ? 'unknown' : 'assumed', at: runner.settings.at, closers },
    why: isUnknown ? why : say`builds come to ${runner.name}`,
  };
}

function onlyPullRequests({ settings }: Runner): boolean | undefined {
  const events = setVariable(settings, 'DRONE_LIMIT_EVENTS')?.value;
  return events?.split(',').every((event) => event === 'pull_request');
}

function withoutSecret(runner: Runner, asset: string): readonly Change[] {
  const secret = runnerSecretsOf(runner).find(({ name }) => assets.runnerSecret(name) === asset);
  return secret ? [withoutRunnerSecret(runner, secret)] : [];
}

/** Taking a secret out of DRONE_RUNNER_SECRETS. */
export function withoutRunnerSecret(
  runner: Runner,
  { name, at }: { readonly name: string; readonly at: Change['at'] },
): Change {
  return {
    key: `runner secret ${runner.name} ${name}`,
    edge: 'runner-secret',
    kind: 'setting',
    what: say`take "${name}" out of DRONE_RUNNER_SECRETS of ${runner.name}, and give it to the repositories that need it`,
    ...(at ? { at } : {}),
    rule: 'global-runner-secrets',
    breaks: 2,
  };
}

function buildingElsewhere(runner: Runner): Change {
  return {
    key: `engine ${runner.name}`,
    edge: 'engine-rpc',
    kind: 'host',
    what: say`have ${runner.name} build on an engine of another machine (DOCKER_HOST with TLS)`,
    at: runner.settings.at,
    breaks: 5,
  };
}

function apart(runner: Runner): Change {
  return {
    key: `machine ${runner.name}`,
    edge: 'engine-server',
    kind: 'host',
    what: say`run ${runner.name} on another machine than the server`,
    at: runner.settings.at,
    rule: 'server-and-runner-together',
    breaks: 5,
    caution: say`its RPC secret still opens the secrets of every repository`,
  };
}

function runnerOfItsOwn(runner: Runner): Change {
  return {
    key: `builds ${runner.name}`,
    edge: 'engine-builds',
    kind: 'host',
    what: say`give builds with secrets a runner on a machine of its own, and ${runner.name} pull requests alone`,
    at: runner.settings.at,
    rule: 'unrestricted-runner',
    breaks: 5,
  };
}

function encrypting(server: View['servers'][number]): Change {
  return {
    key: `database ${server.owner}`,
    edge: 'database-all',
    kind: 'setting',
    what: say`set DRONE_DATABASE_SECRET`,
    at: server.at,
    rule: 'unencrypted-database',
    breaks: 4,
    caution: say`it closes the database and its backups alone: the server has the key; stored secrets need DRONE_DATABASE_ENCRYPT_MIXED_MODE at first`,
  };
}

function encryptingUsers(server: Settings): Change {
  return {
    key: `users ${server.owner}`,
    edge: 'database-all',
    kind: 'setting',
    what: say`set DRONE_DATABASE_ENCRYPT_USER_TABLE=true, with DRONE_DATABASE_SECRET`,
    ...{ at: server.at, rule: 'unencrypted-user-tokens', breaks: 4 },
    caution: say`API tokens stay as they are: who has the database is an administrator`,
  };
}

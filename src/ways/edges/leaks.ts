import { buildsBeside } from '../../analysis/build-networks.ts';
import { type Cache, cachesOf, isUsedBy, outlivesBuild } from '../../analysis/caches.ts';
import { databaseOf } from '../../analysis/database.ts';
import { calledExtensions, extensionsBehind } from '../../analysis/extensions.ts';
import { covers, usesDefaultDatabase } from '../../analysis/kept-data.ts';
import { areOnOneHost, placesOf, socketMountOf } from '../../analysis/same-host.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { hasPrivilege } from '../../analysis/step-privilege.ts';
import { containersNamed, endpointOf, isOnPrivateNetwork } from '../../drone/network.ts';
import { scmOf } from '../../drone/scm.ts';
import { secretsOfStep } from '../../drone/secret-use.ts';
import { hostNamedBy, shareHost } from '../../drone/topology.ts';
import { createdUser } from '../../drone/user-create.ts';
import type { ExtensionFact } from '../../facts/extensions.ts';
import { plainFiles } from '../../facts/host-paths.ts';
import type { Container, Mount } from '../../model/container.ts';
import { addTo } from '../../model/groups.ts';
import { exposesControlSocket, hostPath } from '../../model/host-paths.ts';
import { hostOf, isLoopback } from '../../model/hosts.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { allSteps, type Pipeline, type Step as PipelineStep } from '../../model/pipeline.ts';
import { isPublished } from '../../model/ports.ts';
import { isRunner } from '../../model/role.ts';
import { type Settings, settingsOf as settingsOfContainer, setVariable } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';
import { gradeTag } from '../../model/tag.ts';
import { say, type Text } from '../../model/text.ts';
import { foundBy } from '../../secrets/weakness.ts';
import type { Edge, UnnamedStep } from '../edge.ts';
import type { EdgeId } from '../edge-ids.ts';
import type { Change, Step } from '../graph.ts';
import { cloneCredentialOf, effectsOf, type HeldSecret, secretsOf } from '../holdings.ts';
import { isAtOtherEvents, toLaterBuilds } from '../later.ts';
import {
  assets,
  besideControlPlane,
  cloning,
  codeOnRunner,
  droneAdmin,
  file,
  fixed,
  type Position,
  poisoned,
  position,
  running,
  webhookSecret,
} from '../states.ts';
import { goesTo, trustOf } from '../taking.ts';
import { nameOf, type RuleHit, type Runner, type View } from '../view.ts';
import { escapeOf, stepsOn, volumesOf, withoutVolume } from './privilege.ts';

/* Poisoning, the wire, leaks and supply: mostly what a rule finds, and where it leads. */

export const leakEdges: readonly Edge[] = [
  {
    id: 'shared-folder',
    does: 'changes what a later build finds in a folder that all share',
    rules: ['host-path-for-builds', 'poisoned-cache'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-516',
    *steps(view) {
      yield* toLaterBuilds(view, {
        edge: 'shared-folder',
        addsFor: ({ name }) => say`and builds of ${name} are assumed to use it`,
        *stepsAt({ runner, taking }, isReached) {
          if (!isReached || taking.certainty === 'closed') return;
          for (const { path, at } of volumesOf(runner)) {
            if (exposesControlSocket(path) || plainFiles.test(hostPath(path))) continue;
            const closers = [withoutVolume(runner, path, at, 'shared-folder', 'host-path-for-builds')];
            const why = say`every step on ${runner.name} has "${path}"`;
            for (const from of stepsOn(runner)) yield { from, certainty: 'assumed', why, at, closers, later: true };
          }
        },
      });
    },
  },
  {
    id: 'saved-cache',
    does: 'saves a cache that later builds restore',
    rules: ['poisoned-cache'],
    source: 'harness/drone operator/manager/manager.go:335',
    *steps(view) {
      for (const repository of view.repositories) {
        const caches = repository.pipelines.flatMap(cachesOf).slice(0, maxCaches);
        if (caches.length === 0) continue;
        const secrets = secretsOf(repository, view);
        const using = new Set<Pipeline>();
        for (const saver of caches) {
          if (!saver.saves || !saver.step.reach.pullRequest || !outlivesBuild(saver)) continue;
          const others = caches.filter(
            (each) => each.restores && each.id === saver.id && isAtOtherEvents(each.step.reach),
          );
          if (others.length === 0) continue;
          const uses = others.filter((each) => isUsedBy(saver, each));
          const saving = savingOf(saver, uses.length > 0, secrets, trustOf(repository, view));
          for (const from of [running(repository, 'pull_request'), fixed(repository)])
            yield { from, to: poisoned(repository), at: saver.at, later: true, ...saving };
          for (const { pipeline } of uses) using.add(pipeline);
        }
        const behind = { from: poisoned(repository), certainty: 'seen', silent: true, why: say`` } as const;
        for (const { asset, at, users } of secrets)
          if (users.some(({ pipeline }) => using.has(pipeline))) yield { ...behind, to: asset, at };
        for (const { asset, pipeline, step } of effectsOf(repository))
          if (using.has(pipeline)) yield { ...behind, to: asset, at: step.at };
        for (const runner of view.runners)
          if ([...using].some((pipeline) => goesTo(pipeline, runner))) yield { ...behind, to: codeOnRunner(runner) };
      }
    },
  },
  {
    id: 'default-password',
    does: 'signs in at the database by its default password',
    rules: ['default-database-password'],
    source: 'docker-library/postgres docker-entrypoint.sh',
    *steps(view) {
      for (const hit of view.hitsOf('default-database-password')) {
        const server = settingsOf(hit, view);
        const host = server && databaseOf(server)?.source.host;
        if (!server || host === undefined) continue;
        const named = server.container ? containersNamed(host, server.container, view.installation) : [];
        const closers = [mending('default-password', hit, say`give the database a password that nobody guesses`)];
        const given = { to: assets.database, certainty: 'seen', why: hit.message, at: hit.at, closers } as const;
        if (named.some(({ ports }) => ports.some(isPublished))) yield { from: position('network'), ...given };
        if (named.some((each) => buildsBeside(each, view.installation))) yield { from: besideControlPlane, ...given };
        if (endpointOf(host, server, view.installation) === 'remote') yield { from: position('neighbour'), ...given };
      }
    },
  },
  {
    id: 'weak-rpc',
    does: 'speaks to the server as a runner, with a secret that is known or can be guessed',
    rules: ['weak-rpc-secret', 'accepted-sample-rpc-secret'],
    source: 'harness/drone operator/manager/rpc2/server.go:54',
    *steps(view) {
      const shared = { from: position('network'), to: assets.rpcSecret } as const;
      const [accepted] = view.hitsOf('accepted-sample-rpc-secret');
      const replacing = (hit: RuleHit): Change =>
        mending('weak-rpc', hit, say`replace DRONE_RPC_SECRET, on the server and on all runners`);
      if (accepted)
        yield {
          ...{ ...shared, certainty: 'seen', why: accepted.message, at: accepted.at, closers: [replacing(accepted)] },
        };
      let isFound = accepted !== undefined;
      const hits = view.hitsOf('weak-rpc-secret');
      for (const hit of hits) {
        const found = foundOf(hit, view);
        if (!found) continue;
        isFound = true;
        yield { ...shared, ...found, at: hit.at, closers: [replacing(hit)] };
      }
      if (isFound) return;
      const [short] = hits;
      const variable = view.servers.flatMap((server) => setVariable(server, 'DRONE_RPC_SECRET') ?? [])[0];
      if (short)
        yield {
          ...{ ...shared, certainty: 'closed', at: short.at },
          why: say`${short.message}, but it is no known value, and too long to be guessed by trying`,
        };
      else if (variable)
        yield {
          ...{ ...shared, certainty: 'closed', at: variable.at },
          why: variable.secret
            ? say`DRONE_RPC_SECRET is no known value`
            : say`no known value of DRONE_RPC_SECRET was seen`,
        };
    },
  },
  {
    id: 'weak-cookie',
    does: 'forges a session with the known cookie key',
    rules: ['weak-cookie-secret'],
    source: 'harness/drone session/session.go:48-91',
    *steps(view) {
      for (const hit of view.hitsOf('weak-cookie-secret')) {
        const found = foundOf(hit, view);
        if (found)
          yield {
            ...{ from: position('network'), to: droneAdmin, ...found, at: hit.at },
            closers: [mending('weak-cookie', hit, say`replace DRONE_COOKIE_SECRET`)],
          };
      }
    },
  },
  {
    id: 'weak-token',
    does: 'uses an API token that is known',
    rules: ['weak-account-token'],
    source: 'harness/drone session/session.go:99-113',
    *steps(view) {
      for (const hit of view.hitsOf('weak-account-token'))
        if (createsAdmin(hit, view))
          yield {
            ...{ from: position('network'), to: droneAdmin, why: hit.message, at: hit.at },
            certainty: isReachable(view) ? 'seen' : 'assumed',
            closers: [mending('weak-token', hit, say`rotate the token, and take it out of DRONE_USER_CREATE`)],
          };
    },
  },
  {
    id: 'http-rpc',
    does: 'reads the RPC secret on the wire',
    rules: ['plain-http-rpc', 'unverified-rpc-certificate'],
    source: 'drone/runner-go client/http.go:272',
    *steps(view) {
      for (const hit of hitsOfAll(['plain-http-rpc', 'unverified-rpc-certificate'], view)) {
        const settings = settingsOf(hit, view);
        const closers = [mending('http-rpc', hit, say`set DRONE_RPC_PROTO=https, and verify the certificate`)];
        for (const reader of onTheWire(settings && hostNamedBy(settings), settings, view))
          yield { ...reader, to: assets.rpcSecret, why: hit.message, at: hit.at, closers };
      }
    },
  },
  {
    id: 'http-server',
    does: 'reads a session or token on the wire',
    rules: ['plain-http-server', 'plain-http-address'],
    source: 'harness/drone session/session.go:48-91',
    *steps(view) {
      for (const hit of plainServers(view))
        yield {
          ...{ from: position('neighbour'), to: droneAdmin, certainty: 'seen', why: hit.message, at: hit.at },
          closers: [mending('http-server', hit, say`serve HTTPS`)],
        };
    },
  },
  {
    id: 'http-extension',
    does: 'reads or answers what the extension is asked',
    rules: ['plain-http-extension', 'unverified-extension-certificate'],
    source: 'harness/drone plugin/config/global.go:55-58',
    *steps(view) {
      for (const hit of hitsOfAll(['plain-http-extension', 'unverified-extension-certificate'], view)) {
        const { fact, address, name, settings } = extensionOf(hit, view);
        const closers = [mending('http-extension', hit, say`call the extension by HTTPS, and verify its certificate`)];
        for (const reader of onTheWire(address, settings, view)) {
          const given = { ...reader, why: hit.message, at: hit.at, closers };
          yield { ...given, to: assets.extension(name) };
          if (fact?.kind !== 'configuration' && fact?.kind !== 'conversion') continue;
          // It is asked with the token of the owner, and its answer is the pipeline.
          for (const repository of view.repositories) {
            yield { ...given, to: assets.cloneCredential(repository) };
            yield { ...given, to: file(repository, 'push'), later: true };
          }
        }
      }
    },
  },
  {
    id: 'http-scm',
    does: 'reads tokens of the SCM on the wire',
    rules: ['plain-http-scm', 'unverified-scm-certificate'],
    source: 'harness/drone plugin/config/global.go:55-58',
    *steps(view) {
      for (const hit of hitsOfAll(['plain-http-scm', 'unverified-scm-certificate'], view)) {
        const settings = settingsOf(hit, view);
        const provider = settings && scmOf(settings)?.provider;
        const address = provider && setVariable(settings, `DRONE_${provider.toUpperCase()}_SERVER`)?.value;
        const closers = [mending('http-scm', hit, say`speak HTTPS with the SCM, and verify its certificate`)];
        for (const reader of onTheWire(address === undefined ? undefined : hostOf(address), settings, view))
          for (const repository of view.repositories)
            yield { ...reader, to: assets.cloneCredential(repository), why: hit.message, at: hit.at, closers };
      }
    },
  },
  {
    id: 'admission',
    does: 'answers in place of the admission extension that everybody is an administrator',
    rules: ['plain-http-extension', 'unverified-extension-certificate'],
    source: 'harness/drone plugin/admission/external.go:52-57',
    *steps(view) {
      for (const hit of hitsOfAll(['plain-http-extension', 'unverified-extension-certificate'], view)) {
        const { fact, address, settings } = extensionOf(hit, view);
        if (fact?.kind !== 'admission') continue;
        const closers = [
          mending('admission', hit, say`call the admission extension by HTTPS, and verify its certificate`),
        ];
        for (const reader of onTheWire(address, settings, view))
          yield { ...reader, to: droneAdmin, why: hit.message, at: hit.at, closers };
      }
    },
  },
  {
    id: 'forge-hook',
    does: 'sends a webhook of their own, which builds any commit as a push',
    rules: ['shared-webhook-secret', 'plain-http-server', 'plain-http-address'],
    source:
      'drone/go-scm scm/driver/gitlab/webhook.go:63, scm/driver/bitbucket/webhook.go:95; harness/drone handler/api/repos/enable.go:34, 75',
    *steps(view) {
      const isSent = sendsWebhookSecret(view);
      for (const repository of view.repositories) {
        const to = file(repository, 'push');
        yield {
          ...{ from: webhookSecret(repository), to, certainty: 'assumed', at: repository.at },
          why: say`the secret of its webhook is all that a forged one needs, with a commit of a pull request`,
        };
        for (const hit of plainServers(view))
          yield isSent
            ? {
                ...{ from: position('neighbour'), to, certainty: 'assumed', why: hit.message, at: hit.at },
                closers: [mending('forge-hook', hit, say`serve HTTPS`)],
              }
            : { from: position('neighbour'), to, certainty: 'closed', why: signedWebhooks, at: hit.at };
        for (const hit of view.hitsOf('shared-webhook-secret')) {
          const secret = settingsOf(hit, view)?.variables.get('DRONE_FEATURE_SERVER_PROXY_SECRET')?.secret;
          if (secret?.kind === 'sample')
            yield {
              ...{ from: position('network'), to, certainty: 'assumed', why: hit.message, at: hit.at },
              closers: [
                mending(
                  'forge-hook',
                  hit,
                  say`unset DRONE_FEATURE_SERVER_PROXY_SECRET, and activate the repositories anew`,
                ),
              ],
            };
        }
      }
    },
  },
  {
    id: 'open-extension',
    does: 'asks the extension, which checks no signature',
    rules: [
      'unauthenticated-extension',
      'accepted-sample-extension-token',
      'weak-extension-token',
      'published-extension',
    ],
    source: 'drone/drone-go plugin/secret/handler.go',
    *steps(view) {
      const { installation } = view;
      for (const hit of view.hitsOf('unauthenticated-extension'))
        if (installation.probes.some(({ owner, isLocal }) => owner === hit.owner && !isLocal))
          yield askingExtension(position('network'), hit, view);
      for (const hit of view.hitsOf('accepted-sample-extension-token'))
        if (installation.probes.some(({ owner, isLocal }) => owner === hit.owner && !isLocal))
          yield askingExtension(position('network'), hit, view);
      for (const hit of view.hitsOf('weak-extension-token')) {
        const { container } = extensionOf(hit, view);
        if (!container) continue;
        if (view.hitsOf('published-extension').some(({ owner }) => owner === container.owner))
          yield askingExtension(position('network'), hit, view);
        if (buildsBeside(container, installation)) yield askingExtension(besideControlPlane, hit, view);
      }
    },
  },
  leak({
    id: 'log-config',
    does: 'reads all settings in the log of the server',
    rules: ['trace-logging'],
    source: 'harness/drone cmd/drone-server/main.go:60',
    from: 'log-reader',
    to: assets.server,
    what: say`unset DRONE_LOGS_TRACE`,
  }),
  {
    id: 'log-rpc',
    does: 'reads the RPC secret in the log of the runner',
    rules: ['rpc-dump', 'token-in-log'],
    source: 'drone/runner-go client/http.go:270-276',
    *steps(view) {
      const dumping = new Map<Runner, Omit<UnnamedStep, 'to'>>();
      for (const hit of view.hitsOf('rpc-dump')) {
        const runner = view.runners.find(({ settings }) => settings.owner === hit.owner);
        const closers = [mending('log-rpc', hit, say`unset DRONE_RPC_DUMP_HTTP and its body`)];
        const given = {
          from: position('log-reader'),
          certainty: 'seen',
          why: hit.message,
          at: hit.at,
          closers,
        } as const;
        yield { ...given, to: assets.rpcSecret };
        // With bodies the answers are logged too: the builds that the runner takes, with their secrets.
        if (runner && isOn(runner.settings, 'DRONE_RPC_DUMP_HTTP_BODY')) dumping.set(runner, given);
      }
      yield* toLaterBuilds(view, {
        edge: 'log-rpc',
        addsFor: ({ name }) => say`and builds of ${name} come to it`,
        *stepsAt({ runner, taking }) {
          const given = dumping.get(runner);
          if (given && taking.certainty !== 'closed') yield { ...given, later: true };
        },
      });
      yield* loggedAs('dump of a request with X-Drone-Token', assets.rpcSecret, view);
    },
  },
  {
    id: 'log-token',
    does: 'reads an API token in the log of the server',
    rules: ['logged-account-token', 'token-in-log'],
    source: 'harness/drone cmd/drone-server/bootstrap/bootstrap.go:86',
    *steps(view) {
      for (const hit of view.hitsOf('logged-account-token'))
        if (createsAdmin(hit, view))
          yield {
            ...{ from: position('log-reader'), to: droneAdmin, certainty: 'seen', why: hit.message, at: hit.at },
            closers: [
              mending('log-token', hit, say`remove DRONE_USER_CREATE once the account exists, and rotate its token`),
            ],
          };
      for (const line of [
        'bootstrap: account created',
        'bootstrap: found updated user token',
        'request with access_token',
      ])
        yield* loggedAs(line, droneAdmin, view);
    },
  },
  {
    id: 'log-hook',
    does: 'reads the secrets of webhooks in the log of the server',
    rules: ['traffic-dump'],
    source: 'harness/drone handler/web/hook.go:52-57',
    *steps(view) {
      const isSent = sendsWebhookSecret(view);
      for (const hit of view.hitsOf('traffic-dump')) {
        if (hit.subject !== 'DRONE_DEBUG_DUMP_HOOK') continue;
        for (const repository of view.repositories) {
          const ends = { from: position('log-reader'), to: webhookSecret(repository), at: hit.at } as const;
          yield isSent
            ? {
                ...{ ...ends, certainty: 'seen', why: hit.message },
                closers: [
                  mending('log-hook', hit, say`unset DRONE_DEBUG_DUMP_HOOK, and replace the secrets of webhooks`),
                ],
              }
            : { ...ends, certainty: 'closed', why: signedWebhooks };
        }
      }
    },
  },
  {
    id: 'backup',
    does: 'reads the database in a backup',
    rules: ['unencrypted-database'],
    source: 'docker/Dockerfile.server.linux.amd64 of harness/drone',
    *steps({ servers, installation }) {
      for (const server of servers)
        for (const mount of databaseMountsOf(server, installation))
          yield {
            ...{ from: position('backup-reader'), to: assets.database, certainty: 'seen', at: mount.at },
            why: say`the database of ${server.label} lies in "${mount.source ?? 'a volume'}"`,
          };
    },
  },
  {
    id: 'image-secret',
    does: 'changes an image that is given the secret',
    rules: ['unpinned-image'],
    source: 'drone-runners/drone-runner-docker engine/engine.go:244-246',
    *steps(view) {
      for (const repository of view.repositories)
        for (const { asset, users } of secretsOf(repository, view))
          for (const { step } of users)
            if (step?.image && step.image.value.digest === undefined)
              yield { ...suppliedBy(step.image.value.text, step.name, step.image.at), to: asset };
    },
  },
  {
    id: 'image-privileged',
    does: 'changes an image that runs privileged',
    rules: ['unpinned-image', 'implicitly-privileged-step'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:586-592',
    *steps(view) {
      for (const repository of view.repositories)
        for (const pipeline of repository.pipelines)
          for (const step of allSteps(pipeline)) {
            if (!step.image || step.image.value.digest !== undefined) continue;
            if (!hasPrivilege(pipeline, step, view.context)) continue;
            const supplied = suppliedBy(step.image.value.text, step.name, step.image.at);
            for (const runner of view.runners)
              if (goesTo(pipeline, runner)) yield { ...supplied, ...rootOf(runner), to: assets.host(runner) };
          }
      for (const container of view.installation.containers) yield* rootByImage(container, view);
    },
  },
  {
    id: 'image-clone',
    does: 'changes the image that clones, and has the credential for that',
    rules: ['floating-clone-image'],
    source: 'drone-runners/drone-runner-docker engine/compiler/clone.go:21-28',
    *steps(view) {
      const hits = view.repositories.length === 0 ? [] : view.hitsOf('floating-clone-image');
      const [first] = hits;
      for (const hit of hits)
        yield {
          ...{ from: position('supplier'), to: cloning, certainty: 'seen', why: hit.message, at: hit.at, later: true },
          closers: [mending('image-clone', hit, say`set DRONE_RUNNER_CLONE_IMAGE to a digest of drone/git`, false)],
        };
      if (first)
        for (const repository of view.repositories)
          yield {
            ...{ from: cloning, to: assets.cloneCredential(repository), at: first.at, silent: true },
            ...cloneCredentialOf(repository, view),
          };
    },
  },
  {
    id: 'image-component',
    does: 'changes an image that is a component of Drone itself',
    rules: ['unpinned-container-image', 'automatic-image-updates'],
    source: 'docs.docker.com/reference/cli/docker/image/pull/',
    *steps(view) {
      for (const each of view.installation.settings) {
        const { role, container } = each;
        const to = role === 'server' ? assets.server : isRunner(role) ? assets.rpcSecret : undefined;
        if (to && container)
          for (const supplied of suppliesTo(container, 'image-component', view)) yield { ...supplied, to };
      }
    },
  },
];

/** What changes the program of a container from outside: its tag moves, or can be pushed again where an updater takes it. */
function* suppliesTo(container: Container, edge: EdgeId, view: View): Iterable<Omit<UnnamedStep, 'to'>> {
  const { image, built, label } = container;
  if (!image || built || image.value.digest !== undefined) return;
  const given = { from: position('supplier'), certainty: 'seen', at: image.at, later: true } as const;
  const closers = [pinning(image.at, image.value.text, edge, 'setting', 'unpinned-container-image')];
  if (gradeTag(image.value.tag) !== 'full')
    yield { ...given, why: say`"${image.value.text}" of ${label} moves with each push`, closers };
  for (const { owner, message } of view.hitsOf('automatic-image-updates')) {
    const updater = view.installation.containers.find((each) => each.owner === owner);
    if (updater && shareHost(settingsOfContainer(updater), settingsOfContainer(container)))
      yield { ...given, why: message, closers };
  }
}

/** The runners whose machine belongs to whoever changes the image of a container: one that has the engine's socket, or is privileged. */
function* rootByImage(container: Container, view: View): Iterable<UnnamedStep> {
  const socket = container.role === 'step' ? undefined : socketMountOf(container);
  const isPrivileged = container.role === 'docker' && container.privileged?.value === true;
  if (!socket && !isPrivileged) return;
  const settings = settingsOfContainer(container);
  const { byContainer, byPlace } = runnersBy(view);
  const near = placesOf(settings).flatMap((place) => byPlace.get(place)?.slice(0, maxNear) ?? []);
  const beside = (): readonly Runner[] =>
    [...new Set(near)].filter((runner) => areOnOneHost(settings, runner.settings));
  for (const runner of byContainer.get(container) ?? beside()) {
    const isOwn = runner.engine.place === 'own' || runner.engine.container === container;
    for (const supplied of suppliesTo(container, 'image-privileged', view)) {
      const { certainty, why, at } = escapeOf(runner, socket ? 'engine' : 'privileged');
      yield {
        ...supplied,
        ...(isOwn && certainty !== 'seen' ? { certainty, ...(certainty === 'closed' ? { why, at } : {}) } : {}),
        to: assets.host(runner),
      };
    }
  }
}

/** How many runners of one machine a helper is joined with; people have two or three. */
const maxNear = 20;

/** Runners by their own container and the daemon they build on, and by the machine that they are on. */
const runnersBy = memoizePer(({ runners }: View) => {
  const byContainer = new Map<Container, Runner[]>();
  const byPlace = new Map<string, Runner[]>();
  for (const runner of runners) {
    for (const container of [runner.settings.container, runner.engine.container])
      if (container) addTo(byContainer, container, runner);
    for (const place of placesOf(runner.settings)) addTo(byPlace, place, runner);
  }
  return { byContainer, byPlace };
});

interface Leak extends Pick<Edge, 'id' | 'does' | 'rules' | 'source'> {
  readonly from: Position;
  readonly to: string;
  /** What is to do about it. */
  readonly what: Text;
}

/** An edge of rules that leads from one position to one asset wherever they find something. */
function leak({ id, does, rules, source, from, to, what }: Leak): Edge {
  return {
    ...{ id, does, rules, source },
    *steps(view) {
      for (const hit of hitsOfAll(rules, view))
        yield {
          ...{ from: position(from), to, certainty: 'seen', why: hit.message, at: hit.at },
          closers: [mending(id, hit, what)],
        };
    },
  };
}

/** How many caching steps of one repository are compared with each other. */
const maxCaches = 300;

const signedWebhooks = say`the SCM signs webhooks, and does not send their secret`;

function settingsOf({ owner }: RuleHit, { installation }: View): Settings | undefined {
  return installation.settings.find((each) => each.owner === owner);
}

/**
 * Who is on the way from a component to an address: neighbours where it leads out of the machine, builds that are attached to
 * the networks of an engine where it stays there.
 */
function onTheWire(
  address: string | undefined,
  from: Settings | undefined,
  { installation, context }: View,
): readonly { readonly from: string; readonly certainty: 'seen' | 'assumed' }[] {
  const way = address === undefined || !from ? 'remote' : endpointOf(address, from, installation);
  if (way === 'local') return [];
  if (way === 'project') return [{ from: besideControlPlane, certainty: 'assumed' }];
  const isPrivate = address !== undefined && from && isOnPrivateNetwork(address, from, context.site.networks);
  return [{ from: position('neighbour'), certainty: isPrivate ? 'assumed' : 'seen' }];
}

/** Servers that are spoken to over plain http from other machines. */
function plainServers(view: View): readonly RuleHit[] {
  const { endpoints } = view.installation;
  const isFar = ({ owner }: RuleHit): boolean =>
    endpoints.every((each) => each.owner !== owner || !isLoopback(hostOf(each.address.value) ?? ''));
  return [...view.hitsOf('plain-http-server'), ...view.hitsOf('plain-http-address').filter(isFar)];
}

/** Whether the SCM sends the secret of a webhook with it; the others sign what they send. */
function sendsWebhookSecret({ servers }: View): boolean {
  return servers.some((server) => /^(?:gitlab|bitbucket)$/.test(scmOf(server)?.provider ?? ''));
}

/** Whether the account of DRONE_USER_CREATE is, or may be, an administrator. */
function createsAdmin(hit: RuleHit, view: View): boolean {
  const variable = settingsOf(hit, view)?.variables.get('DRONE_USER_CREATE');
  return variable !== undefined && createdUser(variable)?.admin !== false;
}

/** What lines of a log hold, by the message that was kept of them (facts/log-lines.ts). */
function* loggedAs(line: string, to: string, view: View): Iterable<UnnamedStep> {
  for (const { rule, subject, message, at } of view.hitsOf('token-in-log'))
    if (subject === line)
      yield {
        ...{ from: position('log-reader'), to, certainty: 'seen', why: message, at },
        closers: [
          mending(
            to === assets.rpcSecret ? 'log-rpc' : 'log-token',
            { rule, subject, message, at, owner: line },
            say`replace the credential, and remove the log`,
          ),
        ],
      };
}

/** Whether what a step saves for pull requests comes to later builds. */
function savingOf(
  { pipeline, step, isVolume, store }: Cache,
  isShared: boolean,
  ofRepository: readonly HeldSecret[],
  trust: ReturnType<typeof trustOf>,
): Pick<Step, 'certainty' | 'why' | 'closers'> {
  if (!isShared) return { certainty: 'closed', why: say`pull requests have a key of their own in ${store}` };
  if (isVolume && trust === 'untrusted')
    return { certainty: 'closed', why: say`the repository is not trusted, so nothing mounts ${store}` };
  const names = new Set((isVolume ? [] : secretsOfStep(pipeline, step)).map(({ name }) => name.toLowerCase()));
  const secrets = ofRepository.filter(({ name }) => names.has(name.toLowerCase()));
  const withheld = secrets.find(({ release }) => release === 'no');
  if (withheld) return { certainty: 'closed', why: say`"${withheld.name}", which saving needs, is not flagged` };
  const unknown = secrets.find(({ release }) => release === 'unknown');
  const closers = [savingOnPush(step)];
  if (unknown)
    return {
      certainty: 'unknown',
      why: say`if "${unknown.name}", which saving needs, is released to pull requests`,
      closers,
    };
  if (isVolume && trust === 'unknown') return { certainty: 'unknown', why: say`if the repository is trusted`, closers };
  return {
    certainty: isVolume && trust === 'by default' ? 'assumed' : 'seen',
    why: say`step "${step.name}" saves ${store} for pull requests, and other builds use it`,
    closers,
  };
}

/** The mounts of a server, or of its database, that hold what it stores. */
function databaseMountsOf(server: Settings, installation: Installation): readonly Mount[] {
  const { container } = server;
  if (!container) return [];
  if (usesDefaultDatabase(container) !== false) return container.mounts.filter((mount) => covers(mount, '/data'));
  const host = databaseOf(server)?.source.host;
  const named = host === undefined ? [] : containersNamed(host, container, installation);
  return named.flatMap(({ mounts }) =>
    mounts.filter(({ target = '' }) => /^\/var\/lib\/(?:postgresql|mysql)/.test(target)),
  );
}

/** Whether a privileged container is root of the machine of a runner, where that is less sure than what runs there. */
function rootOf(runner: Runner): Pick<Step, 'certainty'> | Pick<Step, 'certainty' | 'why' | 'at'> {
  const { certainty, why, at } = escapeOf(runner, 'privileged');
  return certainty === 'closed'
    ? { certainty, why, at }
    : { certainty: runner.kind === 'kube' ? 'assumed' : certainty };
}

/** What has to be replaced once it could be read. */
function exposedBy(edge: EdgeId): string {
  switch (edge) {
    case 'http-server':
      return 'sessions, API tokens and the cookie secret (DRONE_COOKIE_SECRET)';
    case 'weak-rpc':
    case 'http-rpc':
    case 'log-rpc':
      return 'the RPC secret, and the secrets that builds are given';
    case 'http-scm':
      return 'the OAuth secret and tokens of the SCM';
    case 'http-extension':
    case 'open-extension':
      return 'the token of the extension, and what it hands out';
    case 'log-config':
      return 'each secret among the settings of the server';
    case 'log-token':
    case 'weak-token':
      return 'the API token';
    case 'log-hook':
      return 'the secrets of webhooks';
    case 'default-password':
      return 'the secrets and tokens in the database';
    default:
      return 'what this step could read';
  }
}

function mending(edge: EdgeId, { rule, at, owner, subject = '' }: RuleHit, what: Text, isToReplace = true): Change {
  return {
    key: edge === 'weak-rpc' ? edge : `${rule} ${owner} ${subject}`,
    edge,
    kind: 'setting',
    what,
    at,
    rule,
    breaks: 1,
    ...(isToReplace ? { caution: say`afterwards rotate ${exposedBy(edge)}: somebody may have read it` } : {}),
  };
}

/** What is on the way to a digest: its image by its tag, which may be pushed again. */
export function suppliedBy(image: string, step: string, at: Location): Omit<Step, 'edge' | 'to'> {
  return {
    from: position('supplier'),
    certainty: 'seen',
    later: true,
    at,
    why: say`"${image}" of step "${step}" has no digest`,
    closers: [pinning(at, image, 'image-secret', 'line', 'unpinned-image')],
  };
}

function pinning(at: Location, image: string, edge: EdgeId, kind: Change['kind'], rule: string): Change {
  return {
    key: `digest ${at.source.name} ${at.span.start}`,
    ...{ edge, kind, at, rule, breaks: 1 },
    what: say`name "${image}" by its digest`,
  };
}

function savingOnPush({ nameAt, name }: PipelineStep): Change {
  return {
    key: `saving ${nameAt.source.name} ${nameAt.span.start}`,
    ...{ edge: 'saved-cache', kind: 'line', at: nameAt, rule: 'poisoned-cache', breaks: 0 },
    what: say`let step "${name}" run on push alone`,
  };
}

/** How somebody at the network comes by a weak secret of the server; not at all where it is merely short. */
function foundOf(hit: RuleHit, view: View): (Pick<UnnamedStep, 'why'> & { certainty: 'seen' | 'assumed' }) | undefined {
  const secret = settingsOf(hit, view)?.variables.get(hit.subject ?? '')?.secret;
  const found = secret && foundBy(secret);
  if (found === 'known') return { certainty: isReachable(view) ? 'seen' : 'assumed', why: hit.message };
  if (found === undefined) return undefined;
  return {
    certainty: 'assumed',
    why: say`${hit.message}: it is assumed to be guessed by trying, which nothing limits`,
  };
}

/** Whether a port of a server, or an Ingress, is open to others than its own machine. */
function isReachable({ servers, installation }: View): boolean {
  return (
    servers.some(({ container }) => container?.ports.some(isPublished)) || (installation.ingresses ?? []).length > 0
  );
}

/** The extension that a hit is about, seen from its caller or from itself. */
function extensionOf(
  hit: RuleHit,
  view: View,
): {
  readonly fact?: ExtensionFact;
  readonly name: string;
  /** Its host, as its caller has it. */
  readonly address?: string;
  readonly settings?: Settings;
  readonly container?: Container;
} {
  const { installation } = view;
  const settings = settingsOf(hit, view);
  if (!settings) {
    const probe = installation.probes.find(({ owner }) => owner === hit.owner);
    return { name: (probe && hostOf(probe.address.value)) ?? 'extension' };
  }
  const called = calledExtensions(settings).find(({ fact, endpoint }) =>
    [endpoint.name, fact.token, fact.skipVerify].includes(hit.subject ?? ''),
  );
  if (!called)
    return { name: nameOf(settings), settings, ...(settings.container ? { container: settings.container } : {}) };
  const { fact, endpoint } = called;
  const address = endpoint.value === undefined ? undefined : hostOf(endpoint.value);
  const [behind] = extensionsBehind(settings, endpoint.value, installation);
  return {
    fact,
    name: behind ? nameOf(behind) : (address ?? 'extension'),
    settings,
    ...(address === undefined ? {} : { address }),
    ...(behind?.container ? { container: behind.container } : {}),
  };
}

function askingExtension(from: string, hit: RuleHit, view: View): UnnamedStep {
  const { name } = extensionOf(hit, view);
  const mended = mending('open-extension', hit, say`give the extension a random token, and do not publish it`);
  return {
    ...{ from, to: assets.extension(name), certainty: 'seen', why: hit.message, at: hit.at },
    // Its token is one with that of its callers, so that both ends are mended at once.
    closers: [{ ...mended, key: `open-extension ${name}` }],
  };
}

function hitsOfAll(rules: readonly string[], { hitsOf }: View): readonly RuleHit[] {
  return rules.flatMap((rule) => hitsOf(rule));
}

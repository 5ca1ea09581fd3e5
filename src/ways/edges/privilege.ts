import { buildsBeside } from '../../analysis/build-networks.ts';
import { isDaemon, isSocketProxy, plainListeners } from '../../analysis/docker-daemons.ts';
import type { Account } from '../../analysis/kubernetes-accounts.ts';
import { makesPods } from '../../analysis/kubernetes-rights.ts';
import { dataShownToBuilds } from '../../analysis/server-data-mounts.ts';
import { hasPrivilege } from '../../analysis/step-privilege.ts';
import { rootFolders } from '../../facts/host-paths.ts';
import type { Variable } from '../../model/environment.ts';
import { exposesControlSocket, hostPath } from '../../model/host-paths.ts';
import type { PodSecurity, ServiceAccountRights } from '../../model/kubernetes.ts';
import { itemsOf } from '../../model/location-within.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { isPublished } from '../../model/ports.ts';
import { setVariable } from '../../model/settings.ts';
import type { Location } from '../../model/source.ts';
import { ownWords, say, type Text } from '../../model/text.ts';
import type { Edge, UnnamedStep } from '../edge.ts';
import type { Certainty, Change } from '../graph.ts';
import { runnerSecretsOf } from '../holdings.ts';
import { fixedBy, isAllFixed, isOfPods, labelOf, namespaceOf, namespacesOfPods, powersOf } from '../pods.ts';
import {
  assets,
  besideControlPlane,
  buildUser,
  code,
  codeOnRunner,
  onRunner,
  onRunnerTrusted,
  onRunnerTrustedByDefault,
  position,
  privileged,
  serviceAccount,
} from '../states.ts';
import { goesTo, takingOf, trustOf, untrusting } from '../taking.ts';
import { type Runner, runsRepositoryCode, type SeenRepository, type View } from '../view.ts';

/* Privilege on the runner. */

export const privilegeEdges: readonly Edge[] = [
  {
    id: 'auto-plugin',
    does: 'uses a plugin that the runner makes privileged by the name of its image',
    rules: ['implicitly-privileged-step'],
    source:
      'drone-runners/drone-runner-docker engine/compiler/compiler.go:39-46, 549-594, engine/compiler/util.go:143-159; drone-runner-kube engine/compiler/compiler.go:42-48, 716-754',
    *steps({ runners }) {
      for (const runner of runners)
        if (runner.kind === 'docker' || runner.kind === 'kube')
          for (const from of filesOn(runner)) {
            const ends = { from, to: privileged(runner), at: runner.settings.at } as const;
            yield runner.makesPrivileged
              ? {
                  ...{ ...ends, certainty: 'seen' },
                  why: say`${runner.name} makes some plugins privileged by the name of their image: treat them as the author's code`,
                }
              : { ...ends, certainty: 'closed', why: say`Windows, where nothing is privileged` };
          }
    },
  },
  {
    id: 'extra-image',
    does: 'uses an image that this runner was told to make privileged',
    rules: ['extra-privileged-image', 'broad-privileged-image'],
    source: 'drone-runners/drone-runner-docker command/daemon/daemon.go:132',
    *steps({ runners }) {
      for (const runner of runners) {
        const variable = setVariable(runner.settings, 'DRONE_RUNNER_PRIVILEGED_IMAGES');
        if (!variable || !runner.makesPrivileged) continue;
        for (const from of filesOn(runner))
          yield {
            ...{ from, to: privileged(runner), certainty: 'seen', at: variable.at },
            why: say`DRONE_RUNNER_PRIVILEGED_IMAGES of ${runner.name} adds to the privileged images`,
            closers: [withoutImages(runner, variable.at)],
          };
      }
    },
  },
  {
    id: 'trusted-file',
    does: 'asks for privilege, which a trusted repository is given',
    rules: ['trusted-repository-open-to-forks', 'trusted-by-default', 'privileged-step', 'host-volume'],
    source:
      'drone-runners/drone-runner-docker engine/linter/linter.go:100-172; harness/drone handler/api/repos/update.go:106-109',
    *steps(view) {
      for (const runner of view.runners) {
        if (runner.kind !== 'docker' && runner.kind !== 'kube') continue;
        // Without privilege there are still the folders of the host.
        const to = runner.makesPrivileged ? privileged(runner) : assets.host(runner);
        for (const repository of view.repositories) {
          if (trustOf(repository, view) !== 'trusted') continue;
          const given = {
            to,
            certainty: 'seen',
            at: repository.known?.trusted.at ?? repository.at,
            why: say`${repository.known?.slug ?? repository.name} is trusted, for pull requests of forks too`,
            closers: [untrusting(repository)],
          } as const;
          yield { from: onRunnerTrusted(runner, repository), ...given };
          // A file that is not theirs gives no more than it asks for.
          const step = repository.pipelines
            .filter((pipeline) => goesTo(pipeline, runner) && takesPullRequests(runner, repository, view))
            .flatMap((pipeline) => stepWithPrivilege(pipeline, view) ?? [])[0];
          if (step)
            yield {
              ...{ from: code(repository), ...given, at: step.at },
              why: say`step "${step.name}" runs code of the repository with privilege, since the repository is trusted`,
            };
        }
        if (trustOf('own', view) === 'by default')
          yield {
            ...{ from: onRunnerTrustedByDefault(runner), to, certainty: 'assumed' },
            why: say`DRONE_REPOSITORY_TRUSTED makes each new repository trusted`,
          };
      }
    },
  },
  {
    id: 'privileged-host',
    does: 'breaks out to root on the machine',
    rules: [],
    source: 'drone-runners/drone-runner-docker engine/convert.go:53-60',
    *steps({ runners }) {
      for (const runner of runners) {
        if (runner.kind !== 'docker') continue;
        yield { from: privileged(runner), to: assets.host(runner), ...escapeOf(runner, 'privileged') };
        const { certainty, why, at } = rootAt({ ...runner, engine: { ...runner.engine, rootless: false } });
        yield { from: privileged(runner), to: assets.engine(runner), certainty, why, at };
      }
    },
  },
  {
    id: 'runner-socket',
    does: 'uses the engine through its socket, which every step gets',
    rules: ['docker-socket-for-builds'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-516, engine/convert.go:179-182',
    *steps({ runners }) {
      for (const runner of runners)
        for (const { path, at } of volumesOf(runner)) {
          if (!/^[\\/]/.test(path) || !exposesControlSocket(path)) continue;
          for (const from of stepsOn(runner))
            yield {
              ...{ from, to: assets.engine(runner), certainty: 'seen', at },
              why: say`DRONE_RUNNER_VOLUMES of ${runner.name} mounts "${path}" into every step`,
              closers: [withoutVolume(runner, path, at, 'runner-socket', 'docker-socket-for-builds')],
            };
        }
    },
  },
  {
    id: 'runner-path',
    does: 'uses a folder of the machine, which every step gets',
    rules: ['host-path-for-builds', 'shared-data-volume'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-516, engine/convert.go:179-182',
    *steps({ runners, installation }) {
      for (const runner of runners)
        for (const { path, at } of volumesOf(runner)) {
          const closers = [withoutVolume(runner, path, at, 'runner-path', 'host-path-for-builds')];
          const why = say`DRONE_RUNNER_VOLUMES of ${runner.name} mounts "${path}" into every step`;
          // Paths are those of the engine's machine: with a daemon in a container, of that container.
          const isInside = runner.engine.place === 'dind';
          const isRoot = isRootFolder(hostPath(path));
          for (const from of stepsOn(runner)) {
            if (isRoot && isInside) yield { from, to: assets.engine(runner), certainty: 'seen', at, why, closers };
            else if (isRoot && runner.engine.rootless)
              yield {
                ...{ from, to: assets.host(runner), certainty: 'closed', at: runner.engine.at },
                why: say`the engine of ${runner.name} has no root`,
              };
            else if (isRoot) yield { from, to: assets.host(runner), certainty: 'seen', at, why, closers };
            if (dataShownToBuilds(path, runner.settings, installation) && !isInside)
              yield {
                from,
                to: assets.database,
                certainty: 'seen',
                at,
                why: say`${why}, where the server keeps its data`,
                closers,
              };
          }
        }
    },
  },
  {
    id: 'engine-host',
    does: 'becomes root on the machine through its engine',
    rules: ['docker-socket-mount'],
    source: 'docs.docker.com/engine/security/#docker-daemon-attack-surface',
    *steps({ runners }) {
      for (const runner of runners)
        if (runner.kind === 'docker')
          yield { from: assets.engine(runner), to: assets.host(runner), ...escapeOf(runner, 'engine') };
    },
  },
  {
    id: 'open-engine',
    does: 'uses an engine that listens without asking who calls',
    rules: ['plain-docker-daemon', 'plain-docker-host', 'permissive-socket-proxy', 'exposed-docker-daemon'],
    source: 'docker-library/docker dockerd-entrypoint.sh; drone/charts charts/drone-runner-docker/values.yaml:44-48',
    *steps({ runners, installation, hitsOf }) {
      for (const runner of runners) {
        const { container } = runner.engine;
        if (runner.engine.place !== 'dind' || !container) continue;
        for (const { at, message, isLocal } of plainListeners(container, installation)) {
          if (isLocal) continue;
          const closers = [withTls(runner, at)];
          const why = say`${container.label} ${message}`;
          for (const from of stepsOn(runner))
            yield { from, to: assets.engine(runner), certainty: 'seen', why, at, closers };
          if (container.ports.some(isPublished))
            yield {
              from: position('network'),
              to: assets.engine(runner),
              certainty: 'seen',
              why: say`${why}, and is published`,
              at,
              closers,
            };
        }
      }
      for (const container of installation.containers) {
        const beside = isSocketProxy(container) ? buildsBeside(container, installation) : undefined;
        const runner = runners.find(({ settings }) => settings === beside);
        const hit = hitsOf('permissive-socket-proxy').find(({ owner }) => owner === container.owner);
        if (!runner || !hit) continue;
        for (const from of stepsOn(runner))
          yield {
            ...{ from, to: assets.engine(runner), certainty: 'seen', why: hit.message, at: hit.at },
            closers: [apartFromBuilds(runner, 'open-engine', 'permissive-socket-proxy')],
          };
      }
      for (const { at, message, owner } of hitsOf('plain-docker-host'))
        for (const runner of runners)
          if (runner.settings.owner === owner)
            for (const from of [...stepsOn(runner), position('neighbour')])
              yield {
                ...{ from, to: assets.engine(runner), certainty: 'assumed', why: message, at },
                closers: [withTls(runner, at)],
              };
      for (const { at, message, owner } of hitsOf('exposed-docker-daemon'))
        for (const runner of runners)
          if (runner.settings.live && originOfOwner(runner.settings.owner) === originOfOwner(owner))
            yield {
              ...{ from: position('network'), to: assets.engine(runner), certainty: 'seen', why: message, at },
              closers: [withTls(runner, at)],
            };
    },
  },
  {
    id: 'joined-network',
    does: 'joins a network of the control plane',
    rules: ['control-plane-network-for-builds'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:488, engine/engine.go:297-304',
    *steps({ runners, hitsOf }) {
      for (const { at, message, owner } of hitsOf('control-plane-network-for-builds'))
        for (const runner of runners)
          if (runner.settings.owner === owner)
            for (const from of stepsOn(runner))
              yield {
                ...{ from, to: besideControlPlane, certainty: 'seen', why: message, at },
                closers: [apartFromBuilds(runner, 'joined-network', 'control-plane-network-for-builds')],
              };
    },
  },
  {
    id: 'exec-build',
    does: 'has the build run on the machine itself',
    rules: ['exec-pipeline', 'unrestricted-exec-runner'],
    source: 'drone-runners/drone-runner-exec runtime/runner.go:160-207, engine/exec.go:97-108',
    *steps({ runners }) {
      for (const runner of runners) {
        if (runner.kind !== 'exec') continue;
        const { user, at } = runner.settings;
        const isRoot = user === undefined ? undefined : user.value === 'root' || user.value === '0';
        const place = user?.at ?? at;
        for (const from of stepsOn(runner)) {
          yield {
            from,
            to: buildUser(runner),
            certainty: 'seen',
            at: place,
            why: say`${runner.name} runs builds on its machine, without trust or lint`,
          };
          if (isRoot === false)
            yield { from, to: assets.host(runner), certainty: 'closed', at: place, why: say`the runner is not root` };
          else
            yield {
              ...{ from, to: assets.host(runner), certainty: isRoot ? 'seen' : 'assumed', at: place },
              why: isRoot
                ? say`${runner.name} is root`
                : say`${runner.name} is assumed to be root, as a system unit is that names no user`,
              closers: [asOtherUser(runner, place)],
            };
        }
      }
    },
  },
  {
    id: 'exec-rpc',
    does: 'reads the settings of the runner, as the same user',
    rules: ['exec-runner-as-root'],
    source: 'drone-runners/drone-runner-exec command/service/path.go:22-27, command/daemon/config.go:33',
    *steps({ runners }) {
      for (const runner of runners)
        if (runner.kind === 'exec')
          for (const to of [assets.rpcSecret, ...runnerSecretsOf(runner).map(({ name }) => assets.runnerSecret(name))])
            yield {
              ...{ from: buildUser(runner), to, certainty: 'seen', at: runner.settings.at },
              why: say`builds run as the user of ${runner.name}, who reads its settings`,
            };
    },
  },
  {
    id: 'pod-account',
    does: 'has the token of the service account that its pod runs as',
    rules: ['missing-kubernetes-policy', 'chosen-service-account', 'chosen-namespace'],
    source:
      'drone-runners/drone-runner-kube engine/compiler/compiler.go:215-259, 634-638, engine/policy/policy.go:131-182',
    *steps(view) {
      for (const runner of view.runners) {
        if (runner.kind !== 'kube') continue;
        const fixed = fixedBy(runner, view);
        const choosing = choosingAccount(runner, view);
        const certainty: Certainty = fixed ? 'seen' : 'unknown';
        for (const from of filesOn(runner)) yield { from, to: serviceAccount(runner), ...choosing };
        if (!fixed || !isAllFixed(fixed))
          yield {
            ...{ from: codeOnRunner(runner), to: serviceAccount(runner), certainty },
            ...{ at: runner.settings.at, why: say`Kubernetes mounts the token of the pod's own account` },
          };
        for (const { account, rights } of powersOf(runner, view)) {
          const to = serviceAccount(runner, rights.boundBy.value);
          const rules = namespaceRuleOf(runner, account);
          const isOwn = isOfPods(rights, runner, fixed ?? [{}]);
          const given = {
            ...{ to, certainty, at: runner.settings.at },
            why: say`${account.label} is that of the pod, whose token Kubernetes mounts`,
            closers: fixed && isAllFixed(fixed) ? [] : [withPolicy(runner)],
          } as const;
          if (isOwn) yield { from: codeOnRunner(runner), ...given };
          for (const from of filesOn(runner))
            yield rules
              ? { from, to, certainty: 'closed', why: say`DRONE_NAMESPACE_RULES`, at: rules.at }
              : isOwn && choosing.certainty === 'closed'
                ? { from, ...given }
                : { from, to, ...choosing };
        }
      }
    },
  },
  {
    id: 'account-cluster',
    does: 'uses what that account may do',
    rules: ['powerful-runner-account', 'shared-kubernetes-namespace'],
    source: 'drone/docs content/runner/kubernetes/installation.md:40-79',
    *steps(view) {
      for (const runner of view.runners) {
        if (runner.kind !== 'kube') continue;
        const own = runner.settings.container?.project;
        const builds = namespaceOf(runner);
        const powers = powersOf(runner, view);
        for (const { account, rights } of powers) {
          const namespace = rights.namespace ?? account.namespace ?? own ?? 'default';
          const given = {
            from: serviceAccount(runner, rights.boundBy.value),
            certainty: 'seen',
            at: rights.boundBy.at,
            closers: [withoutRights(rights)],
            why: say`${account.label} has the rights of ${ownWords(rights.role.kind)} "${rights.role.name}"${rights.clusterWide ? say` in all namespaces` : ''}`,
          } as const;
          yield { ...given, to: assets.cluster(namespace) };
          // Whoever makes pods where the runner lives has its settings mounted.
          if (rights.clusterWide || own === undefined || own === namespace) yield { ...given, to: assets.rpcSecret };
          if (!makesPods(rights)) continue;
          const label = rights.clusterWide ? undefined : labelOf(namespace, view.installation);
          yield label
            ? { from: given.from, to: assets.host(runner), ...heldBack(label) }
            : {
                ...{ ...given, to: assets.host(runner), certainty: 'assumed' },
                why: say`${given.why}, and its namespace is assumed to admit privileged pods`,
                closers: [...given.closers, ...(rights.clusterWide ? [] : [enforcingPods(namespace, given.at)])],
              };
        }
        if (powers.length === 0)
          for (const to of [assets.cluster(builds), assets.rpcSecret])
            yield {
              ...{ from: serviceAccount(runner), to, certainty: 'unknown', at: runner.settings.at, vague: true },
              why: say`what the accounts of ${builds} may do was not seen`,
            };
      }
    },
  },
  {
    id: 'pod-node',
    does: 'breaks out to root on the node',
    rules: [],
    source: 'drone-runners/drone-runner-kube engine/compiler/compiler.go:716-754',
    *steps(view) {
      for (const runner of view.runners) {
        if (runner.kind !== 'kube') continue;
        const ends = { from: privileged(runner), to: assets.host(runner), at: runner.settings.at } as const;
        const usual = namespaceOf(runner);
        const namespaces = namespacesOfPods(runner, view);
        const open = [...(namespaces ?? [usual])].filter((each) => !labelOf(each, view.installation));
        const label = labelOf([...(namespaces ?? [usual])][0] ?? usual, view.installation);
        const labels = open.map((each) => enforcingPods(each, ends.at));
        if (open.length === 0 && namespaces && label) yield { ...ends, ...heldBack(label) };
        else if (open.length === 0)
          yield {
            ...{ ...ends, closers: [withPolicy(runner)] },
            certainty: fixedBy(runner, view) ? 'assumed' : 'unknown',
            why: say`the author may choose another namespace than "${usual}", which is assumed to admit privileged pods`,
          };
        else
          yield {
            ...{ ...ends, certainty: 'assumed' },
            why: say`the namespace is assumed to admit privileged pods`,
            // Without a policy the author takes another namespace than that of builds.
            together: namespaces ? labels : [withPolicy(runner), ...labels],
          };
      }
    },
  },
];

/** Files of somebody's choice on a runner, by what may start them. */
export function filesOn(runner: Runner): readonly string[] {
  return [onRunner(runner, 'pull_request'), onRunner(runner, 'own')];
}

/** Whatever runs code of somebody in a step on a runner. */
export function stepsOn(runner: Runner): readonly string[] {
  return [codeOnRunner(runner), ...filesOn(runner)];
}

function originOfOwner(owner: string): string {
  return owner.slice(0, owner.indexOf('/', owner.indexOf('://') + 3));
}

/** The folders and volumes of the engine that every step on a runner gets; an exec runner has none to give. */
export function volumesOf({ settings, kind }: Runner): readonly { readonly path: string; readonly at: Location }[] {
  const variable = settings.variables.get('DRONE_RUNNER_VOLUMES');
  if (variable?.value === undefined || (kind !== 'docker' && kind !== 'kube')) return [];
  return itemsOf(variable).flatMap(({ text, at }) => {
    const path = sourceOf(text);
    return path === '' ? [] : [{ path, at }];
  });
}

/** Whether who may write to a folder of the host is its root: its accounts, programs, boot files, or all containers. */
function isRootFolder(path: string): boolean {
  return (
    rootFolders.has(path) ||
    /^\/(?:bin|boot|lib|sbin|usr|var|usr\/(?:local\/)?s?bin|var\/lib|var\/spool\/cron|root\/\.ssh)$/.test(path) ||
    /^\/etc\/(?:cron\.d|systemd|ssh|sudoers\.d)$/.test(path)
  );
}

/** What comes before the first colon that does not belong to a drive letter. */
function sourceOf(item: string): string {
  return /^\s*((?:[A-Za-z]:(?=[\\/]))?[^:]*)/.exec(item)?.[1]?.trim() ?? '';
}

/** What tells whether root of a machine is reached. */
interface Escape {
  readonly certainty: 'seen' | 'assumed' | 'closed';
  readonly why: Text;
  readonly at: Location;
  readonly closers?: readonly Change[];
}

/** Runtimes that keep root of a container, even of a privileged one, off the machine: in a user namespace, or in a virtual machine. */
const isolatingRuntime = /\b(?:sysbox|kata)\b/i;

/** Whether root of the machine is reached by whoever has its engine, or a privileged container of it. */
export function escapeOf(runner: Pick<Runner, 'name' | 'engine'>, by: 'engine' | 'privileged'): Escape {
  const { rootless, mapsUsers, at, container } = runner.engine;
  if (rootless) return { certainty: 'closed', why: say`the engine of ${runner.name} has no root`, at };
  const runtime = container?.runtime;
  if (container && runtime && isolatingRuntime.test(runtime.value))
    return { certainty: 'closed', why: say`${container.label} runs under "${runtime.value}"`, at: runtime.at };
  // Whoever has the engine starts one that keeps the users of the host (--userns=host).
  if (mapsUsers && by === 'privileged')
    return {
      certainty: 'closed',
      why: say`the engine of ${runner.name} maps users, and starts nothing privileged`,
      at,
    };
  return rootAt(runner);
}

/** The same of an engine that has root on its machine. */
function rootAt(runner: Pick<Runner, 'name' | 'engine'>): Escape {
  const { place, rootless, at, container } = runner.engine;
  const closers = [withoutRoot(runner)];
  if (place === 'own' && rootless === false)
    return { certainty: 'seen', why: say`the engine of ${runner.name} has root`, at, closers };
  if (place === 'dind' && container && isDaemon(container) && container.privileged?.value)
    return {
      certainty: 'seen',
      why: say`${container.label} is privileged itself`,
      at: container.privileged.at,
      closers,
    };
  return {
    certainty: 'assumed',
    why: say`the engine of ${runner.name} was not seen, and is assumed to have root`,
    at,
    closers,
  };
}

/** Whether the author of a file chooses the account of its pod. */
function choosingAccount(runner: Runner, view: View): Omit<UnnamedStep, 'from' | 'to'> {
  const hit = view.hitsOf('missing-kubernetes-policy').find(({ owner }) => owner === runner.settings.owner);
  if (hit) return { certainty: 'seen', why: hit.message, at: hit.at, closers: [withPolicy(runner)] };
  const policy = setVariable(runner.settings, 'DRONE_POLICY_FILE');
  const at = policy?.at ?? runner.settings.at;
  const fixed = fixedBy(runner, view);
  if (!fixed) {
    const why = policy
      ? say`what the policy of ${runner.name} fixes was not seen`
      : say`whether ${runner.name} has a policy is not known`;
    return { certainty: 'unknown', why, at };
  }
  if (isAllFixed(fixed))
    return { certainty: 'closed', why: say`the policy of ${runner.name} fixes service account and namespace`, at };
  return {
    ...{ certainty: 'seen', at, closers: [withPolicy(runner)] },
    why: say`the policy of ${runner.name} does not fix both service account and namespace of every build`,
  };
}

/** The rules of a runner that keep pipelines from the namespace of an account, which is not that of builds. */
function namespaceRuleOf({ settings }: Runner, { namespace, isOfBuilds }: Account): Variable | undefined {
  const rules = setVariable(settings, 'DRONE_NAMESPACE_RULES');
  if (!rules || isOfBuilds || namespace === undefined) return undefined;
  return itemsOf(rules).some(({ text }) => text.startsWith(`${namespace}:`)) ? rules : undefined;
}

function takesPullRequests(runner: Runner, repository: SeenRepository, view: View): boolean {
  return takingOf(runner, { repository, start: 'pull_request' }, view).certainty !== 'closed';
}

/** A step that runs code of the repository for pull requests, and asks for what only a trusted repository is given. */
function stepWithPrivilege(pipeline: Pipeline, { context }: View): Step | undefined {
  return pipeline.steps.find(
    (step) => step.reach.pullRequest && runsRepositoryCode(pipeline, step) && hasPrivilege(pipeline, step, context),
  );
}

function withoutRoot(runner: Pick<Runner, 'name' | 'engine'>): Change {
  return {
    key: `rootless ${runner.name}`,
    edge: 'privileged-host',
    kind: 'architecture',
    what: say`run the builds of ${runner.name} on an engine without root`,
    at: runner.engine.at,
    breaks: 5,
    caution: say`whoever has the engine still has its containers, the runner's among them`,
  };
}

export function withoutVolume(runner: Runner, path: string, at: Location, edge: Change['edge'], rule: string): Change {
  return {
    key: `volume ${runner.name} ${path}`,
    edge,
    kind: 'setting',
    what: say`take "${path}" out of DRONE_RUNNER_VOLUMES of ${runner.name}`,
    at,
    rule,
    breaks: 3,
  };
}

function withTls(runner: Runner, at: Location): Change {
  return {
    key: `daemon ${runner.name}`,
    edge: 'open-engine',
    kind: 'setting',
    what: say`have the daemon of ${runner.name} demand client certificates (DOCKER_TLS_CERTDIR), or listen on a socket in a volume`,
    at,
    rule: 'plain-docker-daemon',
    breaks: 2,
  };
}

function withoutImages(runner: Runner, at: Location): Change {
  return {
    key: `images ${runner.name}`,
    edge: 'extra-image',
    kind: 'setting',
    what: say`unset DRONE_RUNNER_PRIVILEGED_IMAGES of ${runner.name}`,
    ...{ at, rule: 'extra-privileged-image', breaks: 3 },
    caution: say`the plugins that it makes privileged by itself stay so`,
  };
}

function apartFromBuilds(runner: Runner, edge: Change['edge'], rule: string): Change {
  return {
    key: `networks ${runner.name}`,
    edge,
    kind: 'setting',
    what: say`take the networks of the control plane out of DRONE_RUNNER_NETWORKS of ${runner.name}`,
    at: setVariable(runner.settings, 'DRONE_RUNNER_NETWORKS')?.at ?? runner.settings.at,
    ...{ rule, breaks: 2 },
  };
}

function withoutRights({ boundBy }: ServiceAccountRights): Change {
  return {
    key: `binding ${boundBy.at.source.name} ${boundBy.value}`,
    edge: 'account-cluster',
    kind: 'setting',
    what: say`delete the binding "${boundBy.value}", and give builds a namespace and an account of their own without rights`,
    ...{ at: boundBy.at, rule: 'powerful-runner-account', breaks: 4 },
  };
}

function asOtherUser(runner: Runner, at: Location): Change {
  return {
    key: `user ${runner.name}`,
    edge: 'exec-build',
    kind: 'setting',
    what: say`run ${runner.name} as a user without rights`,
    at,
    rule: 'exec-runner-as-root',
    breaks: 4,
    caution: say`builds still read what that user reads, the RPC secret among it`,
  };
}

function withPolicy(runner: Runner): Change {
  return {
    key: `policy ${runner.name}`,
    edge: 'pod-account',
    kind: 'setting',
    what: say`give ${runner.name} a policy that sets service account and namespace (DRONE_POLICY_FILE)`,
    at: runner.settings.at,
    rule: 'missing-kubernetes-policy',
    breaks: 3,
  };
}

const podSecurityLabel = ownWords('pod-security.kubernetes.io/enforce');

function heldBack({ namespace, at }: PodSecurity): { certainty: 'closed'; why: Text; at: Location } {
  return { certainty: 'closed', why: say`${podSecurityLabel} of namespace "${namespace}"`, at };
}

function enforcingPods(namespace: string, at: Location): Change {
  return {
    key: `pod security ${namespace}`,
    edge: 'pod-node',
    kind: 'architecture',
    what: say`label namespace "${namespace}" with ${podSecurityLabel}: baseline`,
    at,
    breaks: 4,
    caution: say`plugins that build images by a daemon of their own fail then`,
  };
}

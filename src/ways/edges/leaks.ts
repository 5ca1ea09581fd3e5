import { isPrivilegedByItself } from '../../analysis/step-privilege.ts';
import { endpointOf } from '../../drone/network.ts';
import { scmOf } from '../../drone/scm.ts';
import { hostNamedBy } from '../../drone/topology.ts';
import { hostOf } from '../../model/hosts.ts';
import { allSteps } from '../../model/pipeline.ts';
import { isPublished } from '../../model/ports.ts';
import { setVariable } from '../../model/settings.ts';
import { say, type Text } from '../../model/text.ts';
import type { Edge } from '../edge.ts';
import type { EdgeId } from '../edge-ids.ts';
import type { Change, Step } from '../graph.ts';
import { secretsOf } from '../holdings.ts';
import { assets, droneAdmin, file, type Position, position } from '../states.ts';
import { goesTo } from '../taking.ts';
import { nameOf, type RuleHit, type View } from '../view.ts';

/* Poisoning, the wire, leaks and supply: mostly what a rule finds, and where it leads. */

export const leakEdges: readonly Edge[] = [
  {
    id: 'shared-folder',
    does: 'changes what a later build finds in a folder that all share',
    rules: ['host-path-for-builds', 'poisoned-cache'],
    source: 'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-516',
    *steps() {
      // That a pipeline uses the folder cannot be seen: nothing leads further than runner-path tells.
    },
  },
  {
    id: 'saved-cache',
    does: 'saves a cache that later builds restore',
    rules: ['poisoned-cache'],
    source: 'harness/drone operator/manager/manager.go:335',
    *steps(view) {
      for (const { at, message } of view.hitsOf('poisoned-cache'))
        for (const repository of view.repositories)
          if (repository.streams.some((stream) => stream.at.source === at.source))
            yield {
              ...{
                from: `build ${repository.name}`,
                to: file(repository, 'push'),
                certainty: 'unknown',
                why: say`${message}, if its credential is released to pull requests`,
                at,
              },
              later: true,
            };
    },
  },
  leak({
    id: 'default-password',
    does: 'signs in at the database by its default password',
    rules: ['default-database-password'],
    source: 'docker-library/postgres docker-entrypoint.sh',
    from: 'neighbour',
    to: [assets.database],
    what: say`give the database a password that is neither default nor guessable`,
  }),
  {
    id: 'weak-rpc',
    does: 'speaks to the server as a runner, by a secret that is known',
    rules: ['weak-rpc-secret', 'accepted-sample-rpc-secret'],
    source: 'harness/drone operator/manager/rpc2/server.go:54',
    *steps(view) {
      for (const rule of ['weak-rpc-secret', 'accepted-sample-rpc-secret'])
        for (const hit of view.hitsOf(rule)) {
          const isOpen = rule === 'accepted-sample-rpc-secret' || isReachable(view);
          yield {
            ...{
              from: position('network'),
              to: assets.rpcSecret,
              certainty: isOpen ? 'seen' : 'assumed',
              why: hit.message,
              at: hit.at,
            },
            closers: [
              mending(
                'weak-rpc',
                rule,
                hit,
                'setting',
                say`replace DRONE_RPC_SECRET, on the server and on all runners`,
              ),
            ],
          };
        }
    },
  },
  leak({
    id: 'weak-cookie',
    does: 'makes a session of their own by the known key of cookies',
    rules: ['weak-cookie-secret'],
    source: 'harness/drone session/session.go:48-91',
    from: 'network',
    to: [droneAdmin],
    what: say`replace DRONE_COOKIE_SECRET`,
  }),
  leak({
    id: 'weak-token',
    does: 'uses an API token that is known',
    rules: ['weak-account-token'],
    source: 'harness/drone session/session.go:99-113',
    from: 'network',
    to: [droneAdmin],
    what: say`rotate the token`,
  }),
  leak({
    id: 'http-rpc',
    does: 'reads the RPC secret on the wire',
    rules: ['plain-http-rpc', 'unverified-rpc-certificate'],
    source: 'drone/runner-go client/http.go:272',
    from: 'neighbour',
    to: [assets.rpcSecret],
    what: say`set DRONE_RPC_PROTO=https, and verify the certificate`,
    leads: callsFar,
  }),
  leak({
    id: 'http-server',
    does: 'reads a session or token on the wire',
    rules: ['plain-http-server', 'cookie-over-http'],
    source: 'harness/drone session/session.go:48-91',
    from: 'neighbour',
    to: [droneAdmin],
    what: say`serve HTTPS`,
  }),
  {
    id: 'http-extension',
    does: 'reads or answers what the extension is asked',
    rules: ['plain-http-extension', 'unverified-extension-certificate'],
    source: 'harness/drone plugin/config/global.go:55-58',
    *steps(view) {
      for (const rule of ['plain-http-extension', 'unverified-extension-certificate'])
        for (const hit of view.hitsOf(rule).filter((each) => leadsFar(each, view)))
          yield {
            ...{
              from: position('neighbour'),
              to: assets.extension(extensionOf(hit, view)),
              certainty: 'seen',
              why: hit.message,
              at: hit.at,
            },
            closers: [
              mending(
                'http-extension',
                rule,
                hit,
                'setting',
                say`call the extension by HTTPS, and verify its certificate`,
              ),
            ],
          };
    },
  },
  {
    id: 'http-scm',
    does: 'reads tokens of the SCM on the wire',
    rules: ['plain-http-scm', 'unverified-scm-certificate'],
    source: 'harness/drone plugin/config/global.go:55-58',
    *steps(view) {
      for (const rule of ['plain-http-scm', 'unverified-scm-certificate'])
        for (const hit of view.hitsOf(rule))
          for (const repository of view.repositories)
            yield {
              ...{
                from: position('neighbour'),
                to: assets.cloneCredential(repository),
                certainty: 'seen',
                why: hit.message,
                at: hit.at,
              },
              closers: [
                mending('http-scm', rule, hit, 'setting', say`speak HTTPS with the SCM, and verify its certificate`),
              ],
            };
    },
  },
  {
    id: 'admission',
    does: 'answers in place of the admission extension that everybody is an administrator',
    rules: ['plain-http-extension', 'missing-extension-token'],
    source: 'harness/drone plugin/admission/external.go:52-57',
    *steps(view) {
      for (const server of view.servers) {
        const endpoint = setVariable(server, 'DRONE_ADMISSION_PLUGIN_ENDPOINT');
        if (!endpoint) continue;
        for (const rule of ['plain-http-extension', 'unverified-extension-certificate', 'missing-extension-token'])
          for (const hit of view.hitsOf(rule))
            if (hit.owner === server.owner && /ADMISSION/.test(`${hit.subject} ${hit.message.pieces.join('')}`))
              yield {
                ...{ from: position('neighbour'), to: droneAdmin, certainty: 'seen', why: hit.message, at: hit.at },
                closers: [
                  mending(
                    'admission',
                    rule,
                    hit,
                    'setting',
                    say`call the admission extension by HTTPS, with its token`,
                  ),
                ],
              };
      }
    },
  },
  {
    id: 'forge-hook',
    does: 'sends a webhook of their own, which builds any commit as a push',
    rules: ['shared-webhook-secret', 'plain-http-server', 'traffic-dump'],
    source:
      'drone/go-scm scm/driver/gitlab/webhook.go:63, scm/driver/bitbucket/webhook.go:95; harness/drone handler/api/repos/enable.go:34, 75',
    *steps(view) {
      const isSentAsIs = view.servers.some((server) => /^(?:gitlab|bitbucket)$/.test(scmOf(server)?.provider ?? ''));
      if (!isSentAsIs) return;
      const ways = [
        ...view
          .hitsOf('plain-http-server')
          .map((hit) => ({ hit, from: 'neighbour' as const, rule: 'plain-http-server' })),
        ...view.hitsOf('traffic-dump').map((hit) => ({ hit, from: 'log-reader' as const, rule: 'traffic-dump' })),
      ];
      for (const { hit, from, rule } of ways)
        for (const repository of view.repositories)
          yield {
            ...{
              from: position(from),
              to: file(repository, 'push'),
              certainty: 'assumed',
              why: hit.message,
              at: hit.at,
            },
            closers: [
              mending(
                'forge-hook',
                rule,
                hit,
                'setting',
                rule === 'traffic-dump'
                  ? say`end the dump of webhooks, and activate the repositories anew`
                  : say`serve HTTPS`,
              ),
            ],
          };
    },
  },
  {
    id: 'open-extension',
    does: 'asks the extension, which checks no signature',
    rules: ['unauthenticated-extension', 'weak-extension-token', 'published-extension'],
    source: 'drone/drone-go plugin/secret/handler.go',
    *steps(view) {
      for (const rule of ['unauthenticated-extension', 'weak-extension-token', 'accepted-sample-extension-token'])
        for (const hit of view.hitsOf(rule)) {
          const isOpen =
            rule !== 'weak-extension-token' ||
            view.hitsOf('published-extension').some(({ owner }) => owner === hit.owner);
          yield {
            ...{
              from: position(isOpen ? 'network' : 'neighbour'),
              to: assets.extension(extensionOf(hit, view)),
              certainty: 'seen',
              why: hit.message,
              at: hit.at,
            },
            closers: [
              mending(
                'open-extension',
                rule,
                hit,
                'setting',
                say`give the extension a random token, and do not publish it`,
              ),
            ],
          };
        }
    },
  },
  leak({
    id: 'log-config',
    does: 'reads all settings in the log of the server',
    rules: ['trace-logging'],
    source: 'harness/drone cmd/drone-server/main.go:60',
    from: 'log-reader',
    to: [assets.server],
    what: say`unset DRONE_LOGS_TRACE`,
  }),
  leak({
    id: 'log-rpc',
    does: 'reads the RPC secret in the log of the runner',
    rules: ['rpc-dump'],
    source: 'drone/runner-go client/http.go:270-276',
    from: 'log-reader',
    to: [assets.rpcSecret],
    what: say`unset DRONE_RPC_DUMP_HTTP and its body`,
  }),
  leak({
    id: 'log-token',
    does: 'reads an API token in the log of the server',
    rules: ['logged-account-token', 'token-in-log'],
    source: 'harness/drone cmd/drone-server/bootstrap/bootstrap.go:86',
    from: 'log-reader',
    to: [droneAdmin],
    what: say`give DRONE_USER_CREATE a token, so that none is logged`,
  }),
  {
    id: 'log-hook',
    does: 'reads webhooks in the log of the server',
    rules: ['traffic-dump'],
    source: 'harness/drone service/hook/parser/parse.go:64-67',
    *steps() {
      // What follows from them is forge-hook, which begins there.
    },
  },
  {
    id: 'backup',
    does: 'reads the database in a backup',
    rules: ['unencrypted-database'],
    source: 'docker/Dockerfile.server.linux.amd64 of harness/drone',
    *steps({ servers }) {
      for (const server of servers)
        for (const mount of server.container?.mounts ?? [])
          if (mount.target?.replace(/\/$/, '') === '/data')
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
              yield suppliedBy(step.image.value.text, step.name, step.image.at, asset);
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
          for (const step of allSteps(pipeline))
            if (
              step.image &&
              step.image.value.digest === undefined &&
              isPrivilegedByItself(pipeline, step, view.installation)
            )
              for (const runner of view.runners)
                if (goesTo(pipeline, runner))
                  yield suppliedBy(step.image.value.text, step.name, step.image.at, assets.host(runner));
    },
  },
  {
    id: 'image-clone',
    does: 'changes the image that clones, and has the credential for that',
    rules: ['floating-clone-image'],
    source: 'drone-runners/drone-runner-docker engine/compiler/clone.go:21-28',
    *steps(view) {
      for (const { at, message } of view.hitsOf('floating-clone-image'))
        for (const repository of view.repositories)
          if (repository.known?.private.value)
            yield {
              from: position('supplier'),
              to: assets.cloneCredential(repository),
              certainty: 'seen',
              why: message,
              at,
              later: true,
            };
    },
  },
  {
    id: 'image-component',
    does: 'changes an image that is a component of Drone itself',
    rules: ['unpinned-container-image', 'automatic-image-updates'],
    source: 'docs.docker.com/reference/cli/docker/image/pull/',
    *steps(view) {
      for (const rule of ['unpinned-container-image', 'automatic-image-updates'])
        for (const { at, message, owner } of view.hitsOf(rule)) {
          const of = view.installation.settings.find((settings) => settings.owner === owner);
          const to =
            of?.role === 'server'
              ? assets.server
              : view.runners.some(({ settings }) => settings === of)
                ? assets.rpcSecret
                : undefined;
          if (to) yield { from: position('supplier'), to, certainty: 'seen', why: message, at, later: true };
        }
    },
  },
];

interface Leak extends Pick<Edge, 'id' | 'does' | 'rules' | 'source'> {
  readonly from: Position;
  readonly to: readonly string[];
  /** What is to do about it. */
  readonly what: Text;
  /** Whether it leads anywhere where a rule found something; by default it does. */
  readonly leads?: (hit: RuleHit, view: View) => boolean;
}

/** An edge of a rule that leads from one position to the same assets wherever the rule finds something. */
function leak({ id, does, rules, source, from, to, what, leads }: Leak): Edge {
  return {
    ...{ id, does, rules, source },
    *steps(view) {
      for (const rule of rules)
        for (const hit of view.hitsOf(rule)) {
          if (leads && !leads(hit, view)) continue;
          for (const asset of to)
            yield {
              ...{ from: position(from), to: asset, certainty: 'seen', why: hit.message, at: hit.at },
              closers: [mending(id, rule, hit, 'setting', what)],
            };
        }
    },
  };
}

/** Whether what a component says to the server of its settings leaves the machine and the networks of its engine. */
function callsFar({ owner }: RuleHit, { installation }: View): boolean {
  const settings = installation.settings.find((each) => each.owner === owner);
  const host = settings && hostNamedBy(settings);
  return settings === undefined || host === undefined || endpointOf(host, settings, installation) === 'remote';
}

/** Whether the address at a place leads out of the machine and the networks of its engine. */
function leadsFar({ owner, at }: RuleHit, { installation }: View): boolean {
  const settings = installation.settings.find((each) => each.owner === owner);
  const variable = [...(settings?.variables.values() ?? [])].find(
    (each) => each.at.source === at.source && each.at.span.start === at.span.start,
  );
  const host = variable?.value === undefined ? undefined : hostOf(variable.value);
  return settings === undefined || host === undefined || endpointOf(host, settings, installation) === 'remote';
}

function mending(
  edge: EdgeId,
  rule: string,
  { at, owner, subject = '' }: RuleHit,
  kind: Change['kind'],
  what: Text,
): Change {
  return {
    key: edge === 'weak-rpc' ? edge : `${rule} ${owner} ${subject}`,
    edge,
    kind,
    what,
    at,
    rule,
    breaks: 1,
    caution: say`what was open has to be replaced: it may be known`,
  };
}

function suppliedBy(image: string, step: string, at: RuleHit['at'], to: string): Omit<Step, 'edge'> {
  return {
    from: position('supplier'),
    to,
    certainty: 'seen',
    later: true,
    at,
    why: say`"${image}" of step "${step}" has no digest`,
  };
}

/** Whether a port of a server, or an Ingress, is open to others than its own machine. */
function isReachable({ servers, installation }: View): boolean {
  return (
    servers.some(({ container }) => container?.ports.some(isPublished)) || (installation.ingresses ?? []).length > 0
  );
}

function extensionOf({ owner }: RuleHit, { installation }: View): string {
  const settings = installation.settings.find((each) => each.owner === owner);
  return settings ? nameOf(settings) : 'extension';
}

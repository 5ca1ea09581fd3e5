import { memoizePer } from '../model/memoize.ts';
import type { Pipeline } from '../model/pipeline.ts';
import type { Runner, SeenRepository } from './view.ts';

/** Who somebody is before the first step: what they are able to do, not who they are. */
export const positions = [
  'network',
  'scm-account',
  'fork-author',
  'neighbour',
  'supplier',
  'log-reader',
  'backup-reader',
  'host-user',
  'writer',
  'repo-admin',
] as const;

export type Position = (typeof positions)[number];

/** What a build of somebody else's file is started by. */
export type Start = 'pull_request' | 'push' | 'promote';

/* The states between positions and assets, by name. An asset is its own state: `host:runner`. */

export const position = (of: Position): string => `position ${of}`;
export const account = 'account';
export const droneAdmin = 'drone-admin';
/** A build of a pull request that exists, whether or not it runs. */
export const build = memoizePer(({ name }: SeenRepository): string => `build ${name}`);
export const approved = ({ name }: SeenRepository): string => `approved ${name}`;
/** A pipeline file of the author's choice, which builds of a repository are made from; `own` for a repository of a stranger. */
export const file = (of: SeenRepository | 'own', start: Start): string =>
  of === 'own' ? 'file  own' : filesOf(of)[start];
const filesOf = byStart('file');
/** The same where a runner takes it. */
export const running = (of: SeenRepository, start: Start): string => runsOf(of)[start];
const runsOf = byStart('running');
/** Files that the same runners take. */
export const group = (key: string): string => `group ${key}`;
/** A pipeline file of the author's choice on a runner, by whether it is one of a pull request: what they get differs. */
export const onRunner = ({ name }: Runner, start: Start | 'own'): string =>
  `on ${name} ${start === 'pull_request' ? 'pull_request' : 'other event'}`;
/** The same of one repository, which is trusted. */
export const onRunnerTrusted = ({ name }: Runner, repository: SeenRepository): string =>
  `on ${name} trusted ${repository.name}`;
/** The same of all repositories that a server is assumed to have trusted when they were new. */
export const onRunnerTrustedByDefault = ({ name }: Runner): string => `on ${name} trusted by default`;
/** Code of the author in steps of a file that is not theirs. */
export const code = memoizePer(({ name }: SeenRepository): string => `code ${name}`);
/** Any code of the author, in whichever step. */
export const fixed = memoizePer(({ name }: SeenRepository): string => `fixed ${name}`);
export const codeOnRunner = ({ name }: Runner): string => `code on ${name}`;
export const privileged = ({ name }: Runner): string => `privileged ${name}`;
/** What the server hands out for builds of a repository. */
export const held = memoizePer(({ name }: SeenRepository): string => `held ${name}`);
/** The engine of a runner, or its machine: whichever it builds on. */
export const machine = ({ name }: Runner): string => `machine ${name}`;
export const isMachine = (state: string): boolean => state.startsWith('machine ');
/** Builds of some pipelines of a repository that come to a runner later. */
export const laterBuilds = ({ name, pipelines }: SeenRepository, served: readonly Pipeline[]): string =>
  `later ${served.map((each) => pipelines.indexOf(each)).join()} ${name}`;
/** Later builds of a repository that take up what an outsider left in their cache. */
export const poisoned = ({ name }: SeenRepository): string => `poisoned ${name}`;
/** What clones on some runner. */
export const cloning = 'what clones';
/** The secret that webhooks of a repository carry. */
export const webhookSecret = ({ name }: SeenRepository): string => `webhook of ${name}`;
/** A place on the networks of the control plane, without any login there. */
export const besideControlPlane = 'beside the control plane';
/** A service account that a build chose to run as; without a name whatever account it is given. */
export const serviceAccount = ({ name }: Runner, of = ''): string => `account ${of} of ${name}`;
/** The user that builds of an exec runner run as. */
export const buildUser = ({ name }: Runner): string => `user of ${name}`;

/** Names by what starts a build, made once: they are asked for over and over. */
function byStart(kind: string): (of: SeenRepository) => Readonly<Record<Start, string>> {
  return memoizePer(({ name }: SeenRepository) => ({
    pull_request: `${kind} ${name} pull_request`,
    push: `${kind} ${name} push`,
    promote: `${kind} ${name} promote`,
  }));
}

export const assets = {
  host: ({ name }: Pick<Runner, 'name'>): string => `host:${name}`,
  engine: ({ name }: Runner): string => `engine:${name}`,
  server: 'server',
  database: 'database',
  rpcSecret: 'rpc-secret',
  secret: ({ name }: SeenRepository, secret: string): string => `secret:${name}/${secret}`,
  organizationSecret: (namespace: string, secret: string): string => `secret:${namespace}/${secret}`,
  runnerSecret: (secret: string): string => `secret:runner/${secret}`,
  externalSecret: (path: string): string => `secret:ext/${path}`,
  cloneCredential: memoizePer(({ name }: SeenRepository): string => `clone-credential:${name}`),
  deploy: ({ name }: SeenRepository, step: string): string => `deploy:${name}/${step}`,
  artefact: ({ name }: SeenRepository, step: string): string => `artefact:${name}/${step}`,
  extension: (name: string): string => `extension:${name}`,
  registry: (host: string): string => `registry:${host}`,
  cluster: (namespace: string): string => `cluster:${namespace}`,
  network: ({ name }: Runner): string => `network:${name}`,
} as const;

/** The kinds of assets, by which they begin. */
export const assetKinds = [
  'host',
  'engine',
  'server',
  'database',
  'rpc-secret',
  'secret',
  'clone-credential',
  'deploy',
  'artefact',
  'extension',
  'registry',
  'cluster',
  'network',
] as const;

const single: ReadonlySet<string> = new Set(['server', 'database', 'rpc-secret']);

/** Whether a state is an asset. */
export function isAsset(state: string): boolean {
  const colon = state.indexOf(':');
  const kind = colon < 0 ? state : state.slice(0, colon);
  return colon < 0 ? single.has(kind) : !single.has(kind) && assetKinds.some((each) => each === kind);
}

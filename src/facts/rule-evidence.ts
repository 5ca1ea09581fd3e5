/**
 * What a rule has to be shown before its silence means anything. By default that is an artefact of the kind that it judges;
 * these look at something that only some artefacts of their kind hold, or put together several.
 */
export const evidenceOf: ReadonlyMap<string, Evidence> = new Map<string, Evidence>([
  // Of accounts, a file shows only those that it creates.
  ['blocked-account-with-token', 'listed account'],
  ['dormant-account', 'listed account'],
  ['foreign-account', 'listed account'],
  ['many-administrators', 'listed account'],
  ['unclaimed-administrator', 'listed account'],
  // An engine says of itself what no file of a deployment says.
  ['daemon-confinement-off', 'engine'],
  ['outdated-docker-engine', 'engine'],
  ['unhardened-docker-daemon', 'engine'],
  ['vulnerable-runtime', 'engine'],
  ['overdue-step-container', 'engine'],
  ['running-differs-from-declared', 'engine'],
  ['secret-in-image', 'image'],
  ['open-docker-socket', 'socket'],
  ['readable-data-directory', 'socket'],
  ['rejected-runner', 'log'],
  ['refused-attempts', 'log'],
  ['token-in-log', 'log'],
  ['secret-in-build-log', 'build log'],
  ['accepted-sample-rpc-secret', 'answer to RPC'],
  ['reachable-rpc', 'answer to RPC'],
  ['reachable-dashboard', 'runner address'],
  // What holds an installation together is shown by its parts.
  ['automatic-image-updates', 'container'],
  ['broad-organization-secret', 'organization secret'],
  ['control-plane-network-for-builds', 'settings'],
  ['foreign-drone', 'container'],
  ['http-links-behind-tls', 'settings'],
  ['misused-runner-env-file', 'settings'],
  ['missing-signature', 'document'],
  ['organization-secret-for-pull-requests', 'organization secret'],
  ['ownerless-repository', 'repository'],
  ['personal-owner', 'repository'],
  ['powerful-runner-account', 'settings'],
  ['reused-secret', 'settings'],
  ['rpc-secret-mismatch', 'settings'],
  ['runner-reachable-by-label', 'settings'],
  ['server-and-runner-together', 'settings'],
  ['shared-data-volume', 'container'],
  ['shared-env-file', 'settings'],
  ['unfiltered-secret-extension', 'settings'],
  ['unknown-runner', 'repository'],
  ['unserved-pipeline', 'pipeline'],
  // Only the site says which images it wants.
  ['image-outside-policy', 'list of images'],
]);

/** A kind of artefact, or something that only some of a kind hold. */
export type Evidence = keyof typeof evidence;

/** What each is called, and the options of a scan that bring more of it: until all are given, there may be more. */
export const evidence = {
  settings: { is: 'settings of a component of Drone', options: ['--docker'] },
  container: { is: 'a container of Drone', options: ['--docker'] },
  pipeline: { is: 'a pipeline', options: [] },
  document: { is: 'a pipeline file', options: [] },
  account: { is: 'an account', options: ['--server', 'DRONE_TOKEN'] },
  host: { is: 'a container engine', options: ['--docker'] },
  endpoint: { is: 'an answer of a server or runner', options: ['--server'] },
  repository: { is: 'a repository as the server has it', options: ['--server', 'DRONE_TOKEN'] },
  extension: { is: 'an answer of an extension (drone-audit probe)', options: [] },
  installation: { is: 'an installation', options: [] },
  'listed account': { is: 'an account as the server has it', options: ['--server', 'DRONE_TOKEN'] },
  'organization secret': { is: 'the secrets of an organisation', options: ['--server', 'DRONE_TOKEN'] },
  engine: { is: 'an engine that says how it is set up', options: ['--docker'] },
  image: { is: 'an image on an engine', options: ['--docker'] },
  socket: { is: 'the files of a host with an engine', options: ['--docker'] },
  log: { is: 'the log of a container', options: ['--docker', '--docker-logs'] },
  'build log': { is: 'the log of a build', options: ['--server', 'DRONE_TOKEN', '--build-logs'] },
  'answer to RPC': { is: 'an answer of the RPC endpoint', options: ['--server', '--probe-rpc'] },
  'runner address': { is: 'an answer of a runner', options: ['--probe-runners'] },
  'list of images': { is: 'a list of images in the config (site)', options: [] },
} as const satisfies Readonly<Record<string, { readonly is: string; readonly options: readonly string[] }>>;

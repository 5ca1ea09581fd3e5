import type { DroneEvent } from '../model/pipeline.ts';

/*
 * The variables of a build: `${NAME}` in the file, and `$NAME` in steps. Names and values are those of
 * drone/runner-go@d12a958 environ/environ.go; who writes a value at which event follows from the hook parsers of
 * drone/go-scm and harness/drone@3e7ecf1 service/hook/parser/parse.go, trigger/trigger.go, handler/api/repos/builds.
 */

/**
 * Who writes a value, and how freely. `outsider text`: anyone who opens a pull request, or whose commit is merged; any
 * text. `account`: the characters of SCM logins. `ref name`: whoever can create branches or tags; git allows quotes, `$`,
 * backticks, `;`, `|` and `&` in names, but no spaces. `parameter`: whoever starts the build; any text. `file`: written in
 * the pipeline file. `number`: digits. `credential`: a secret. `fixed`: nobody, or administrators.
 */
export type VariableControl =
  | 'outsider text'
  | 'account'
  | 'ref name'
  | 'parameter'
  | 'file'
  | 'number'
  | 'credential'
  | 'fixed';

export interface BuildVariable {
  readonly name: string;
  /** `file`: in `${…}` and in steps. `step`: in steps only; as `${…}` it is empty. */
  readonly known: 'file' | 'step';
  readonly control: VariableControl;
  /** For events that differ from `control`. */
  readonly at?: Readonly<Partial<Record<DroneEvent, VariableControl>>>;
  /** Set at these events only; empty at all others. */
  readonly events?: readonly DroneEvent[];
  readonly source: string;
}

const environ = 'drone/runner-go@d12a958 environ/environ.go';

type Group = Omit<BuildVariable, 'name'> & { readonly names: readonly string[] };

/** Builds of a tag; a promotion or rollback keeps the ref of the build that it repeats (harness/drone promote.go:63). */
const tagEvents: readonly DroneEvent[] = ['tag', 'promote', 'rollback', 'custom'];

const groups: readonly Group[] = [
  {
    names: [
      'DRONE_COMMIT_MESSAGE',
      'CI_COMMIT_MESSAGE',
      'DRONE_COMMIT_AUTHOR_NAME',
      'CI_COMMIT_AUTHOR_NAME',
      'DRONE_COMMIT_AUTHOR_EMAIL',
      'CI_COMMIT_AUTHOR_EMAIL',
    ],
    known: 'file',
    control: 'outsider text',
    source: `${environ}:137-140 and 170-173; the message of a pull request is its body (parse.go, pull request hooks)`,
  },
  {
    names: ['DRONE_PULL_REQUEST_TITLE'],
    known: 'file',
    control: 'outsider text',
    events: ['pull_request'],
    source: `${environ}:186-189`,
  },
  {
    names: ['DRONE_PULL_REQUEST'],
    known: 'file',
    control: 'number',
    events: ['pull_request'],
    source: `${environ}:186-189`,
  },
  {
    names: ['DRONE_SOURCE_BRANCH'],
    known: 'file',
    control: 'outsider text',
    // People name the branches of their own forks freely; elsewhere only writers create branches.
    at: { push: 'ref name', tag: 'ref name', cron: 'ref name', custom: 'ref name' },
    source: `${environ}:128`,
  },
  {
    names: ['DRONE_BRANCH', 'DRONE_TARGET_BRANCH', 'DRONE_COMMIT_BRANCH', 'CI_COMMIT_BRANCH'],
    known: 'file',
    control: 'ref name',
    // The base branch exists already.
    at: { pull_request: 'fixed' },
    source: `${environ}:127-135 and 169`,
  },
  {
    names: ['DRONE_COMMIT_REF', 'CI_COMMIT_REF'],
    known: 'file',
    control: 'ref name',
    at: { pull_request: 'fixed' },
    source: `${environ}:134 and 168; refs/pull/N/head of a pull request`,
  },
  {
    names: [
      'DRONE_TAG',
      'DRONE_SEMVER',
      'DRONE_SEMVER_SHORT',
      'DRONE_SEMVER_PRERELEASE',
      'DRONE_SEMVER_BUILD',
      'DRONE_SEMVER_ERROR',
      'DRONE_CALVER',
      'DRONE_CALVER_SHORT',
      'DRONE_CALVER_MICRO',
      'DRONE_CALVER_MODIFIER',
    ],
    known: 'file',
    control: 'ref name',
    events: tagEvents,
    source: `${environ}:190-195, environ/semver.go, environ/calver.go`,
  },
  {
    names: [
      'DRONE_SEMVER_MAJOR',
      'DRONE_SEMVER_MINOR',
      'DRONE_SEMVER_PATCH',
      'DRONE_CALVER_MAJOR',
      'DRONE_CALVER_MINOR',
      'DRONE_CALVER_MAJOR_MINOR',
    ],
    known: 'file',
    control: 'number',
    events: tagEvents,
    source: 'drone/runner-go@d12a958 environ/semver.go, environ/calver.go',
  },
  {
    names: ['DRONE_DEPLOY_TO', 'CI_BUILD_TARGET'],
    known: 'file',
    control: 'parameter',
    events: ['promote', 'rollback'],
    source: `${environ}:151 and 166`,
  },
  {
    names: ['DRONE_BUILD_ACTION'],
    known: 'file',
    control: 'fixed',
    at: { custom: 'parameter' },
    source: `${environ}:145; the API takes any action`,
  },
  {
    names: [
      'DRONE_COMMIT_AUTHOR',
      'CI_COMMIT_AUTHOR',
      'DRONE_COMMIT_AUTHOR_AVATAR',
      'CI_COMMIT_AUTHOR_AVATAR',
      'DRONE_COMMIT_LINK',
      'CI_BUILD_LINK',
      'DRONE_BUILD_TRIGGER',
    ],
    known: 'file',
    control: 'account',
    source: `${environ}:136-139, 153 and 165`,
  },
  {
    names: [
      'DRONE_STAGE_KIND',
      'DRONE_STAGE_TYPE',
      'DRONE_STAGE_NAME',
      'DRONE_STAGE_OS',
      'DRONE_STAGE_ARCH',
      'DRONE_STAGE_VARIANT',
      'DRONE_STAGE_VERSION',
      'DRONE_STAGE_DEPENDS_ON',
      'DRONE_FAILED_STEPS',
      'DRONE_FAILED_STAGES',
    ],
    known: 'file',
    control: 'file',
    source: `${environ}:67-96 and 176-179`,
  },
  {
    names: [
      'DRONE_BUILD_NUMBER',
      'DRONE_BUILD_PARENT',
      'DRONE_BUILD_CREATED',
      'DRONE_BUILD_STARTED',
      'DRONE_BUILD_FINISHED',
      'DRONE_DEPLOY_ID',
      'DRONE_STAGE_NUMBER',
      'DRONE_STAGE_STARTED',
      'DRONE_STAGE_FINISHED',
      'CI_BUILD_NUMBER',
      'CI_PARENT_BUILD_NUMBER',
      'CI_BUILD_CREATED',
      'CI_BUILD_STARTED',
      'CI_BUILD_FINISHED',
    ],
    known: 'file',
    control: 'number',
    source: `${environ}:67-96, and 141-163`,
  },
  {
    names: [
      'CI',
      'DRONE',
      'DRONE_SYSTEM_PROTO',
      'DRONE_SYSTEM_HOST',
      'DRONE_SYSTEM_HOSTNAME',
      'DRONE_SYSTEM_VERSION',
      'DRONE_REPO',
      'DRONE_REPO_SCM',
      'DRONE_REPO_OWNER',
      'DRONE_REPO_NAMESPACE',
      'DRONE_REPO_NAME',
      'DRONE_REPO_LINK',
      'DRONE_REPO_BRANCH',
      'DRONE_REMOTE_URL',
      'DRONE_GIT_HTTP_URL',
      'DRONE_GIT_SSH_URL',
      'DRONE_REPO_VISIBILITY',
      'DRONE_REPO_PRIVATE',
      'CI_REPO',
      'CI_REPO_NAME',
      'CI_REPO_LINK',
      'CI_REPO_REMOTE',
      'CI_REMOTE_URL',
      'CI_REPO_PRIVATE',
    ],
    known: 'file',
    control: 'fixed',
    source: `${environ}:25-63`,
  },
  {
    names: [
      'DRONE_COMMIT',
      'DRONE_COMMIT_SHA',
      'DRONE_COMMIT_BEFORE',
      'DRONE_COMMIT_AFTER',
      'CI_COMMIT_SHA',
      'DRONE_BUILD_EVENT',
      'CI_BUILD_EVENT',
      'DRONE_BUILD_STATUS',
      'CI_BUILD_STATUS',
      'DRONE_BUILD_DEBUG',
      'DRONE_BUILD_LINK',
      'DRONE_STAGE_MACHINE',
      'DRONE_STAGE_STATUS',
      'DRONE_CARD_PATH',
    ],
    known: 'file',
    control: 'fixed',
    source: `${environ}:67-90, 127-167 and 201-210`,
  },
  {
    names: ['DRONE_NETRC_USERNAME', 'DRONE_NETRC_PASSWORD', 'DRONE_NETRC_FILE'],
    known: 'step',
    control: 'credential',
    source: `${environ}:215-229; the script of a step with commands unsets them after it wrote ~/.netrc (drone-runner-docker engine/compiler/shell/shell.go:37-48)`,
  },
  {
    names: [
      'DRONE_NETRC_MACHINE',
      'DRONE_WORKSPACE',
      'DRONE_WORKSPACE_BASE',
      'DRONE_WORKSPACE_PATH',
      'CI_WORKSPACE',
      'CI_WORKSPACE_BASE',
      'CI_WORKSPACE_PATH',
      'DRONE_HOME',
      'DRONE_STEP_NUMBER',
      'DRONE_SCRIPT',
      'DRONE_DOCKER_NETWORK_ID',
      'DRONE_DOCKER_VOLUME_ID',
      'DRONE_DOCKER_VOLUME_PATH',
      'DRONE_TMATE_HOST',
      'DRONE_TMATE_PORT',
      'DRONE_TMATE_FINGERPRINT_RSA',
      'DRONE_TMATE_FINGERPRINT_ED25519',
      'DRONE_TMATE_AUTHORIZED_KEYS',
      'GIT_TERMINAL_PROMPT',
      'GIT_TRACE',
      'GIT_SSL_NO_VERIFY',
    ],
    known: 'step',
    control: 'fixed',
    source:
      'drone-runner-docker@9ea626a engine/compiler/compiler.go:198-262, engine/compiler/workspace.go:61-66; drone-runner-exec@9decf29 engine/compiler/compiler.go:181; drone/runner-go@d12a958 clone/environ.go',
  },
  {
    names: ['DRONE_STEP_NAME'],
    known: 'step',
    control: 'file',
    source: 'drone/runner-go@d12a958 pipeline/runtime/execer.go:230',
  },
  {
    names: ['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_NAME', 'GIT_COMMITTER_EMAIL'],
    known: 'step',
    control: 'outsider text',
    source:
      'drone/runner-go@d12a958 clone/environ.go:20-45, drone-runner-docker@9ea626a engine/compiler/compiler.go:224-231',
  },
];

/** Every variable of a build by its name. */
export const buildVariables: ReadonlyMap<string, BuildVariable> = new Map(
  groups.flatMap(({ names, ...rest }) => names.map((name): [string, BuildVariable] => [name, { name, ...rest }])),
);

/** Events whose starter may add variables of any name (`data.Build.Params`, drone/runner-go runtime/runner.go:166-174). */
export const parameterEvents: readonly DroneEvent[] = ['promote', 'rollback', 'custom'];

/**
 * Who writes a variable at an event; undefined if it is empty then. A name that is not one of Drone's may be a
 * parameter, a variable of the runner's own (DRONE_RUNNER_ENVIRON), or nothing.
 */
export function controlOf(name: string, event: DroneEvent): VariableControl | undefined {
  const variable = buildVariables.get(name);
  if (!variable) return parameterEvents.includes(event) ? 'parameter' : undefined;
  if (variable.events && !variable.events.includes(event)) return undefined;
  return variable.at?.[event] ?? variable.control;
}

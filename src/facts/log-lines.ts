/*
 * Lines that servers and runners write to their logs and that tell something about security. Messages are compared from
 * their beginning: both programs put what went wrong behind the colon of some, and in a field of others.
 */

/** Why a request, a pipeline or an account was refused, in the words that are kept; what else an error says is left out. */
export interface KnownError {
  readonly says: RegExp;
  readonly kept: string;
}

/** A line of a log by the beginning of its message. */
export interface KnownLine {
  readonly message: string;
  readonly writer: 'server' | 'runner';
  /** Fields that name accounts, repositories and builds, and so are kept as they are. */
  readonly names: readonly string[];
  /** The only errors that are kept. */
  readonly errors: readonly KnownError[];
  /** The field with a credential; the line tells nothing where it is empty. */
  readonly credential?: string;
  readonly source: string;
}

/**
 * The text of an error is that of the answer's status where its body is empty, else the body, as the client follows no
 * redirect (drone/runner-go d12a958 client/http.go:39-43, 316-328).
 */
const rpcErrors: readonly KnownError[] = [
  { says: /x509:/, kept: 'certificate' },
  { says: /\b(?:Moved Permanently|Permanent Redirect|Temporary Redirect|Found)\b/, kept: 'redirect' },
  { says: /^\s*Unauthorized\b/, kept: 'Unauthorized' },
  { says: /^\s*Forbidden\b/, kept: 'Forbidden' },
];

/** drone-runners/drone-runner-docker 9ea626a engine/linter/linter.go; the other runners have some of them. */
const linterErrors: readonly KnownError[] = [
  'mount host volumes',
  'mount in-memory volumes',
  'enable privileged mode',
  'mount devices',
  'configure dns_search',
  'configure dns',
  'configure extra_hosts',
  'configure network_mode',
].map((what) => {
  const kept = `linter: untrusted repositories cannot ${what}`;
  return { says: new RegExp(`^${kept}\\b`), kept };
});

/** harness/drone 3e7ecf161 plugin/admission/account.go, open.go, nobot.go. */
const admissionErrors: readonly KnownError[] = [
  'User must be a member of an approved organization',
  'User registration is disabled',
  'Cannot verify user authenticity',
].map((kept) => ({ says: new RegExp(kept), kept }));

const build = ['repo.namespace', 'repo.name', 'build.number'];

export const knownLines: readonly KnownLine[] = [
  {
    message: 'cannot ping the remote server',
    writer: 'runner',
    names: [],
    errors: rpcErrors,
    source: 'drone-runners/drone-runner-docker 9ea626a command/daemon/daemon.go:226-238',
  },
  {
    message: 'successfully pinged the remote server',
    writer: 'runner',
    names: [],
    errors: [],
    source: 'drone-runners/drone-runner-docker 9ea626a command/daemon/daemon.go:241',
  },
  {
    message: 'polling the remote server',
    writer: 'runner',
    names: [],
    errors: [],
    source: 'drone-runners/drone-runner-docker 9ea626a command/daemon/daemon.go:249-253',
  },
  {
    message: 'poller: cannot request stage',
    writer: 'runner',
    names: [],
    errors: rpcErrors,
    source: 'drone/runner-go d12a958 poller/poller.go',
  },
  {
    message: 'cannot accept configuration',
    writer: 'runner',
    names: build,
    errors: linterErrors,
    source: 'drone/runner-go d12a958 pipeline/runtime/runner.go:228-235',
  },
  {
    message: 'cannot process stage, access denied',
    writer: 'runner',
    names: build,
    errors: [],
    source: 'drone/runner-go d12a958 pipeline/runtime/runner.go:194-201',
  },
  {
    message: 'cannot admit user',
    writer: 'server',
    names: ['login'],
    errors: admissionErrors,
    source: 'harness/drone 3e7ecf161 handler/web/login.go:97-101',
  },
  {
    message: 'User registration is disabled',
    writer: 'server',
    names: ['login'],
    errors: [],
    source: 'harness/drone 3e7ecf161 plugin/admission/open.go',
  },
  {
    message: 'Cannot verify user authenticity',
    writer: 'server',
    names: ['login'],
    errors: [],
    source: 'harness/drone 3e7ecf161 plugin/admission/nobot.go',
  },
  {
    message: 'bootstrap: account created',
    writer: 'server',
    names: ['login'],
    errors: [],
    credential: 'token',
    source: 'harness/drone 3e7ecf161 cmd/drone-server/bootstrap/bootstrap.go:86-87',
  },
  {
    message: 'bootstrap: found updated user token',
    writer: 'server',
    names: ['login'],
    errors: [],
    credential: 'token',
    source: 'harness/drone 3e7ecf161 cmd/drone-server/bootstrap/bootstrap.go:51-57, 96',
  },
];

/** Texts that hold a credential and are no message of a logger. What is kept of them is said in our own words. */
export interface KnownDump {
  readonly message: string;
  /** The field that says it; absent if the line itself does. */
  readonly field?: string;
  readonly says: RegExp;
  /** A line that follows the first one in the same dump, and tells of it where the first one is no longer there. */
  readonly follows?: RegExp;
  readonly source: string;
}

export const knownDumps: readonly KnownDump[] = [
  {
    message: 'dump of a request with X-Drone-Token',
    says: /^X-Drone-Token:[ \t]*\S/i,
    source: 'drone/runner-go d12a958 logger/dumper.go, client/http.go',
  },
  {
    message: 'dump of the configuration',
    says: /^license:(?:\s.*)?$/,
    follows: /^authn:\s*$/,
    source: 'harness/drone 3e7ecf161 cmd/drone-server/main.go:60-62',
  },
  {
    message: 'request with access_token',
    field: 'request',
    says: /[?&]access_token=[^&\s]/,
    source: 'harness/drone 3e7ecf161 logger/handler.go (field request)',
  },
];

import type { Located, Location } from './source.ts';
import type { Text } from './text.ts';

/** An address that was asked, and what it answered to somebody without a login. */
export interface Endpoint {
  readonly kind: 'endpoint';
  readonly owner: string;
  readonly label: Text;
  readonly at: Location;
  /** What is behind the address. */
  readonly role: 'server' | 'runner' | 'autoscaler';
  /** Scheme, host and port without a slash at the end: `https://ci.example.com`. */
  readonly address: Located<string>;
  /** The source whose settings told of the address; absent for one that the user named. */
  readonly revealedBy?: string;
  /** Where the address lies that the name led to; from elsewhere it may lead to another. */
  readonly network?: Located<'loopback' | 'private' | 'public'>;
  /**
   * By what was asked: the path, with the method or the scheme before it where it is not a GET to this address.
   * `/api/secrets` alone is asked as an administrator, and only there with 501: a community build.
   */
  readonly answers: ReadonlyMap<string, Answer>;
  /** What the TLS handshake showed; absent for http, and where none came about. */
  readonly tls?: TlsFacts;
  /** The documented secret or login that was accepted, by what was tried; nothing where nothing was tried. */
  readonly accepted: readonly Located<string>[];
  /** How many documented secrets or logins were tried; absent where nobody asked for that. */
  readonly tried?: number;
}

/** One answer of an address. */
export interface Answer {
  readonly status: Located<number>;
  /** In lower case; of cookies only name and attributes. */
  readonly headers: ReadonlyMap<string, Located<string>>;
  /** What the body is, never the body: `json`, `html`, `metrics`, `profiler`, `empty`, `text`. */
  readonly body: Located<string>;
  /** Fields of a JSON body that are told to anyone: `version`, `license.kind`. */
  readonly facts: ReadonlyMap<string, Located<string>>;
  readonly at: Location;
}

export interface TlsFacts {
  readonly at: Location;
  /** `TLSv1.3` */
  readonly protocol?: Located<string>;
  /** Why the certificate is not trusted, by the code of the library: `CERT_HAS_EXPIRED`; absent if it is. */
  readonly distrust?: Located<string>;
  /** RFC 3339. */
  readonly validTo?: Located<string>;
  /** Old protocols that the address accepted: `TLSv1`. */
  readonly oldProtocols: readonly Located<string>[];
}

/** A repository as the server has it, with what the audit's account may see of it. */
export interface Repository {
  readonly kind: 'repository';
  readonly owner: string;
  readonly label: Text;
  readonly at: Location;
  readonly id?: number;
  /** `octocat/hello-world` */
  readonly slug: string;
  readonly namespace: string;
  /** How the address that it is cloned from names it, where that is not the slug: `gitea/octocat/hello-world`. */
  readonly addressSlug?: string;
  /** The account whose SCM token is used; 0 or absent for none. */
  readonly userId?: Located<number>;
  readonly active: Located<boolean>;
  readonly trusted: Located<boolean>;
  readonly protected: Located<boolean>;
  readonly ignoreForks: Located<boolean>;
  readonly ignorePullRequests: Located<boolean>;
  /** What the SCM says. */
  readonly private: Located<boolean>;
  /** Who sees builds and logs in Drone. */
  readonly visibility: Located<'public' | 'private' | 'internal'>;
  readonly configPath: Located<string>;
  readonly defaultBranch: Located<string>;
  /** Minutes. */
  readonly timeout: Located<number>;
  readonly throttle: Located<number>;
  readonly archived: Located<boolean>;
  /** Absent where they could not be asked: without rights, or of a community build. */
  readonly secrets?: readonly StoredSecret[];
  readonly crons?: readonly CronJob[];
  /** The newest ones, newest first. */
  readonly builds?: readonly Build[];
  /** Hits of the search in the logs of builds, if they were asked for. */
  readonly logHits?: readonly LogHit[];
}

/** A secret of a repository or organisation, as the server lists it: never with its value. */
export interface StoredSecret {
  readonly name: string;
  /** Of organisation secrets. */
  readonly namespace?: string;
  /** Whether builds of pull requests receive it. */
  readonly pullRequest: boolean;
  /** Stored and shown, and enforced by nothing. */
  readonly pullRequestPush: boolean;
  readonly at: Location;
}

export interface CronJob {
  readonly name: string;
  readonly branch: Located<string>;
  readonly disabled: boolean;
  readonly at: Location;
}

export interface Build {
  readonly number: number;
  readonly event: string;
  readonly status: string;
  /** `@hook`, `@cron`, or the login of who started it. */
  readonly trigger: string;
  /** The slug of the fork. */
  readonly sourceRepo: string;
  readonly cron: string;
  readonly debug: boolean;
  /** Seconds since 1970; 0 if not yet. */
  readonly created: number;
  readonly finished: number;
  /** Stages with the runner that took them; none for older builds, absent where they were asked for and did not come. */
  readonly stages?: readonly { readonly name: string; readonly status: string; readonly machine?: Located<string> }[];
  readonly at: Location;
}

/** A credential in the log of a step, by the kind of it alone. */
export interface LogHit {
  readonly build: number;
  readonly stage: number;
  readonly step: number;
  /** `a token of GitHub` */
  readonly form: string;
  readonly at: Location;
}

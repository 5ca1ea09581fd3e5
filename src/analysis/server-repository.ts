import { repositoryOf } from '../drone/server-repository.ts';
import { groupedBy } from '../model/groups.ts';
import type { Account, Installation, ListedAccount } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Pipeline } from '../model/pipeline.ts';
import type { Build, Repository, StoredSecret } from '../model/server.ts';
import { clockOf, originOf } from '../model/source.ts';

/** The secrets that a server holds for builds of a pipeline: its repository's, and those of the whole organisation. */
export function storedSecretsFor({ stream }: Pipeline, installation: Installation): readonly StoredSecret[] {
  const repository = repositoryOf(stream, installation);
  return repository ? (secretsFor(repository, installation) ?? []) : [];
}

/**
 * The secrets that a server holds for builds of a repository, those of its whole organisation included; undefined where
 * neither could be asked.
 */
export function secretsFor(repository: Repository, installation: Installation): readonly StoredSecret[] | undefined {
  const { secrets } = repository;
  if (!secrets && !installation.organizationSecrets) return undefined;
  return [...(secrets ?? []), ...organizationSecretsOf(repository.namespace, installation)];
}

/** Whether the secrets of a repository were read, or its server is a community build, which has none. */
export function knowsSecrets({ secrets, owner }: Repository, installation: Installation): boolean {
  return secrets !== undefined || communityServers(installation).has(originOf(owner));
}

const communityServers = memoizePer(
  ({ endpoints }: Installation): ReadonlySet<string> =>
    new Set(
      endpoints
        .filter(({ answers }) => answers.get('/api/secrets')?.status.value === 501)
        .map(({ owner }) => originOf(owner)),
    ),
);

/** The secrets of a whole organisation. */
export function organizationSecretsOf(namespace: string, installation: Installation): readonly StoredSecret[] {
  return byNamespace(installation).get(namespace) ?? [];
}

const byNamespace = memoizePer(({ organizationSecrets }: Installation) =>
  groupedBy(organizationSecrets ?? [], ({ namespace }) => namespace),
);

/** An account of the list of a server. */
export type Listed = Account & { readonly listed: ListedAccount };

/** The accounts that a server lists; none if no list was read. */
export const listedAccounts = memoizePer(({ accounts }: Installation): readonly Listed[] =>
  accounts.filter((account): account is Listed => account.listed !== undefined),
);

/** A listed account by its number, by which repositories name their owner. */
export function accountNumbered(id: number, installation: Installation): Listed | undefined {
  return byNumber(installation).get(id);
}

const byNumber = memoizePer(
  (installation: Installation): ReadonlyMap<number, Listed> =>
    new Map(listedAccounts(installation).map((account) => [account.listed.id, account])),
);

const secondsOfDay = 24 * 60 * 60;

/** How many days ago a moment was when the answer came; undefined where nothing tells the time of the answer. */
export function ageInDays(seconds: number, { at }: Pick<Repository, 'at'>): number | undefined {
  const now = clockOf(at.source);
  return now === undefined ? undefined : (now / 1000 - seconds) / secondsOfDay;
}

/** The day of a moment in seconds since 1970, in UTC: `2026-01-03`; `an unknown day` for what is no moment. */
export function dayOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return seconds <= 0 || Number.isNaN(date.getTime()) ? 'an unknown day' : date.toISOString().slice(0, 10);
}

/** Whether a build is that of a pull request from a fork (harness/drone core/build.go: `source_repo` is its slug). */
export function isOfFork({ event, sourceRepo }: Build, { slug }: Repository): boolean {
  return event === 'pull_request' && sourceRepo !== '' && sourceRepo.toLowerCase() !== slug.toLowerCase();
}

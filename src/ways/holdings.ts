import { releaseToPullRequests } from '../analysis/secret-release.ts';
import { organizationSecretsOf } from '../analysis/server-repository.ts';
import { deploymentsOf } from '../drone/deployment.ts';
import { type SecretUse, secretsOfPipeline, secretsOfStep } from '../drone/secret-use.ts';
import { parseGoBool } from '../facts/go-values.ts';
import { memoizePer } from '../model/memoize.ts';
import { allSteps, type Pipeline, type Step } from '../model/pipeline.ts';
import type { StoredSecret } from '../model/server.ts';
import type { Location } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';
import { assets } from './states.ts';
import type { Runner, SeenRepository, View } from './view.ts';

/* What there is to be had: the secrets, credentials and effects of builds. */

/** A secret that builds of a repository are given, or may ask for. */
export interface HeldSecret {
  /** The asset. */
  readonly asset: string;
  readonly name: string;
  readonly at: Location;
  readonly kind: 'stored' | 'encrypted' | 'external' | 'organization';
  /** Whether pull requests are given it; `unknown` where only a server would tell. */
  readonly release: 'yes' | 'no' | 'unknown';
  /** Steps that pull requests reach and that ask for it. */
  readonly usedOnPullRequests: readonly { readonly pipeline: Pipeline; readonly step: Step }[];
  /** Steps that ask for it. */
  readonly users: readonly { readonly pipeline: Pipeline; readonly step?: Step }[];
}

/** The secrets of a repository: those that its pipelines name, and those that a server lists. */
export function secretsOf(repository: SeenRepository, view: View): readonly HeldSecret[] {
  return secretsIn(view)(repository);
}

const secretsIn = memoizePer((view: View) => memoizePer((repository: SeenRepository) => heldBy(repository, view)));

function heldBy(repository: SeenRepository, { context, runners }: View): readonly HeldSecret[] {
  const found = new Map<string, { -readonly [Key in keyof HeldSecret]: HeldSecret[Key] }>();
  const { known } = repository;
  const ofRunners = new Set(runners.flatMap((runner) => runnerSecretsOf(runner).map(({ name }) => name.toLowerCase())));
  const ofOrganization = known ? organizationSecretsOf(known.namespace, context.installation) : [];
  const add = (use: Pick<SecretUse, 'name' | 'at' | 'origin' | 'documents'>, pipeline: Pipeline, step?: Step): void => {
    const name = use.name.toLowerCase();
    const isOwn = known?.secrets?.some((secret) => secret.name.toLowerCase() === name) ?? false;
    if (use.origin === 'stored' && !isOwn && ofRunners.has(name)) return;
    const shared = use.origin === 'stored' && !isOwn && ofOrganization.some((each) => each.name.toLowerCase() === name);
    const path = use.documents.find((document) => document.path)?.path?.value;
    const asset =
      use.origin === 'external'
        ? assets.externalSecret(path ?? use.name)
        : shared && known
          ? assets.organizationSecret(known.namespace, use.name)
          : assets.secret(repository, use.name);
    const release = releaseToPullRequests(use, pipeline, context);
    const secret = found.get(asset) ?? {
      ...{ asset, name: use.name, at: use.at },
      kind: shared ? ('organization' as const) : use.origin,
      release:
        release === 'flagged' || release === 'private'
          ? 'yes'
          : release === 'never'
            ? 'no'
            : known && use.origin === 'stored'
              ? 'no'
              : 'unknown',
      usedOnPullRequests: [],
      users: [],
    };
    secret.users = [...secret.users, { pipeline, ...(step ? { step } : {}) }];
    if (step?.reach.pullRequest) secret.usedOnPullRequests = [...secret.usedOnPullRequests, { pipeline, step }];
    found.set(asset, secret);
  };
  if (repository.isUnseen) {
    const name = 'any';
    const asset = assets.secret(repository, name);
    const unused = { usedOnPullRequests: [], users: [] };
    found.set(asset, { asset, name, at: repository.at, kind: 'stored', release: 'unknown', ...unused });
  }
  for (const pipeline of repository.pipelines) {
    for (const use of secretsOfPipeline(pipeline)) add(use, pipeline);
    for (const step of allSteps(pipeline)) for (const use of secretsOfStep(pipeline, step)) add(use, pipeline, step);
  }
  const list = ({ name, pullRequest, at }: StoredSecret, asset: string, kind: HeldSecret['kind']): void => {
    const release = pullRequest ? 'yes' : 'no';
    if (!found.has(asset)) found.set(asset, { asset, name, at, kind, release, usedOnPullRequests: [], users: [] });
  };
  for (const secret of known?.secrets ?? []) list(secret, assets.secret(repository, secret.name), 'stored');
  for (const secret of ofOrganization)
    list(secret, assets.organizationSecret(known?.namespace ?? '', secret.name), 'organization');
  return [...found.values()];
}

/** What the steps of a repository do to the outside: deployments, and what they publish. */
export const effectsOf = memoizePer(
  (
    repository: SeenRepository,
  ): readonly {
    readonly asset: string;
    readonly pipeline: Pipeline;
    readonly step: Step;
  }[] =>
    repository.pipelines.flatMap((pipeline) =>
      allSteps(pipeline).flatMap((step) => {
        const deployment = deploymentsOf(step).find(({ by }) => by !== 'name');
        if (!deployment) return [];
        const asset = (deployment.does === 'deploy' ? assets.deploy : assets.artefact)(repository, step.name);
        return [{ asset, pipeline, step }];
      }),
    ),
);

/** The secrets that a runner holds itself, by the setting. */
export const runnerSecretsOf = memoizePer(
  ({ settings }: Runner): readonly { readonly name: string; readonly at: Location }[] =>
    (settings.variables.get('DRONE_RUNNER_SECRETS')?.parts ?? []).map(({ name, at }) => ({ name, at })),
);

/** Whether the clone credential of a repository is given to its builds. */
export function cloneCredentialOf(
  { known }: SeenRepository,
  { servers }: View,
): { certainty: 'seen' | 'unknown' | 'closed'; why: Text; vague?: true } {
  const isAlways = servers.some(
    ({ variables }) => parseGoBool(variables.get('DRONE_GIT_ALWAYS_AUTH')?.value ?? '') === true,
  );
  if (isAlways)
    return { certainty: 'seen', why: say`DRONE_GIT_ALWAYS_AUTH: builds of all repositories get a credential` };
  if (!known)
    return { certainty: 'unknown', why: say`if the repository is private, which only the server tells`, vague: true };
  if (known.private.value)
    return { certainty: 'seen', why: say`the repository is private, so its builds get a credential` };
  return { certainty: 'closed', why: say`the repository is public: its builds get no credential` };
}

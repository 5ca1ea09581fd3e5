import { type Deployment, deploymentsOf } from '../drone/deployment.ts';
import { secretsOfStep } from '../drone/secret-use.ts';
import { memoizePer } from '../model/memoize.ts';
import { allSteps, type Pipeline, type Step } from '../model/pipeline.ts';
import type { Context } from '../model/rule.ts';
import { joinTexts, ownWords, say, type Text } from '../model/text.ts';
import { hasPrivilege } from './step-privilege.ts';

/** What is at stake where a step runs. */
export interface StepAssets {
  readonly step: Step;
  /** Names of the secrets it holds. */
  readonly secrets: readonly string[];
  readonly privileged: boolean;
  readonly deployments: readonly Deployment[];
  /** For messages: `holds secret "token"`, `deploys ("kubectl apply")`. */
  readonly what: Text;
}

/** What is at stake in a step, as far as trust and its server leave it that; undefined where it only builds and tests. */
export function assetsOfStep(pipeline: Pipeline, step: Step, context: Context): StepAssets | undefined {
  return assetsIn(context)(pipeline)(step);
}

const assetsIn = memoizePer((context: Context) =>
  memoizePer((pipeline: Pipeline) => memoizePer((step: Step) => findAssets(pipeline, step, context))),
);

function findAssets(pipeline: Pipeline, step: Step, context: Context): StepAssets | undefined {
  const secrets = secretsOf(pipeline, step);
  // A name is a hint: without a secret there is nothing to deploy with.
  const deployments = deploymentsOf(step).filter(({ by }) => by !== 'name' || secrets.length > 0);
  const privileged = hasPrivilege(pipeline, step, context);
  if (secrets.length === 0 && deployments.length === 0 && !privileged) return undefined;
  const [first] = deployments;
  const parts = [
    ...(secrets.length > 0 ? [say`holds ${secretNames(secrets)}`] : []),
    ...(privileged ? [say`controls the runner's host`] : []),
    ...(first ? [say`${ownWords(first.does === 'deploy' ? 'deploys' : 'publishes')} (${first.what})`] : []),
  ];
  return { step, secrets, privileged, deployments, what: joinTexts(parts, ' and ') };
}

/** What is at stake in all steps and services of a pipeline. */
export function stepAssets(pipeline: Pipeline, context: Context): readonly StepAssets[] {
  return allSteps(pipeline).flatMap((step) => assetsOfStep(pipeline, step, context) ?? []);
}

/** Whether something is at stake beside the host: secrets, a deployment or a publication. */
export function hasSecretsOrDeploys({ secrets, deployments }: StepAssets): boolean {
  return secrets.length > 0 || deployments.length > 0;
}

/** Names of the secrets that a step gets; with them those that its runner logs in with (types ssh and digitalocean). */
export function secretsOf(pipeline: Pipeline, step: Step): readonly string[] {
  const logins = [...pipeline.server, ...(pipeline.token ? [pipeline.token] : [])].flatMap(({ fromSecret }) =>
    fromSecret ? [fromSecret.value] : [],
  );
  return [...new Set([...secretsOfStep(pipeline, step).map(({ name }) => name), ...logins])];
}

/** `secret "a"`, `secrets "a", "b" and 3 more`. */
export function secretNames(names: readonly string[]): Text {
  const shown = names.slice(0, 2).map((name) => `"${name}"`);
  const more = names.length > 2 ? ` and ${names.length - 2} more` : '';
  return say`${names.length === 1 ? say`secret` : say`secrets`} ${shown.join(', ')}${more}`;
}

/** Steps in words: `"a", "b" and 3 more`. */
export function stepNames(steps: readonly Step[]): Text {
  const shown = steps.slice(0, 3).map(({ name }) => `"${name}"`);
  return say`${shown.join(', ')}${steps.length > 3 ? say` and ${steps.length - 3} more` : ''}`;
}

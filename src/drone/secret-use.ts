import { addTo } from '../model/groups.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Pipeline, PipelineStream, SecretDocument, Step, StepValue } from '../model/pipeline.ts';
import type { Location } from '../model/source.ts';

/** A secret that a pipeline or one of its steps receives. */
export interface SecretUse {
  readonly name: string;
  readonly at: Location;
  readonly by: 'environment' | 'settings' | 'image_pull_secrets' | 'server' | 'token';
  /** The variable of the step that holds it; for a pipeline, the key that names it. */
  readonly variable: string;
  /**
   * Where Drone looks for it: `encrypted` and `external` have a document in the file; `stored` is a secret of the
   * repository, the organisation or the runner. A stored secret of the same name takes precedence over both
   * (drone/runner-go secret/combine.go), and the file does not show what is stored.
   */
  readonly origin: 'encrypted' | 'external' | 'stored';
  /** The documents of that name in the file's order; here Drone minds the case (secret/encrypted.go, external.go). */
  readonly documents: readonly SecretDocument[];
}

/** The secrets in the environment of a step: its variables, and its settings as `PLUGIN_` variables. */
export function secretsOfStep(pipeline: Pipeline, step: Step): readonly SecretUse[] {
  return secretsIn(pipeline)(step);
}

const secretsIn = memoizePer((pipeline: Pipeline) =>
  memoizePer((step: Step): readonly SecretUse[] => [
    ...usesOf(pipeline, step.environment, 'environment', (name) => name),
    ...usesOf(pipeline, step.settings, 'settings', settingVariable),
  ]),
);

/** The secrets that a pipeline receives as a whole: for pulling images, for its machines. */
export function secretsOfPipeline(pipeline: Pipeline): readonly SecretUse[] {
  return [
    ...pipeline.imagePullSecrets.map(({ value, at }) => use(pipeline, value, at, 'image_pull_secrets', value)),
    ...usesOf(pipeline, pipeline.server, 'server', (name) => name),
    ...usesOf(pipeline, pipeline.token ? [pipeline.token] : [], 'token', (name) => name),
  ];
}

const releases = {
  // harness/drone operator/manager/manager.go:335, runner-go secret/static.go:53
  stored: 'if flagged',
  // runner-go secret/encrypted.go:47: left out for a build with a fork of a public repository; go-scm names one for every pull request.
  encrypted: 'in private repositories',
  // runner-go secret/external.go:81: the runner ignores the flag in the answer.
  external: 'if the extension agrees',
} as const;

/** Whether a secret can be released to a build of a pull request, and what that depends on. */
export function releaseOf({ origin }: Pick<SecretUse, 'origin'>): (typeof releases)[SecretUse['origin']] {
  return releases[origin];
}

/** The variable in which a plugin finds a setting (drone-runner-docker engine/compiler/step.go). */
function settingVariable(name: string): string {
  return `PLUGIN_${name.toUpperCase()}`;
}

function usesOf(
  pipeline: Pipeline,
  values: readonly StepValue[],
  by: SecretUse['by'],
  variableOf: (name: string) => string,
): readonly SecretUse[] {
  return values.flatMap(({ name, fromSecret }) =>
    fromSecret ? [use(pipeline, fromSecret.value, fromSecret.at, by, variableOf(name.value))] : [],
  );
}

function use(pipeline: Pipeline, name: string, at: Location, by: SecretUse['by'], variable: string): SecretUse {
  return { name, at, by, variable, origin: originOf(name, pipeline), documents: documentsOf(name, pipeline) };
}

/** Where Drone looks for a secret of this name. */
export function originOf(name: string, pipeline: Pipeline): SecretUse['origin'] {
  const documents = documentsOf(name, pipeline);
  if (documents.some(({ data }) => data !== undefined && data.value !== '')) return 'encrypted';
  return documents.some(({ path, externalName }) => Boolean(path?.value || externalName?.value))
    ? 'external'
    : 'stored';
}

function documentsOf(name: string, { stream }: Pipeline): readonly SecretDocument[] {
  return documentsByName(stream).get(name) ?? [];
}

const documentsByName = memoizePer(({ secrets }: PipelineStream): ReadonlyMap<string, readonly SecretDocument[]> => {
  const byName = new Map<string, SecretDocument[]>();
  for (const document of secrets) if (document.name) addTo(byName, document.name.value, document);
  return byName;
});

import type { Pipeline, PipelineStream, SecretDocument, StepValue } from '../../model/pipeline.ts';
import { alsoAt, type Hit, type Location, type Remark, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'broken-secret-document',
  on: 'document',
  severity: 'low',
  confidence: 'high',
  title: 'Secret document has no effect',
  why: 'Drone treats a missing secret as an empty string and says nothing. Steps then log in with nothing, or somebody gives up and writes the value into the file.',
  fix: `Correct the document, or remove it:

\`\`\`yaml
kind: secret
name: api_key
get:
  path: secret/data/app
  name: access_key
\`\`\`

Write its name as \`from_secret\` does: the case counts.`,
  refs: [
    'https://docs.drone.io/secret/external/',
    'https://docs.drone.io/secret/encrypted/',
    'drone/runner-go secret/external.go:88-100',
    'drone/runner-go secret/encrypted.go:29-60',
  ],
  standards: { owasp: ['CICD-SEC-6'] },
  since: '0.1.0',
  *judge(stream) {
    const used = new Set(stream.pipelines.flatMap((pipeline) => [...namesIn(pipeline)]));
    const seen = new Map<string, Location>();
    for (const document of stream.secrets) {
      const { name, at, path, externalName, externalKey } = document;
      const faults: Remark[] = [...faultsOf(document)];
      const first = name && seen.get(name.value);
      if (name && first) faults.push({ at: name.at, message: say`there is another secret "${name.value}" before it` });
      if (name && !first) seen.set(name.value, name.at);
      if (name && !first && isUnused(name.value, used, stream))
        faults.push({ at: name.at, message: say`nothing in this file uses secret "${name.value}"` });
      const [worst, ...others] = faults;
      const fills = {
        api_key: name?.value ?? 'api_key',
        'secret/data/app': path?.value ?? 'secret/data/app',
        access_key: (externalName ?? externalKey)?.value ?? 'access_key',
      };
      if (worst) yield { ...hitOf(at, worst, others, first), fills };
    }
  },
});

function hitOf(at: Location, worst: Remark, others: readonly Remark[], first: Location | undefined): Hit {
  return {
    ...worst,
    subject: at.path,
    related: [
      ...others.map(({ at: place, message }) => alsoAt(place, message, { message })),
      ...(first ? [{ at: first, message: say`the other one` }] : []),
    ],
  };
}

function* faultsOf({ name, at, data, path, externalName, externalKey }: SecretDocument): Iterable<Remark> {
  const label = `secret "${name?.value ?? ''}"`;
  const hasSource = [data, path, externalName].some((text) => text !== undefined && text.value !== '');
  if (!name || name.value === '') yield { at, message: say`a secret without a name cannot be used` };
  else if (!hasSource) yield { at: name.at, message: say`${label} has neither data nor a path to get it from` };
  if (externalKey)
    yield { at: externalKey.at, message: say`"get.key" of ${label} is ignored: Drone asks with path and name` };
}

/** Where a template adds the rest of the file, we do not know what uses a secret. */
function isUnused(name: string, used: ReadonlySet<string>, { pipelines, templates }: PipelineStream): boolean {
  return pipelines.length > 0 && templates.length === 0 && !used.has(name);
}

function* namesIn({ steps, services, server, token, environment, imagePullSecrets }: Pipeline): Iterable<string> {
  const values: StepValue[] = [...server, ...environment, ...(token ? [token] : [])];
  for (const step of [...steps, ...services]) values.push(...step.environment, ...step.settings);
  for (const { fromSecret, nestedSecrets } of values) {
    if (fromSecret) yield fromSecret.value;
    for (const { value } of nestedSecrets) yield value;
  }
  for (const { value } of imagePullSecrets) yield value;
}

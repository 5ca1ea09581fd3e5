import { allSteps, type Pipeline, type Step, type StepValue } from '../../model/pipeline.ts';
import { alsoAt, type Hit, type Located, rule, say, type Text } from '../../model/rule.ts';

const shown = `\`\`\`yaml step
environment:
  API_KEY:
    from_secret: api_key
\`\`\`

If a plugin expects a list or map, give it a secret that holds all of it. The secret arrives now: keep the step off pull requests.

\`\`\`yaml conditions
event: [push, tag]
\`\`\`

A tag has no branch: beside \`branch\`, write \`event: push\`.`;

const ofLegacy = `List the secret below the step, with the name of the variable that gets it; a setting of a plugin is in the variable \`PLUGIN_\` and its name. Other settings stand directly below the step, without \`settings\`:

${shown}`;

export default rule({
  id: 'nested-secret-reference',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'from_secret stands where it is not resolved',
  why: 'The runner resolves `from_secret` directly below a setting or variable of a step, and nowhere else. Any deeper, the plugin gets the literal text; in the environment of a pipeline, the build is refused; anything beside it is dropped. People then put the value into the file.',
  fix: `Put \`from_secret\` directly below the variable or setting of a step, and alone:

${shown}`,
  refs: ['https://docs.drone.io/secret/', 'drone/runner-go manifest/param.go:24-36'],
  standards: { owasp: ['CICD-SEC-6'] },
  since: '0.1.0',
  *judge(pipeline) {
    for (const step of allSteps(pipeline)) {
      const fix = pipeline.legacy ? ofLegacy : undefined;
      for (const value of step.environment.filter(isSuspect))
        yield* hitsOf(value, say`"${value.name.value}" of "${step.name}"`, step, fix);
      for (const value of step.settings.filter(isSuspect))
        yield* hitsOf(value, say`setting "${value.name.value}" of "${step.name}"`, step, fix);
      yield* hitsInCommands(step, fix);
    }
    yield* hitsInEnvironment(pipeline);
  },
});

/** Most values are no reference, and most references are alone. */
function isSuspect({ nestedSecrets, fromSecret, scalars }: StepValue): boolean {
  return nestedSecrets.length > 0 || (fromSecret !== undefined && scalars.length > 0);
}

function* hitsOf(
  { nestedSecrets, fromSecret, scalars, name }: StepValue,
  label: Text,
  step: Step,
  fix: string | undefined,
): Iterable<Hit> {
  const [first, ...others] = nestedSecrets;
  const [dropped] = fromSecret ? scalars : [];
  const fillsOf = (secret: Located<string> | undefined) => ({
    ...(step.settings.some((setting) => setting.name === name) ? { 'environment:': 'settings:' } : {}),
    API_KEY: (fix !== undefined && name.value === 'settings' && secret && settingOf(secret)) || name.value,
    api_key: secret?.value ?? 'api_key',
  });
  const common = { subject: name.at.path, reach: step.reach, fills: fillsOf(fromSecret ?? first), fix };
  if (first)
    yield {
      ...common,
      at: first.at,
      message: say`from_secret is nested too deep in ${label} and is not resolved`,
      related: others.map((other) => alsoAt(other.at, say`nor here`, { fills: fillsOf(other) })),
    };
  else if (dropped)
    yield { ...common, at: dropped.at, message: say`what is written beside from_secret in ${label} is dropped` };
}

/** The setting that a secret below `settings` is for, where the format has no such key. */
function settingOf({ at }: Located<string>): string | undefined {
  return /\.settings\.settings\.([\w-]+)\.from_secret$/.exec(at.path)?.[1];
}

function* hitsInCommands({ commands, name, section, reach }: Step, fix: string | undefined): Iterable<Hit> {
  const [first, ...others] = commands.filter(({ value }) => /\bfrom_secret["']?\s{0,8}:/.test(value));
  if (!first) return;
  yield {
    at: first.at,
    subject: `commands of ${section}[${name}]`,
    message: say`from_secret in the commands of "${name}" is plain text to the shell`,
    reach,
    fix,
    related: others.map(({ at }) => alsoAt(at, say`and here`)),
  };
}

function* hitsInEnvironment({ environment, reach }: Pipeline): Iterable<Hit> {
  for (const { name, nestedSecrets } of environment) {
    const [first, ...others] = nestedSecrets;
    if (!first) continue;
    const fillsOf = (secret: string) => ({ API_KEY: name.value, api_key: secret });
    yield {
      at: first.at,
      subject: name.at.path,
      message: say`"${name.value}" of the pipeline's environment cannot be a secret: only steps can have them`,
      fills: fillsOf(first.value),
      reach,
      related: others.map(({ at, value }) => alsoAt(at, say`nor here`, { fills: fillsOf(value) })),
    };
  }
}

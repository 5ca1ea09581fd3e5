import { isScmPublic } from '../../analysis/public-scm.ts';
import { defaultWords } from '../../facts/documented-secrets.ts';
import { addTo } from '../../model/groups.ts';
import { isLoopback } from '../../model/hosts.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { alsoAt, rule, type Severity, worstFirst } from '../../model/rule.ts';
import { say, type Text, textKey } from '../../model/text.ts';
import { credentialName } from '../../secrets/forms.ts';
import { type LiteralSecret, literalSecrets } from '../../secrets/in-pipelines.ts';
import { isSample } from '../../secrets/placeholders.ts';
import { looksGenerated } from '../../secrets/variety.ts';

const ofRegistries = 'Credentials of a registry go into a secret that `image_pull_secrets` names.';

const fix = `Have the credential replaced where it was issued: removing it from the file is not enough. Store the new one as a secret, and refer to it:

\`\`\`sh
read -rs VALUE # paste it; nothing is shown
printf %s "$VALUE" | drone secret add --name api_key --data @/dev/stdin octocat/app
\`\`\`

\`\`\`yaml step
environment:
  API_KEY:
    from_secret: api_key
\`\`\`

Steps of pull requests get an empty value then. ${ofRegistries} A password that opens nothing but a service of the same build needs no secret: a plain word such as \`postgres\` is no finding.`;

export default rule({
  id: 'hardcoded-secret',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Credential stands in the file',
  why: 'Everyone who can read the repository has it, and so does everyone who ever cloned it: it stays in the history after the line is gone. Drone masks only its own secrets in the log, so this one can be printed there as well.',
  fix,
  refs: [
    'https://docs.drone.io/secret/',
    'https://docs.drone.io/secret/repository/',
    'https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-798'] },
  since: '0.1.0',
  effort: 'hours',
  withoutBuild: true,
  *judge(pipeline, { site, installation }) {
    const services = servicesOf(pipeline);
    const isPublic = isScmPublic({ site, installation }) === true;
    const byValue = new Map<string, { readonly secret: LiteralSecret; readonly severity: Severity }[]>();
    for (const secret of literalSecrets(pipeline)) {
      const severity = severityOf(secret, services, isPublic);
      if (!severity) continue;
      addTo(byValue, secret.value, { secret, severity });
    }
    for (const found of byValue.values()) {
      found.sort((a, b) => worstFirst(a, b) || a.secret.at.span.start - b.secret.at.span.start);
      const [worst, ...others] = found;
      if (!worst) continue;
      const { secret } = worst;
      // For a script we do not know which services it starts.
      const alone = (each: typeof worst) => ({
        message: say`${messageOf(each.secret)}${each.severity === 'low' && !pipeline.script ? say`, for a service of this pipeline` : ''}`,
        severity: each.severity,
        fills: fillsOf(each.secret),
        // For a script we do not know what starts the pipelines it writes.
        reach: pipeline.script ? undefined : (each.secret.step?.reach ?? pipeline.reach),
      });
      yield {
        at: secret.at,
        subject: `secret in ${textKey(placeOf(secret))}`,
        ...alone(worst),
        // Before 1.0 the server keeps the credentials of registries.
        fix: pipeline.legacy ? fix.replace(` ${ofRegistries}`, '') : undefined,
        related: others.map((other) => alsoAt(other.secret.at, say`and in ${placeOf(other.secret)}`, alone(other))),
      };
    }
  },
});

interface Services {
  readonly names: ReadonlySet<string>;
  /** Values set in their environment, among them the password that tests log in with. */
  readonly values: ReadonlySet<string>;
  /** Those whose names call them a credential. */
  readonly passwords: ReadonlySet<string>;
}

function servicesOf({ steps, services }: Pipeline): Services {
  const all = [...services, ...steps.filter(({ detach }) => detach?.value === true)];
  const variables = all.flatMap(({ environment }) => environment);
  const valuesOf = (some: typeof variables): ReadonlySet<string> =>
    new Set(some.flatMap(({ text }) => (text ? [text.value] : [])));
  return {
    names: new Set(all.map(({ name }) => name.toLowerCase())),
    values: valuesOf(variables),
    passwords: valuesOf(variables.filter(({ name }) => credentialName.test(name.value))),
  };
}

/** How bad a credential is; undefined for samples, placeholders and values that no machine generated. */
function severityOf(secret: LiteralSecret, services: Services, isPublic: boolean): Severity | undefined {
  const { kind, value, opens, opensHost, host = '' } = secret;
  if (isSample(value)) return undefined;
  if (kind === 'token') return isPublic && opens !== 'other' ? 'critical' : 'high';
  const isWord = defaultWords.has(value.toLowerCase());
  const isOfService = services.values.has(value) || isService(secret.step);
  if (kind === 'url') {
    if (isOfService || isLoopback(host) || !host.includes('.') || services.names.has(host))
      return looksGenerated(value) ? 'low' : undefined;
    return isWord && isExampleHost(host) ? undefined : 'high';
  }
  if (opensHost) return 'high';
  if (looksGenerated(value)) return isOfService ? 'low' : 'medium';
  return !isWord && !isService(secret.step) && services.passwords.has(value) ? 'low' : undefined;
}

function isService(step: Step | undefined): boolean {
  return step !== undefined && (step.section === 'services' || step.detach?.value === true);
}

/** Reserved for documentation (RFC 2606). */
function isExampleHost(host: string): boolean {
  return /(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid)$/.test(host);
}

/** The secret gets the name of the variable or setting that held the value. */
function fillsOf({ owner, step, unnamed }: LiteralSecret): Record<string, string> {
  if (!step || unnamed || owner === 'commands') return {};
  const isSetting = step.settings.some(({ name }) => name.value === owner);
  return { ...(isSetting ? { 'environment:': 'settings:' } : {}), API_KEY: owner, api_key: secretName(owner, step) };
}

/** Words that name no secret of a repository by themselves. */
const generalWords: ReadonlySet<string> = new Set(['webhook', 'password', 'token', 'secret', 'key', 'username', 'url']);

function secretName(owner: string, { name }: Step): string {
  const word = owner.toLowerCase();
  const step = name.toLowerCase().replace(/[^a-z0-9]{1,100}/g, '_');
  return generalWords.has(word) && /^[a-z]\w{1,60}$/.test(step) ? `${step}_${word}` : word;
}

function messageOf(secret: LiteralSecret): Text {
  const { kind, what, owner } = secret;
  if (what === owner) return say`the credential in ${placeOf(secret)} is written out`;
  const name = kind === 'named' && what !== 'a password' ? `the value of "${what}"` : what;
  return say`${name} is written in ${placeOf(secret)}`;
}

function placeOf({ step, owner, unnamed }: LiteralSecret): Text {
  if (unnamed) return say`a ${owner}`;
  if (!step) return say`"${owner}"`;
  return owner === 'commands' ? say`the commands of "${step.name}"` : say`"${owner}" of "${step.name}"`;
}

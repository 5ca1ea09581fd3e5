import { isScmPublic } from '../../analysis/public-scm.ts';
import { defaultWords, documentedSecrets, placeholders } from '../../facts/documented-secrets.ts';
import { addTo } from '../../model/groups.ts';
import { isLoopback } from '../../model/hosts.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import { reachOf } from '../../model/reach.ts';
import { rule } from '../../model/rule.ts';
import { type Severity, worstFirst } from '../../model/severity.ts';
import { leastEntropy, leastLength, madeUp, namesOnly, wordPart, writtenSecrets } from '../../secrets/forms.ts';
import { entropyOf, type LiteralSecret, literalSecrets } from '../../secrets/in-pipelines.ts';

export default rule({
  id: 'hardcoded-secret',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Credential stands in the file',
  why: 'Everyone who can read the repository has it, and so has everyone who ever cloned it: it stays in the history when the line is gone. Drone masks only secrets of its own in the log, so it is printed there as well.',
  fix: 'Store it as a secret and refer to it:\n\n```\ndrone secret add --name api_key --data @key.txt octocat/app\n```\n\n```yaml\nenvironment:\n  API_KEY:\n    from_secret: api_key\n```\n\nThen have the old value replaced where it was issued; taking it out of the file is not enough.',
  refs: [
    'https://docs.drone.io/secret/',
    'https://docs.drone.io/secret/repository/',
    'https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-798'] },
  since: '0.1.0',
  *judge(pipeline, { site, installation }) {
    const services = servicesOf(pipeline);
    const isPublic = isScmPublic({ site, installation }) === true;
    const byValue = new Map<string, { readonly secret: LiteralSecret; readonly severity: Severity }[]>();
    for (const secret of literalSecrets(pipeline, writtenSecrets)) {
      const severity = severityOf(secret, services, isPublic);
      if (!severity) continue;
      addTo(byValue, secret.value, { secret, severity });
    }
    for (const found of byValue.values()) {
      found.sort((a, b) => worstFirst(a, b) || a.secret.at.span.start - b.secret.at.span.start);
      const [worst, ...others] = found;
      if (!worst) continue;
      const { secret, severity } = worst;
      yield {
        at: secret.at,
        subject: `secret in ${placeOf(secret)}`,
        // Of a program it is not known what services there are.
        message: `${messageOf(secret)}${severity === 'low' && !pipeline.script ? ', for a service of this pipeline' : ''}`,
        severity,
        // Of a program it is not known what starts what it writes.
        reach: pipeline.script ? undefined : reachOf(secret.step?.reach ?? pipeline.reach),
        related: others.map((other) => ({ at: other.secret.at, message: `and in ${placeOf(other.secret)}` })),
      };
    }
  },
});

interface Services {
  readonly names: ReadonlySet<string>;
  /** Values that their environment sets: the password that tests log in with is one of them. */
  readonly values: ReadonlySet<string>;
  /** Those of them that their names call a credential. */
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
    passwords: valuesOf(variables.filter(({ name }) => writtenSecrets.names.test(name.value))),
  };
}

/** How bad a credential is; undefined for samples, placeholders and what no machine made. */
function severityOf(secret: LiteralSecret, services: Services, isPublic: boolean): Severity | undefined {
  const { kind, value, opens, opensHost, host = '' } = secret;
  if (isSample(value)) return undefined;
  if (kind === 'token') return isPublic && opens !== 'other' ? 'critical' : 'high';
  const isWord = defaultWords.has(value.toLowerCase());
  const isOfService = services.values.has(value) || isService(secret.step);
  if (kind === 'url') {
    if (isOfService || isLoopback(host) || !host.includes('.') || services.names.has(host))
      return isRandom(value) ? 'low' : undefined;
    return isWord && isExampleHost(host) ? undefined : 'high';
  }
  if (opensHost) return 'high';
  if (isRandom(value)) return isOfService ? 'low' : 'medium';
  return !isWord && !isService(secret.step) && services.passwords.has(value) ? 'low' : undefined;
}

function isService(step: Step | undefined): boolean {
  return step !== undefined && (step.section === 'services' || step.detach?.value === true);
}

/** Printed in documentation, or a text that stands where a value is missing. */
function isSample(value: string): boolean {
  const text = value.trim();
  return (
    documentedSecrets.some(
      (sample) => sample.value === text && sample.use.some((use) => use === 'pipeline' || use === 'any'),
    ) ||
    placeholders.some(({ pattern }) => text.length <= 200 && pattern.test(text)) ||
    madeUp.test(text)
  );
}

/** Long and varied enough to be made by a machine, and no words. */
function isRandom(value: string): boolean {
  if (value.length < leastLength || /\s/.test(value.trim()) || entropyOf(value) < leastEntropy) return false;
  if (namesOnly.test(value)) return false;
  return !value.split(/[-_./:,@=]/).every((part) => wordPart.test(part));
}

/** Reserved for documentation (RFC 2606). */
function isExampleHost(host: string): boolean {
  return /(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid)$/.test(host);
}

function messageOf(secret: LiteralSecret): string {
  const { kind, what, owner } = secret;
  if (what === owner) return `the credential in ${placeOf(secret)} is written out`;
  const name = kind === 'named' && what !== 'a password' ? `the value of "${what}"` : what;
  return `${name} is written in ${placeOf(secret)}`;
}

function placeOf({ step, owner, unnamed }: LiteralSecret): string {
  if (unnamed) return `a ${owner}`;
  if (!step) return `"${owner}"`;
  return owner === 'commands' ? `the commands of "${step.name}"` : `"${owner}" of "${step.name}"`;
}

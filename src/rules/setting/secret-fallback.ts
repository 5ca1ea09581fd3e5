import { purposeOf } from '../../analysis/purpose.ts';
import { databaseImages } from '../../facts/databases.ts';
import type { Variable } from '../../model/environment.ts';
import { rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';
import { isWeak } from '../../secrets/weakness.ts';

export default rule({
  id: 'secret-fallback',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Secret has a built-in fallback',
  why: 'When the variable is forgotten, on a new host or through a typo, the text in the file silently becomes the secret. Everyone who can read the file knows it.',
  fix: `Make Compose stop where the variable is missing:

\`\`\`yaml compose
environment:
  - DRONE_RPC_SECRET=\${DRONE_RPC_SECRET:?set it in .env}
\`\`\`

Put the value that is in use into \`.env\` first. Then replace it at both ends: a database keeps the password it was created with, and a secret of Drone has to be the same in every component that reads it.`,
  refs: ['https://docs.docker.com/reference/compose-file/interpolation/'],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-1392'] },
  supersedes: ['inline-secret'],
  since: '0.1.0',
  *judge(settings) {
    if (!isOurs(settings)) return;
    for (const variable of settings.variables.values()) {
      const { name, fallback } = variable;
      const secret = fallback?.secret;
      if (!fallback || !secret || secret.length === 0 || isToldAsWeak(variable, settings)) continue;
      const isGuessable = secret.kind === 'sample' || secret.length < 16;
      const size = secret.kind === 'sample' ? 'a documented sample' : `${secret.length} characters`;
      yield {
        at: fallback.at,
        subject: name,
        message: say`${name} of ${settings.label} falls back to a value in this file (${size})`,
        severity: isGuessable ? 'high' : undefined,
        fills: { DRONE_RPC_SECRET: variable.via ?? name },
      };
    }
  },
});

/** Whether weak-cookie-secret or weak-extension-token already reports the fallback in use, in more detail. */
function isToldAsWeak(variable: Variable, { role }: Settings): boolean {
  const { name, origin, secret } = variable;
  if (origin !== 'fallback' || !secret || !isWeak(secret, 32)) return false;
  return (name === 'DRONE_COOKIE_SECRET' && role === 'server') || purposeOf(variable, role) === 'extension';
}

/** Components of Drone, and databases and stores of their project. */
function isOurs({ role, container }: Settings): boolean {
  if (role === 'step' || role === 'proxy') return false;
  return role !== 'other' || databaseImages.has(container?.image?.value.name ?? '');
}

import { rule, say } from '../../model/rule.ts';
import { isExpectedPlaceholder, isWeak, weaknessOf } from '../../secrets/weakness.ts';

/** Bytes of an AES-256 key; the text is taken as it is (store/shared/encrypt/encrypt.go:34-47). */
const keyLength = 32;

import { fixFor } from './_older-servers.ts';

const fix = `Set a random database secret of exactly 32 bytes, which \`openssl rand -hex 16\` prints, and mixed mode, without which the server fails at each value that it cannot decrypt:

\`\`\`env
DRONE_DATABASE_SECRET=<output of: openssl rand -hex 16>
# drone-audit: ignore[mixed-encryption] until everything is saved again
DRONE_DATABASE_ENCRYPT_MIXED_MODE=true
\`\`\`

What was stored with the old secret is lost: builds get it garbled until you set it again, so have all values at hand:

\`\`\`sh
read -rs VALUE # paste it; nothing is shown
printf %s "$VALUE" | drone secret update --name api_key --data @/dev/stdin octocat/app
printf %s "$VALUE" | drone orgsecret update octocat api_key @/dev/stdin
\`\`\`

With \`DRONE_DATABASE_ENCRYPT_USER_TABLE\` all users have to sign in again. Then remove \`DRONE_DATABASE_ENCRYPT_MIXED_MODE\` and its comment.

If the server never started with the old secret, what is stored is plain text: leave \`--data\` out, and the values stay.`;

export default rule({
  id: 'weak-database-secret',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Database secret is guessable or has the wrong length',
  why: 'The text is used as the AES key without any derivation, so a guessable one does not protect a stolen database or backup. With any length other than 32 bytes the server does not start; the sample in the documentation has 30.',
  fix,
  refs: [
    'https://docs.drone.io/server/reference/drone-database-secret/',
    'harness/drone store/shared/encrypt/encrypt.go:34-47',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-521'] },
  supersedes: ['sample-secret', 'inline-secret'],
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server') return;
    const variable = settings.variables.get('DRONE_DATABASE_SECRET');
    const secret = variable?.secret;
    if (!variable || !secret || secret.length === 0 || isExpectedPlaceholder(variable)) return;
    const isGuessable = isWeak(secret, 0);
    const isWrong = secret.bytes !== keyLength;
    if (!isGuessable && !isWrong) return;
    // secret-fallback reports a guessable fallback in use.
    if (isGuessable && variable.origin === 'fallback') return;
    const size = `${secret.bytes} bytes, and the server starts only with ${keyLength}`;
    const what = isGuessable ? weaknessOf(secret, 0) : `has ${size}`;
    yield {
      at: variable.at,
      fix: fixFor(settings, fix),
      subject: variable.name,
      message: say`DRONE_DATABASE_SECRET ${what}${isGuessable && isWrong ? say`; the server would not even start with it` : ''}`,
      severity: isGuessable ? undefined : 'low',
      related: variable.usedAt ? [{ at: variable.usedAt, message: say`used by ${settings.label}` }] : undefined,
    };
  },
});

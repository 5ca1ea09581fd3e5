import { rule } from '../../model/rule.ts';
import { say } from '../../model/text.ts';
import { isExpectedPlaceholder, isWeak, weaknessOf } from '../../secrets/weakness.ts';

/** Bytes of an AES-256 key; the text is taken as it is (store/shared/encrypt/encrypt.go:34-47). */
const keyLength = 32;

export default rule({
  id: 'weak-database-secret',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Database secret is guessable or has the wrong length',
  why: 'The text is used as AES key without any derivation, so a guessable one gives no protection to a stolen database or backup. With another length than 32 bytes the server does not start; the sample in the documentation has 30.',
  fix: '`openssl rand -hex 16` prints 32 characters. A new secret does not read what the old one wrote: with\n\n```\nDRONE_DATABASE_ENCRYPT_MIXED_MODE=true\n```\n\nthe server still starts; save all secrets again, then remove that line.',
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
    const isWrong = secret.length !== keyLength;
    if (!isGuessable && !isWrong) return;
    // That a guessable fallback is used is told by secret-fallback.
    if (isGuessable && variable.origin === 'fallback') return;
    const size = `${secret.length} characters, and the server starts only with 32`;
    const what = isGuessable ? weaknessOf(secret, 0) : `has ${size}`;
    yield {
      at: variable.at,
      subject: variable.name,
      message: say`DRONE_DATABASE_SECRET ${what}${isGuessable && isWrong ? say`; it would not even start the server` : ''}`,
      severity: isGuessable ? undefined : 'low',
      related: variable.usedAt ? [{ at: variable.usedAt, message: say`used by ${settings.label}` }] : undefined,
    };
  },
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, answerOf, type Baselines, secretVerdict, verdictOf } from '../../src/checks/extension-answers.ts';

// What real extensions answered, against what may be concluded from it.

const folder = '../shared/samples/extension';

interface Recorded {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly from: string | readonly string[];
}

function recordOf(variant: string): { readonly answers: readonly Recorded[] } {
  return JSON.parse(readFileSync(join(folder, `${variant}.json`), 'utf8'));
}

function answered(variant: string, implementation: string): Answer {
  const found = recordOf(variant).answers.find(({ from }) =>
    typeof from === 'string' ? from === implementation : from.includes(implementation),
  );
  if (!found) throw new Error(`${variant} has no answer of ${implementation}`);
  return answerOf(found.status, found.headers?.['Content-Type'], Buffer.from(found.body), true);
}

const referenceLibrary = [
  'drone-go-1.7.1',
  'drone-go-master',
  'drone-vault-1.3.0',
  'drone-amazon-secrets-33fad6b',
  'drone-kubernetes-secrets-e0cacbf',
];
const python = ['python-a-aiohttp', 'python-b-aiohttp'];

/** What requests with other credentials are named in the recordings. */
const credentials = ['auth-unsigned', 'auth-garbage', 'auth-bearer', 'auth-wrong-key', 'auth-empty-key'];
const altered = ['body-tampered-stale-digest', 'date-old-1h', 'date-old-1y', 'hdr-date-only', 'alg-sha1'];

function verdictsOf(implementation: string, right: string): Record<string, string> {
  const base: Baselines = {
    right: answered(right, implementation),
    wrong: answered('auth-wrong-key', implementation),
  };
  const of = (variant: string, mayCrash: boolean) => verdictOf(answered(variant, implementation), base, mayCrash);
  return Object.fromEntries([
    ...credentials.map((variant) => [variant, of(variant, true)]),
    ...altered.map((variant) => [variant, of(variant, false)]),
  ]);
}

const allOf = (names: readonly string[], verdict: string) => Object.fromEntries(names.map((name) => [name, verdict]));

describe.skipIf(!existsSync(folder))(`recorded answers (${folder})`, () => {
  // The recordings of altered requests ask for a secret that is there.
  it.each(referenceLibrary)('%s refuses other credentials, and accepts altered requests', (implementation) => {
    expect(verdictsOf(implementation, 'auth-signed-ok')).toEqual({
      ...allOf(credentials, 'refused'),
      ...allOf(altered, 'data'),
    });
  });

  it('python-a-aiohttp refuses hmac-sha1 too', () => {
    expect(verdictsOf('python-a-aiohttp', 'auth-signed-ok')).toEqual({
      ...allOf(credentials, 'refused'),
      ...allOf(altered, 'data'),
      'alg-sha1': 'refused',
    });
  });

  it('python-b-aiohttp fails on what has no signature, which tells nothing', () => {
    expect(verdictsOf('python-b-aiohttp', 'auth-signed-ok')).toEqual({
      ...allOf(credentials, 'refused'),
      ...allOf(['auth-unsigned', 'auth-garbage', 'auth-bearer'], 'unknown'),
      ...allOf(altered, 'data'),
      'alg-sha1': 'refused',
    });
  });

  it.each([...referenceLibrary, ...python])('%s has no secret under a name that does not exist', (implementation) => {
    for (const variant of ['auth-signed-unknown-name', 'auth-signed-known-path-unknown-key'])
      expect(secretVerdict(answered(variant, implementation))).toBe('accepted');
    expect(secretVerdict(answered('auth-signed-ok', implementation))).toBe('data');
  });

  it.each([...referenceLibrary, ...python])(
    '%s accepts the right key where a name does not exist',
    (implementation) => {
      const base = {
        right: answered('auth-signed-unknown-name', implementation),
        wrong: answered('auth-wrong-key', implementation),
      };
      expect(verdictOf(base.right, base, false)).toBe('accepted');
      expect(verdictOf(base.wrong, base, true)).toBe('refused');
    },
  );

  it.each(referenceLibrary)('%s is open with an empty key, which the body alone tells', () => {
    expect(verdictOf(answered('emptyserver-empty-key', 'drone-go-master/empty-key'), {}, true)).toBe('data');
    expect(verdictOf(answered('emptyserver-unsigned', 'drone-go-master/empty-key'), {}, true)).toBe('refused');
    expect(verdictOf(answered('emptyserver-empty-key', 'python-b/empty-key'), {}, true)).toBe('data');
  });

  it('a fork gets what has no filter, and not what has one', () => {
    for (const implementation of referenceLibrary.slice(2)) {
      expect(secretVerdict(answered('filter-push-push', implementation))).toBe('data');
      expect(secretVerdict(answered('filter-push-pr-fork', implementation))).toBe('accepted');
      expect(secretVerdict(answered('filter-plain-pr-fork', implementation))).toBe('data');
    }
  });

  it('a body that is no JSON tells the same', () => {
    type Row = { readonly from: readonly string[] } & Readonly<Record<string, readonly [number, string]>>;
    const { answers }: { answers: readonly Row[] } = JSON.parse(
      readFileSync(join(folder, 'nonjson-body-all.json'), 'utf8'),
    );
    const verdicts = answers.map((row) => {
      const of = (name: string): Answer => {
        const [status, body] = row[name] ?? [0, ''];
        return answerOf(status, 'text/plain', Buffer.from(body), true);
      };
      const base = { right: of('replay-1'), wrong: of('wrong-key') };
      return [
        ...['unsigned', 'wrong-key', 'empty-key'].map((name) => verdictOf(of(name), base, true)),
        ...['stale-digest', 'date-old-1h', 'date-old-1y', 'replay-2', 'date-only', 'sha1'].map((name) =>
          verdictOf(of(name), base, false),
        ),
      ];
    });
    const five = Array.from({ length: 5 }, () => 'accepted');
    expect(verdicts).toEqual([
      ['refused', 'refused', 'refused', ...five, 'accepted'],
      ['refused', 'refused', 'refused', ...five, 'refused'],
      ['unknown', 'refused', 'refused', ...five, 'refused'],
    ]);
  });

  it('a handler somewhere else on the host tells nothing', () => {
    const answers: readonly { request: string; status: number; body: string }[] = JSON.parse(
      readFileSync(join(folder, 'mounted-at-secret.json'), 'utf8'),
    ).answers;
    const of = (name: string): Answer => {
      const found = answers.find(({ request }) => request === name);
      return answerOf(found?.status ?? 0, 'text/plain', Buffer.from(found?.body ?? ''), true);
    };
    const base = { right: of('signed /'), wrong: of('unsigned /') };
    expect(verdictOf(of('unsigned /'), base, true)).toBe('unknown');
    expect(verdictOf(of('unsigned /secret'), base, true)).toBe('refused');
  });
});

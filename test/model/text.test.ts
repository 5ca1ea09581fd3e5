import { describe, expect, it } from 'vitest';
import type { Finding, ReportedProblem } from '../../src/model/report.ts';
import type { Hit } from '../../src/model/rule.ts';
import { distinct, joinTexts, ownWords, say, textKey } from '../../src/model/text.ts';
import { maskFor } from '../../src/secrets/mask.ts';

/** The secret of a source that holds nothing else. */
const maskOf = (secret: string) =>
  maskFor([{ source: { name: 'a', form: 'env', text: secret }, path: 'A', span: { start: 0, end: secret.length } }]);

describe('a text that leaves', () => {
  it('keeps its own words apart from what was read, through texts within texts', () => {
    const label = say`service "${'db'}"`;
    expect(say`${label} listens on ${8080}, beside ${'web'}`.pieces).toEqual([
      'service "',
      'db',
      '" listens on 8080, beside ',
      'web',
      '',
    ]);
    expect(joinTexts([label, say`the host`], ' and ').pieces).toEqual(['service "', 'db', '" and the host']);
    expect(textKey(joinTexts([], ', '))).toBe('');
    expect(distinct([label, say`service "${'db'}"`, say`service "db"`])).toHaveLength(1);
  });

  it('is masked in its evidence, and never in its own words', () => {
    const mask = maskOf('Service81x');
    expect(mask.text(say`Service81x "${'Service81x'}" runs`)).toBe('Service81x "••••••••••" runs');
    expect(mask.text(say`${ownWords('Service81x')} of "${'db'}"`)).toBe('Service81x of "db"');
    expect(maskOf('service').text(say`service "${'service'}" is a service`)).toBe('service "service" is a service');
    expect(maskOf('Zq81tVx0').text(say`"${'https://a/Zq81tVx0/b'}" is open`)).toBe('"https://a/••••••••/b" is open');
  });

  it('cannot act on a terminal, whatever was read', () => {
    expect(maskFor([]).text(say`step "${'a\u001b[2Jb\u202e'}"`)).toBe('step "a\\u{1B}[2Jb\\u{202E}"');
  });

  it('keeps out what was read where it slips into a plain string', () => {
    expect(`${say`step "${'Zq81tVx0'}" runs`}`).toBe('step "…" runs');
  });

  it('does not compile as a plain string', () => {
    const read: string = 'Zq81tVx0';
    // @ts-expect-error a message is made by `say`
    const message: Hit['message'] = `the secret is ${read}`;
    // @ts-expect-error a report holds only what the mask made
    const shown: Finding['message'] = `the secret is ${read}`;
    // @ts-expect-error an unmasked text is not shown
    const problem: ReportedProblem['message'] = say`the secret is ${read}`;
    // @ts-expect-error only what the compiler knows to the letter counts as our own words
    const own = ownWords(read);
    expect([message, shown, problem, own]).toHaveLength(4);
  });
});

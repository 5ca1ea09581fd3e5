import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentedSecrets, placeholders } from '../../src/facts/documented-secrets.ts';
import { maskedForm, parseMasked, traitsOf } from '../../src/secrets/traits.ts';
import { expectProportional } from '../support/cost.ts';

describe('what is told of a secret', () => {
  it.each<[value: string, name: string, known: string]>([
    ['super-duper-secret', 'DRONE_RPC_SECRET', 'sample'],
    [' bea26a2221fd8090ea38720fc445eca6 ', 'DRONE_COOKIE_SECRET', 'sample'],
    ['bea26a2221fd8090ea38720fc445eca6', 'DRONE_DATABASE_SECRET', 'sample'],
    ['root', 'DRONE_UI_PASSWORD', 'sample'],
    ['root', 'DRONE_RPC_SECRET', 'word'],
    ['MyRealm', 'DRONE_RPC_SECRET', 'none'],
    ['ChangeMe', 'DRONE_RPC_SECRET', 'word'],
    ['password123', 'ANY_PASSWORD', 'sample'],
    ['YOUR_GENERATED_RPC_SECRET', 'DRONE_RPC_SECRET', 'placeholder'],
    ['<generate>', 'DRONE_RPC_SECRET', 'placeholder'],
    ['0123456789abcdef0123456789abcdee', 'DRONE_RPC_SECRET', 'none'],
    ['', 'DRONE_RPC_SECRET', 'none'],
    ['   ', 'DRONE_RPC_SECRET', 'none'],
  ])('%j as %s is %s', (value, name, known) => expect(traitsOf(value, name).kind).toBe(known));

  it.each(placeholders.map((placeholder) => placeholder.example))('placeholder %s is known', (example) =>
    expect(traitsOf(example, 'DRONE_RPC_SECRET').kind).not.toBe('none'),
  );

  it('takes the use that is given before the name', () => {
    expect(traitsOf('admin', 'X', 'vm').kind).toBe('sample');
  });

  it('measures', () => {
    expect(traitsOf('aabb', 'X')).toMatchObject({ length: 4, distinct: 2, bits: 1 });
    expect(traitsOf('', 'X')).toMatchObject({ length: 0, distinct: 0, bits: 0 });
    expect(traitsOf('né', 'X')).toMatchObject({ length: 2, bytes: 3 });
    expect(traitsOf('aaaa', 'X').bits).toBe(0);
  });

  it('is equal for equal values only, and does not hold the value', () => {
    expect(traitsOf('abc', 'X').identity).toBe(traitsOf('abc', 'Y').identity);
    expect(traitsOf('abc', 'X').identity).not.toBe(traitsOf('abd', 'X').identity);
    expect(traitsOf('abc', 'X').identity).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is quick with a long text', () => {
    expectProportional((scale) => traitsOf('change_me_'.repeat(200_000 * scale), 'X'));
  });
});

describe('the masked form', () => {
  const values = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(...documentedSecrets.map((s) => s.value)),
  );

  it('is read back as it was, and fits into lists, maps and URLs', () => {
    fc.assert(
      fc.property(values, fc.nat({ max: 1000 }), (value, same) => {
        const traits = traitsOf(value, 'DRONE_RPC_SECRET');
        const text = maskedForm(traits, same);
        expect(text).toMatch(/^drone-audit-masked[A-Za-z0-9.+=-]+$/);
        expect(parseMasked(text)).toEqual({ ...traits, identity: `same:${same}` });
        expect(maskedForm(parseMasked(text) ?? traits, same)).toBe(text);
      }),
    );
  });

  it.each([
    '',
    'drone-audit-masked++',
    'drone-audit-masked+length=1+distinct=1+bits=0.00+known=other+same=1+',
    'drone-audit-masked+length=1+distinct=1+bits=0+known=none+same=1+',
    ' drone-audit-masked+length=1+distinct=1+bits=0.00+known=none+same=1+',
    'drone-audit-masked+length=1+distinct=1+bits=0.00+known=none+same=1+x',
    'drone-audit-masked+length=99999999999+distinct=1+bits=0.00+known=none+same=1+',
  ])('%j is none', (text) => expect(parseMasked(text)).toBeUndefined());

  it('leaves out a documented place it does not know', () => {
    const traits = parseMasked('drone-audit-masked+length=1+distinct=1+bits=0.00+known=sample+where=9999+same=1+');
    expect(traits).toEqual({ length: 1, bytes: 1, distinct: 1, bits: 0, kind: 'sample', identity: 'same:1' });
  });
});

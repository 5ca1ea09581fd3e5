import { describe, expect, it } from 'vitest';
import { createdUser, userCreateItems } from '../../src/drone/user-create.ts';
import type { Variable } from '../../src/model/environment.ts';
import { expectProportional } from '../support/cost.ts';

function variable(written: Pick<Variable, 'value' | 'partly'>): Variable {
  const text = written.value ?? written.partly ?? '';
  const at = {
    source: { name: 'drone.env', form: 'env', text },
    path: 'DRONE_USER_CREATE',
    span: { start: 0, end: text.length },
  } as const;
  return { name: 'DRONE_USER_CREATE', origin: 'literal', at, keyAt: at, heldBy: 'env-file', ...written };
}

function user(partly: string): readonly unknown[] {
  const found = createdUser(variable({ partly }));
  return found ? [found.login, found.admin, found.machine] : [];
}

describe('createdUser of a value that is known in part', () => {
  it('tells what does not depend on the rest', () => {
    expect(user(`username:bot,machine:true,admin:true,token:\${TOK}`)).toEqual(['bot', true, true]);
    expect(user(`username:bot,machine:true,admin:true,token:\${TOK:?say, which: one}`)).toEqual(['bot', true, true]);
    expect(user('username:bot,token:$TOK,admin:true')).toEqual(['bot', true, false]);
    expect(user('username:bot,token:{{ token }},admin:false')).toEqual(['bot', false, false]);
    expect(user(`username:bot,token:\${A:-\${B}},admin:true`)).toEqual(['bot', true, false]);
  });

  it('leaves open what does', () => {
    expect(user(`username:bot,admin:\${ADMIN},machine:true`)).toEqual(['bot', undefined, true]);
    expect(user(`username:\${BOT},admin:true`)).toEqual([]);
    expect(user(`username:bot-\${STAGE},admin:true`)).toEqual([]);
    expect(user(`\${ALL}`)).toEqual([]);
  });

  it('takes what could be any item for each of them, unless a later one counts', () => {
    expect(user(`username:bot,admin:true,\${MORE}`)).toEqual([]);
    expect(user(`\${MORE},username:bot,admin:true`)).toEqual(['bot', true, undefined]);
  });

  it('does not search what is known for references', () => {
    expect(createdUser(variable({ value: 'username:bo$t,admin:true' }))?.login).toBe('bo$t');
    expect(userCreateItems(variable({ value: 'token:${A,b:c' })).map(({ key }) => key)).toEqual(['token', 'b']);
  });

  it('takes time in proportion to the text', () =>
    expectProportional((scale) => {
      const size = 300_000 * scale;
      userCreateItems(variable({ partly: '$A,'.repeat(size) }));
      userCreateItems(variable({ partly: ['$', '{'].join('').repeat(size) }));
      userCreateItems(variable({ partly: '{{'.repeat(size) }));
    }));
});

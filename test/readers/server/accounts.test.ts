import { describe, expect, it } from 'vitest';
import { lineOf } from '../../../src/model/source.ts';
import { readAccounts } from '../../../src/readers/server/accounts.ts';
import { plain } from '../../support/text.ts';
import { answer, recordings } from './answers.ts';

const name = 'https://ci.example.com/api/users';
const alice = {
  id: 2,
  login: 'alice',
  email: 'alice@example.com',
  machine: false,
  admin: true,
  active: true,
  created: 1761340000,
  last_login: 1795727200,
};

describe('readAccounts', () => {
  it('reads what the server lists, each with its place', () => {
    const { accounts, problems } = readAccounts(
      answer(name, 'drone-accounts', [alice, { ...alice, id: 3, login: 'bob' }]),
    );
    expect(problems).toEqual([]);
    expect(accounts).toMatchObject([
      {
        kind: 'account',
        owner: name,
        login: 'alice',
        admin: true,
        machine: false,
        live: true,
        listed: {
          id: 2,
          email: 'alice@example.com',
          active: { value: true, at: { path: '[alice].active' } },
          created: 1761340000,
          lastLogin: { value: 1795727200 },
        },
      },
      { login: 'bob', at: { path: '[bob].login' } },
    ]);
    expect(accounts.map(({ at }) => lineOf(at))).toEqual([4, 14]);
  });

  it('takes what is missing or null for what Go leaves out', () => {
    const { accounts, problems } = readAccounts(answer(name, 'drone-accounts', [{ login: 'alice', email: null }]));
    expect(problems).toEqual([]);
    expect(accounts).toMatchObject([
      { admin: false, machine: false, listed: { id: 0, email: '', active: { value: false }, lastLogin: { value: 0 } } },
    ]);
  });

  it('knows the account that the audit asks with', () => {
    const { accounts } = readAccounts(
      answer(name, 'drone-accounts', [alice, { ...alice, login: 'audit', droneAudit: true }]),
    );
    expect(accounts.map(({ listed }) => listed?.isAsking)).toEqual([undefined, true]);
  });

  it('says how many entries it does not understand, and reads the others', () => {
    const broken = [
      null,
      'alice',
      [],
      {},
      { ...alice, login: '' },
      { ...alice, login: {} },
      { ...alice, admin: 'yes' },
      { ...alice, admin: [] },
      { ...alice, last_login: 'yesterday' },
      { ...alice, last_login: 1e300 },
      { ...alice, last_login: 1.5 },
    ];
    const { accounts, problems } = readAccounts(answer(name, 'drone-accounts', [...broken, alice]));
    expect(accounts.map(({ login }) => login)).toEqual(['alice']);
    expect(problems).toMatchObject([{ kind: 'malformed', source: name, incomplete: true }]);
    expect(problems.map(({ message }) => plain(message))).toEqual(['11 of 12 accounts could not be understood']);
  });

  it('takes numbers that are written as texts', () => {
    const { accounts } = readAccounts(answer(name, 'drone-accounts', [{ ...alice, id: '7', last_login: '0' }]));
    expect(accounts[0]?.listed).toMatchObject({ id: 7, lastLogin: { value: 0 } });
  });

  it.each(['', '{}', 'null', '"text"', '[', '[{"login": "alice"', '\u0000'])('has a problem with %j', (text) => {
    const { accounts, problems } = readAccounts({ name, form: 'drone-accounts', text });
    expect(accounts).toEqual([]);
    expect(problems).toMatchObject([{ source: name, incomplete: true }]);
  });

  it('reads ten thousand accounts', () => {
    const many = Array.from({ length: 10_000 }, (_, id) => ({ ...alice, id, login: `user${id}` }));
    expect(readAccounts(answer(name, 'drone-accounts', many)).accounts).toHaveLength(10_000);
  });

  it.skipIf(!recordings.exist)('reads what a real server answered (needs the recordings)', () => {
    const { accounts, problems } = readAccounts(answer(name, 'drone-accounts', recordings.body('admin-users')));
    expect(problems).toEqual([]);
    expect(accounts.map(({ login, admin, machine, listed }) => [login, admin, machine, listed?.active.value])).toEqual([
      ['alice', false, false, true],
      ['bob', true, false, true],
      ['carol', false, false, false],
      ['ci-bot', false, true, true],
      ['dormant', false, false, true],
      ['never', true, false, true],
      ['ops-bot', true, true, true],
      ['outsider', false, false, true],
      ['root', true, false, true],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { readOrganizationSecrets } from '../../../src/readers/server/organization-secrets.ts';
import { plain } from '../../support/text.ts';
import { answer, recordings } from './answers.ts';

const name = 'https://ci.example.com/api/secrets';
const form = 'drone-organization-secrets';

describe('readOrganizationSecrets', () => {
  it('reads names and flags, where a missing flag means false', () => {
    const { organizationSecrets, problems } = readOrganizationSecrets(
      answer(name, form, [
        { namespace: 'acme', name: 'plain' },
        { namespace: 'acme', name: 'npm_token', pull_request: true, pull_request_push: true },
      ]),
    );
    expect(problems).toEqual([]);
    expect(organizationSecrets).toMatchObject([
      { namespace: 'acme', name: 'plain', pullRequest: false, pullRequestPush: false },
      { namespace: 'acme', name: 'npm_token', pullRequest: true, at: { path: '[acme/npm_token].name' } },
    ]);
  });

  it('tells a list without any from none', () => {
    expect(readOrganizationSecrets(answer(name, form, [])).organizationSecrets).toEqual([]);
    expect(readOrganizationSecrets(answer(name, form, null)).organizationSecrets).toBeUndefined();
  });

  it('says what it does not understand', () => {
    const broken = [
      { namespace: 'acme' },
      { name: 'token' },
      { namespace: 'acme', name: 'token', pull_request: 'maybe' },
      1,
    ];
    const { organizationSecrets, problems } = readOrganizationSecrets(answer(name, form, broken));
    expect(organizationSecrets).toEqual([]);
    expect(problems.map(({ message }) => plain(message))).toEqual([
      '4 of 4 organisation secrets could not be understood',
    ]);
  });

  it.skipIf(!recordings.exist)('reads what a real server answered (needs the recordings)', () => {
    const { organizationSecrets, problems } = readOrganizationSecrets(
      answer(name, form, recordings.body('admin-secrets-all')),
    );
    expect(problems).toEqual([]);
    expect(organizationSecrets?.map(({ name, pullRequest }) => [name, pullRequest])).toEqual([
      ['org_plain', false],
      ['org_pr', true],
    ]);
  });
});

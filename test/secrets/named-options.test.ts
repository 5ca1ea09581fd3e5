import { expect, it } from 'vitest';
import { credentialName, credentialOptions } from '../../src/secrets/forms.ts';
import { optionMatches } from '../../src/secrets/spans.ts';

/*
 * Options that take a value by its name are looked for only in texts with a word that such names end in: each name that is
 * one of a credential has to end in one, and in each of these options what follows the name must not go on with it.
 */

const secret = 'q8Zt000W3nRv5KxPd7';

const ends =
  'pass password passwd passphrase pw pwd secret token api_key apikey access_key accesskey private_key secret_key auth_key signing_key encryption_key ssh_key deploy_key credential credentials auth_token pat accesstoken apitoken';

const names = ends.split(' ').flatMap((end) => [end, `DB_${end.toUpperCase()}`]);

const forms: readonly ((name: string) => string)[] = [
  (name) => `export ${name}=${secret}`,
  (name) => `export ${name}+=${secret}`,
  (name) => `deploy --${name.toLowerCase().replaceAll('_', '-')} ${secret}`,
  (name) => `[[ $${name} == ${secret} ]]`,
  (name) => `[[ "\${${name}}" != ${secret} ]]`,
  (name) => `mvn -Drepo.${name}=${secret}`,
  (name) => `deploy.exe /${name}:${secret}`,
  (name) => `jq --arg ${name} ${secret} .`,
  (name) => `printf '${name}=%s\\n' ${secret}`,
  (name) => `printf 'USER=%s ${name} %s' octocat ${secret}`,
  (name) => `sed -i s/__${name}__/${secret}/ a`,
  (name) => `curl -H "${name}: ${secret}" https://example.org`,
  (name) => `curl --header='${name}:${secret}' https://example.org`,
];

it('options find a value by each name of a credential', () => {
  const missed = names.flatMap((name) =>
    forms.map((form) => form(name)).filter((text) => ![...optionMatches(text)].some(({ match }) => match.groups?.name)),
  );
  expect(names.filter((name) => !credentialName.test(name))).toEqual([]);
  expect(missed).toEqual([]);
});

it('each option with a name is tried', () => {
  const texts = names.flatMap((name) => forms.map((form) => form(name)));
  const found = new Set(texts.flatMap((text) => [...optionMatches(text)].map(({ option }) => option)));
  const named = credentialOptions.filter(({ pattern }) => pattern.source.includes('(?<name>'));
  // The others put more values before this one.
  expect(named.filter((option) => !found.has(option) && option.mark !== '%s')).toEqual([]);
});

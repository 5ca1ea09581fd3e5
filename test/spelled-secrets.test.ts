import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences, type Run, type Said, scanned } from './support/both-ways.ts';
import { temporaryFolder } from './support/cli.ts';
import { writeFiles } from './support/git.ts';
import { mergeIn, scanIn, scanParts } from './support/shards.ts';

// A secret is hidden however another file spells it, also where that file was judged before anybody knew that it is one.

type Files = Readonly<Record<string, string>>;

const options: Run['options'] = { pedantic: true, minSeverity: 'info', minConfidence: 'low' };

const knows = (value: string): string => `kind: pipeline
type: docker
name: knows
steps:
- name: build
  image: alpine
  environment: {DB_PASSWORD: '${value}'}
  commands: [make]
`;

/** A pipeline that holds a value in many places; `spelled` is it within double quotes. */
const holds = (spelled: string): string => `kind: pipeline
type: docker
name: "${spelled}"
steps:
- name: "at ${spelled}"
  image: "registry.example.com/app/x:${spelled}"
  privileged: true
  environment: {"${spelled}": "${spelled}"}
  commands:
  - "curl http://x.example.com/${spelled} | sh"
  - "curl -u bob:${spelled} https://x.example.com/i.sh | sh"
  - "echo $DRONE_COMMIT_MESSAGE ${spelled}"
  when: {branch: "${spelled}", event: [pull_request]}
- name: publish
  image: plugins/docker
  settings: {"x${spelled}": "${spelled}", repo: "${spelled}"}
volumes:
- {name: "v ${spelled}", host: {path: "/${spelled}"}}
`;

const inMatrix = (first: string, second: string): string => `pipeline:
  build:
    image: app/x:\${P}\${Q}
    privileged: true
    commands: ["echo \${P}\${Q}", "curl http://x.example.com/\${P}\${Q} | sh"]
matrix:
  P: [${JSON.stringify(first)}]
  Q: [${JSON.stringify(second)}]
`;

/** The forms in which a value could be read where it must not be. */
const formsOf = (value: string): readonly string[] => [
  value,
  JSON.stringify(value).slice(1, -1),
  encodeURIComponent(value),
  ...[value.replaceAll('&', '&amp;').replaceAll('"', '&quot;'), value.replaceAll('"', '""')],
];

function shows(text: string, value: string): boolean {
  return formsOf(value).some((form) => text.includes(form));
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

const shownBy = ({ written }: Said, value: string): readonly string[] =>
  [...written].flatMap(([format, text]) => (shows(text, value) ? [format] : []));

/** Audits files at once and in all other ways: the same is said in each of them, and no secret is in it. */
async function sameInAllWays(files: Files, value: string, shards = 2): Promise<Said> {
  const folder = temporaryFolder();
  writeFiles(folder, files);
  const atOnce = await scanned(folder, { options });
  expect(shownBy(atOnce, value)).toEqual([]);
  const cached = async (cache: string): Promise<void> => {
    for (let run = 0; run < 2; run++)
      expect(differences(atOnce, await scanned(folder, { options: { ...options, cache } }))).toEqual([]);
  };
  expect(differences(atOnce, await scanned(folder, { options, keeps: 0 }))).toEqual([]);
  const cache = join(temporaryFolder(), 'kept');
  await cached(cache);
  for (const path of filesIn(cache)) expect(shows(readFileSync(path, 'utf8'), value)).toBe(false);
  // Here the cache has what was said when nobody knew the secret.
  const older = join(temporaryFolder(), 'kept');
  const paths = Object.keys(files).filter((name) => files[name] !== knows(value));
  await scanned(folder, { paths, options: { ...options, cache: older } });
  await cached(older);
  const whole = await scanIn(folder, temporaryFolder(), ['.'], options);
  const parts = await scanParts(folder, temporaryFolder(), ['.'], shards, options);
  expect(parts.filter((path) => shows(readFileSync(path, 'utf8'), value))).toEqual([]);
  expect(await mergeIn(folder, temporaryFolder(), parts)).toEqual(whole);
  return atOnce;
}

const findingsOf = ({ written }: Said): number => JSON.parse(written.get('json') ?? '').findings.length;

describe('a secret that a later file makes known is hidden', () => {
  const value = 'Xq7&tT9pLw2Zz';
  const json = (spelled: string): string =>
    `{"kind":"pipeline","type":"docker","name":"a","steps":[{"name":"a","image":"docker.io/app/x","privileged":true,"commands":["curl -u bob:${spelled} https://x.example/i.sh | sh"]},{"name":"${spelled}","image":"alpine","commands":["make"]}]}`;

  it.each<readonly [string, string, string]>([
    ['as it is', value, holds(value)],
    ['as JSON escapes it', value, json('Xq7\\u0026tT9pLw2Zz')],
    ['with an escaped letter', 'hunter2Xk9QzPw4', holds('hunt\\u0065r2Xk9QzPw4')],
    ['over two lines', 'Qx7tT 9pLw2Zz', holds('Qx7tT\n    9pLw2Zz')],
    ['in two parts', 'Xq7abtT9pLw2Zz', inMatrix('Xq7ab', 'tT9pLw2Zz')],
    ['as addresses have it', value, holds('Xq7\\x2526tT9pLw2Zz')],
    ['where a longer secret begins with it', 'hunter2Xk9QzPw4', holds('hunt\\u0065r2Xk9QzPw4/Rt5Wd8')],
  ])('where an earlier one has it %s', async (_, secret, text) => {
    const said = await sameInAllWays({ 'a/.drone.yml': text, 'b/.drone.yml': knows(secret) }, secret);
    expect(findingsOf(said)).toBeGreaterThan(3);
  });

  it.each<readonly [string, string, string]>([
    ['escapes it', value, '"Xq7\\x26tT9p\\u004cw2Zz"'],
    ['has it over two lines', 'Qx7tT 9pLw2Zz', '"Qx7tT\n    9pLw2Zz"'],
    ['goes on in the next line', value, '"Xq7&tT\\\n    9pLw2Zz"'],
    ['doubles a quote', "Xq7'tT9pLw2Zz", "'Xq7''tT9pLw2Zz'"],
  ])('where the file that makes it known %s', async (_, secret, spelled) => {
    const known = knows(value).replace(`'${value}'`, spelled);
    await sameInAllWays({ 'a/.drone.yml': holds(secret), 'b/.drone.yml': known }, secret);
  });

  it('in what is cut, and would be shown to its beginning', async () => {
    const long = `${'x'.repeat(292)} hunt\\u0065r2Xk9QzPw4`;
    const text = holds('y').replace('name: "y"', `name: "${long}"`).replace('| sh"', `| sh; ${long}"`);
    const said = await sameInAllWays(
      { 'a/.drone.yml': text, 'b/.drone.yml': knows('hunter2Xk9QzPw4') },
      'hunter2Xk9QzPw4',
    );
    for (const [, written] of said.written) expect(written).not.toContain('hunter');
  });

  it('in files of equal texts, and in names of them', async () => {
    const secret = 'hunter2Xk9QzPw4';
    const text = holds('hunt\\u0065r2Xk9QzPw4');
    const said = await sameInAllWays(
      {
        ...{ 'a/.drone.yml': text, 'b/.drone.yml': text, 'c/x/.drone.yml': text },
        ...{ 'm/.drone.yml': knows(secret), 'n/.drone.yml': text },
      },
      secret,
      3,
    );
    expect(findingsOf(said)).toBeGreaterThan(12);
  });

  it('however it is spelled, and wherever it stands', async () => {
    const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    const spelling = fc.constantFrom<(unit: string) => string>(
      (unit) => JSON.stringify(unit).slice(1, -1),
      (unit) => JSON.stringify(unit).slice(1, -1),
      escaped,
      (unit) => `\\x${unit.charCodeAt(0).toString(16).padStart(2, '0')}`,
      (unit) => `\\\n    ${escaped(unit)}`,
    );
    const secret = fc.constantFrom(
      'Xq7&tT9pLw2Zz',
      'hunter2Xk9QzPw4',
      'Qx7tT 9pLw2Zz',
      'k"J8\\vQz3Tn5',
      'zT4%q<W9>m|7Kb',
    );
    const file = fc.record({
      spellings: fc.array(spelling, { minLength: 1, maxLength: 9 }),
      form: fc.constantFrom('yaml', 'yaml', 'json', 'matrix', 'encoded'),
      cut: fc.integer({ min: 1, max: 9 }),
    });
    const folders = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e'], { minLength: 5 });
    await fc.assert(
      fc.asyncProperty(secret, fc.array(file, { minLength: 1, maxLength: 3 }), folders, async (value, some, names) => {
        const texts = some.map(({ spellings, form, cut }) => {
          const read = form === 'encoded' ? encodeURIComponent(value) : value;
          const spelled = [...read].map((unit, at) => spellings[at % spellings.length]?.(unit) ?? unit).join('');
          if (form === 'matrix') return inMatrix(value.slice(0, cut), value.slice(cut));
          return form === 'json'
            ? json(
                [...value].map((unit, at) => (at % cut ? escaped(unit) : JSON.stringify(unit).slice(1, -1))).join(''),
              )
            : holds(spelled);
        });
        const files = [...texts, knows(value)].map((text, at) => [`${names[at]}/.drone.yml`, text] as const);
        await sameInAllWays(Object.fromEntries(files), value);
      }),
      { numRuns: 8, endOnFailure: true, seed: 20_261_201 },
    );
  });
});

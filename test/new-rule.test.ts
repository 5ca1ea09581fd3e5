import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import type { AnyRule } from '../src/model/rule.ts';
import { expectationsOf, hitsOf, readFixture } from './support/fixtures.ts';

// `npm run new-rule` in a copy of the project: what it writes needs no hand but the author's.

const copy = mkdtempSync(join(tmpdir(), 'drone-audit-new-rule-'));
for (const name of ['scripts', 'src', 'package.json', 'biome.json', 'tsconfig.json'])
  cpSync(name, join(copy, name), { recursive: true });
symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function newRule(...args: readonly string[]) {
  return spawnSync(process.execPath, ['scripts/new-rule.js', ...args], { cwd: copy, encoding: 'utf8' });
}

/** Every form with each kind that it can show, the usual one first, and the ending of its fixtures. */
const written: readonly (readonly [form: string, kind: string, ending: string])[] = [
  ['drone', 'pipeline', 'drone.yml'],
  ['compose', 'container', 'compose.yml'],
  ['compose', 'settings', 'compose.yml'],
  ['env', 'settings', 'env'],
  ['docker-env', 'settings', 'docker.env'],
  ['systemd', 'settings', 'service'],
  ['systemd', 'container', 'service'],
  ['kubernetes', 'container', 'k8s.yml'],
  ['kubernetes', 'settings', 'k8s.yml'],
  ['values', 'settings', 'values.yml'],
  ['values', 'container', 'values.yml'],
  ['docker-run', 'container', 'sh'],
  ['docker-run', 'settings', 'sh'],
  ['inspect', 'container', 'inspect.yml'],
  ['inspect', 'settings', 'inspect.yml'],
];
/** Ids that fall before, between and behind those of the family, one the beginning of another. */
const ruleIn = (form: string, kind: string): string => `host/${form}-${kind}-rule`;

describe('npm run new-rule', () => {
  it.each(written)('writes a rule for %s on %s that finds its bad fixture alone', async (form, kind, ending) => {
    const { status, stderr, stdout } = newRule(ruleIn(form, kind), form, kind);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const file = `src/rules/${ruleIn(form, kind)}.ts`;
    expect(stdout).toContain(`wrote ${file}\n`);
    const { default: rule }: { default: AnyRule } = await import(join(copy, file));
    expect(rule.on).toBe(kind);
    const shown = ['bad', 'good'].map((name) => {
      const fixture = `${name}-example.${ending}`;
      return readFixture(join(copy, 'test/fixtures/rules', ruleIn(form, kind), fixture), fixture);
    });
    const [wanted, found] = [
      shown.flatMap(expectationsOf),
      shown.flatMap((fixture) => hitsOf(rule, fixture)).map(({ hit, ...seen }) => seen),
    ];
    expect(found).toEqual(wanted);
    expect(found.map(({ file: where }) => where)).toEqual([`bad-example.${ending}`]);
  });

  it('takes the usual kind of a form, options, and the words that npm leaves of them', () => {
    const onOf = (id: string): string | undefined =>
      /on: '(\w+)'/.exec(readFileSync(join(copy, `src/rules/scm/${id}.ts`), 'utf8'))?.[1];
    newRule('scm/with-nothing');
    expect(onOf('with-nothing')).toBe('pipeline');
    newRule('scm/with-form', '--form', 'compose');
    expect(onOf('with-form')).toBe('container');
    newRule('--kind=settings', 'scm/with-options', '--form=compose');
    expect(onOf('with-options')).toBe('settings');
    newRule('settings', 'scm/with-words', 'kubernetes');
    expect(onOf('with-words')).toBe('settings');
  });

  it('leaves nothing to format, lists in the order of files', () => {
    newRule('host/plain-docker', 'env');
    const { stdout, stderr, status } = spawnSync(
      join(copy, 'node_modules/.bin/biome'),
      ['ci', '--error-on-warnings', 'src/rules/host', 'src/rules/scm'],
      { cwd: copy, encoding: 'utf8' },
    );
    expect(status, stdout + stderr).toBe(0);
    const list = readFileSync(join(copy, 'src/rules/host/index.ts'), 'utf8');
    const listed = [...list.matchAll(/^export \{ default as \w+ \} from '\.\/(.+)\.ts';$/gm)].map(([, file]) => file);
    const before = readdirSync('src/rules/host').filter((file) => file !== 'index.ts' && !file.startsWith('_'));
    expect(listed).toHaveLength(before.length + written.length + 1);
    expect(listed).toEqual([...listed].sort());
  });

  it('writes what compiles', () => {
    const { config } = ts.readConfigFile(join(copy, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, copy);
    const program = ts.createProgram([join(copy, 'src/rules/host/index.ts')], { ...options, types: [] });
    const faults = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(join(copy, 'src/rules')))
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]);
    expect(faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  });

  it.each([
    ['no rule', [], 'usage: npm run new-rule FAMILY/ID [FORM] [KIND]'],
    ['no family', ['late-fetch'], 'usage: npm run new-rule FAMILY/ID [FORM] [KIND]'],
    [
      'a family that is not there',
      ['hots/late-fetch'],
      '"hots" is not a family; did you mean "host"?\n  known: account, ',
    ],
    ['one word', ['host/late'], '"late" is not an id: two or more lower-case words, with-hyphens'],
    ['another folder', ['host/../late-fetch'], '"../late-fetch" is not an id'],
    ['a rule that is there', ['scm/plain-docker-host'], 'there is a rule "plain-docker-host" already, in host'],
    [
      'a misspelt form',
      ['host/late-fetch', 'compse'],
      '"compse" is not a form; did you mean "compose"?\n  known: drone, ',
    ],
    ['something else as a form', ['host/late-fetch', '--form', 'zzz'], '"zzz" is not a form\n  known: drone, '],
    ['a misspelt kind', ['host/late-fetch', 'compose', 'setings'], '"setings" is not a kind; did you mean "settings"?'],
    [
      'a kind that the form cannot show',
      ['host/late-fetch', 'drone', 'settings'],
      '"settings" is not a kind that the form "drone" shows\n  known: pipeline',
    ],
    ['a word too much', ['host/late-fetch', 'env', 'settings', 'drone'], 'usage: '],
    ['an option of its own', ['host/late-fetch', '--on', 'settings'], "Unknown option '--on'"],
  ])('refuses %s', (_, args, message) => {
    const { status, stdout, stderr } = newRule(...args);
    expect(stderr).toContain(`new-rule: ${message}`);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

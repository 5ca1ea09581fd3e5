// npm run new-rule FAMILY/ID [FORM] [KIND]: a rule that works, its line in the family's list, a bad and a good fixture.
// FORM is what the fixtures are written in, KIND what the rule judges: npm run new-rule scm/late-fetch compose settings
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fixtureText, forms, kinds, ruleText } from './new-rule-texts.js';
import { install, root } from './setup.js';

install();
const { default: leven } = await import('leven');

/** A mistake of the caller: told without a stack. */
class Refusal extends Error {}

try {
  const { written, test } = make(readArguments());
  for (const file of written) console.log(`wrote ${file}`);
  console.log(
    `\nnow: ${test}\n  green; make the bad fixture say what is wrong (red), then \`judge\` (green); see CONTRIBUTING.md`,
  );
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`new-rule: ${error.message}`);
  process.exitCode = 2;
}

/**
 * Without a `--` before it, npm takes `--form` for an option of its own and hands on only the word behind it. So words
 * are enough, in any order: one that is a kind is the kind, another one the form.
 */
function readArguments() {
  const { values, positionals } = parse();
  const [target, ...others] = positionals.toSorted((a, b) => Number(b.includes('/')) - Number(a.includes('/')));
  const named = values.kind ?? others.find((word) => Object.hasOwn(kinds, word));
  const words = others.filter((word) => word !== named);
  const form = values.form ?? words.shift();
  const kind = named ?? words.shift();
  if (!target?.includes('/') || words.length > 0) throw new Refusal('usage: npm run new-rule FAMILY/ID [FORM] [KIND]');
  const [family, ...rest] = target.split('/');
  return { family, id: rest.join('/'), form: form ?? usualForm(kind), kind };
}

/** The first form that shows artefacts of a kind. */
function usualForm(kind = 'pipeline') {
  return Object.keys(forms).find((form) => Object.hasOwn(forms[form].fixtures, kind)) ?? 'drone';
}

function parse() {
  try {
    return parseArgs({ options: { form: { type: 'string' }, kind: { type: 'string' } }, allowPositionals: true });
  } catch (error) {
    throw new Refusal(error.message);
  }
}

function make({ family, id, form, kind: given }) {
  const rules = join(root, 'src/rules');
  const families = readdirSync(rules, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? each.name : []));
  oneOf('family', family, families, '\n  a new one begins with its index.ts and its line in src/rules/all.ts');
  if (!/^[a-z]+(?:-[a-z0-9]+)+$/.test(id))
    throw new Refusal(`"${id}" is not an id: two or more lower-case words, with-hyphens`);
  oneOf('form', form, Object.keys(forms));
  const kind = given ?? Object.keys(forms[form].fixtures)[0];
  oneOf('kind', kind, Object.keys(kinds));
  oneOf(`kind that the form "${form}" shows`, kind, Object.keys(forms[form].fixtures));
  const owner = families.find((each) => existsSync(join(rules, each, `${id}.ts`)));
  if (owner) throw new Refusal(`there is a rule "${id}" already, in ${owner}`);

  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { ending } = forms[form];
  const fixtures = `test/fixtures/rules/${family}/${id}`;
  const list = `src/rules/${family}/index.ts`;
  const files = {
    [`src/rules/${family}/${id}.ts`]: ruleText(id, kind, version),
    [list]: withRule(readFileSync(join(root, list), 'utf8'), id),
    [`${fixtures}/bad-example.${ending}`]: fixtureText(form, kind, `${id} medium`),
    [`${fixtures}/good-example.${ending}`]: fixtureText(form, kind),
  };
  mkdirSync(join(root, fixtures), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text);
  format(Object.keys(files).filter((file) => file.endsWith('.ts')));
  return { written: Object.keys(files), test: `npx vitest run test/rules.test.ts -t '^${id}'` };
}

function oneOf(what, word, known, otherwise = '') {
  if (known.includes(word)) return;
  const [closest] = known.toSorted((a, b) => leven(word, a) - leven(word, b));
  const hint = leven(word, closest) <= word.length / 2 ? `; did you mean "${closest}"?` : '';
  throw new Refusal(`"${word}" is not a ${what}${hint}\n  known: ${known.join(', ')}${otherwise}`);
}

/** The list of a family with one more rule, in the order of the files. */
function withRule(text, id) {
  const name = id.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const lines = [...text.trimEnd().split('\n'), `export { default as ${name} } from './${id}.ts';`];
  const fileOf = (line) => /'\.\/(.+)\.ts'/.exec(line)?.[1] ?? '';
  return `${lines.toSorted((a, b) => (fileOf(a) < fileOf(b) ? -1 : 1)).join('\n')}\n`;
}

/** Leaves nothing to format, whatever biome.json asks for. */
function format(files) {
  const biome = join(root, 'node_modules/.bin/biome');
  const { status, stdout, stderr } = spawnSync(biome, ['check', '--write', ...files], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`biome could not format what was written:\n${stdout ?? ''}${stderr ?? ''}`);
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { usualPolicy } from '../../src/apply-policy.ts';
import { readConfig } from '../../src/config.ts';
import { type Block, indented, partsOf } from '../../src/model/fix-markdown.ts';
import { read } from '../../src/read.ts';
import { allRules, familyOf } from '../../src/rules/all.ts';
import { parseShell } from '../../src/shell/parse.ts';
import { temporaryFolder } from '../support/cli.ts';
import { findingsIn, fixtureOf, fixturesIn, lookupAmong, readFixture } from '../support/fixtures.ts';
import { plain } from '../support/text.ts';

// What people paste from a fix parses, and is no finding itself: the blocks of the fixes of all bad fixtures, each made
// whole by what has to stand around it.
const root = 'test/fixtures/rules';

/** What the block of a fix may still be, with the reason: `rule: severity what is found`. */
const accepted: ReadonlyMap<string, string> = new Map([
  ['ineffective-user-create: low logged-account-token', 'every account that is created is logged'],
  ['malformed-user-create: low logged-account-token', 'every account that is created is logged'],
  ['obsolete-registration-setting: low logged-account-token', 'every account that is created is logged'],
  ['weak-database-secret: medium unencrypted-user-tokens', 'whether the table is encrypted stands elsewhere'],
  ['unpinned-container-image: low outdated-server', 'pins what runs; a newer release is another decision'],
  ['implicitly-privileged-step: low implicitly-privileged-step', 'the sentence below the block says how to accept it'],
  ['known-bad-image: low implicitly-privileged-step', 'the image is the author’s choice, here a newer one of it'],
  ['unpinned-image: low implicitly-privileged-step', 'the image is the author’s choice'],
  ['unpinned-image: low unmaintained-image', 'the image is the author’s choice'],
  ['ssh-password-login: medium unverified-ssh-host', 'every pipeline of this type is one'],
]);

for (const rule of allRules) {
  const folder = join(root, familyOf.get(rule.id) ?? '', rule.id);
  it(`the blocks of ${rule.id}`, () => {
    const blocks = new Map<string, Block>();
    for (const name of fixturesIn(folder).filter((each) => each.startsWith('bad')))
      for (const finding of findingsIn(readFixture(join(folder, name), name)).findings)
        if (finding.rule === rule.id)
          for (const part of partsOf(finding.fix)) if (part.kind === 'block') blocks.set(part.text, part);
    const faults = [...blocks.values()].flatMap(faultsOf).map((fault) => `${rule.id}: ${fault}`);
    expect([...new Set(faults)].filter((fault) => !accepted.has(fault))).toEqual([]);
  });
}

/** What does not parse in a block, and what is found in it. */
function faultsOf({ language, text }: Block): readonly string[] {
  const filled = withValues(text);
  switch (language) {
    case 'yaml':
      return faultsOfYaml(filled);
    case 'ini':
    case 'env':
      // The secrets of a component, apart from its other settings.
      if (/^# .*, (?:of mode 600|beside it, and not in git)$/m.test(filled)) return [];
      return /^\[\w+\]$/m.test(filled) ? foundIn('x.service', `${filled}\n`) : foundIn('x.env', `${filled}\n`);
    case 'sh':
      return parseShell(filled, { pasted: true }).errors.length > 0 ? [`no shell: ${text}`] : [];
    case 'json':
      return isJson(filled) ? [] : [`no JSON: ${text}`];
    case 'sql':
    case 'nginx':
    case 'dockerfile':
      return [];
    default:
      return [`language "${language}"`];
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const hex = '9f2c61d05be84a37c1f6027d8e5b93a4f07c2d1968be3a5470d9c6f18e2b45a3';

/** The block with values where it says what to put there. */
function withValues(text: string): string {
  return text
    .replaceAll('sha256:...', `sha256:${hex}`)
    .replaceAll('<output of: openssl rand -hex 16>', hex.slice(0, 32))
    .replace(/<output of: [^>]+>/g, hex)
    .replaceAll('<sha256>', hex)
    .replaceAll('<version>', '1.4.2');
}

function faultsOfYaml(text: string): readonly string[] {
  const documents = parseAllDocuments(text);
  const errors = documents.flatMap(({ errors }) => errors.map(({ message }) => message));
  if (errors[0] !== undefined) return [`${errors[0]} in: ${text}`];
  if (/^site:/m.test(text)) return faultsOfConfig(text);
  // Keys such as `environment` may belong to a step or to a service.
  const candidates = wholesOf(text, documents[0]?.toJS()).map(([name, whole]) => foundIn(name, whole));
  return candidates.sort((one, other) => one.length - other.length)[0] ?? [];
}

type Tree = Readonly<Record<string, unknown>>;

const image = `registry.example.com/tools:1.4.2@sha256:${hex}`;
const stepKeys = new Set('name image commands environment settings when volumes pull privileged depends_on'.split(' '));
const conditionKeys = new Set('event branch ref repo target cron status action'.split(' '));
const kubernetesKeys = /^(?:env|securityContext|resources|volumeMounts|livenessProbe)$/;
const pipeline = 'kind: pipeline\ntype: docker\nname: x\n';
const merged = 'trigger: {event: [push], branch: [main]}\n';

/** What a block may be a part of: with what has to stand around it, as files; none for parts of other things. */
function wholesOf(text: string, block: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(block)) {
    const items: readonly Tree[] = block.filter((each) => typeof each === 'object' && each !== null && 'name' in each);
    if (items.length < block.length) return [];
    if (items.some((each) => Object.keys(each).some((key) => kubernetesKeys.test(key)))) {
      const head = 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  enableServiceLinks: false\n';
      return [['x.k8s.yml', `${head}  automountServiceAccountToken: false\n  containers:\n${indented(text, 4)}\n`]];
    }
    return [
      [
        'x.drone.yml',
        `${pipeline}${merged}steps:\n${items.every((each) => 'image' in each) ? text : withImages(text)}\n`,
      ],
    ];
  }
  if (typeof block !== 'object' || block === null) return [];
  const tree = block as Tree;
  const keys = Object.keys(tree);
  if ('apiVersion' in tree) return [['x.k8s.yml', text]];
  if (tree.kind === 'secret') return [['x.drone.yml', text]];
  if (tree.kind === 'pipeline' || Array.isArray(tree.steps) || Array.isArray(tree.services)) {
    const kind = 'kind' in tree ? '' : pipeline;
    const type = 'type' in tree || kind !== '' ? '' : 'type: docker\n';
    const trigger = 'trigger' in tree ? '' : merged;
    // Other types have keys that a block leaves out.
    const types: readonly unknown[] = [undefined, 'docker', 'kubernetes', 'exec', ...('server' in tree ? ['ssh'] : [])];
    if (!types.includes(tree.type)) return [];
    const works = tree.type === 'exec' || tree.type === 'ssh' ? 'commands: [make]' : `image: ${image}`;
    const steps = 'steps' in tree ? '' : `steps:\n- name: x\n  ${works}\n`;
    return [['x.drone.yml', `${kind}${type}${trigger}${text}\n${steps}`]];
  }
  if (typeof tree.services === 'object') return [['x.compose.yml', text]];
  if (keys.every((key) => conditionKeys.has(key)))
    return [['x.drone.yml', `${pipeline}trigger:\n${indented(text, 2)}\nsteps:\n- name: x\n  image: ${image}\n`]];
  const asService = `services:\n  x:\n${indented(text, 4)}\n`;
  if (!keys.every((key) => stepKeys.has(key))) return [['x.compose.yml', asService]];
  const step = `- name: x\n${'image' in tree ? '' : `  image: ${image}\n`}${indented(text, 2)}\n`;
  return [
    ['x.drone.yml', `${pipeline}${merged}steps:\n${step}`],
    ['x.compose.yml', asService],
  ];
}

/** Steps of a list with an image each. */
function withImages(text: string): string {
  return text.replace(/^( *)- name: .*\n(?!\1 {2}image:)/gm, (found, indent) => `${found}${indent}  image: ${image}\n`);
}

function faultsOfConfig(text: string): readonly string[] {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'drone-audit.yml'), text);
  try {
    readConfig('drone-audit.yml', folder, 'config', new Set(familyOf.keys()));
    return [];
  } catch (error) {
    return [`${error} in: ${text}`];
  }
}

/** What is found in a block itself; what its file lacks besides has the place of a whole component or line 1. */
function foundIn(name: string, text: string): readonly string[] {
  const fixture = fixtureOf(name, new Map([[name, text]]));
  const components = read(fixture.sources, lookupAmong(fixture)).installation.settings;
  const places = new Set(components.map(({ at }) => at.span.start));
  const { findings, problems } = findingsIn(fixture, usualPolicy('2026-11-21'));
  return [
    ...findings
      .filter(({ suppressed, at }) => !suppressed && !places.has(at.span.start))
      .flatMap((finding) => [finding, ...finding.consequences])
      .map(({ rule, severity }) => `${severity} ${rule}`),
    ...problems.filter(({ kind }) => kind === 'malformed').map(({ message }) => `${plain(message)} in: ${text}`),
  ];
}

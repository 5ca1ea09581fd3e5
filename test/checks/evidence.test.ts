import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEvidenceIndex, writeEvidence } from '../../src/checks/evidence.ts';
import { OutputError } from '../../src/model/output-error.ts';
import type { Source } from '../../src/model/source.ts';
import { plain } from '../support/text.ts';

const indexName = 'drone-audit-evidence.json';
let root = '';
let folder = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drone-audit-evidence-'));
  folder = join(root, 'evidence');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function source(name: string, text = `{"Name": "/${name}"}`): Source {
  return { name: `docker://${name}`, form: 'docker-inspect', text };
}

const asIs = ({ text }: Source): string => text;

function save(...sources: Source[]): void {
  writeEvidence(folder, sources, asIs);
}

function index(value: unknown): void {
  writeFileSync(join(folder, indexName), typeof value === 'string' ? value : JSON.stringify(value));
}

describe('writing evidence', () => {
  test('saves each container under its name, masked, and lists them', () => {
    writeEvidence(folder, [source('drone'), source('runner')], ({ name }) => `{"masked": "${name}"}`);
    expect(readFileSync(join(folder, 'docker/drone.json'), 'utf8')).toBe('{"masked": "docker://drone"}');
    expect(JSON.parse(readFileSync(join(folder, indexName), 'utf8'))).toEqual({
      version: 1,
      sources: [
        { name: 'docker://drone', form: 'docker-inspect', file: 'docker/drone.json' },
        { name: 'docker://runner', form: 'docker-inspect', file: 'docker/runner.json' },
      ],
    });
    expect(readdirSync(folder).sort()).toEqual(['docker', indexName]);
    expect(readdirSync(join(folder, 'docker')).sort()).toEqual(['drone.json', 'runner.json']);
  });

  test('is read back under the first names', () => {
    const sources = [source('drone'), source('runner')];
    save(...sources);
    expect(readEvidenceIndex(folder)).toEqual({
      sources,
      problems: [],
      files: [indexName, 'docker/drone.json', 'docker/runner.json'].map((file) => join(folder, file)),
    });
  });

  test('replaces what an earlier save left', () => {
    save(source('drone', 'old'), source('gone'));
    save(source('drone', 'new'), source('runner'));
    expect(readEvidenceIndex(folder)?.sources).toEqual([source('drone', 'new'), source('runner')]);
    expect(readdirSync(join(folder, 'docker')).sort()).toEqual(['drone.json', 'runner.json']);
  });

  test('may have nothing to save', () => {
    save();
    expect(readEvidenceIndex(folder)).toMatchObject({ sources: [], problems: [] });
  });

  test('leaves files that it did not write as they are', () => {
    save(source('drone'));
    writeFileSync(join(folder, 'docker/runner.json'), 'mine');
    writeFileSync(join(folder, 'note.txt'), 'mine');
    save(source('drone'), source('runner'));
    expect(readFileSync(join(folder, 'docker/runner.json'), 'utf8')).toBe('mine');
    expect(readFileSync(join(folder, 'note.txt'), 'utf8')).toBe('mine');
    expect(readEvidenceIndex(folder)?.sources.map(({ name }) => name)).toEqual(['docker://drone', 'docker://runner']);
  });

  test('refuses a folder with other files, and a file', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'mine');
    expect(() => save(source('drone'))).toThrow(OutputError);
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
    expect(() => writeEvidence(join(folder, 'thesis.txt'), [source('drone')], asIs)).toThrow(OutputError);
    index({ version: 2, sources: [] });
    expect(() => save(source('drone'))).toThrow(OutputError);
  });

  test('leaves what was there, or nothing, when it fails', () => {
    const failing = ({ name }: Source): string => {
      if (name.endsWith('second')) throw new Error('no more');
      return 'new';
    };
    const attempt = () => writeEvidence(folder, [source('first'), source('second')], failing);
    expect(attempt).toThrow('no more');
    expect(readdirSync(root)).toEqual([]);
    save(source('first', 'old'), source('second', 'old'));
    expect(attempt).toThrow('no more');
    expect(readEvidenceIndex(folder)?.sources).toEqual([source('first', 'old'), source('second', 'old')]);
    expect(readdirSync(join(folder, 'docker')).sort()).toEqual(['first.json', 'second.json']);
    expect(readdirSync(folder).sort()).toEqual(['docker', indexName]);
  });

  test.skipIf(platform() === 'win32')('is for its owner alone, also where others could read before', () => {
    save(source('drone'));
    chmodSync(join(folder, 'docker/drone.json'), 0o644);
    save(source('drone'));
    for (const file of [indexName, 'docker/drone.json']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    for (const path of [folder, join(folder, 'docker')]) expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test('follows no link', () => {
    mkdirSync(join(root, 'elsewhere'));
    save(source('drone'));
    rmSync(join(folder, 'docker'), { recursive: true });
    symlinkSync(join(root, 'elsewhere'), join(folder, 'docker'));
    expect(() => save(source('drone'))).toThrow(OutputError);
    expect(readdirSync(join(root, 'elsewhere'))).toEqual([]);
    expect(readEvidenceIndex(folder)).toMatchObject({
      sources: [],
      problems: [{ kind: 'malformed', incomplete: true }],
    });
  });

  test('keeps names apart that are one to some file systems', () => {
    const names = ['Drone', 'drone', 'CON', '..', '.hidden', '-flag', 'x'.repeat(250), `${'x'.repeat(250)}y`];
    save(...names.map((name) => source(name)));
    const files = readdirSync(join(folder, 'docker'));
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(names.length);
    expect(files).not.toContain('CON.json');
    expect(readEvidenceIndex(folder)?.sources).toEqual(names.map((name) => source(name)));
  });

  test('never leaves the folder, whatever a container is called', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 }), { maxLength: 5 }), (names) => {
        const own = mkdtempSync(join(root, 'run-'));
        const inner = join(own, 'a');
        writeEvidence(
          inner,
          names.map((name) => source(name)),
          asIs,
        );
        expect(readdirSync(own)).toEqual(['a']);
        expect(readdirSync(inner).sort()).toEqual(['docker', indexName]);
        expect(readEvidenceIndex(inner)?.problems).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('reading evidence', () => {
  beforeEach(() => mkdirSync(join(folder, 'docker'), { recursive: true }));

  test('finds none in a folder without an index', () => {
    expect(readEvidenceIndex(folder)).toBeUndefined();
    expect(readEvidenceIndex(join(folder, 'gone'))).toBeUndefined();
  });

  test.each([
    ['not JSON', '{"secret-text'],
    ['another version', { version: 7, sources: [] }],
    ['no list', { version: 1 }],
    ['null', null],
  ])('tells of a broken index: %s', (_, value) => {
    index(value);
    const found = readEvidenceIndex(folder);
    expect(found).toMatchObject({ sources: [], problems: [{ kind: 'malformed', incomplete: true }] });
    expect(JSON.stringify(found?.problems)).not.toContain('secret-text');
  });

  test('reads nothing outside the folder', () => {
    writeFileSync(join(root, 'outside.json'), 'outside');
    symlinkSync(join(root, 'outside.json'), join(folder, 'docker/link.json'));
    const form = 'docker-inspect';
    index({
      version: 1,
      sources: [
        { name: 'docker://a', form, file: '../outside.json' },
        { name: 'docker://b', form, file: 'docker/../../outside.json' },
        { name: 'docker://c', form, file: join(root, 'outside.json') },
        { name: 'docker://d', form, file: 'docker/link.json' },
        { name: 'docker-compose.yml', form, file: 'docker/drone.json' },
        { name: 'docker://e', form: 'compose', file: 'docker/drone.json' },
        { name: 'docker://f', form, file: 'docker/gone.json' },
        'nonsense',
      ],
    });
    const found = readEvidenceIndex(folder);
    expect(found?.sources).toEqual([]);
    expect(found?.problems.map(({ source: name, message }) => [name, plain(message)])).toEqual([
      [indexName, '6 of its sources cannot be used'],
      ['docker://d', 'is not in the saved evidence'],
      ['docker://f', 'is not in the saved evidence'],
    ]);
    expect(existsSync(join(root, 'outside.json'))).toBe(true);
  });
});

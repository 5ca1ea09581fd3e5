import { createHash } from 'node:crypto';
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
import { type Evidence, lookupIn, readEvidence, writeEvidence } from '../../src/checks/evidence.ts';
import { OutputError } from '../../src/model/output-error.ts';
import type { Problem } from '../../src/model/report.ts';
import type { Source } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';
import { plain } from '../support/text.ts';

const manifestName = 'drone-audit-evidence.json';
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

const asIs = {
  source: ({ text }: Source): string => text,
  problem: (problem: Problem): Problem<string> => ({ ...problem, message: plain(problem.message) }),
  value: (_: string, value: string): string => value,
};

function evidence(...sources: Source[]): Evidence {
  return { sources, lookups: [], problems: [], mentions: [], excluded: 0, together: [], envFiles: [] };
}

function save(...sources: Source[]): void {
  writeEvidence(folder, evidence(...sources), asIs);
}

function manifest(value: unknown): void {
  writeFileSync(join(folder, manifestName), typeof value === 'string' ? value : JSON.stringify(value));
}

const textsIn = (): readonly string[] => readdirSync(join(folder, 'sources')).sort();

describe('writing evidence', () => {
  test('saves each text, masked, and lists what it is, with the hash of what was saved', () => {
    const env: Source = {
      name: 'drone.env',
      form: 'env',
      text: 'DRONE_RPC_SECRET=a\n',
      mode: 0o640,
      tracked: true,
      repository: '/home/someone/clone',
      slug: 'octocat/hello',
      pathInRepository: 'deploy/drone.env',
    };
    const drone = { ...source('drone', '{}'), seenAt: '2026-11-21T12:00:00Z' };
    writeEvidence(
      folder,
      evidence(drone, env),
      { ...asIs, source: ({ form, text }) => (form === 'env' ? 'DRONE_RPC_SECRET=masked\n' : text) },
      '2026-11-21',
    );
    expect(readFileSync(join(folder, 'sources/00002-drone.env'), 'utf8')).toBe('DRONE_RPC_SECRET=masked\n');
    expect(JSON.parse(readFileSync(join(folder, manifestName), 'utf8'))).toEqual({
      version: 2,
      timestamp: '2026-11-21',
      sources: [
        {
          name: 'docker://drone',
          form: 'docker-inspect',
          origin: 'engine',
          file: 'sources/00001-drone.json',
          sha256: createHash('sha256').update('{}').digest('hex'),
          hashOf: 'original',
          given: true,
          seenAt: '2026-11-21T12:00:00Z',
        },
        {
          name: 'drone.env',
          form: 'env',
          origin: 'file',
          file: 'sources/00002-drone.env',
          sha256: createHash('sha256').update('DRONE_RPC_SECRET=masked\n').digest('hex'),
          hashOf: 'masked',
          given: true,
          mode: '640',
          tracked: true,
          repository: 'repository 1',
          slug: 'octocat/hello',
          pathInRepository: 'deploy/drone.env',
        },
      ],
      lookups: [],
      problems: [],
      mentions: [],
      excluded: 0,
      together: [],
      envFiles: [],
    });
    expect(readEvidence(folder)?.sources[1]).toMatchObject({
      slug: 'octocat/hello',
      pathInRepository: 'deploy/drone.env',
    });
    expect(readdirSync(folder).sort()).toEqual([manifestName, 'sources']);
  });

  test('is read back as it was', () => {
    const compose: Source = { name: 'compose.yml', form: 'compose', text: 'services: {}\n' };
    const env: Source = { name: 'a.env', form: 'env', text: 'A=b\n' };
    const absent: Problem = { kind: 'unreadable', source: 'b.env', message: say`is not there`, incomplete: true };
    const whole: Evidence = {
      sources: [source('drone'), compose],
      lookups: [
        { from: 'compose.yml', path: './a.env', form: 'env', found: env },
        { from: 'compose.yml', path: 'b.env', form: 'env', found: absent },
      ],
      problems: [{ ...absent, source: 'c', line: 3 }],
      mentions: [{ source: 'README.md', line: 7, what: 'an image of Drone' }],
      excluded: 4,
      together: ['compose.yml'],
      envFiles: [],
      environment: new Map([['TAG', '2']]),
    };
    writeEvidence(folder, whole, asIs);
    const back = readEvidence(folder);
    expect(back).toMatchObject({
      sources: whole.sources,
      mentions: whole.mentions,
      excluded: 4,
      together: ['compose.yml'],
      environment: whole.environment,
    });
    expect(back?.problems.map(({ source, message, line }) => [source, plain(message), line])).toEqual([
      ['c', 'is not there', 3],
    ]);
    const lookup = lookupIn(back ?? whole);
    expect(lookup(compose, './a.env', 'env')).toMatchObject(env);
    expect(lookup(compose, 'b.env', 'env')).toMatchObject({ kind: 'unreadable', source: 'b.env' });
    expect(lookup(compose, 'other.env', 'env')).toBeUndefined();
  });

  test('tells when what was saved is not what is there', () => {
    save(source('drone'));
    writeFileSync(join(folder, 'sources/00001-drone.json'), '{"Name": "/other"}');
    expect(readEvidence(folder)?.problems.map(({ message }) => plain(message))).toEqual([
      'is not what was saved: the saved evidence was changed',
    ]);
  });

  test('replaces what an earlier save left', () => {
    save(source('gone'), source('drone', 'old'));
    save(source('drone', 'new'), source('runner'));
    expect(readEvidence(folder)?.sources).toEqual([source('drone', 'new'), source('runner')]);
    expect(textsIn()).toEqual(['00001-drone.json', '00002-runner.json']);
  });

  test('may have nothing to save', () => {
    save();
    expect(readEvidence(folder)).toMatchObject({ sources: [], problems: [] });
  });

  test('leaves files that it did not write as they are', () => {
    save(source('drone'));
    writeFileSync(join(folder, 'sources/00002-runner.json'), 'mine');
    writeFileSync(join(folder, 'note.txt'), 'mine');
    save(source('drone'), source('runner'));
    expect(readFileSync(join(folder, 'sources/00002-runner.json'), 'utf8')).toBe('mine');
    expect(readFileSync(join(folder, 'note.txt'), 'utf8')).toBe('mine');
    expect(readEvidence(folder)?.sources.map(({ name }) => name)).toEqual(['docker://drone', 'docker://runner']);
  });

  test('refuses a folder with other files, and a file', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'mine');
    expect(() => save(source('drone'))).toThrow(OutputError);
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
    expect(() => writeEvidence(join(folder, 'thesis.txt'), evidence(source('drone')), asIs)).toThrow(OutputError);
    manifest({ version: 1, sources: [] });
    expect(() => save(source('drone'))).toThrow(OutputError);
  });

  test('leaves what was there, or nothing, when it fails', () => {
    const failing = ({ name }: Source): string => {
      if (name.endsWith('second')) throw new Error('no more');
      return 'new';
    };
    const attempt = () =>
      writeEvidence(folder, evidence(source('first'), source('second')), { ...asIs, source: failing });
    expect(attempt).toThrow('no more');
    expect(readdirSync(root)).toEqual([]);
    save(source('first', 'old'), source('second', 'old'));
    expect(attempt).toThrow('no more');
    expect(readEvidence(folder)?.sources).toEqual([source('first', 'old'), source('second', 'old')]);
    expect(textsIn()).toEqual(['00001-first.json', '00002-second.json']);
    expect(readdirSync(folder).sort()).toEqual([manifestName, 'sources']);
  });

  test.skipIf(platform() === 'win32')('is for its owner alone, also where others could read before', () => {
    save(source('drone'));
    chmodSync(join(folder, 'sources/00001-drone.json'), 0o644);
    save(source('drone'));
    for (const file of [manifestName, 'sources/00001-drone.json'])
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    for (const path of [folder, join(folder, 'sources')]) expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test('follows no link', () => {
    mkdirSync(join(root, 'elsewhere'));
    save(source('drone'));
    rmSync(join(folder, 'sources'), { recursive: true });
    symlinkSync(join(root, 'elsewhere'), join(folder, 'sources'));
    expect(() => save(source('drone'))).toThrow(OutputError);
    expect(readdirSync(join(root, 'elsewhere'))).toEqual([]);
    expect(readEvidence(folder)).toMatchObject({
      sources: [],
      problems: [{ kind: 'malformed', incomplete: true }],
    });
  });

  test('keeps names apart that are one to some file systems', () => {
    const names = ['Drone', 'drone', 'CON', '..', '.hidden', '-flag', 'x'.repeat(250), `${'x'.repeat(250)}y`];
    save(...names.map((name) => source(name)));
    expect(new Set(textsIn().map((file) => file.toLowerCase())).size).toBe(names.length);
    expect(readEvidence(folder)?.sources).toEqual(names.map((name) => source(name)));
  });

  test('never leaves the folder, whatever a container is called', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 }), { maxLength: 5 }), (names) => {
        const own = mkdtempSync(join(root, 'run-'));
        const inner = join(own, 'a');
        writeEvidence(inner, evidence(...new Map(names.map((name) => [name, source(name)])).values()), asIs);
        expect(readdirSync(own)).toEqual(['a']);
        expect(readdirSync(inner).sort()).toEqual([manifestName, 'sources']);
        expect(readEvidence(inner)?.problems).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('reading evidence', () => {
  beforeEach(() => mkdirSync(join(folder, 'sources'), { recursive: true }));

  test('finds none in a folder without a manifest', () => {
    expect(readEvidence(folder)).toBeUndefined();
    expect(readEvidence(join(folder, 'gone'))).toBeUndefined();
  });

  test.each([
    ['not JSON', '{"secret-text'],
    ['another version', { version: 7, sources: [] }],
    ['no list', { version: 2 }],
    ['null', null],
  ])('tells of a broken manifest: %s', (_, value) => {
    manifest(value);
    const found = readEvidence(folder);
    expect(found).toMatchObject({ sources: [], problems: [{ kind: 'malformed', incomplete: true }] });
    expect(JSON.stringify(found?.problems)).not.toContain('secret-text');
  });

  test('reads nothing outside the folder', () => {
    writeFileSync(join(root, 'outside.json'), 'outside');
    symlinkSync(join(root, 'outside.json'), join(folder, 'sources/00004-d.json'));
    const form = 'docker-inspect';
    manifest({
      version: 2,
      sources: [
        { name: 'docker://a', form, file: '../outside.json', given: true },
        { name: 'docker://b', form, file: 'sources/../../outside.json', given: true },
        { name: 'docker://c', form, file: join(root, 'outside.json'), given: true },
        { name: 'docker://d', form, file: 'sources/00004-d.json', given: true },
        { name: 'docker://e', form: 'spreadsheet', file: 'sources/00005-e.json', given: true },
        { name: 'docker://f', form, file: 'sources/00006-f.json', given: true },
        { name: 'docker://g', form, file: 'sources/00007-other.json', given: true },
        { name: 'docker://h', form: 'starlark', file: 'sources/00008-h.json', given: true },
        { name: 'i.yml', form: 'docker-log', file: 'sources/00009-i.yml', given: true },
        'nonsense',
      ],
    });
    const found = readEvidence(folder);
    expect(found?.sources).toEqual([]);
    expect(found?.problems.map(({ source: name, message }) => [name, plain(message)])).toEqual([
      [manifestName, '8 of its sources cannot be used'],
      ['docker://d', 'is not in the saved evidence'],
      ['docker://f', 'is not in the saved evidence'],
    ]);
    expect(existsSync(join(root, 'outside.json'))).toBe(true);
  });
});

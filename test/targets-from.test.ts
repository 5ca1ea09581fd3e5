import { mkdirSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { disk, type FileTree } from '../src/checks/file-tree.ts';
import { lookupWithin } from '../src/checks/files.ts';
import { targetsFrom } from '../src/commands/targets.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { expectProportional } from './support/cost.ts';
import { git, hasGit, writeFiles } from './support/git.ts';

const pipeline = 'kind: pipeline\ntype: docker\nname: a\nsteps:\n  - { name: b, image: alpine, privileged: true }\n';
const paths = (input: string | Buffer): readonly string[] =>
  targetsFrom('-', {
    readStandardInput: (limit: number) => Buffer.from(input).subarray(0, limit + 1),
    cwd: '/',
  } as unknown as Parameters<typeof targetsFrom>[1]);

describe('a list of paths on standard input', () => {
  it('may have a hundred thousand lines and more, in their order', () => {
    const names = Array.from({ length: 150_000 }, (_, index) => `mirrors/group-${index % 97}/repository-${index}`);
    for (const separator of ['\n', '\r\n', '\0']) expect(paths(names.join(separator))).toEqual(names);
    expect(() => paths(`${'x'.repeat(1023)}\n`.repeat(65 * 1024))).toThrow('is larger than 64 MiB');
  });

  it('has lines of any signs, and with NULs names of any bytes', () => {
    expect(paths(' a \nb c\r\n\n"quoted\\303\\251\\n"\n"half\nx"y"\n')).toEqual([
      ' a ',
      'b c',
      'quotedé\n',
      '"half',
      'x"y"',
    ]);
    expect(paths('a\nb\0"c"\0\0\r\0 d\0')).toEqual(['a\nb', '"c"', ' d']);
    if (platform() !== 'win32') expect(paths(Buffer.from('a\xe8\n', 'latin1'))).toEqual(['a\\xE8']);
    expect(() => paths('\n \n')).toThrow('is empty');
  });

  it.skipIf(platform() === 'win32')('leads to folders with any names', () => {
    const cwd = temporaryFolder();
    const folders = ['line\nfeed', '"quoted"', ' blank ', '-dash', '$(id)', 'a/b'];
    for (const folder of folders) {
      mkdirSync(join(cwd, folder), { recursive: true });
      writeFileSync(join(cwd, folder, '.drone.yml'), pipeline);
    }
    const { stdout, status } = droneAudit(
      ['scan', '--targets-from', '-', '--format', 'json', '--rule', 'privileged-step'],
      { cwd, input: `${[...folders, 'gone'].join('\0')}\0` },
    );
    const { findings, problems } = JSON.parse(stdout);
    expect(status).toBe(1);
    expect(findings.map(({ file }: { file: string }) => file).sort()).toEqual(
      folders.map((folder) => `${folder}/.drone.yml`).sort(),
    );
    expect(problems.map(({ message }: { message: string }) => message)).toEqual([
      'is in the list, and not there: passed over',
    ]);
  });

  it('costs no more for each file that is looked up, however many folders it has', () => {
    const facts = { isFile: () => false, isDirectory: () => true, size: 0 };
    const tree: FileTree = { ...disk, real: (path) => path, facts: () => facts, isThere: () => true };
    const from = { name: 'outside/compose.yml', form: 'compose', text: '' } as const;
    expectProportional((scale) => {
      const folders = Array.from({ length: 8000 * scale }, (_, index) => `folder-${index}`);
      const lookup = lookupWithin(folders, '/', undefined, undefined, tree);
      const found = folders.map((folder) => lookup(from, `${folder}.env`, 'env'));
      expect(found.every((each) => 'message' in each)).toBe(true);
    });
  });

  it.skipIf(!hasGit)('names a bare repository as not read', () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { 'a/.drone.yml': pipeline });
    git(cwd, ['init', '-q', '--bare', 'b.git']);
    const { stdout } = droneAudit(['scan', '--targets-from', '-', '--format', 'json'], { cwd, input: 'a\nb.git\n' });
    expect(JSON.parse(stdout).problems).toMatchObject([
      {
        file: 'b.git',
        message: 'is a bare repository, whose files are not here to be read as those of a folder: name it with --git',
        incomplete: true,
      },
    ]);
  });
});

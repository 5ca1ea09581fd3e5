import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from './support/git.ts';

const pipeline = (step: string): string =>
  `kind: pipeline\ntype: docker\nname: d\ntrigger: {event: [push]}\nsteps:\n- ${step}\n`;
const plain = pipeline('{image: "golang:1.22@sha256:aa", commands: [make], name: b}');
/** Where git fills in the name, it takes the next key with it. */
const byIdent = pipeline(
  '{"image":"golang:1.22@sha256:aa","commands":["make"],"name":"$Id:x","privileged":true,"x":"$"}',
);
const byEncoding = pipeline('{image: "golang:1.22@sha256:aa", commands: [make], name: "a“} # ", privileged: true}');

/** A clone of a repository whose last commit holds these bytes, which no attribute has gone through. */
function cloneOf(files: Readonly<Record<string, string>>, held: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  git(folder, ['init', '-q']);
  commitFiles(folder, { '.drone.yml': plain });
  writeFiles(folder, files);
  if (Object.keys(files).length > 0) git(folder, ['add', '-f', ...Object.keys(files)]);
  for (const [path, text] of Object.entries(held)) {
    const id = git(folder, ['hash-object', '-w', '--no-filters', '--stdin'], { input: text });
    git(folder, ['update-index', '--add', '--cacheinfo', `100644,${id},${path}`]);
  }
  git(folder, ['commit', '-q', '-m', 'change']);
  const clone = join(temporaryFolder(), 'clone');
  git(folder, ['clone', '-q', '.', clone]);
  return clone;
}

function scan(cwd: string, ...args: string[]) {
  const { status, stdout } = droneAudit(['scan', '--format', 'json', ...args], { cwd });
  const { findings, problems } = JSON.parse(stdout);
  return {
    status,
    privileged: findings.flatMap(({ rule, file, line }: { rule: string; file: string; line: number }) =>
      rule === 'privileged-step' ? [`${file}:${line}`] : [],
    ),
    problems: problems.map((each: { file: string; message: string }) => `${each.file}: ${each.message}`),
  };
}

const note = (by: string, where = '.gitattributes:1'): string =>
  `.drone.yml: was read as git holds it, because that is what Drone reads, and not as it is here: git rewrites it when it checks it out (${by}, ${where})`;

describe.skipIf(!hasGit)('a pipeline that git rewrites when it checks it out', () => {
  it.each<[string, Record<string, string>, string, string]>([
    ['ident', { '.gitattributes': '.drone.yml ident\n' }, byIdent, '.gitattributes:1'],
    ['ident', { '.gitattributes': '[attr]odd ident\n*.yml odd\n' }, byIdent, '.gitattributes:2'],
    [
      'working-tree-encoding',
      { '.gitattributes': '* working-tree-encoding=ASCII//TRANSLIT\n' },
      byEncoding,
      '.gitattributes:1',
    ],
  ])('is read as git holds it, by %s: %j', (by, files, held, where) => {
    const cwd = cloneOf(files, { '.drone.yml': held });
    const policy = join(temporaryFolder(), 'policy.yml');
    writeFileSync(policy, 'failOn: high\n');
    expect(readFileSync(join(cwd, '.drone.yml'), 'utf8')).not.toBe(held);
    const expected = { status: 1, privileged: ['.drone.yml:6'], problems: [note(by, where)] };
    for (const args of [['.'], ['.drone.yml'], ['--policy', policy, '.'], ['--diff', 'HEAD~1', '.']])
      expect(scan(cwd, ...args)).toEqual(expected);
  });

  it('is read so by the attributes of its folder, of the git folder, and of what git holds as a link', () => {
    const nested = cloneOf({ 'a/.gitattributes': '*.yml ident\n' }, { 'a/.drone.yml': byIdent });
    expect(scan(nested, '.').privileged).toEqual(['a/.drone.yml:6']);
    const own = cloneOf({}, { '.drone.yml': byIdent });
    mkdirSync(join(own, '.git/info'), { recursive: true });
    writeFileSync(join(own, '.git/info/attributes'), '.drone.yml ident\n');
    rmSync(join(own, '.drone.yml'));
    git(own, ['checkout', '-q', '.drone.yml']);
    expect(scan(own, '.')).toMatchObject({
      privileged: ['.drone.yml:6'],
      problems: [note('ident', '.git/info/attributes:1')],
    });
    const folder = temporaryFolder();
    git(folder, ['init', '-q']);
    for (const [mode, path, text] of [
      ['120000', '.gitattributes', '.drone.yml ident'],
      ['100644', '.drone.yml', byIdent],
    ] as const) {
      const id = git(folder, ['hash-object', '-w', '--no-filters', '--stdin'], { input: text });
      git(folder, ['update-index', '--add', '--cacheinfo', `${mode},${id},${path}`]);
    }
    git(folder, ['checkout-index', '-q', '-a']);
    expect(scan(folder, '.').privileged).toEqual(['.drone.yml:6']);
  });

  it('is read so in another work tree, in a repository with ids of SHA-256, and whatever its name is', () => {
    const clone = cloneOf({ '.gitattributes': '* ident\n' }, { 'ci/build': byIdent, '.drone.yml': byIdent });
    const tree = join(temporaryFolder(), 'tree');
    git(clone, ['worktree', 'add', '-q', tree]);
    expect(scan(tree, '.').privileged).toEqual(['.drone.yml:6', 'ci/build:6']);
    const folder = temporaryFolder();
    git(folder, ['init', '-q', '--object-format=sha256']);
    commitFiles(folder, {
      '.gitattributes': '* ident\n',
      '.drone.yml': byIdent.replace('$Id:x","privileged":true,"x":"$', '$Id$'),
    });
    rmSync(join(folder, '.drone.yml'));
    git(folder, ['checkout', '-q', '.drone.yml']);
    expect(scan(folder, '.').problems).toEqual([note('ident')]);
  });

  it('is named where what git holds cannot be read, or is something else here', () => {
    const folder = temporaryFolder();
    git(folder, ['init', '-q']);
    commitFiles(folder, { '.gitattributes': '*.yml filter=x\n', '.drone.yml': plain });
    const id = git(folder, ['rev-parse', 'HEAD:.drone.yml']);
    rmSync(join(folder, '.git/objects', id.slice(0, 2), id.slice(2)));
    expect(scan(folder, '.')).toMatchObject({
      status: 3,
      problems: [
        '.drone.yml: is not known as git holds it, and Drone may read it: git rewrites it when it checks it out (filter, .gitattributes:1)',
      ],
    });
    const other = cloneOf({ '.gitattributes': 'ci.yml filter=x\n' }, { 'ci.yml': byEncoding });
    writeFileSync(join(other, 'ci.yml'), 'services: {drone: {image: "drone/drone:2"}}\n');
    expect(scan(other, '.')).toMatchObject({
      status: 3,
      problems: [
        'ci.yml: is a pipeline as git holds it, which was not read, and something else here: git rewrites it when it checks it out (filter, .gitattributes:1)',
      ],
    });
    const secret = cloneOf({ '.gitattributes': '.drone.yml filter=x\n' }, { '.drone.yml': '\0GITCRYPT\0' });
    writeFileSync(join(secret, '.drone.yml'), plain);
    expect(scan(secret, '.')).toMatchObject({
      status: 3,
      problems: [
        '.drone.yml: is no text as git holds it, and Drone cannot read it: git rewrites it when it checks it out (filter, .gitattributes:1)',
      ],
    });
  });

  it('disturbs nobody where it is the same, where it was edited, and where other files are kept elsewhere', () => {
    const edited = cloneOf({ '.gitattributes': '* ident\n*.png filter=lfs\n' }, {});
    appendFileSync(join(edited, '.drone.yml'), byIdent.replace('kind', '---\nkind'));
    expect(scan(edited, '.')).toMatchObject({ privileged: ['.drone.yml:13'], problems: [] });
    const returns = cloneOf({ '.gitattributes': '*.yml filter=x text eol=crlf\n' }, { '.drone.yml': plain });
    expect(readFileSync(join(returns, '.drone.yml'), 'utf8')).toBe(plain.replaceAll('\n', '\r\n'));
    expect(scan(returns, '.')).toMatchObject({ status: 0, problems: [] });
  });

  it('of Docker alone is read as it is here', () => {
    const compose = 'services:\n  drone: # $Id:x, privileged: true $\n    image: drone/drone:2\n    privileged: true\n';
    const cwd = cloneOf({ '.gitattributes': '*.yml ident\n' }, { 'docker-compose.yml': compose });
    const { problems } = scan(cwd, '.');
    expect(problems.filter((each: string) => each.includes('rewrites'))).toEqual([]);
  });
});

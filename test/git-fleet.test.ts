import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { walk } from '../src/checks/files.ts';
import { nameOfBranch } from '../src/checks/git/mounts.ts';
import { isRefName } from '../src/checks/git/refs.ts';
import { findRepository } from '../src/checks/git/repository.ts';
import { treeView } from '../src/checks/git/views.ts';
import type { Io } from '../src/commands/io.ts';
import { scan as scanCommand } from '../src/commands/scan.ts';
import { droneAudit, runCommand, temporaryFolder, tool } from './support/cli.ts';
import { commitFiles, git, hasGit, writeFiles } from './support/git.ts';

const pipeline = (image = 'golang:latest', name = 'default'): string =>
  `kind: pipeline\ntype: docker\nname: ${name}\nsteps:\n  - name: build\n    image: ${image}\n    privileged: true\n`;
const compose =
  'services:\n  drone:\n    extends: { file: base.yml, service: server }\n    ports: ["443:443"]\n    env_file: conf/server\n';
const base = 'services:\n  server:\n    image: drone/drone:2\n';
const settings = 'DRONE_SERVER_HOST=ci.example.com\nDRONE_RPC_SECRET=superduper\n';
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
const isWindows = platform() === 'win32';

/** A finding as it is told in one line. */
interface Seen {
  readonly status: number | null;
  readonly findings: readonly string[];
  readonly problems: readonly string[];
  readonly stderr: string;
  readonly files: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: the report as it was parsed
  readonly json: any;
}

function scan(cwd: string, ...args: string[]): Seen {
  const { status, stdout, stderr } = droneAudit(['scan', '--format', 'json', ...args], { cwd });
  const json = stdout === '' ? undefined : JSON.parse(stdout);
  return {
    ...{ status, stderr, json },
    findings: (json?.findings ?? []).map((each: { file: string; rule: string }) => `${each.file} ${each.rule}`),
    problems: (json?.problems ?? []).map((each: { file: string; message: string }) => `${each.file}: ${each.message}`),
    files: (json?.sources ?? []).map(({ file }: { file: string }) => file),
  };
}

/** A repository with one commit; `format` is the kind of its ids. */
function repository(folder: string, files: Record<string, string | Buffer>, format = 'sha1'): string {
  mkdirSync(folder, { recursive: true });
  git(folder, ['init', '-q', `--object-format=${format}`]);
  commitFiles(folder, files);
  return folder;
}

/** A bare copy of a repository, packed. */
function mirror(of: string, to: string): string {
  mkdirSync(join(to, '..'), { recursive: true });
  git(of, ['clone', '-q', '--mirror', of, to]);
  git(to, ['gc', '-q']);
  return to;
}

/** Writes an object as it is, sound or not, and returns its id. */
function writeObject(folder: string, type: string, content: Buffer): string {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const id = createHash('sha1').update(whole).digest('hex');
  const path = join(folder, 'objects', id.slice(0, 2), id.slice(2));
  mkdirSync(join(path, '..'), { recursive: true });
  if (!existsSync(path)) writeFileSync(path, deflateSync(whole));
  return id;
}

function treeObject(folder: string, entries: readonly (readonly [mode: string, name: string, id: string])[]): string {
  const parts = entries.map(([mode, name, id]) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
  );
  return writeObject(folder, 'tree', Buffer.concat(parts));
}

/** A bare repository whose HEAD has this tree. */
function bareWith(folder: string, treeOf: (folder: string) => string): string {
  mkdirSync(folder, { recursive: true });
  git(folder, ['init', '-q', '--bare']);
  const text = `tree ${treeOf(folder)}\nauthor a <a@x> 1700000000 +0000\ncommitter a <a@x> 1700000000 +0000\n\nx\n`;
  writeFileSync(join(folder, 'refs/heads/main'), `${writeObject(folder, 'commit', Buffer.from(text))}\n`);
  return folder;
}

describe.skipIf(!hasGit)('--git', () => {
  /** What people keep in a repository, and what they should not. */
  function everything(folder: string, format: string): void {
    const inner = repository(join(folder, '..', 'inner'), { '.drone.yml': pipeline() });
    repository(
      folder,
      {
        '.drone.yml': pipeline(),
        'docker-compose.yml': compose,
        'base.yml': base,
        'conf/server': settings,
        'outside/docker-compose.yml': compose.replace('conf/server', '../../elsewhere.env').replace('base', '../base'),
        'k8s/runner.yaml':
          'kind: Deployment\napiVersion: apps/v1\nmetadata: { name: r }\nspec: { template: { spec: { containers: [{ name: r, image: "drone/drone-runner-kube:latest", envFrom: [{ configMapRef: { name: c } }] }] } } }\n',
        'k8s/config.yaml':
          'kind: ConfigMap\napiVersion: v1\nmetadata: { name: c }\ndata: { DRONE_RPC_SECRET: superduper, DRONE_RPC_HOST: ci.example.com }\n',
        'values/values.yaml': 'env:\n  DRONE_SERVER_HOST: ci.example.com\n  DRONE_RPC_SECRET: superduper\n',
        'drone.service':
          '[Service]\nExecStart=/usr/bin/docker run --env-file conf/server drone/drone:2\nEnvironmentFile=conf/server\n',
        'run.sh': 'docker run -e DRONE_RPC_SECRET=superduper drone/drone-runner-docker:1\n',
        '.drone.star': 'def main(ctx):\n  return {"kind": "pipeline", "name": "x", "steps": []}\n',
        'README.md': 'We use `drone/drone:2` and DRONE_RPC_SECRET.\n',
        'ansible/main.yml': '- hosts: all\n  tasks:\n    - docker_container: { name: d, image: drone/drone:2 }\n',
        '.gitignore': 'ignored\n*.env\n',
        'ignored/.drone.yml': pipeline('alpine:latest', 'tracked'),
        'drone.env': settings,
        'node_modules/a/.drone.yml': pipeline('alpine:latest', 'packed'),
        'media.yml': pointer,
        'drone-server.yml': pointer,
        'windows/.drone.yml': pipeline('alpine:latest', 'windows').replaceAll('\n', '\r\n'),
        'drone.yml.png': Buffer.from([1, 2, 3, 0, 255]),
        'drone-data.yml': Buffer.from([1, 2, 3, 0, 255]),
        'large/notes.txt': [...Array(30_000).fill('x'.repeat(99)), 'image: drone/drone:2\n'].join('\n'),
        'large/.drone.yml': '# x\n'.repeat(600_000),
        'secrets.sops.yml': 'sops:\n  mac: ENC[AES256_GCM,data:x]\nDRONE_RPC_SECRET: ENC[AES256_GCM,data:x]\n',
        'broken/.drone.yml': 'kind: pipeline\nname: [\n',
        'é ü/.drone.yml': pipeline('alpine:latest', 'letters'),
      },
      format,
    );
    symlinkSync('../.drone.yml', join(folder, 'conf/.drone.yml'));
    symlinkSync('/etc/hostname', join(folder, 'drone-host.yml'));
    symlinkSync('nowhere', join(folder, 'drone-nowhere.yml'));
    symlinkSync('conf', join(folder, 'drone-folder'));
    symlinkSync('drone-loop.yml', join(folder, 'drone-loop.yml'));
    chmodSync(join(folder, 'run.sh'), 0o755);
    if (format === 'sha1') git(folder, ['submodule', '--quiet', 'add', inner, 'drone-charts']);
    commitFiles(folder, {});
    git(folder, ['config', 'remote.origin.url', 'https://git.example.com/octocat/hello.git']);
  }

  it.skipIf(isWindows).each(['sha1', 'sha256'])(
    'reads of a clone, a bare and a packed repository with %s ids what a scan reads of a checkout',
    { timeout: 120_000 },
    (format) => {
      const folder = temporaryFolder();
      everything(join(folder, 'origin'), format);
      const [checkout, clone, bare, packed] = ['checkout', 'clone', 'bare', 'packed'].map((name) => join(folder, name));
      if (!checkout || !clone || !bare || !packed) throw new Error('no names');
      for (const each of [checkout, clone, bare, packed]) mkdirSync(each);
      const url = ['config', 'remote.origin.url', 'https://git.example.com/octocat/hello.git'];
      for (const [each, args] of [
        [checkout, []],
        [clone, ['--no-checkout']],
        [bare, ['--bare']],
        [packed, ['--mirror']],
      ] as const) {
        git(each, ['clone', '-q', ...args, join(folder, 'origin'), 'hello']);
        git(join(each, 'hello'), url);
      }
      git(join(packed, 'hello'), ['gc', '-q', '--aggressive']);
      const of = (cwd: string, ...args: string[]) => {
        const { json, status } = scan(cwd, ...args, '--pedantic', '--min-severity', 'info', '-v');
        const { scope: _, controls: _controls, ...report } = json;
        const { passedOver, ...coverage } = report.coverage;
        // What a checkout alone has.
        const others = passedOver.filter(({ first }: { first: string[] }) => first[0] !== 'hello/.git/');
        return { ...report, status, coverage, others };
      };
      const expected = of(checkout, 'hello');
      expect(expected.findings.length).toBeGreaterThan(20);
      expect(expected.problems.length).toBeGreaterThan(8);
      expect(expected.coverage.mentions.length).toBeGreaterThan(1);
      expect(of(clone, '--git', 'hello')).toEqual(expected);
      expect(of(bare, '--git', 'hello')).toEqual(expected);
      expect(of(packed, '--git', '.')).toEqual(expected);
    },
  );

  it('reads commits, and neither what is changed since nor what git does not track', () => {
    const folder = temporaryFolder();
    const clone = repository(join(folder, 'clone'), { '.drone.yml': pipeline() });
    writeFiles(clone, { '.drone.yml': pipeline('alpine:latest', 'changed'), 'drone.env': settings });
    const { findings, status } = scan(folder, '--git', 'clone', '--rule', 'privileged-step');
    expect([status, findings]).toEqual([1, ['clone/.drone.yml privileged-step']]);
    expect(scan(clone, '--git', '.').files).toEqual(['.drone.yml']);
  });

  it('finds repositories at any depth, and none in another', () => {
    const folder = temporaryFolder();
    const one = repository(join(folder, 'one'), { '.drone.yml': pipeline() });
    mirror(one, join(folder, 'mirrors/group/sub/one.git'));
    repository(join(folder, 'mirrors/clone'), { '.drone.yml': pipeline(), 'sub/x': '' });
    repository(join(folder, 'mirrors/clone/sub/inner'), { '.drone.yml': pipeline() });
    git(join(folder, 'mirrors/clone'), ['worktree', 'add', '-q', '../tree', '-b', 'tree']);
    mkdirSync(join(folder, 'mirrors/empty folder'));
    symlinkSync('group', join(folder, 'mirrors/same'));
    const { files, problems, status } = scan(folder, '--git', 'mirrors', 'mirrors/clone');
    expect(files).toEqual([
      'mirrors/clone/.drone.yml',
      'mirrors/group/sub/one.git/.drone.yml',
      'mirrors/tree/.drone.yml',
    ]);
    expect([status, problems]).toEqual([1, []]);
  });

  it('says of each place what is wrong, and audits the others', () => {
    const folder = temporaryFolder();
    repository(join(folder, 'all/good'), { '.drone.yml': pipeline() });
    const at = (name: string): string => join(folder, 'all', name);
    mkdirSync(at('empty.git'), { recursive: true });
    git(at('empty.git'), ['init', '-q', '--bare']);
    mirror(at('good'), at('head.git'));
    git(at('head.git'), ['symbolic-ref', 'HEAD', 'refs/heads/gone']);
    mirror(at('good'), at('cut.git'));
    rmSync(at('cut.git/HEAD'));
    mkdirSync(at('nothing.git/x'), { recursive: true });
    mkdirSync(at('odd'), { recursive: true });
    writeFileSync(at('odd/.git'), 'no address\n');
    mkdirSync(at('far'), { recursive: true });
    writeFileSync(at('far/.git'), 'gitdir: /nowhere/at/all\n');
    repository(join(folder, 'elsewhere'), { '.drone.yml': pipeline() });
    symlinkSync('../elsewhere', at('linked'));
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'none'));
    const { status, problems, files } = scan(folder, '--git', 'all', 'file', 'none', 'alll', '--exit-zero');
    expect(files).toEqual(['all/good/.drone.yml']);
    expect(problems).toEqual([
      'all/cut.git: cannot be read from git: the git folder has no HEAD',
      'all/empty.git: cannot be read from git: it has no commit yet',
      'all/far: cannot be read from git: the git folder has no HEAD',
      'all/head.git: cannot be read from git: its HEAD names a branch that is not there (git symbolic-ref HEAD refs/heads/NAME sets it)',
      'all/linked: is a link to a repository elsewhere, and was not followed',
      'all/nothing.git: is named as a bare repository is, and is none',
      'all/odd: cannot be read from git: .git is neither a folder nor names one',
      'alll: is not there; did you mean "all"?',
      'file: is no folder, and --git takes repositories and folders of them; name other paths before --git',
      'none: is no git repository, and holds none (--git takes the root of a clone, a bare repository, or a folder of them)',
    ]);
    expect(status).toBe(0);
    expect(scan(folder, '--git', 'all', '--fail-on', 'never').status).toBe(3);
  });

  it('says what of a partial clone or a damaged repository is missing', () => {
    const folder = temporaryFolder();
    const good = repository(join(folder, 'good'), { '.drone.yml': pipeline(), 'a.txt': 'a', 'sub/b.txt': 'b' });
    git(good, ['config', 'uploadpack.allowFilter', 'true']);
    git(folder, ['clone', '-q', '--bare', '--filter=blob:none', `file://${good}`, 'blobs.git']);
    git(folder, ['clone', '-q', '--bare', '--filter=tree:0', `file://${good}`, 'trees.git']);
    cpSync(good, join(folder, 'lost'), { recursive: true });
    const blob = git(good, ['rev-parse', 'HEAD:sub/b.txt']);
    rmSync(join(folder, 'lost/.git/objects', blob.slice(0, 2), blob.slice(2)));
    mirror(good, join(folder, 'torn.git'));
    const packs = join(folder, 'torn.git/objects/pack');
    const pack = join(packs, readdirSync(packs).find((name) => name.endsWith('.pack')) ?? '');
    chmodSync(pack, 0o600);
    writeFileSync(pack, readFileSync(pack).fill(0xff, 12, 60));
    git(folder, ['clone', '-q', '--depth=1', `file://${good}`, 'shallow']);
    const of = (name: string) => {
      const { status, problems, files } = scan(folder, '--git', name, '--fail-on', 'never');
      return { status, files, problems: problems.map((each) => each.replace(/[0-9a-f]{40}/g, 'ID')) };
    };
    const fetch =
      'the clone is partial, and this fetches the rest: git config --unset remote.origin.partialclonefilter; git fetch --refetch origin';
    expect(of('blobs.git')).toEqual({
      ...{ status: 3, files: [] },
      problems: [
        `blobs.git: cannot be read from git: object ID is not there; ${fetch}`,
        'blobs.git/.drone.yml: cannot be read',
        "blobs.git/a.txt: could not be read from the objects of git; 1 more could not, none of them named as Drone's files are",
      ],
    });
    expect(of('trees.git').status).toBe(3);
    expect(of('trees.git').problems.join()).toContain(
      `trees.git: cannot be read from git: object ID is not there; ${fetch}`,
    );
    expect(of('lost')).toEqual({
      ...{ status: 3, files: ['lost/.drone.yml'] },
      problems: [
        'lost: cannot be read from git: object ID is not there',
        'lost/sub/b.txt: could not be read from the objects of git',
      ],
    });
    expect(of('torn.git').status).toBe(3);
    expect(of('torn.git').problems.join()).toContain(
      'torn.git: cannot be read from git: objects/pack/pack-ID.pack at byte',
    );
    expect(of('shallow')).toEqual({ status: 0, files: ['shallow/.drone.yml'], problems: [] });
  });

  it.skipIf(isWindows)('reads hostile trees without a fault, and within them alone', { timeout: 120_000 }, () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'secret.env': settings, 'far.git/.drone.yml': pipeline() });
    const yaml = (repo: string): string => writeObject(repo, 'blob', Buffer.from(pipeline()));
    bareWith(join(folder, 'up.git'), (repo) => treeObject(repo, [['100644', '..', yaml(repo)]]));
    bareWith(join(folder, 'slash.git'), (repo) =>
      treeObject(repo, [
        ['100644', '.drone.yml', yaml(repo)],
        [
          '40000',
          'a',
          treeObject(repo, [
            ['100644', '../secret.env', yaml(repo)],
            ['100644', 'drone.yml', yaml(repo)],
          ]),
        ],
      ]),
    );
    bareWith(join(folder, 'odd.git'), (repo) => {
      const config = treeObject(repo, [['100644', 'config', writeObject(repo, 'blob', Buffer.from('[core]\n'))]]);
      return treeObject(repo, [
        ['100644', '.drone.yml\x1b[31m\n', yaml(repo)],
        ['40000', '.git', config],
        ['100644', 'drone.yml', yaml(repo)],
        ['100644', 'drone.yml', yaml(repo)],
      ]);
    });
    bareWith(join(folder, 'links.git'), (repo) =>
      treeObject(repo, [
        ['120000', 'drone.env', writeObject(repo, 'blob', Buffer.from('../secret.env'))],
        ['120000', 'drone.yml', writeObject(repo, 'blob', Buffer.from(join(folder, 'far.git/.drone.yml')))],
        [
          '100644',
          'docker-compose.yml',
          writeObject(repo, 'blob', Buffer.from(base.replace('\n    i', '\n    env_file: ../secret.env\n    i'))),
        ],
        ['160000', 'drone-sub', 'a'.repeat(40)],
      ]),
    );
    // Two folders in each, thirty deep: a thousand million files in a few hundred bytes.
    bareWith(join(folder, 'deep.git'), (repo) => {
      let tree = treeObject(repo, [['100644', 'x', writeObject(repo, 'blob', Buffer.from('x'))]]);
      for (let depth = 0; depth < 30; depth++)
        tree = treeObject(repo, [
          ['40000', 'a', tree],
          ['40000', 'b', tree],
        ]);
      return tree;
    });
    bareWith(join(folder, 'chain.git'), (repo) => {
      let tree = treeObject(repo, [['100644', '.drone.yml', yaml(repo)]]);
      for (let depth = 0; depth < 300; depth++) tree = treeObject(repo, [['40000', 'a', tree]]);
      return tree;
    });
    const of = (name: string) => {
      const { status, files, problems } = scan(folder, '--git', name, '--fail-on', 'never');
      return { status, files, problems: problems.map((each) => each.replace(/[0-9a-f]{40}/g, 'ID')) };
    };
    expect(of('up.git')).toEqual({
      ...{ status: 3, files: [] },
      problems: expect.arrayContaining(['up.git: cannot be read from git: tree ID is damaged: an entry has no name']),
    });
    expect(of('slash.git')).toEqual({
      ...{ status: 3, files: ['slash.git/.drone.yml', 'slash.git/a/drone.yml'] },
      problems: ['slash.git: cannot be read from git: tree ID is damaged: an entry of "a" has no name'],
    });
    expect(of('odd.git').files).toEqual(['odd.git/.drone.yml\x1b[31m\n', 'odd.git/drone.yml']);
    expect(of('links.git')).toEqual({
      ...{ status: 3, files: ['links.git/docker-compose.yml'] },
      problems: expect.arrayContaining([
        'links.git/drone.env: is a link that leads out of the audited folder',
        'links.git/drone.yml: is a link that leads out of the audited folder',
        'links.git/drone-sub: is a submodule that is not checked out, and what is in it was not seen',
      ]),
    });
    expect(JSON.stringify(scan(folder, '--git', 'links.git').json)).not.toContain('superduper');
    expect(of('deep.git')).toMatchObject({
      status: 3,
      problems: ['deep.git: cannot be read from git: its trees name the same folders too often'],
    });
    expect(of('chain.git').status).toBe(3);
    expect(of('chain.git').problems.join()).toMatch(/a\/a: has a name that is too long/);
  });

  it('stops where a few trees name each other over and over, in each branch and in all', () => {
    const folder = temporaryFolder();
    const repo = join(folder, 'again.git');
    const treeOf = (depth: number): string => {
      let tree = treeObject(repo, [['100644', '.drone.yml', writeObject(repo, 'blob', Buffer.from(pipeline()))]]);
      for (let at = 0; at < depth; at++)
        tree = treeObject(
          repo,
          ['a', 'b'].map((name) => ['40000', name, tree] as const),
        );
      return treeObject(repo, [
        ['100644', '.drone.yml', writeObject(repo, 'blob', Buffer.from(pipeline()))],
        ['40000', 'z', tree],
        ['40000', 'zz', treeObject(repo, [['100644', `${depth}.txt`, writeObject(repo, 'blob', Buffer.from('x'))]])],
      ]);
    };
    bareWith(repo, () => treeOf(40));
    const found = findRepository(repo);
    if (!found) throw new Error('no repository');
    const inAll = { folders: 0 };
    const walked = (tree: string) => {
      const view = treeView(found, tree, '/x', 'as a clone', undefined, inAll);
      const { files } = walk(['/x'], '/', view.git, view.tree);
      return { amount: files.length, names: files.map(({ name }) => name), errors: view.leftOut.errors };
    };
    const { amount, names, errors } = walked(found.commit(found.resolve('HEAD')).tree);
    expect(amount).toBeGreaterThan(100);
    expect(amount).toBeLessThan(3_000);
    expect(names).toEqual(expect.arrayContaining(['x/.drone.yml', 'x/zz/40.txt']));
    expect(errors.map(({ message }) => message)).toEqual(['its trees name the same folders too often']);
    const one = treeObject(repo, [['100644', 'x', writeObject(repo, 'blob', Buffer.from('x'))]]);
    const beside = Array.from({ length: 3_000 }, (_, at) => ['40000', `f${at}`, one] as const);
    expect(walked(treeObject(repo, beside))).toMatchObject({ amount: 3_000, errors: [] });
    for (let branch = 0; branch < 20; branch++) walked(treeOf(41 + branch));
    const last = walked(treeOf(61));
    expect(last.amount).toBeLessThan(100);
    expect(last.names).toContain('x/zz/61.txt');
    expect(last.errors).toHaveLength(1);
    found.close();
  });

  it('stops where a few trees name the same large file over and over', () => {
    const folder = temporaryFolder();
    bareWith(join(folder, 'again.git'), (repo) => {
      const blob = writeObject(repo, 'blob', Buffer.alloc(1000, 'x'));
      return treeObject(
        repo,
        ['a', 'b', 'c', 'd'].map((name) => ['100644', name, blob] as const),
      );
    });
    const found = findRepository(join(folder, 'again.git'));
    if (!found) throw new Error('no repository');
    const view = treeView(found, found.commit(found.resolve('HEAD')).tree, '/x', 'as a clone', 1500);
    const read = ['a', 'b', 'c', 'd'].map((name) => {
      try {
        return view.tree.bytes(`/x/${name}`).length;
      } catch {
        return 'not read';
      }
    });
    found.close();
    expect(read).toEqual([1000, 1000, 1000, 'not read']);
    expect(view.leftOut.errors.map(({ message }) => message)).toEqual([
      'its trees name the same large files too often',
    ]);
    expect([...view.leftOut.lost]).toEqual(['/x/d']);
  });

  it('keeps each repository apart, and names it as its remote does', () => {
    const folder = temporaryFolder();
    const runner = 'services:\n  runner:\n    image: drone/drone-runner-docker:1\n    environment: [DRONE_RPC_SECRET=';
    for (const [name, secret] of [
      ['a', 'superduper'],
      ['b', 'correct horse battery'],
    ]) {
      const clone = repository(join(folder, 'src', name ?? ''), {
        '.drone.yml': pipeline(),
        'compose.yml': `${runner}${secret}]\n`,
      });
      mirror(clone, join(folder, `mirrors/octocat/${name}.git`));
      const url = name === 'a' ? 'ssh://git@git.example.com/octocat/a.git' : '';
      if (url === '') git(join(folder, `mirrors/octocat/${name}.git`), ['remote', 'remove', 'origin']);
      else git(join(folder, `mirrors/octocat/${name}.git`), ['config', 'remote.origin.url', url]);
    }
    const { json } = scan(folder, '--git', 'mirrors');
    const commit = expect.stringMatching(/^[0-9a-f]{40}$/);
    expect(json.population.origins.map(({ name, commit }: Record<string, unknown>) => ({ name, commit }))).toEqual([
      { name: 'octocat/a', commit },
      { name: 'mirrors/octocat/b.git', commit },
    ]);
    expect(json.scope.asked).toEqual([{ place: 'mirrors', option: '--git' }]);
  });

  it('is combined with paths, lists and a policy, and not with what has no sense', () => {
    const folder = temporaryFolder();
    const clone = repository(join(folder, 'src/clone'), {
      '.drone.yml': pipeline(),
      'drone-audit.yml': 'fail-on: low',
    });
    mirror(clone, join(folder, 'mirrors/clone.git'));
    writeFiles(folder, {
      'deploy/docker-compose.yml': base,
      'list/a/.drone.yml': pipeline(),
      'policy.yml': 'severity:\n  - { rule: unpinned-image, to: critical, reason: ours }\n',
      list2: 'list/a\n',
    });
    const { files, json } = scan(
      folder,
      'deploy',
      '--targets-from',
      'list2',
      '--policy',
      'policy.yml',
      '--git',
      'mirrors',
    );
    expect(files).toEqual(['deploy/docker-compose.yml', 'list/a/.drone.yml', 'mirrors/clone.git/.drone.yml']);
    const unpinned = json.findings.filter(({ rule }: { rule: string }) => rule === 'unpinned-image');
    expect(unpinned.map(({ severity }: { severity: string }) => severity)).toEqual(['critical', 'critical']);
    const refused = (...args: string[]) => {
      const { status, stderr } = scan(folder, ...args);
      return [status, stderr.split('\n')[0]];
    };
    expect(refused('--all-branches')).toEqual([2, 'drone-audit: --all-branches is about the repositories of --git']);
    expect(refused('--git', 'mirrors', '--diff', 'main')[0]).toBe(2);
    expect(refused('--git', '')).toEqual([2, 'drone-audit: the value of --git is empty']);
    for (const path of ['.', 'mirrors', 'mirrors/clone.git'])
      expect(refused(path, '--git', 'mirrors')).toEqual([
        2,
        `drone-audit: "${path}" and "mirrors" of --git have files in common, which would be audited twice`,
      ]);
    symlinkSync('mirrors', join(folder, 'link'));
    expect(refused('link', '--git', 'mirrors')[0]).toBe(2);
    expect(refused('--compose-file', 'src/clone/x.yml', '--git', 'src/clone')[0]).toBe(2);
    expect(scan(folder, 'mirrors2', '--git', 'mirrors').status).toBe(1);
  });

  it('knows again with a baseline what is in a repository, whatever its branch', () => {
    const folder = temporaryFolder();
    const clone = repository(join(folder, 'clone'), { '.drone.yml': pipeline() });
    git(clone, ['checkout', '-q', '-b', 'change']);
    commitFiles(clone, { '.drone.yml': pipeline('alpine:latest') });
    git(clone, ['checkout', '-q', 'main']);
    const run = (...args: string[]) => scan(folder, '--git', 'clone', ...args);
    run('--all-branches', '--write-baseline', 'known.yml');
    const again = run('--all-branches', '--baseline', 'known.yml');
    expect([again.status, again.json.summary.baseline.fixed]).toEqual([0, 0]);
    expect(again.json.summary.baseline.known).toBeGreaterThan(3);
    commitFiles(clone, { '.drone.yml': 'kind: pipeline\ntype: docker\nname: default\nsteps: []\n' });
    expect(run('--all-branches', '--baseline', 'known.yml').json.summary.baseline.fixed).toBeGreaterThan(0);
  });

  it('saves evidence that comes to the same findings', () => {
    const folder = temporaryFolder();
    const files = {
      '.drone.yml': pipeline(),
      'docker-compose.yml': compose,
      'base.yml': base,
      'conf/server': settings,
    };
    mirror(repository(join(folder, 'src'), files), join(folder, 'mirrors/a.git'));
    const first = scan(folder, '--git', 'mirrors', '--save-evidence', 'saved');
    expect(first.stderr).toBe('');
    expect(first.findings.length).toBeGreaterThan(3);
    expect(scan(folder, 'saved').findings).toEqual(first.findings);
  });

  it.skipIf(isWindows)('keeps nothing open of a repository when it goes on to the next', { timeout: 120_000 }, () => {
    const folder = temporaryFolder();
    const files = {
      '.drone.yml': pipeline(),
      'docker-compose.yml': compose,
      'base.yml': base,
      'conf/server': settings,
    };
    const first = mirror(repository(join(folder, 'src'), files), join(folder, 'mirrors/0.git'));
    for (let index = 1; index < 120; index++) cpSync(first, join(folder, `mirrors/${index}.git`), { recursive: true });
    const command = ['ulimit -n 60 && exec "$@"', 'sh', ...tool, 'scan', '--git', 'mirrors', '--format', 'json'];
    const { stdout, status } = runCommand('sh', ['-c', ...command], { cwd: folder });
    const { sources, problems } = JSON.parse(stdout);
    expect([status, sources.length, problems]).toEqual([1, 480, []]);
  });
});

describe.skipIf(!hasGit)('--all-branches', () => {
  it('names the branch in one part of the path that no other branch and no file has', () => {
    expect(nameOfBranch('a/b.git', 'feature/x')).toBe('a/b.git@feature%2Fx');
    expect(nameOfBranch('a/b.git', 'feature%2Fx')).toBe('a/b.git@feature%252Fx');
    expect(nameOfBranch('.', 'x')).toBe('.@x');
  });

  /** A repository of which two branches differ from main in what is audited, and two do not. */
  function branched(folder: string): string {
    const clone = repository(folder, {
      '.drone.yml': pipeline(),
      'docker-compose.yml': compose,
      'base.yml': base,
      'conf/server': settings,
      'main.go': 'package main\n',
    });
    const branch = (name: string, files: Record<string, string>): void => {
      git(clone, ['checkout', '-q', '-b', name, 'main']);
      commitFiles(clone, files);
    };
    branch('code', { 'main.go': 'package other\n' });
    branch('feature/pipeline', { '.drone.yml': pipeline('alpine:latest') });
    branch('named-file', { 'conf/server': settings.replace('superduper', '5b0c39e1d7f84a6fb2c8d19e3a7465f0') });
    branch('more', { 'sub/.drone.yml': pipeline('alpine:latest', 'sub') });
    git(clone, ['branch', 'same', 'main']);
    git(clone, ['checkout', '-q', 'main']);
    return clone;
  }

  const branchesOf = (files: readonly string[]): readonly string[] =>
    files
      .filter((file) => file.endsWith('/docker-compose.yml'))
      .map((file) => file.slice(0, -'/docker-compose.yml'.length));

  it('reads each branch whose files that matter are others, and counts the rest', () => {
    const folder = temporaryFolder();
    const clone = branched(join(folder, 'src'));
    mirror(clone, join(folder, 'm/a.git'));
    const { files, problems, json, findings } = scan(folder, '--git', 'm', '--all-branches');
    expect(branchesOf(files)).toEqual(['m/a.git', 'm/a.git@feature%2Fpipeline', 'm/a.git@more', 'm/a.git@named-file']);
    expect(problems).toEqual([
      'm/a.git: 2 branches have the same files to audit as others, and were not audited again',
    ]);
    expect(json.summary.exitCode).toBe(1);
    expect(findings).toContain('m/a.git/conf/server weak-rpc-secret');
    expect(findings).not.toContain('m/a.git@named-file/conf/server weak-rpc-secret');
    expect(json.population.origins.map(({ name }: { name: string }) => name)).toHaveLength(4);
    expect(scan(folder, '--git', 'm').files.filter((file) => file.includes('@'))).toEqual([]);
  });

  it('tells the same where each installation is judged by itself, and pipelines are read again for that', async () => {
    const folder = temporaryFolder();
    const clone = branched(join(folder, 'src'));
    for (const name of ['a', 'b']) {
      mirror(clone, join(folder, `m/${name}.git`));
      git(join(folder, `m/${name}.git`), [
        'config',
        'remote.origin.url',
        `https://git.example.com/octocat/${name}.git`,
      ]);
    }
    const plain = repository(join(folder, 'plain'), { '.drone.yml': pipeline() });
    git(plain, ['checkout', '-q', '-b', 'other']);
    commitFiles(plain, { '.drone.yml': pipeline('alpine:latest') });
    git(plain, ['checkout', '-q', 'main']);
    mirror(plain, join(folder, 'm/plain.git'));
    git(join(folder, 'm/plain.git'), ['config', 'remote.origin.url', 'https://git.example.com/octocat/plain.git']);
    const told = async (keeps?: number): Promise<string> => {
      const pieces: string[] = [];
      const io: Io = {
        ...{ version: '0', cwd: folder, environment: {}, home: folder, today: '2026-11-21', width: 80, keeps },
        ...{ outIsTerminal: false, readStandardInput: () => Buffer.alloc(0), readPage: () => undefined },
        out: (text) => pieces.push(...(typeof text === 'string' ? [text] : text)),
        error: (line) => pieces.push(line),
      };
      const options = {
        ...{ git: ['m'], allBranches: true, composeFile: [], composeEnvFile: [], withEnvironment: false },
        ...{ format: 'json', output: [], rule: [], skip: [], ignore: true, color: 'never' as const, exitZero: false },
        ...{ summary: false, quiet: false, verbose: false },
      } as const;
      await scanCommand([], { ...options, output: [] }, io);
      return pieces.join('');
    };
    const expected = await told();
    expect(expected).toContain('octocat/b@feature/pipeline');
    expect(expected).toContain('octocat/plain@other');
    expect(await told(0)).toBe(expected);
  });

  it('reads what a clone has fetched once, and of its further work trees their HEAD', () => {
    const folder = temporaryFolder();
    const origin = branched(join(folder, 'src'));
    git(folder, ['clone', '-q', origin, 'all/clone']);
    const clone = join(folder, 'all/clone');
    git(clone, ['checkout', '-q', '--track', 'origin/more']);
    git(clone, ['update-ref', 'refs/heads/origin/named-file', 'refs/remotes/origin/main']);
    git(clone, ['worktree', 'add', '-q', '../tree', 'origin/feature/pipeline']);
    const { files, problems } = scan(folder, '--git', 'all', '--all-branches');
    // HEAD is the branch `more`; main has the commit of refs/remotes/origin/main.
    expect(branchesOf(files)).toEqual([
      'all/clone',
      'all/clone@main',
      'all/clone@origin%2Ffeature%2Fpipeline',
      'all/clone@remotes%2Forigin%2Fnamed-file',
      'all/tree',
    ]);
    expect(problems).toEqual([
      'all/clone: 2 branches have the same files to audit as others, and were not audited again',
    ]);
    expect(scan(clone, '--git', '.', '--all-branches').files).toContain('.@main/.drone.yml');
  });

  it('says that a clone has only some branches, and says nothing where all were fetched', () => {
    const folder = temporaryFolder();
    const origin = branched(join(folder, 'src'));
    for (const [name, ...args] of [
      ['one', '--depth=1'],
      ['all', '--depth=1', '--no-single-branch'],
      ['bare', '--bare'],
    ])
      git(folder, ['clone', '-q', ...args, `file://${origin}`, `m/${name}`]);
    const { problems, files } = scan(folder, '--git', 'm', '--all-branches');
    expect(branchesOf(files).map((name) => name.split('@')[0])).toEqual([
      ...Array(4).fill('m/all'),
      ...Array(4).fill('m/bare'),
      'm/one',
    ]);
    expect(problems.filter((each) => !each.includes('same files'))).toEqual([
      'm/one: was cloned with some of its branches alone, and others are not here to be looked at (git clone --no-single-branch)',
    ]);
  });

  it('looks at the branches of a repository whose HEAD leads nowhere, and says what of a branch is missing', () => {
    const folder = temporaryFolder();
    mirror(branched(join(folder, 'src')), join(folder, 'a.git'));
    git(join(folder, 'a.git'), ['symbolic-ref', 'HEAD', 'refs/heads/gone']);
    writeFileSync(join(folder, 'a.git/refs/heads/lost'), `${'1'.repeat(40)}\n`);
    const { status, files, problems } = scan(folder, '--git', 'a.git', '--all-branches', '--fail-on', 'never');
    expect(branchesOf(files)).toEqual(['a.git@code', 'a.git@feature%2Fpipeline', 'a.git@more', 'a.git@named-file']);
    expect(status).toBe(3);
    expect(problems.map((each) => each.split('(')[0])).toEqual([
      'a.git: 2 branches have the same files to audit as others, and were not audited again',
      'a.git: cannot be read from git: its HEAD names a branch that is not there ',
      `a.git@lost: cannot be read from git: object ${'1'.repeat(40)} is not there`,
    ]);
  });

  it.skipIf(isWindows)('reads branches whose names are no text', () => {
    const folder = temporaryFolder();
    const bare = mirror(branched(join(folder, 'src')), join(folder, 'a.git'));
    const more = git(bare, ['rev-parse', 'more']);
    const other = git(bare, ['rev-parse', 'named-file']);
    writeFileSync(Buffer.from(`${bare}/refs/heads/caf\xe9`, 'latin1'), `${more}\n`);
    writeFileSync(
      join(bare, 'packed-refs'),
      Buffer.from(`${other} refs/heads/p\xe9\n${git(bare, ['rev-parse', 'main'])} refs/heads/main\n`, 'latin1'),
    );
    const { files, problems } = scan(folder, '--git', 'a.git', '--all-branches');
    expect(branchesOf(files)).toEqual(['a.git', 'a.git@caf\\xE9', 'a.git@p\\xE9']);
    expect(problems).toEqual([]);
    expect([isRefName('refs/heads/caf\\xE9'), isRefName('refs/heads/\\x2E\\x2E/a')]).toEqual([true, false]);
  });

  it('leaves out, and says so, a branch whose files would have the names of others', () => {
    const folder = temporaryFolder();
    mirror(branched(join(folder, 'src')), join(folder, 'a.git'));
    mkdirSync(join(folder, 'a.git@more'));
    const { files, problems, status } = scan(folder, '--git', 'a.git', '--all-branches', '--fail-on', 'never');
    expect(branchesOf(files)).not.toContain('a.git@more');
    expect([status, problems]).toEqual([
      3,
      [
        'a.git: 2 branches have the same files to audit as others, and were not audited again',
        'a.git@more: cannot be read from git: its files would be named as others are',
      ],
    ]);
  });
});

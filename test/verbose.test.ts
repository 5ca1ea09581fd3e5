import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { namesKept, tally } from '../src/model/passed-over.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

const pipeline =
  'kind: pipeline\ntype: docker\nname: a\nsteps:\n  - name: b\n    image: alpine\n    privileged: true\n';

/** A repository with something to pass over for each reason. */
function repository(): string {
  const cwd = temporaryFolder();
  for (const folder of ['build', 'node_modules/x', 'old', '.hg', '.svn'])
    mkdirSync(join(cwd, folder), { recursive: true });
  const files = {
    '.drone.yml': pipeline,
    '.gitignore': 'build/\n*.log\n',
    'a.log': '',
    'build/b.yml': '',
    'drone-audit.yml': 'exclude: [old/**]\n',
    'node_modules/x/index.js': '',
    'notes.txt': 'nothing of interest',
    'old/.drone.yml': pipeline,
    'README.md': 'Our builds use drone/drone:2.28.2.\n',
    'server.env': 'DRONE_SERVER_HOST=ci.example.com\nDRONE_RPC_SECRET=x\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  symlinkSync('gone', join(cwd, 'link'));
  execFileSync('git', ['init', '-q'], { cwd });
  execFileSync('git', ['add', '.gitignore'], { cwd });
  return cwd;
}

const passedOver = [
  { why: 'ignored by git', count: 2, first: ['a.log', 'build/'] },
  { why: 'left out by the config', count: 1, first: ['old/.drone.yml'] },
  { why: 'no file, or a link to elsewhere', count: 1, first: ['link'] },
  { why: 'nothing of Drone in it', count: 3, first: ['.gitignore', 'drone-audit.yml', 'notes.txt'] },
  { why: 'of a package manager, and not tracked by git', count: 1, first: ['node_modules/'] },
  { why: 'where a version control keeps its own', count: 3, first: ['.git/', '.hg/', '.svn/'] },
];

describe('scan --verbose', () => {
  it('says what was read, what was passed over and which rules did not run, and why', () => {
    const { stdout } = droneAudit(['scan', '-v', '--rule', 'privileged-step', '--rule', 'open-docker-socket'], {
      cwd: repository(),
    });
    expect(stdout).toContain(`
read

.drone.yml  drone: 1 pipeline, 1 document
server.env  env: 1 setting

passed over

ignored by git (2): a.log, build/
left out by the config (1): old/.drone.yml
no file, or a link to elsewhere (1): link
nothing of Drone in it (3): .gitignore, drone-audit.yml, notes.txt
of a package manager, and not tracked by git (1): node_modules/
where a version control keeps its own (3): .git/, .hg/, .svn/

not read

README.md:1  an image of Drone

not seen

server.env:1  it is not known which component reads "server.env"

not run

left out by --rule or --skip; `);
    expect(stdout).toContain('\nnot asked: the Docker Engine (--docker); 1 rule: open-docker-socket\n');
  });

  it('says the same in JSON that the schema allows, and nothing of it without', () => {
    const cwd = repository();
    const schema = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8'));
    const validate = new Ajv2020({ strict: false }).compile(schema);
    const verbose = JSON.parse(droneAudit(['scan', '-v', '--format', 'json'], { cwd }).stdout);
    expect(verbose.coverage.passedOver).toEqual(passedOver);
    expect([validate(verbose), validate.errors]).toEqual([true, null]);
    const plain = droneAudit(['scan', '--format', 'json'], { cwd }).stdout;
    expect(JSON.parse(plain).coverage.passedOver).toBe(undefined);
    // What has nothing to do with Drone changes no report.
    writeFileSync(join(cwd, 'more.txt'), '');
    expect(droneAudit(['scan', '--format', 'json'], { cwd }).stdout).toBe(plain);
  });

  it('says what was not asked beside a file that begins with "docker"', () => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'docker-compose.yml'),
      'services:\n  runner:\n    image: drone/drone-runner-docker:1.8.3\n',
    );
    const told = droneAudit(['scan', '--no-config'], { cwd }).stdout.replace(/\s+/g, ' ');
    expect(told).toContain('not asked: the Docker Engine (--docker); the Drone server (--server)');
  });

  it('shows no name that could act on a terminal', () => {
    const cwd = repository();
    writeFileSync(join(cwd, '!\u001b[2J.txt'), '');
    const { stdout } = droneAudit(['scan', '-v'], { cwd });
    expect(stdout).toContain('!\\u{1B}[2J.txt');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('what is passed over', () => {
  it('is counted, and only the first names are kept, whatever the order', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `file-${String(index).padStart(4, '0')}`);
    for (const order of [names, names.toReversed()]) {
      const { pass, all } = tally();
      for (const name of order) pass('nothing of Drone in it', name);
      expect(all()).toEqual([{ why: 'nothing of Drone in it', count: 1000, first: names.slice(0, namesKept) }]);
    }
  });
});

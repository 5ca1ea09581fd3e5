import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { familyOf } from '../src/rules/all.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

const files = {
  '.drone.yml': `kind: pipeline
type: docker
name: default
steps:
- { name: build, image: "registry.example.com:5000/tools:1.2.3", commands: [make] }
- { name: test, image: "lighthouse/tools:1.2.3", commands: [make test] }
- { name: notify, image: "lighthouse/drone-notify:1.2.3", settings: { token: 8f3a5b1c9d7e2f40 } }
- { name: odd, image: "bad]name, x: y:1", commands: [make] }
`,
  'server.env': `DRONE_GITEA_SERVER=https://git.example.com
DRONE_GITEA_CLIENT_ID=1f2e3d4c-0000-4000-8000-5f6e7d8c9b0a
DRONE_SERVER_HOST=drone.example.com
DRONE_SERVER_PROTO=https
DRONE_RPC_SECRET=c4c7b0c2a4d10dcb0d9c2b6f4b9f5b1e
DRONE_USER_CREATE=username:octocat,admin:true,token:0d9c2b6f4b9f5b1ec4c7b0c2a4d10dcb
`,
  'runner.env': `DRONE_RPC_HOST=10.20.0.5
DRONE_RPC_PROTO=http
DRONE_RPC_SECRET=c4c7b0c2a4d10dcb0d9c2b6f4b9f5b1e
DRONE_RUNNER_NAME=runner-7
`,
};

function folder(): string {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

describe('drone-audit init', () => {
  it('proposes what it found, and no secret', () => {
    const cwd = folder();
    const { status, stdout } = droneAudit(['init', '--print'], { cwd });
    expect(status).toBe(0);
    expect(existsSync(join(cwd, 'drone-audit.yml'))).toBe(false);
    expect(stdout.split('\n').filter((line) => line.endsWith('# found'))).toEqual([
      '#  scm: private # found',
      '#  registries: [registry.example.com:5000] # found',
      '#  images: [lighthouse/tools] # found',
      '#  plugins: [lighthouse/drone-notify] # found',
      '#  administrators: [octocat] # found',
      '#  accounts: [octocat] # found',
      '#  runners: [runner-7] # found',
      '#  networks: [10.20.0.5] # found',
    ]);
    for (const secret of ['c4c7b0c2', '0d9c2b6f', '8f3a5b1c', '1f2e3d4c']) expect(stdout).not.toContain(secret);
    expect(stdout).not.toContain('bad]name');
  });

  it('refuses a path that is not there, and writes nothing', () => {
    const cwd = folder();
    expect(droneAudit(['init', 'server.evn'], { cwd })).toEqual({
      status: 2,
      stdout: '',
      stderr: 'drone-audit: "server.evn" is not there\n  did you mean "server.env"?\n',
    });
    expect(droneAudit(['init', '--print', 'server.env', 'elsewhere'], { cwd })).toEqual({
      status: 2,
      stdout: '',
      stderr: 'drone-audit: "elsewhere" is not there\n',
    });
    expect(existsSync(join(cwd, 'drone-audit.yml'))).toBe(false);
  });

  it('writes what changes nothing, and is valid with and without its comments', () => {
    const cwd = folder();
    const before = JSON.parse(droneAudit(['scan', '--format', 'json'], { cwd }).stdout);
    expect(droneAudit(['init'], { cwd })).toEqual({
      status: 0,
      stdout: 'drone-audit.yml is written: all of it is comments, for you to decide\n',
      stderr: '',
    });
    const after = JSON.parse(droneAudit(['scan', '--format', 'json'], { cwd }).stdout);
    for (const key of ['findings', 'problems', 'coverage', 'suppressed', 'sources', 'rules', 'controls'])
      expect(after[key], key).toEqual(before[key]);
    expect(after.summary).toEqual({
      ...before.summary,
      config: { file: 'drone-audit.yml', suppressed: 0, excluded: 0, accepted: 0 },
    });
    const text = readFileSync(join(cwd, 'drone-audit.yml'), 'utf8');
    const decided = text.replace(/^#(?! \S)/gm, '');
    expect(decided).not.toBe(text);
    writeFileSync(join(cwd, 'decided.yml'), decided);
    const config = readConfig('decided.yml', cwd, 'config', new Set(familyOf.keys()));
    expect(config.site).toMatchObject({ registries: ['registry.example.com:5000'], networks: ['10.20.0.5'] });
    expect(config.ignores).toMatchObject([{ rule: 'docker-socket-mount' }]);
  });

  it('says the same twice, and in another folder', () => {
    const cwd = folder();
    const copy = join(temporaryFolder(), 'elsewhere');
    cpSync(cwd, copy, { recursive: true });
    expect(droneAudit(['init', '--print'], { cwd: copy })).toEqual(droneAudit(['init', '--print'], { cwd }));
  });

  it.each(['drone-audit.yml', '../drone-audit.yml'])('overwrites nothing: %s', (name) => {
    const cwd = join(folder(), 'sub');
    mkdirSync(join(cwd, '../.git'), { recursive: true });
    mkdirSync(cwd);
    writeFileSync(join(cwd, name), 'failOn: low\n');
    expect(droneAudit(['init'], { cwd })).toEqual({
      status: 2,
      stdout: '',
      stderr: `drone-audit: "${name}" is already there\n  with --print the text goes to standard output\n`,
    });
    expect(readFileSync(join(cwd, name), 'utf8')).toBe('failOn: low\n');
    expect(droneAudit(['init', '--print'], { cwd }).status).toBe(0);
  });

  it('follows no link', () => {
    const cwd = folder();
    symlinkSync('../elsewhere.yml', join(cwd, 'drone-audit.yml'));
    expect(droneAudit(['init'], { cwd }).status).toBe(2);
    expect(existsSync(join(cwd, '../elsewhere.yml'))).toBe(false);
  });

  it('names the schema to editors where the tool is installed', () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'node_modules/drone-audit/schemas'), { recursive: true });
    writeFileSync(join(cwd, 'node_modules/drone-audit/schemas/config.schema.json'), '{}');
    expect(droneAudit(['init', '--print'], { cwd }).stdout).toMatch(
      /^# yaml-language-server: \$schema=node_modules\/drone-audit\/schemas\/config\.schema\.json\n/,
    );
  });
});

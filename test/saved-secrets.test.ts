import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';

// Secrets that stand where only their surroundings tell of them, through the built command line: nothing that is printed or
// saved holds a part of one.

const phrase = 'tavomiresu kelodunipa';
const generated = 'Xk29fQmZ7rTb4LwP8sVd';

/** Everything that a scan of files prints and saves, by what it is. */
function outputsOf(files: Readonly<Record<string, string>>, env: Record<string, string> = {}, args: string[] = []) {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const options = { cwd, env };
  const scans = ['text', 'json', 'sarif'].map((format) =>
    droneAudit(['scan', '.', ...args, '--format', format, '-v', '--pedantic', '--save-evidence', 'saved'], options),
  );
  const effective = droneAudit(['explain', '--effective', '.', ...args.filter((arg) => arg !== '-v')], options);
  const saved = readdirSync(join(cwd, 'saved'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  return [...[...scans, effective].flatMap(({ stdout, stderr }) => [stdout, stderr]), ...saved];
}

const compose = (environment: string, more = '') =>
  `services:\n  drone:\n    image: drone/drone:2\n    environment:\n${environment}${more}`;
const pod = (value: string) => `apiVersion: v1
kind: Pod
metadata: { name: runner }
spec:
  containers:
    - name: runner
      image: drone/drone-runner-docker:1.8.5
      env:
        - { name: DRONE_RPC_HOST, value: ci.example.com }
        - { name: DRONE_RPC_SECRET, value: ${value} }
`;

describe('secrets that are told by their surroundings', () => {
  it.each<[string, Record<string, string>]>([
    [
      'a phrase in an env file that another file names',
      {
        'docker-compose.yml': 'services: { drone: { image: drone/drone:2, env_file: a.env } }\n',
        'a.env': `DRONE_RPC_SECRET=correct ${phrase}\n`,
      },
    ],
    [
      'a phrase in the drop-in of a unit',
      {
        'etc/systemd/system/drone.service':
          '[Service]\nEnvironment=DRONE_GITEA_SERVER=https://git.example.com\nExecStart=/usr/bin/drone-server\n',
        'etc/systemd/system/drone.service.d/a.conf': `[Service]\nEnvironment="DRONE_RPC_SECRET=correct ${phrase}"\n`,
      },
    ],
    ['a value with a dollar in a pod', { 'a.yaml': pod(`"$${generated}"`) }],
    ['a variable that nobody knows', { 'docker-compose.yml': compose(`      UNNAMED: ${generated}\n`) }],
    [
      'a phrase in a pipeline that is broken',
      {
        '.drone.yml': `kind: pipeline\nsteps:\n- name: a\n  settings:\n    password: correct ${phrase}\n  bro: ken: text\n`,
      },
    ],
  ])('%s', (_, files) => {
    for (const output of outputsOf(files)) {
      expect(output).not.toContain('tavomiresu');
      expect(output).not.toContain('kelodunipa');
      expect(output).not.toContain(generated);
    }
  });

  it('variables of the environment, over blanks and lines', () => {
    const env = { RPC: `correct ${phrase} "x`, PEM: `first\n${generated}\nlast` };
    const files = {
      'docker-compose.yml': compose('      DRONE_RPC_SECRET: ${RPC}\n      DRONE_COOKIE_SECRET: ${PEM}\n'),
    };
    for (const output of outputsOf(files, env, ['--with-environment'])) {
      expect(output).not.toContain('tavomiresu');
      expect(output).not.toContain(generated);
    }
  });

  it('the token of the audit, whatever it is called in a file', () => {
    const token = '72014b3c9d0e4f5a8b6c7d8e9f0a1b2c';
    const files = { 'run.sh': `#!/bin/sh\ndocker run -d -e A=${token} drone/drone:2\n` };
    for (const output of outputsOf(files, { DRONE_TOKEN: token })) expect(output).not.toContain(token);
  });

  it.each(['--docker u:vatirirumi@127.0.0.1:1', '--server vatirirumi', '--rate vatirirumi', '--timestamp vatirirumi'])(
    'what stands in the place of an address or number: %s',
    (args) => {
      const { status, stderr } = droneAudit(['scan', ...args.split(' ')]);
      expect(status).toBe(2);
      expect(stderr).not.toContain('vatirirumi');
    },
  );
});

describe('hostile evidence', () => {
  it('with names that begin with a slash is read', () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'seen/sources'), { recursive: true });
    writeFileSync(join(cwd, 'seen/sources/00001-x.yml'), compose('      DRONE_RPC_SECRET: super-duper-secret\n'));
    const source = { name: '/x.yml', form: 'compose', file: 'sources/00001-x.yml', given: true };
    writeFileSync(join(cwd, 'seen/drone-audit-evidence.json'), JSON.stringify({ version: 2, sources: [source] }));
    const { status, stdout } = droneAudit(['scan', 'seen'], { cwd });
    expect(stdout).toContain('weak-rpc-secret');
    expect(status).toBe(1);
  });

  it('of sources that were not given is incomplete', () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'seen/sources'), { recursive: true });
    writeFileSync(join(cwd, 'seen/sources/00001-x.yml'), 'services: {}\n');
    const source = { name: 'x.yml', form: 'compose', file: 'sources/00001-x.yml' };
    writeFileSync(join(cwd, 'seen/drone-audit-evidence.json'), JSON.stringify({ version: 2, sources: [source] }));
    expect(droneAudit(['scan', 'seen'], { cwd }).status).toBe(3);
  });
});

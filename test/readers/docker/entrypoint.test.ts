import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../../src/model/role.ts';
import type { Location } from '../../../src/model/source.ts';
import { startGaps } from '../../../src/readers/docker/entrypoint.ts';
import { parseImage } from '../../../src/readers/docker/image.ts';
import { plain } from '../../support/text.ts';

const at: Location = { source: { name: 'a', form: 'compose', text: '' }, path: '', span: { start: 0, end: 0 } };
const located = (words: readonly string[]) => words.map((value) => ({ value, at }));

interface Given {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly image?: string;
  readonly role?: Role;
}

function gapsOf({ entrypoint, command = [], image = 'drone/drone:2', role = 'server' }: Given): readonly string[] {
  const start = { command: located(command), entrypoint: entrypoint ? located(entrypoint) : undefined };
  return startGaps(start, parseImage(image), role).map(plain);
}

const ofScript = 'a script starts it, which may set more variables';

describe('a literal script', () => {
  it.each([
    'exec /bin/drone-server',
    '/bin/drone-server',
    'sleep 5 && exec /bin/drone-server',
    'update-ca-certificates && exec drone-server > /dev/stdout 2>&1',
    'set -eu; until nc -z db 5432; do sleep 1; done\nexec drone-server',
    'exec sudo -u drone nice -n 5 drone-server',
    '/srv/prepare.py; exec drone-server',
    "exec sh -c 'exec drone-server'",
    'if [ -f /etc/ca.pem ]; then update-ca-certificates; fi; exec drone-runner-docker daemon --debug',
    'exec drone server',
  ])('sets nothing: %s', (script) => {
    expect(gapsOf({ entrypoint: ['/bin/sh', '-c'], command: [script] })).toEqual([]);
    expect(gapsOf({ entrypoint: ['bash', '-eo', 'pipefail', '-c', script] })).toEqual([]);
    expect(gapsOf({ entrypoint: ['/sbin/tini', '--', 'sh', '-ec', script] })).toEqual([]);
  });

  it.each([
    'export DRONE_USER_FILTER=acme; exec /bin/drone-server',
    'DRONE_USER_FILTER=acme exec /bin/drone-server',
    'DRONE_USER_FILTER=acme; exec /bin/drone-server',
    'exec env DRONE_USER_FILTER=acme drone-server',
    'set -a; . /run/secrets/env; exec drone-server',
    'source /vault/secrets/config && drone-server',
    'eval "$(cat /run/secrets/env)"; drone-server',
    'export $(cat /run/secrets/env); drone-server',
    'read -r DRONE_USER_FILTER < /run/secrets/filter; drone-server',
    'printf -v DRONE_USER_FILTER acme; drone-server',
    ': "${DRONE_USER_FILTER:=acme}"; drone-server',
    'for DRONE_USER_FILTER in acme; do drone-server; done',
    'if true; then export A=b; fi; drone-server',
    'set_up() { export A=b; }; set_up; drone-server',
    'echo DRONE_USER_FILTER=acme > .env; drone-server',
    'cp /run/secrets/env .env && drone-server',
    'cd /data && drone-server',
    'exec drone-server --env-file /run/secrets/env',
    'exec drone-runner-docker daemon /run/secrets/env',
    'exec /srv/start.sh',
    'exec doppler run -- drone-server',
    'exec "$@"',
    '$START',
    'sh /srv/start.sh',
    "exec sh -c 'export A=b; exec drone-server'",
    'exec drone-server --help',
    'drone-server "',
    '',
  ])('may set something: %s', (script) => {
    expect(gapsOf({ entrypoint: ['/bin/sh', '-c'], command: [script] })).toEqual([ofScript]);
    expect(gapsOf({ entrypoint: [], command: ['/bin/ash', '-c', script] })).toEqual([ofScript]);
  });
});

describe('what starts', () => {
  it.each<[string, Given, readonly string[]]>([
    ['the program of the image', {}, []],
    ['it as an agent', { image: 'drone/drone:0.8', command: ['agent'] }, []],
    ['it with arguments that a shell would read', { command: ['sh', '-c', 'export A=b; drone-server'] }, []],
    ['that of a mirror', { image: 'mirror.example.com/drone/drone:2', command: ['/start.sh'] }, []],
    ['a program of Drone', { entrypoint: ['/bin/drone-server'] }, []],
    ['one before 1.0', { entrypoint: ['/drone', 'server'], image: 'drone/drone:0.8' }, []],
    ['one with a file', { command: ['--env-file', '/a'] }, ['the file of "--env-file" was not read']],
    [
      'a runner with a file',
      { role: 'runner-docker', image: 'drone/drone-runner-docker:1', command: ['daemon', '/a'] },
      ['the file that the command "daemon" names was not read'],
    ],
    ['a script file', { entrypoint: ['/srv/start.sh'] }, ['"start.sh" starts it, which may set more variables']],
    ['a script file that a shell reads', { entrypoint: ['/bin/bash', '/srv/start'] }, [ofScript]],
    ['a shell that reads its profile', { entrypoint: ['sh', '-lc', 'exec drone-server'] }, [ofScript]],
    ['a shell without script', { entrypoint: ['sh', '-c'] }, [ofScript]],
    ['another program', { entrypoint: ['doppler', 'run'] }, ['"doppler" starts it, which may set more variables']],
    ['no name of a program', { entrypoint: ['a "b"\nc'] }, ['another program starts it, which may set more variables']],
    ['variables', { entrypoint: ['env', 'A=b', 'drone-server'] }, ['its command line sets more variables']],
    ['the script of an image of unknown make', { image: 'acme/drone-server', command: ['sh', '/a'] }, [ofScript]],
    ['the arguments of such an image', { image: 'acme/drone-server', command: ['--debug'] }, []],
    ['an extension of unknown make', { role: 'extension', entrypoint: ['/app/secrets'] }, []],
    [
      'an extension that a script starts',
      { role: 'extension', entrypoint: ['/docker-entrypoint.sh'] },
      ['"docker-entrypoint.sh" starts it, which may set more variables'],
    ],
    ['a daemon for builds', { role: 'docker', image: 'docker:dind', entrypoint: ['dockerd-entrypoint.sh'] }, []],
    ['a container that is none of Drone', { role: 'other', entrypoint: ['sh', '-c', 'export A=b'] }, []],
    ['a step', { role: 'step', entrypoint: ['/bin/sh', '-c', 'export A=b'] }, []],
  ])('%s', (_what, given, gaps) => {
    expect(gapsOf(given)).toEqual(gaps);
  });

  it('is judged in bounded time, and never throws', () => {
    const words = fc.constantFrom(
      'sh',
      '-c',
      'env',
      'A=b',
      'exec',
      'drone-server',
      '"',
      '$(',
      '`',
      '<<A',
      "sh -c '",
      '',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), fc.array(words, { maxLength: 12 }), (entrypoint, script) => {
        gapsOf({ entrypoint, command: ['sh', '-c', script.join(' ')] });
        gapsOf({ entrypoint: ['sh', '-c', script.join(' ')] });
      }),
    );
    for (const piece of ['$(', 'a;', '${A:-', '"$(a)"', ' ', "sh -c 'a';", '. a;', '((', 'for '])
      for (const length of [9_000, 900_000])
        expect(gapsOf({ entrypoint: ['sh', '-c', piece.repeat(length / piece.length)] })).toEqual([ofScript]);
  });
});

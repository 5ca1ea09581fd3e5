import { describe, expect, it } from 'vitest';
import type { JoinedPath } from '../src/config-entries.ts';
import { installationsOf, masksOf } from '../src/installations.ts';
import type { Form, Source } from '../src/model/source.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';
import { recognise } from '../src/readers/recognise.ts';
import { inspectAnswer } from './checks/inspect-answer.ts';

// Which sources of one scan are one installation.

const server = (host = 'ci.example.com'): string =>
  `DRONE_SERVER_HOST=${host}\nDRONE_GITEA_SERVER=https://git.example.com\nDRONE_RPC_SECRET=5e7c1f0a9b3d2e4f\n`;
const runner = (host: string): string =>
  `DRONE_RPC_HOST=${host}\nDRONE_RPC_SECRET=5e7c1f0a9b3d2e4f\nDRONE_RUNNER_NAME=a\n`;
const steps = 'kind: pipeline\ntype: docker\nname: a\nsteps:\n- {name: a, image: alpine, commands: [ls]}\n';

const running = (config: object): string => JSON.stringify([inspectAnswer({ config })]);

function sourceOf(name: string, text: string): Source {
  const form: Form = name.includes('://') ? 'docker-inspect' : (recognise(name, text) ?? 'env');
  // The folder above a double slash is the root of a repository.
  const root = name.indexOf('//');
  const inRepository = root > 0 && !name.includes('://');
  return inRepository
    ? { name: name.replace('//', '/'), form, text, repository: name.slice(0, root) }
    : { name, form, text };
}

/** The installations of some files, each as the names of its sources. */
function divide(files: Readonly<Record<string, string>>, joined: readonly JoinedPath[] = []): readonly string[] {
  const sources = Object.entries(files).map(([name, text]) => sourceOf(name, text));
  const understood = read(sources, () => ({
    kind: 'unreadable',
    source: 'x',
    message: say`does not exist`,
    incomplete: false,
  }));
  return installationsOf(understood, joined).map(({ sources }) => sources.map(({ name }) => name).join(' '));
}

describe('one installation', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'a runner goes to the server that it names, however far away',
      { 'a/s.env': server(), 'b/s.env': server('other.example.com'), 'b/r.env': runner('ci.example.com') },
      ['a/s.env b/r.env', 'b/s.env'],
    ],
    [
      'across repositories, too',
      { 'a//s.env': server(), 'b//r.env': runner('ci.example.com'), 'b//s.env': server('other.example.com') },
      ['a/s.env b/r.env', 'b/s.env'],
    ],
    [
      'a runner that names no public address goes to the nearest server',
      { 'a/s/s.env': server(), 'a/r/r.env': runner('drone'), 'b/s.env': server('other.example.com') },
      ['a/s/s.env a/r/r.env', 'b/s.env'],
    ],
    [
      'of servers that are equally near none is its own',
      { 'a/s.env': server(), 'b/s.env': server('other.example.com'), 'c/r.env': runner('drone') },
      ['a/s.env', 'b/s.env', 'c/r.env'],
    ],
    [
      'a runner of a server elsewhere stays alone',
      { 'a/s.env': server(), 'a/r.env': runner('other.example.com') },
      ['a/s.env', 'a/r.env'],
    ],
    [
      'runners of one server that is not here belong together',
      { 'a/r.env': runner('other.example.com'), 'b/r.env': runner('other.example.com') },
      ['a/r.env b/r.env'],
    ],
    [
      'pipelines go to the server of their repository',
      { 'a//.drone.yml': steps, 'a//ci/s.env': server(), 'b//.drone.yml': steps, 'b//x/.drone.yml': steps },
      ['a/.drone.yml a/ci/s.env', 'b/.drone.yml b/x/.drone.yml'],
    ],
    [
      'outside repositories to the nearest',
      { 'a/app/.drone.yml': steps, 'a/ci/s.env': server(), 'b/s.env': server('other.example.com') },
      ['a/app/.drone.yml a/ci/s.env', 'b/s.env'],
    ],
    [
      'without a server to the runner',
      { 'a/app/.drone.yml': steps, 'a/r.env': runner('drone') },
      ['a/app/.drone.yml a/r.env'],
    ],
    [
      'two servers are two installations, whatever they are called',
      { 'a/s.env': server(), 'b/s.env': server(), 'a/r.env': runner('ci.example.com') },
      ['a/s.env a/r.env', 'b/s.env'],
    ],
    [
      'what runs on a host, and what is written for it',
      {
        'a/s.env': server(),
        'b/s.env': server('other.example.com'),
        'docker://drone': running({ Image: 'drone/drone:2', Env: ['DRONE_SERVER_HOST=ci.example.com'] }),
        'docker://db': running({ Image: 'postgres:16' }),
      },
      ['a/s.env docker://drone docker://db', 'b/s.env'],
    ],
    [
      'a host that runs only a runner, and the only server',
      {
        'a//s.env': server(),
        'docker://runner': running({ Image: 'drone/drone-runner-docker:1', Env: ['DRONE_RPC_HOST=drone'] }),
      },
      ['a/s.env docker://runner'],
    ],
  ])('%s', (_, files, wanted) => {
    expect(divide(files)).toEqual(wanted);
  });

  it('is what the config joins', () => {
    const files = {
      'a/s.env': server(),
      'b/s.env': server('other.example.com'),
      'c/s.env': server('third.example.com'),
    };
    const joined = ['a/', 'b/'].map(
      (path): JoinedPath => ({
        path,
        pattern: path,
        where: 'x',
        line: 1,
        column: 1,
        matches: (name) => name.startsWith(path),
      }),
    );
    expect(divide(files, joined)).toEqual(['a/s.env b/s.env', 'c/s.env']);
  });

  it('hides its own secrets, and of another only what no word could be', () => {
    const word = 'harbour-light12';
    const generated = 'q7Zt-0pLw-93Kd';
    const pipeline = (text: string): string => steps.replace('[ls]', `["echo ${text}"]`);
    const sources = [
      sourceOf('a//s.env', `${server().replace('5e7c1f0a9b3d2e4f', word)}DRONE_COOKIE_SECRET=${generated}\n`),
      sourceOf('a//.drone.yml', pipeline(word)),
      sourceOf('b//.drone.yml', pipeline(`${word} ${generated}`)),
    ];
    const understood = read(sources, () => sources[0] as Source);
    const maskOf = masksOf(installationsOf(understood), understood.secrets);
    const shown = (name: string): string =>
      maskOf(name).source(sources.find((one) => one.name === name) as Source).text;
    expect(shown('a/s.env')).not.toContain(word);
    expect(shown('a/.drone.yml')).not.toContain(word);
    expect(shown('b/.drone.yml')).toContain(word);
    expect(shown('b/.drone.yml')).not.toContain(generated);
    expect(maskOf('elsewhere').evidence(generated)).not.toContain(generated);
  });
});

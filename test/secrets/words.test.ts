import { describe, expect, it } from 'vitest';
import { inspectAnswer } from '../checks/inspect-answer.ts';
import { everythingSaidOf, type Files } from '../support/commands.ts';

/*
 * A password that is a word is hidden where it is one. Were the word hidden wherever it occurs, reports would be
 * illegible, and what remains legible around it would tell the password.
 */

/** An installation in which passwords are words that occur in many other places as well. */
function installationWith(password: string): Files {
  return {
    'docker-compose.yml': `services:
  db:
    image: postgres:16
    environment: {POSTGRES_USER: drone, POSTGRES_PASSWORD: ${password}}
  drone:
    image: drone/drone:2
    environment:
      - DRONE_GITEA_SERVER=https://git.example.org
      - DRONE_RPC_SECRET=${password}
      - DRONE_SERVER_HOST=drone.example.org
      - DRONE_SERVER_PROTO=https
      - DRONE_DATABASE_DRIVER=postgres
      - DRONE_DATABASE_DATASOURCE=postgres://drone:${password}@db/drone?sslmode=disable
      - DRONE_YAML_ENDPOINT=http://extension:3000
  # drone-audit: ignore[missing-extension-token] meant so, for now
  runner:
    image: drone/drone-runner-docker:1
    privileged: true
    environment:
      - DRONE_RPC_HOST=drone.example.org
      - DRONE_RPC_SECRET=${password}
      - DRONE_UI_USERNAME=admin
      - DRONE_UI_PASSWORD=${password}
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
  extension:
    image: registry.example.org/extension:1
`,
    '.drone.yml': `kind: pipeline
type: docker
name: default
services:
  - name: docker
    image: docker:dind
    privileged: true
    privileges: [x]
steps:
  - name: runner
    image: alpine
    privileged: true
    environment: {PASSWORD: ${password}}
    commands: [docker login -u octocat -p ${password} registry.example.org]
`,
  };
}

const words = ['service', 'runner', 'docker', 'extension', 'nothing', 'pipeline', 'privileged', 'container', 'trigger'];
/** Not a word of anything here, as long as the other, and as easily guessed: its letters are repeated where those of the other are. */
const unlikely = (word: string): string => {
  const letters = [...new Set(word)];
  return [...word].map((letter) => 'zqxjkvwyu'[letters.indexOf(letter)]).join('');
};

/** Without what is quoted of the files: there, the word is hidden where it could be the password. */
const withoutQuotes = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*│\s+\d+ │/.test(line) && !/^\s*"(?:text|primaryLocationLineHash)": ".*"/.test(line))
    .join('\n');
/** The messages of SARIF, which are called the same as what it quotes. */
const messagesOf = (sarif: string): readonly string[] =>
  JSON.parse(sarif).runs[0].results.map((result: { message: { text: string } }) => result.message.text);

describe.each(words)('the password "%s"', (word) => {
  it('leaves what the tool says as it is, and names', async () => {
    // Another password of the same length tells what is to be said.
    const other = await everythingSaidOf(installationWith(unlikely(word)));
    const said = await everythingSaidOf(installationWith(word));
    expect([...said.keys()]).toEqual([...other.keys()]);
    expect(messagesOf(said.get('sarif') ?? '')).toEqual(messagesOf(other.get('sarif') ?? ''));
    // Saved evidence is nothing but quotes.
    for (const [output, text] of said)
      if (!/^\d{5}-|^drone-audit-evidence/.test(output))
        expect([output, withoutQuotes(text)]).toEqual([output, withoutQuotes(other.get(output) ?? '')]);
  });

  it('leaves keys as they are, and what stands behind those that name things', async () => {
    for (const [output, text] of await everythingSaidOf(installationWith(word)))
      expect([output, /•["']?:(?:\s|\\n|$)|(?:type|name|image): •/m.test(text)]).toEqual([output, false]);
  });

  it('is hidden where it is the password', async () => {
    const written = new RegExp(`(?:SECRET|PASSWORD)\\s?[=:]\\s?"?${word}\\b|drone:${word}@|-p ${word}`);
    for (const [output, text] of await everythingSaidOf(installationWith(word)))
      expect([output, written.test(text)]).toEqual([output, false]);
  });
});

describe('the tag of an image', () => {
  it.each(['octocat/deploy', 'deploy'])('is shown, though it is a password as well: %s', async (image) => {
    const said = await everythingSaidOf({
      '.drone.yml': `kind: pipeline
type: docker
name: default
steps:
- name: a
  image: ${image}:production1
  privileged: true
  environment: {DB_PASSWORD: production1}
  commands: [deploy production1]
`,
    });
    const text = said.get('scan') ?? '';
    expect(text).toContain(`image: ${image}:production1`);
    for (const [output, all] of said)
      expect([output, /PASSWORD: production1|deploy production1/.test(all)]).toEqual([output, false]);
  });
});

describe('names of secrets', () => {
  const pipeline = (step: string): string =>
    `kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: publish\n  image: plugins/docker\n  privileged: true\n${step}`;

  it.each([
    ['behind from_secret', '  settings: {password: {from_secret: docker_password}}\n', 'from_secret: docker_password'],
    [
      'behind from_secret on a line of its own',
      '  settings:\n    token:\n      from_secret: docker_token\n  network_mode: host\n',
      'from_secret: docker_token',
    ],
    ['in quotes', '  settings: {password: {"from_secret": "docker_password"}}\n', '"from_secret": "docker_password"'],
  ])('%s are shown', async (_, step, shown) => {
    const said = await everythingSaidOf({ '.drone.yml': pipeline(step) });
    expect(said.get('sarif')?.includes(JSON.stringify(shown).slice(1, -1))).toBe(true);
    expect([...said.values()].join('').includes('•')).toBe(false);
  });

  it.each(['[sonar_login]', '[docker_user, docker_password]', '[ "docker_user", \'docker_password\' ]'])(
    'of a step of 0.8 are shown: %s',
    async (list) => {
      const said = await everythingSaidOf({
        '.drone.yml': `pipeline:\n  test:\n    image: alpine\n    privileged: true\n    secrets: ${list}\n`,
      });
      expect(said.get('sarif')?.includes(JSON.stringify(`secrets: ${list}`).slice(1, -1))).toBe(true);
      expect([...said.values()].join('').includes('•')).toBe(false);
    },
  );
});

describe('ordinary variables of step containers', () => {
  const variables = ['APP=drone', 'STAGE=runner', 'TOOL=docker', 'container=podman', 'REGION=server', 'NAME=bridge'];
  const containersWith = (Env: readonly string[]): Files => {
    const runner = inspectAnswer({
      name: 'runner',
      host: { Privileged: true, Binds: ['/var/run/docker.sock:/var/run/docker.sock'] },
      mounts: [{ Type: 'bind', Source: '/var/run/docker.sock', Destination: '/var/run/docker.sock', RW: true }],
      config: {
        Image: 'drone/drone-runner-docker:1',
        Entrypoint: ['/bin/drone-runner-docker'],
        Env: ['DRONE_RPC_HOST=server'],
      },
    });
    const step = inspectAnswer({
      name: 'drone-aaaaaaaaaaaaaaaaaaaa',
      config: { Image: 'golang:1.22', Labels: { 'io.drone': 'true' }, Entrypoint: ['/bin/sh'], Env },
    });
    return { 'containers.json': `[\n${[runner, step].map((each) => JSON.stringify(each)).join(',\n')}\n]\n` };
  };

  it('mask nothing elsewhere', async () => {
    const plain = await everythingSaidOf(
      containersWith(variables.map((each) => each.replace(/=(.*)/, (_, value) => `=${unlikely(value)}`))),
    );
    const said = await everythingSaidOf(containersWith(variables));
    // Saved evidence tells what kind of text it hides.
    for (const output of said.keys())
      if (!/^\d{5}-|^drone-audit-evidence/.test(output))
        expect([output, said.get(output)]).toEqual([output, plain.get(output)]);
    expect(said.get('scan')).toContain('container "runner"');
    expect(said.get('scan')).toContain('/var/run/docker.sock');
  });

  it('are hidden where they stand, and may be passwords', async () => {
    const said = await everythingSaidOf(containersWith(['DEPLOY_AS=winter-harbour', 'OTHER=a winter-harbour']));
    for (const [output, text] of said) expect([output, text.includes('winter-harbour')]).toEqual([output, false]);
  });
});

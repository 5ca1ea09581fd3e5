import { describe, expect, test } from 'vitest';
import type { MaskedLocation, MaskedSource } from '../../src/model/report.ts';
import type { Form } from '../../src/model/source.ts';
import { diffOf } from '../../src/reporters/html/fix-diff.ts';
import { place, source } from './sample-report.ts';

const signs = { there: ' ', added: '+', removed: '-' } as const;

/** A block against a file, as lines of a diff; undefined where it is shown as it stands. */
function diff(text: string, at: MaskedLocation, language = 'yaml', others: readonly MaskedSource[] = []) {
  const sources = new Map([at.source, ...others].map((each) => [each.name, each]));
  const block = { kind: 'block', language, use: '', text } as const;
  return diffOf(block, at, sources)?.map((line) => `${signs[line.kind]} ${line.text}`);
}

const file = (text: string, form?: Form): MaskedSource => source('a.yml', text, form);

const pipeline = file(`kind: pipeline
name: first
steps:
  - name: build
    image: golang
---
kind: pipeline
type: docker
name: second

trigger:
  event:
    - push
    - pull_request

steps:
- image: "docker:dind" # for images
  name: build
  privileged: true
  when: { event: push }
  volumes:
  - name: cache
    path: /cache

volumes:
- name: cache
  host:
    path: /var/cache
`);

const legacy = file(`pipeline:
  build:
    image: golang
    commands: [make]
  notify:
    image: plugins/slack
    webhook: https://chat.example.com/abc
    secrets: [channel]
`);

describe('a fix of a pipeline before 1.0', () => {
  const head = '# a.yml\npipeline:\n';

  test('is shown as it stands where a plugin takes the place of commands', () => {
    const block = `${head}  build:\n    image: plugins/kaniko\n    repo: registry.example.com/app`;
    expect(diff(block, place(legacy, 'golang'))).toBeUndefined();
  });

  test('is shown as it stands where a value that is to come from a secret stands somewhere', () => {
    const block = `${head}  build:\n    secrets: [token]`;
    expect(diff(block, place(legacy, 'make'))).toBeUndefined();
  });
});

describe('a fix of a pipeline', () => {
  test('is compared with the step that the finding is in, in whatever order its keys are', () => {
    expect(diff('# a.yml\n- name: build\n  image: plugins/kaniko', place(pipeline, 'true'))).toEqual([
      '  # a.yml',
      '  - name: build',
      '-   image: "docker:dind" # for images',
      '-   privileged: true',
      '+   image: plugins/kaniko',
    ]);
    expect(diff('# a.yml\n- name: build\n  image: go', place(pipeline, 'golang'))).toEqual([
      '  # a.yml',
      '  - name: build',
      '-   image: golang',
      '+   image: go',
    ]);
  });

  test('tells what is there already, also where it is written in another way', () => {
    const block =
      '# a.yml\nkind: pipeline\ntype: docker\nname: second\ntrigger:\n  event: [push, pull_request]\n  branch: [main]';
    expect(diff(block, place(pipeline, 'type'))).toEqual([
      ...['  # a.yml', '  kind: pipeline', '  type: docker', '  name: second', '  trigger:'],
      ...['    event: [push, pull_request]', '+   branch: [main]'],
    ]);
  });

  test('replaces a list with all its lines', () => {
    expect(diff('# a.yml\nname: second\ntrigger:\n  event: [push]', place(pipeline, 'type'))).toEqual([
      ...['  # a.yml', '  name: second', '  trigger:'],
      ...['-   event:', '-     - push', '-     - pull_request', '+   event: [push]'],
    ]);
  });

  test('gives a volume one kind', () => {
    expect(diff('# a.yml\nname: second\nvolumes:\n  - name: cache\n    temp: {}', place(pipeline, 'host'))).toEqual([
      ...['  # a.yml', '  name: second', '  volumes:', '    - name: cache'],
      ...['-     host:', '-       path: /var/cache', '+     temp: {}'],
    ]);
  });

  test('takes a comment that is to be added for a change', () => {
    expect(diff('# a.yml\n- name: build\n  privileged: true # merged code', place(pipeline, 'true'))).toEqual([
      ...['  # a.yml', '  - name: build', '-   privileged: true', '+   privileged: true # merged code'],
    ]);
  });

  test.each([
    ['what no line says the file of', 'image: plugins/kaniko'],
    ['what belongs to another file', '# drone-audit.yml\nsite:\n  scm: private'],
    ['what stands there word for word', '# a.yml\nkind: pipeline\nname: second'],
    ['another object', '# a.yml\nkind: secret\nname: token'],
    ['objects that are new', '# a.yml\nkind: pipeline\nname: second\n---\nkind: secret'],
    ['what is written in brackets, of which some may stay', '# a.yml\n- name: build\n  when:\n    branch: [main]'],
    ['a step that is not there', '# a.yml\n- name: other\n  image: plugins/kaniko'],
  ])('is shown as it stands: %s', (_, block) => {
    expect(diff(block, place(pipeline, 'true'))).toBeUndefined();
  });

  test.each([
    ['volumes: [{ name: h, host: { path: /etc } }]', 'host', '- name: h\n    temp: {}'],
    ['volumes:\n- { name: h, host: { path: /etc } }', 'host', '- name: h\n    temp: {}'],
    ['volumes: [\n  "/a:/a",\n  "/:/host"\n]', '/host', '- /a:/a:ro'],
    ['volumes: &these [ "/:/host" ]', '/host', '- /a:/a:ro'],
    ['volumes:\n- *all\n- "/:/host"', 'all', '- /a:/a:ro'],
    ['volumes:\n- /a:/a\n- "/:/host"', 'first', '- /b:/b'],
  ])('shows no second volume beside one that would stay: %j', (volumes, at, item) => {
    const whole = file(`name: first\n${volumes}\n`);
    expect(diff(`# a.yml\nname: first\nvolumes:\n  ${item}`, place(whole, at))).toBeUndefined();
  });

  test('shows no second value of a variable within brackets', () => {
    const whole = file('services:\n  drone:\n    environment: { DRONE_RPC_PROTO: http }\n', 'compose');
    const block = '# a.yml\nservices:\n  drone:\n    environment:\n      DRONE_RPC_PROTO: https';
    expect(diff(block, place(whole, 'http'))).toBeUndefined();
  });

  test('removes the branches that a ref stands in the place of, and is none where an event may have to go', () => {
    const block = '# a.yml\nname: a\ntrigger:\n  ref: [refs/heads/main]';
    expect(diff(block, place(file('name: a\ntrigger:\n  branch: [main]\n'), 'branch'))).toEqual([
      ...['  # a.yml', '  name: a', '  trigger:', '-   branch: [main]', '+   ref: [refs/heads/main]'],
    ]);
    const both = file('name: a\ntrigger:\n  branch: [main]\n  event: [push, tag]\n');
    expect(diff(block, place(both, 'branch'))).toBeUndefined();
    expect(diff(`${block}\n  event: [push]`, place(both, 'branch'))).toEqual([
      ...['  # a.yml', '  name: a', '  trigger:', '-   branch: [main]', '+   ref: [refs/heads/main]'],
      ...['-   event: [push, tag]', '+   event: [push]'],
    ]);
  });

  test('puts no settings beside commands', () => {
    const block = '# a.yml\n- name: b\n  image: plugins/kaniko\n  settings:\n    repo: a/b';
    const step = 'steps:\n- name: b\n  image: docker\n  privileged: true\n';
    expect(diff(block, place(file(`${step}  commands: [make]\n`), 'true'))).toBeUndefined();
    expect(diff(block, place(file(step), 'true'))?.slice(-3)).toEqual([
      ...['+   image: plugins/kaniko', '+   settings:', '+     repo: a/b'],
    ]);
  });

  test.each([
    ['privileged: true', 'true', 'runtime: sysbox-runc'],
    ['network_mode: host', 'host', 'ports:\n      - "127.0.0.1:3000:3000"'],
  ])('adds nothing beside what has to go: %s', (setting, at, added) => {
    const whole = file(`services:\n  drone:\n    ${setting}\n`, 'compose');
    expect(diff(`# a.yml\nservices:\n  drone:\n    ${added}`, place(whole, at))).toBeUndefined();
  });

  test('is none where a value that is to be a secret would stay', () => {
    const whole = file('name: a\nsteps:\n- name: b\n  commands:\n  - curl -H hunter2 host\n');
    const block = '# a.yml\n- name: b\n  environment:\n    API_KEY:\n      from_secret: api_key';
    expect(diff(block, place(whole, 'hunter2'))).toBeUndefined();
  });

  test('puts a key in the place of a password', () => {
    const whole = file('name: a\nserver:\n  host: b\n  password: hunter2\n');
    const block = '# a.yml\nname: a\nserver:\n  host: b\n  ssh_key:\n    from_secret: key';
    expect(diff(block, place(whole, 'hunter2'))?.slice(-3)).toEqual([
      ...['-   password: hunter2', '+   ssh_key:', '+     from_secret: key'],
    ]);
  });

  test('takes quotes for no change', () => {
    const block = '# a.yml\nname: a\ntrigger:\n  event: [push]\n  branch: [main]';
    expect(diff(block, place(file('name: a\ntrigger:\n  event: ["push"]\n'), 'event'))).toEqual([
      ...['  # a.yml', '  name: a', '  trigger:', '    event: [push]', '+   branch: [main]'],
    ]);
  });

  test('shows a few lines of what is long, and counts the others', () => {
    const long = file(`name: a\nsteps:\n- name: b\n  commands:\n${'  - make\n'.repeat(9)}`);
    const lines = diff('# a.yml\n- name: b\n  commands: [make test]', place(long, 'commands'));
    expect(lines?.slice(-3)).toEqual(['-   - make', '-   (4 more lines)', '+   commands: [make test]']);
  });
});

describe('a fix of settings', () => {
  const compose = file(
    'services:\n  drone:\n    ports: ["80:80"]\n    environment:\n      - "DRONE_DEBUG=true"\n  runner:\n    ports:\n      - 3000:3000\n',
    'compose',
  );

  test('replaces a variable of a list, and adds others', () => {
    const block = '# a.yml\nservices:\n  drone:\n    environment:\n      - DRONE_DEBUG=false\n      - DRONE_ORGS=us';
    expect(diff(block, place(compose, 'DRONE_DEBUG'))).toEqual([
      ...['  # a.yml', '  services:', '    drone:', '      environment:'],
      ...['-       - "DRONE_DEBUG=true"', '+       - DRONE_DEBUG=false', '+       - DRONE_ORGS=us'],
    ]);
  });

  test('replaces the port that the finding is at', () => {
    const block = '# a.yml\nservices:\n  runner:\n    ports:\n      - "127.0.0.1:3000:3000"';
    expect(diff(block, place(compose, '3000'))?.slice(-2)).toEqual([
      '-       - 3000:3000',
      '+       - "127.0.0.1:3000:3000"',
    ]);
    expect(diff(block, place(compose, 'DRONE_DEBUG'))).toBeUndefined();
  });

  test('is compared with the file that it names, if that was read', () => {
    const env = source('runner.env', 'DRONE_RPC_PROTO=http\nexport A=1\n', 'env');
    const block = '# runner.env\nDRONE_RPC_PROTO=https\nDRONE_LIMIT_REPOS=a/*';
    expect(diff(block, place(compose, 'runner'), 'ini', [env])).toEqual([
      ...['  # runner.env', '- DRONE_RPC_PROTO=http', '+ DRONE_RPC_PROTO=https', '+ DRONE_LIMIT_REPOS=a/*'],
    ]);
    expect(diff(block, place(compose, 'runner'), 'ini')).toBeUndefined();
  });

  test('finds variables of a unit in its section', () => {
    const unit = source('a.service', '[Unit]\nEnvironment=A=0\n[Service]\nEnvironment="A=1"\nUser=root\n', 'systemd');
    expect(diff('# a.service\n[Service]\nUser=drone\nEnvironment=A=2', place(unit, 'root'), 'ini')).toEqual([
      ...['  # a.service', '  [Service]', '- User=root', '+ User=drone'],
      ...['- Environment="A=1"', '+ Environment=A=2'],
    ]);
  });

  test('takes of several parts of a manifest the one that has most of it', () => {
    const manifest = file(
      'kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n        env:\n        - name: B\n          value: c\n',
      'kubernetes',
    );
    const at = place(manifest, 'value');
    expect(diff('# a.yml\nspec:\n  template:\n    spec:\n      hostPID: false', at)).toEqual([
      ...['  # a.yml', '  spec:', '    template:', '      spec:', '+       hostPID: false'],
    ]);
    const variable =
      '# a.yml\n- name: a\n  env:\n    - name: B\n      valueFrom: { secretKeyRef: { name: b, key: B } }';
    expect(diff(variable, at)?.slice(-2)).toEqual([
      '-       value: c',
      '+       valueFrom: { secretKeyRef: { name: b, key: B } }',
    ]);
  });
});

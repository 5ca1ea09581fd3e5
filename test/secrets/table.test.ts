import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge.ts';
import { unknownSite } from '../../src/model/site.ts';
import { type Form, lineOf, type Source } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';
import { read } from '../../src/read.ts';
import secretInRunnerEnvironment from '../../src/rules/runner/secret-in-runner-environment.ts';
import hardcodedSecret from '../../src/rules/secret/hardcoded-secret.ts';
import { credentialForms } from '../../src/secrets/forms.ts';
import { maskFor } from '../../src/secrets/mask.ts';
import { inspectAnswer } from '../checks/inspect-answer.ts';
import { everythingSaidOf } from '../support/commands.ts';
import { type Sample, samples } from './samples.ts';

/*
 * What has the form of a credential is masked wherever it is written and in whatever is said of it, and found where a
 * rule judges literals. Beside each sample stands a fault, so that the line is quoted.
 */

interface Input {
  readonly file: string;
  readonly form: Form;
  readonly text: (samples: readonly Sample[]) => string;
  /** Whether the report quotes a line with a sample: what is broken is not quoted. */
  readonly quotes?: boolean;
  /** What rule must find each sample that it may speak of. */
  readonly rule?: typeof hardcodedSecret | typeof secretInRunnerEnvironment;
}

/** In quotes of YAML, of shells, and of Starlark and Jsonnet: no sample holds a single quote or a backslash. */
const quoted = (text: string): string => `'${text}'`;
/** As Compose, shells and systemd write a dollar sign that is not theirs. */
const dollars = (text: string): string => quoted(text.replaceAll('$', '$$$$'));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function pipeline(step: (sample: Sample, index: number) => string): Input['text'] {
  return (all) =>
    `kind: pipeline\ntype: docker\nname: default\nsteps:\n${all.map((sample, index) => `- name: s${index}\n  image: alpine:3.20\n  privileged: true\n${step(sample, index)}\n`).join('')}`;
}

function compose(service: (sample: Sample, index: number) => string): Input['text'] {
  return (all) =>
    `services:\n${all.map((sample, index) => `  s${index}:\n    image: drone/drone-runner-docker:1\n    privileged: true\n${service(sample, index)}\n`).join('')}`;
}

function lines(before: string, line: (sample: Sample, index: number) => string, after = ''): Input['text'] {
  return (all) => `${before}${all.map((sample, index) => `${line(sample, index)}\n`).join('')}${after}`;
}

/** One line for each container, so that a finding about it quotes all of it. */
function inspected(parts: (sample: Sample) => object): Input['text'] {
  return (all) =>
    `[\n${all
      .map((sample, index) =>
        JSON.stringify(
          inspectAnswer({
            name: `s${index}`,
            host: { Privileged: true },
            config: { Image: 'drone/drone-runner-docker:1', ...parts(sample) },
          }),
        ),
      )
      .join(',\n')}\n]\n`;
}

function kubernetes(container: (sample: Sample, index: number) => string): Input['text'] {
  return (all) =>
    all
      .map(
        (sample, index) =>
          `apiVersion: v1\nkind: Pod\nmetadata: {name: p${index}}\nspec:\n  containers:\n  - name: s${index}\n    image: drone/drone-runner-docker:1\n    securityContext: {privileged: true}\n${container(sample, index)}\n`,
      )
      .join('---\n');
}

const inputs: Readonly<Record<string, Input>> = {
  'an environment value of a pipeline': {
    file: '.drone.yml',
    form: 'drone',
    text: pipeline(({ text }) => `  environment: {V: ${quoted(text)}}`),
    rule: hardcodedSecret,
  },
  'a setting of a pipeline': {
    file: '.drone.yml',
    form: 'drone',
    text: pipeline(({ text }) => `  settings: {v: ${quoted(text)}}`),
    rule: hardcodedSecret,
  },
  'a nested setting of a pipeline': {
    file: '.drone.yml',
    form: 'drone',
    text: pipeline(({ text }) => `  settings: {v: [{w: ${quoted(text)}}]}`),
    rule: hardcodedSecret,
  },
  'a command of a pipeline': {
    file: '.drone.yml',
    form: 'drone',
    text: pipeline(({ text }) => `  commands: [${quoted(`deploy ${text} now`)}]`),
    rule: hardcodedSecret,
  },
  'a comment in a pipeline': { file: '.drone.yml', form: 'drone', text: pipeline(({ text }) => `  # see ${text}`) },
  'a name of a pipeline': {
    file: '.drone.yml',
    form: 'drone',
    text: pipeline(({ text }) => `  ${quoted(text)}: 1\n  depends_on: [${quoted(text)}]`),
  },
  'a reason to suppress': {
    file: '.drone.yml',
    form: 'drone',
    text: pipeline(({ text }) => `  network_mode: host # drone-audit: ignore[host-network-step] ${text}`),
  },
  'a pipeline of 0.8': {
    file: '.drone.yml',
    form: 'drone',
    text: (all) =>
      `pipeline:\n${all.map(({ text }, index) => `  s${index}:\n    image: alpine\n    privileged: true\n    v: ${quoted(text)}\n    commands: [${quoted(`deploy ${text}`)}]\n`).join('')}`,
  },
  'a broken pipeline': {
    file: '.drone.yml',
    form: 'drone',
    text: lines('kind: pipeline\nsteps:\n- name: a\n  image: {\n', ({ text }) => `  ? ${text}`),
    quotes: false,
  },
  'an environment of a service': {
    file: 'docker-compose.yml',
    form: 'compose',
    text: compose(({ text }) => `    environment: {V: ${dollars(text)}, DRONE_RPC_SECRET: secret}`),
  },
  'an environment of a service as a list': {
    file: 'docker-compose.yml',
    form: 'compose',
    text: compose(({ text }) => `    environment: [${dollars(`V=${text}`)}, DRONE_RPC_SECRET=secret]`),
  },
  'a command of a service': {
    file: 'docker-compose.yml',
    form: 'compose',
    text: compose(({ text }) => `    command: ["--note", ${dollars(text)}]`),
  },
  'a label of a service': {
    file: 'docker-compose.yml',
    form: 'compose',
    text: compose(({ text }) => `    labels: {v: ${dollars(text)}}`),
  },
  'a comment in a compose file': {
    file: 'docker-compose.yml',
    form: 'compose',
    text: compose(({ text }) => `    # see ${text}`),
  },
  'a broken compose file': {
    file: 'docker-compose.yml',
    form: 'compose',
    text: lines('services:\n  a:\n    image: drone/drone-runner-docker:1\n   b: {\n', ({ text }) => `  ? ${text}`),
    quotes: false,
  },
  'variables of all builds': {
    file: 'docker-compose.yml',
    form: 'compose',
    text: compose(
      ({ text }) => `    environment: [${dollars(`DRONE_RUNNER_ENVIRON=V:${text}`)}, DRONE_RPC_SECRET=secret]`,
    ),
    rule: secretInRunnerEnvironment,
  },
  'an env file': {
    file: 'server.env',
    form: 'env',
    text: lines(
      'DRONE_SERVER_HOST=ci.example.com\nDRONE_RPC_SECRET=secret\n',
      ({ text }, index) => `V${index}=${quoted(text)}`,
    ),
  },
  'a comment in an env file': {
    file: 'server.env',
    form: 'env',
    text: lines('DRONE_SERVER_HOST=ci.example.com\nDRONE_RPC_SECRET=secret\n', ({ text }) => `# see ${text}`),
  },
  'a broken line of an env file': {
    file: 'server.env',
    form: 'env',
    text: lines('DRONE_SERVER_HOST=ci.example.com\nDRONE_RPC_SECRET=secret\n', ({ text }) => `see ${text}`),
  },
  'an env file of docker': {
    file: 'server.docker.env',
    form: 'docker-env',
    text: lines(
      'DRONE_SERVER_HOST=ci.example.com\nDRONE_RPC_SECRET=secret\n',
      ({ text }, index) => `V${index}=${text}`,
    ),
  },
  'an option of docker run': {
    file: 'start.sh',
    form: 'docker-run',
    text: lines(
      '#!/bin/sh\n',
      ({ text }) =>
        `docker run -d --privileged -e V=${quoted(text)} -e DRONE_RPC_SECRET=secret drone/drone-runner-docker:1`,
    ),
  },
  'a word behind the image of docker run': {
    file: 'start.sh',
    form: 'docker-run',
    text: lines('#!/bin/sh\n', ({ text }) => `docker run -d --privileged drone/drone-runner-docker:1 ${quoted(text)}`),
  },
  'Environment= of a unit': {
    file: 'drone.service',
    form: 'systemd',
    text: lines(
      '[Service]\nEnvironment=DRONE_RPC_SECRET=secret\n',
      ({ text }, index) => `Environment=${quoted(`V${index}=${text}`)}`,
      'ExecStart=/usr/bin/drone-server\n',
    ),
  },
  'ExecStart= of a unit': {
    file: 'drone.service',
    form: 'systemd',
    text: lines(
      '[Service]\nEnvironment=DRONE_RPC_SECRET=secret\n',
      ({ text }) => `ExecStart=/usr/bin/docker run --privileged -e ${quoted(`V=${text}`)} drone/drone-runner-docker:1`,
    ),
  },
  'a variable of a pod': {
    file: 'drone.yaml',
    form: 'kubernetes',
    text: kubernetes(
      ({ text }) => `    env: [{name: V, value: ${quoted(text)}}, {name: DRONE_RPC_SECRET, value: secret}]`,
    ),
  },
  'an argument of a pod': {
    file: 'drone.yaml',
    form: 'kubernetes',
    text: kubernetes(({ text }) => `    args: ['--note', ${quoted(text)}]`),
  },
  'a ConfigMap': {
    file: 'drone.yaml',
    form: 'kubernetes',
    text: (all) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: drone}\ndata:\n  DRONE_RPC_SECRET: secret\n${all.map(({ text }, index) => `  V${index}: ${quoted(text)}\n`).join('')}---\n${kubernetes(() => '    envFrom: [{configMapRef: {name: drone}}]')(all.slice(0, 1))}`,
  },
  'an encoded Secret': {
    file: 'drone.yaml',
    form: 'kubernetes',
    text: (all) =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: drone}\ndata:\n  DRONE_RPC_SECRET: ${base64('secret')}\n${all.map(({ text }, index) => `  V${index}: ${base64(text)}\n`).join('')}---\n${kubernetes(() => '    envFrom: [{secretRef: {name: drone}}]')(all.slice(0, 1))}`,
  },
  'values of a chart': {
    file: 'values.yaml',
    form: 'helm-values',
    text: lines(
      'image: {repository: drone/drone, tag: latest}\nenv:\n  DRONE_SERVER_HOST: drone.example.com\n  DRONE_RPC_SECRET: secret\n',
      ({ text }, index) => `  V${index}: ${quoted(text)}`,
    ),
  },
  'the environment of a container': {
    file: 'sources/00001-all.json',
    form: 'docker-inspect',
    text: inspected(({ text }) => ({ Env: ['DRONE_RPC_SECRET=secret', `V=${text}`] })),
  },
  'the command of a container': {
    file: 'sources/00001-all.json',
    form: 'docker-inspect',
    text: inspected(({ text }) => ({ Cmd: ['--note', text] })),
  },
  'a label of a container': {
    file: 'sources/00001-all.json',
    form: 'docker-inspect',
    text: inspected(({ text }) => ({ Labels: { v: text } })),
  },
  Starlark: {
    file: '.drone.star',
    form: 'starlark',
    text: lines(
      'def main(ctx):\n  if ctx.build.message: pass\n  return {\n',
      ({ text }, index) => `    "v${index}": ${quoted(text)},`,
      '  }\n',
    ),
    rule: hardcodedSecret,
  },
  'a comment in Starlark': {
    file: '.drone.star',
    form: 'starlark',
    text: lines('def main(ctx):\n  return {}\n', ({ text }) => `# see ${text}`),
    rule: hardcodedSecret,
  },
  Jsonnet: {
    file: '.drone.jsonnet',
    form: 'jsonnet',
    text: lines(
      "{\n  [if std.extVar('build.message') == '' then 'a']: 1,\n",
      ({ text }, index) => `  v${index}: ${quoted(text)},`,
      '}\n',
    ),
    rule: hardcodedSecret,
  },
  'a comment in Jsonnet': {
    file: '.drone.jsonnet',
    form: 'jsonnet',
    text: lines("{ kind: 'pipeline' }\n", ({ text }) => `// see ${text}`),
    rule: hardcodedSecret,
  },
};

/** Makes saved evidence of `sources/00001-all.json`, which may be saved again. */
const evidenceIndex = {
  'drone-audit-evidence.json': JSON.stringify({
    version: 2,
    sources: [{ name: 'docker://all', form: 'docker-inspect', file: 'sources/00001-all.json', given: true }],
  }),
};

const all = [...samples.values()];

/** What is there of a sample: it as a whole or a part of it, also as Kubernetes writes it. */
function isIn(said: string, { text, secret }: Sample): boolean {
  const middle = secret.length / 2;
  const parts = [secret.slice(0, 14), secret.slice(middle - 7, middle + 7), secret.slice(-14)];
  return [...parts, base64(text).slice(-24).replace(/=+$/, '')].some((part) => said.includes(part));
}

/** What samples leak into a text, by their forms. */
function leaks(said: string): readonly string[] {
  return [...samples].flatMap(([as, sample]) => (isIn(said, sample) ? [as] : []));
}

function readOnly(file: string, form: Form, text: string) {
  const source: Source = { name: file, form, text };
  const result = read([source], (_, path) => ({
    kind: 'unreadable',
    source: path,
    message: say`is not there`,
    incomplete: true,
  }));
  return { source, ...result };
}

describe('the samples', () => {
  it('are one of each form', () => {
    expect([...samples.keys()].sort()).toEqual(credentialForms.map(({ as }) => as).sort());
  });

  it.each(credentialForms.map((form) => [form.as, form] as const))('hold %s, and no other form', (as, form) => {
    const sample = samples.get(as);
    const found = (pattern: RegExp | undefined): readonly string[] =>
      pattern ? [...(sample?.text ?? '').matchAll(pattern)].map(([match, secret]) => secret ?? match) : [];
    if (form.judge) expect(found(form.judge)).toEqual([expect.stringContaining(sample?.secret ?? 'none')]);
    if (form.mask) expect(found(form.mask)).toEqual([expect.stringContaining(sample?.secret ?? 'none')]);
    const others = credentialForms.filter((other) => other !== form && found(other.judge).length > 0);
    expect(others.map((other) => other.as)).toEqual([]);
  });
});

describe('a sample of each form', () => {
  it.each(Object.entries(inputs))('in %s is in no output', async (_, { file, form, text, quotes = true }) => {
    const said = await everythingSaidOf({ [file]: text(all), ...(form === 'docker-inspect' ? evidenceIndex : {}) });
    for (const [output, written] of said) expect([output, leaks(written)]).toEqual([output, []]);
    expect(said.get('scan')?.includes('••••'), 'a line with a sample is quoted').toBe(quotes);
    expect(
      [...said.keys()].some((name) => name.startsWith('00001-')),
      'evidence is saved',
    ).toBe(true);
  });

  it.each(Object.entries(inputs))('in %s is masked by itself', (_, { file, form, text }) => {
    const shown = [...samples].filter(([, sample]) => {
      const { source, secrets } = readOnly(file, form, text([sample]));
      expect(isIn(source.text, sample)).toBe(true);
      const masked = maskFor(secrets).source(source).text;
      expect(masked).toHaveLength(source.text.length);
      return isIn(masked, sample);
    });
    expect(shown.map(([as]) => as)).toEqual([]);
  });

  it('is masked wherever it is in a long line, and beside a private key', () => {
    const key = samples.get('a private key')?.text ?? '';
    for (const [as, sample] of samples)
      for (const before of [0, 17_950, 17_990, 19_950, 19_990, 36_000]) {
        const line = `${'x '.repeat(before / 2)}${sample.text} ${key}`;
        const masked = maskFor([]).source({ name: 'a', form: 'docker-inspect', text: line }).text;
        expect([as, before, isIn(masked, sample)]).toEqual([as, before, false]);
      }
  });

  it.each([1, 2, 3])('is masked in a text that is written in a text, %d times', (times) => {
    for (const [as, sample] of samples) {
      let text = `first\n${sample.text}\nlast`;
      for (let time = 0; time < times; time++) text = JSON.stringify({ script: text });
      const masked = maskFor([]).source({ name: 'a', form: 'docker-inspect', text }).text;
      expect([as, isIn(masked, sample)]).toEqual([as, false]);
    }
  });

  const judged = Object.entries(inputs).flatMap(([name, { rule, ...input }]) =>
    rule ? [[name, rule, input] as const] : [],
  );
  it.each(judged)('in %s is found', (_, rule, { file, form, text }) => {
    const unfound = credentialForms.filter(({ as, judge: pattern }) => {
      const sample = samples.get(as);
      if (!pattern || !sample) return false;
      const { source, installation } = readOnly(file, form, text([sample]));
      const { verdicts } = judge(installation, [rule], unknownSite);
      const line = source.text.slice(0, source.text.indexOf(sample.secret)).split('\n').length;
      return !verdicts.some(({ hit }) => lineOf(hit.at) === line);
    });
    expect(unfound.map(({ as }) => as)).toEqual([]);
  });
});

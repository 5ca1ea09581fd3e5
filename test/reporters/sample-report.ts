import { createHash } from 'node:crypto';
import { taskOf } from '../../src/fixes/task.ts';
import { rankOf } from '../../src/model/rank.ts';
import type { Finding, MaskedLocation, MaskedSource } from '../../src/model/report.ts';
import { type AnyRule, rule } from '../../src/model/rule.ts';
import type { Form } from '../../src/model/source.ts';
import type { ListedReport } from '../support/listed-report.ts';
import { masked } from '../support/text.ts';

export function source(name: string, text: string, form: Form = 'drone'): MaskedSource {
  return { name, form, text: masked(text) };
}

/** The place of the nth occurrence of `needle`. */
export function place(of: MaskedSource, needle: string, path = '', nth = 1): MaskedLocation {
  let start = -1;
  for (let i = 0; i < nth; i++) start = of.text.indexOf(needle, start + 1);
  if (start < 0) throw new Error(`no ${JSON.stringify(needle)} in ${of.name}`);
  return { source: of, path: masked(path), span: { start, end: start + needle.length } };
}

export const privilegedStep: AnyRule = rule({
  id: 'privileged-step',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Step runs privileged',
  why: 'A privileged container has every capability of the kernel and all devices of the host. Whoever controls its commands controls the host, and with it the secrets of all repositories. It needs a trusted repository.',
  fix: 'Remove `privileged: true`. To build images use a rootless builder:\n\n```yaml\n- name: image\n  image: gcr.io/kaniko-project/executor:v1.23.2\n```',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/',
    'drone-runners/drone-runner-docker engine/compiler/step.go:60',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.5'] }, cwe: ['CWE-250', 'CWE-78'] },
  supersedes: ['docker-in-docker'],
  since: '0.1.0',
  *judge() {},
});

export const branchWithoutEvent: AnyRule = rule({
  id: 'branch-without-event',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Branch filter does not keep pull requests out',
  why: 'For a pull request the branch is its target, so a filter on the branch alone lets every pull request in. Its author decides what the steps run.',
  fix: 'Add an event to the condition:\n```yaml\ntrigger:\n  event: [push]\n  branch: [main]\n```',
  refs: ['https://docs.drone.io/pipeline/triggers/'],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-1'] },
  since: '0.1.0',
  *judge() {},
});

export const weakRpcSecret: AnyRule = rule({
  id: 'weak-rpc-secret',
  on: 'settings',
  severity: 'critical',
  confidence: 'high',
  title: 'RPC secret can be guessed',
  why: 'Whoever reaches the server with this secret reads the secrets of every repository. It is the only lock on that door.',
  fix: '`openssl rand -hex 32`, the same value on the server and all its runners',
  refs: ['https://docs.drone.io/server/reference/drone-rpc-secret/'],
  standards: { owasp: ['CICD-SEC-2', 'CICD-SEC-6'], cwe: ['CWE-521'] },
  since: '0.1.0',
  *judge() {},
});

export const latestTag: AnyRule = rule({
  id: 'floating-tag',
  on: 'pipeline',
  severity: 'info',
  confidence: 'low',
  pedantic: true,
  title: 'Image tag moves',
  why: 'The next build may run another image.',
  fix: 'Pin a digest.',
  refs: [],
  standards: {},
  since: '0.2.0',
  *judge() {},
});

/** Not sorted, as a caller may have them. */
export const rules: readonly AnyRule[] = [weakRpcSecret, privilegedStep, latestTag, branchWithoutEvent];

let fingerprints = 0;

export function finding(of: AnyRule, at: MaskedLocation, message: string, more: Partial<Finding> = {}): Finding {
  const severity = more.severity ?? of.severity;
  return {
    rule: of.id,
    family: 'pipeline',
    title: of.title,
    why: of.why,
    fix: of.fix,
    task: taskOf(more.fix ?? of.fix),
    standards: of.standards,
    severity,
    confidence: of.confidence,
    message: masked(message),
    at,
    label: masked('pipeline "default"'),
    related: [],
    fingerprint: (++fingerprints).toString(16).padStart(16, '0'),
    consequences: [],
    advice: of.id,
    toldWith: `${of.id} ${at.source.name} ${severity}`,
    group: createHash('sha256').update(`${of.id} ${at.source.name} ${severity}`).digest('hex').slice(0, 16),
    rank: rankOf({ severity, confidence: of.confidence }, more.consequences?.length ?? 0),
    ...more,
  };
}

export function report(findings: readonly Finding[], more: Partial<ListedReport> = {}): ListedReport {
  return {
    tool: { name: 'drone-audit', version: '0.1.0', facts: { drone: '2.25.0', commit: '3e7ecf161' } },
    findings,
    problems: [],
    sources: [],
    coverage: {
      files: 2,
      pipelines: 3,
      containers: 2,
      components: 2,
      notAsked: [],
      probed: [],
      mentions: [],
      unknown: [],
      inconclusive: [],
    },
    rulesLeftOut: [],
    failOn: 'high',
    exitCode: findings.length > 0 ? 1 : 0,
    hiddenBySeverity: 0,
    hiddenPedantic: 0,
    rules: [],
    controls: { standards: [], limits: [], results: [] },
    population: { origins: [], repositories: 0, pipelines: [] },
    ...more,
  };
}

const compose = source(
  'docker-compose.yml',
  `services:
  drone:
    image: drone/drone:2
    environment:
      - DRONE_RPC_SECRET=•••••••••••••••••••••••••
      - DRONE_SERVER_HOST=ci.example.com
  drone-runner-docker:
    image: drone/drone-runner-docker:1
    environment:
      - DRONE_RPC_HOST=drone:3000
      - DRONE_RPC_SECRET=•••••••••••••••••••••••••
      - DRONE_RUNNER_CAPACITY=2
`,
  'compose',
);

const pipelines = source(
  '.drone.yml',
  `kind: pipeline
type: docker
name: default

trigger:
  branch: [main]

steps:
- name: build
  image: docker:27
  privileged: true
  commands:
  - docker build -t registry.example.com/team/a-service-with-a-long-name:\${DRONE_COMMIT_SHA} --build-arg token=x .

- name: push
  image: docker:27
  privileged: true

- name: scan
  image: docker:latest
  privileged: true
---
kind: pipeline
type: docker
name: nightly

steps:
- name: build
  image: docker:27
  privileged: true
`,
);

/** A report with everything in it that a reporter may have to tell. */
export function fullReport(): ListedReport {
  const secret = 'DRONE_RPC_SECRET=•••••••••••••••••••••••••';
  return report(
    [
      finding(
        branchWithoutEvent,
        place(pipelines, 'branch: [main]', 'trigger.branch'),
        'trigger has "branch" and no "event"',
        {
          reach: masked('fork pull requests'),
          fingerprint: 'b000000000000001',
        },
      ),
      finding(privilegedStep, place(pipelines, 'true', 'steps[build].privileged', 1), 'step "build" runs privileged', {
        reach: masked('fork pull requests'),
        fingerprint: 'b000000000000002',
        related: [
          {
            at: place(compose, 'drone-runner-docker:', 'services[drone-runner-docker]'),
            message: masked('runs on this runner'),
          },
        ],
      }),
      finding(privilegedStep, place(pipelines, 'true', 'steps[push].privileged', 2), 'step "push" runs privileged', {
        reach: masked('fork pull requests'),
        fingerprint: 'b000000000000003',
      }),
      finding(privilegedStep, place(pipelines, 'true', 'steps[scan].privileged', 3), 'step "scan" runs privileged', {
        reach: masked('fork pull requests'),
        fingerprint: 'b000000000000004',
      }),
      finding(
        latestTag,
        place(pipelines, 'docker:latest', 'steps[scan].image'),
        'image "docker:latest" has a tag that moves',
        {
          fingerprint: 'b000000000000005',
          suppressed: { by: 'comment', reason: masked('rebuilt nightly on purpose'), where: '.drone.yml:19' },
        },
      ),
      finding(privilegedStep, place(pipelines, 'true', 'steps[build].privileged', 4), 'step "build" runs privileged', {
        label: masked('pipeline "nightly"'),
        severity: 'medium',
        fingerprint: 'b000000000000006',
      }),
      finding(
        weakRpcSecret,
        place(compose, secret, 'services[drone-runner-docker].environment', 2),
        'RPC secret is a placeholder that a guide prints (25 characters)',
        {
          family: 'rpc',
          label: masked('runner "drone-runner-docker"'),
          fingerprint: 'a000000000000001',
          related: [
            {
              at: place(compose, secret, 'services[drone].environment'),
              message: masked('server "drone" has the same'),
            },
          ],
        },
      ),
    ],
    {
      problems: [
        {
          kind: 'malformed',
          source: 'broken.yml',
          line: 3,
          column: 7,
          message: masked('a mapping is not closed'),
          incomplete: true,
        },
        {
          kind: 'suppression',
          source: '.drone.yml',
          line: 2,
          message: masked('suppression of "host-volume" has no effect'),
          incomplete: false,
        },
      ],
      sources: [],
      coverage: {
        files: 3,
        pipelines: 2,
        containers: 2,
        components: 2,
        mentions: [],
        notAsked: ['the Docker Engine (--docker)', 'the Drone server (--server)'],
        probed: [],
        unknown: [{ source: 'docker-compose.yml', line: 4, message: masked('env_file "server.env" is not there') }],
        inconclusive: [
          {
            rule: 'open-registration',
            source: 'docker-compose.yml',
            line: 2,
            message: masked('the environment is not known'),
          },
        ],
      },
      asked: {
        places: [{ place: '.' }, { place: 'https://ci.example.com', option: '--server' }],
        options: ['--pedantic'],
      },
      date: '2026-11-21',
      population: {
        repositories: 1,
        origins: [
          {
            ...{
              name: 'octocat/hello-world',
              kind: 'repository',
              commit: 'c0ffee'.padEnd(40, '0'),
              files: 3,
              pipelines: 1,
            },
            ...{ open: { critical: 1, high: 3, medium: 2, low: 0, info: 0 }, suppressed: 1, known: 0 },
          },
        ],
        pipelines: [
          {
            ...{ source: '.drone.yml', line: 1, name: masked('default'), type: masked('docker') },
            origin: 'octocat/hello-world',
          },
        ],
      },
      config: {
        ...{ name: 'drone-audit.yml', suppressed: 0, excluded: 0, accepted: 0 },
        settings: [{ key: 'site.registries', by: 'config', where: 'drone-audit.yml:6' }],
        files: [{ name: 'drone-audit.yml', by: 'config', isAudited: true, sha256: 'a'.repeat(64), hashOf: 'original' }],
        entries: [
          {
            ...{ key: 'severity', by: 'config', where: 'drone-audit.yml:2', rule: 'host-volume', to: 'off' },
            ...{ path: masked('deploy'), reason: masked('own machine'), until: '2027-06-30', count: 0 },
          },
          { key: 'exclude', by: 'config', where: 'drone-audit.yml:4', path: masked('docs') },
        ],
      },
      hiddenBySeverity: 0,
      hiddenPedantic: 12,
    },
  );
}

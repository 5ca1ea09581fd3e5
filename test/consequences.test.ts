import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../src/apply-policy.ts';
import { lineOf } from '../src/model/source.ts';
import { jsonReport } from '../src/reporters/json.ts';
import { auditFolder } from './support/audit-folder.ts';
import { temporaryFolder } from './support/cli.ts';
import type { ListedReport } from './support/listed-report.ts';

// What follows from one condition is told with it, and what remains is a finding of its own.

function reportOn(text: string, policy: Partial<Policy> = {}): Promise<ListedReport> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.drone.yml'), text);
  return auditFolder(folder, policy);
}

/** Each finding with its consequences, and the severity of what remains of them. */
const told = ({ findings }: ListedReport) =>
  Object.fromEntries(
    findings
      .filter(({ suppressed }) => !suppressed)
      .map(({ rule, severity, consequences }) => [
        `${rule} ${severity}`,
        consequences.map(({ rule, severity, remains }) => `${rule} ${severity} ${remains ?? 'nothing'}`),
      ]),
  );

const head = 'kind: pipeline\ntype: docker\nname: default\n';
const socket = `steps:
- name: build
  image: docker:27.5.1
  volumes: [{name: sock, path: /var/run/docker.sock}]
  commands: [make]
- name: publish
  image: plugins/docker:21.3.4
  settings: {repo: a/b, tags: "1", password: {from_secret: p}}
volumes:
- {name: sock, host: {path: /var/run/docker.sock}}
`;

describe('a missing trigger', () => {
  it('is as severe as the worst that it opens, and leaves what writers can do', async () => {
    expect(told(await reportOn(head + socket))).toEqual({
      'missing-trigger critical': [
        'docker-socket-volume critical high',
        'publish-on-pull-request high nothing',
        'implicitly-privileged-step medium low',
        'secret-with-repository-code medium nothing',
        'secret-on-pull-request low nothing',
      ],
      'implicitly-privileged-step low': [],
      'docker-socket-volume high': [],
    });
  });

  it('leaves nothing when it is mended but what it said would remain', async () => {
    const mended = told(await reportOn(`${head}trigger: {event: [push]}\n${socket}`));
    expect(mended).toEqual({ 'implicitly-privileged-step low': [], 'docker-socket-volume high': [] });
  });

  it('takes nothing with it when it is accepted', async () => {
    const accepted = `${head.trim()} # drone-audit: ignore[missing-trigger] all of our own\n${socket}`;
    expect(told(await reportOn(accepted))).toEqual({
      'docker-socket-volume critical': [],
      'publish-on-pull-request high': [],
      'implicitly-privileged-step medium': [],
      'secret-with-repository-code medium': [],
      'secret-on-pull-request low': [],
    });
  });

  it('counts with all that it opens, whatever is shown', async () => {
    const report = await reportOn(head + socket, { minSeverity: 'critical' });
    expect(Object.keys(told(report))).toEqual(['missing-trigger critical']);
    expect(report.hiddenBySeverity).toBe(2);
    expect(report.exitCode).toBe(1);
  });
});

describe('a branch without event', () => {
  const publish = (name: string, when: string): string =>
    `- name: ${name}\n  image: plugins/npm:1.3.4\n  settings: {token: {from_secret: t}}\n  when: ${when}\n`;

  it('is the cause of what its own step does, and of no other', async () => {
    const text = `${head}steps:\n${publish('one', '{branch: main}')}${publish('two', '{branch: main, event: pull_request}')}`;
    const { findings } = await reportOn(text);
    const of = (rule: string) => findings.filter((finding) => finding.rule === rule);
    expect(of('branch-without-event').map(({ consequences }) => consequences.map(({ at }) => at.path))).toEqual([
      expect.arrayContaining(['pipeline[default].steps[one].image']),
    ]);
    expect(of('publish-on-pull-request').map(({ at }) => at.path)).toEqual(['pipeline[default].steps[two].image']);
  });
});

describe('one image of several pipelines', () => {
  const pipeline = (name: string, comment = ''): string =>
    `kind: pipeline\ntype: docker\nname: ${name}\ntrigger: {event: [push]}\nsteps:\n- name: a\n  image: acme/tool${comment}\n  environment: {T: {from_secret: ${name}}}\n`;
  const unpinned = ({ findings }: ListedReport) => findings.filter(({ rule }) => rule === 'unpinned-image');

  it('is one finding with further places', async () => {
    const found = unpinned(await reportOn([pipeline('one'), pipeline('two'), pipeline('three')].join('---\n')));
    expect(found.map(({ at, related }) => [lineOf(at), related.map((place) => lineOf(place.at))])).toEqual([
      [7, [16, 25]],
    ]);
  });

  it('is the same finding, whichever pipeline comes first', async () => {
    const [one] = unpinned(await reportOn([pipeline('one'), pipeline('two')].join('---\n')));
    const [other] = unpinned(await reportOn([pipeline('two'), pipeline('one')].join('---\n')));
    expect(one?.fingerprint).toBe(other?.fingerprint);
  });

  it('is not joined with a place that is accepted', async () => {
    const accepted = pipeline('two', ' # drone-audit: ignore[unpinned-image] our own');
    const found = unpinned(await reportOn([pipeline('one'), accepted, pipeline('three')].join('---\n')));
    expect(found.map(({ at, suppressed, related }) => [lineOf(at), suppressed !== undefined, related.length])).toEqual([
      [7, false, 1],
      [16, true, 0],
    ]);
  });
});

describe('the rank', () => {
  it('puts what is worse first, then what is open to more, then what removes more', async () => {
    const { findings } = await reportOn(head + socket);
    const ordered = findings.toSorted((a, b) => b.rank - a.rank).map(({ rule }) => rule);
    expect(ordered).toEqual(['missing-trigger', 'docker-socket-volume', 'implicitly-privileged-step']);
  });
});

describe('a condition of a step', () => {
  it('takes what rests on pull requests with it, although the trigger lets them in as well', async () => {
    const text = `${head}trigger: {ref: [refs/heads/main, "refs/pull/*/head"]}
steps:
- name: publish
  image: plugins/docker:21.3.4
  settings: {repo: a/b, tags: "1", password: {from_secret: p}}
  when: {branch: main}
`;
    const all = told(await reportOn(text));
    expect(Object.keys(all)).toContain('branch-without-event high');
    expect(all['branch-without-event high']).toEqual(
      expect.arrayContaining(['publish-on-pull-request high nothing', 'secret-on-pull-request low nothing']),
    );
  });
});

describe('an old release', () => {
  const compose = (image: string, more = ''): string =>
    `services:\n  drone:\n    image: ${image}${more}\n    environment: [DRONE_GITEA_SERVER=https://git.example.com, DRONE_USER_FILTER=acme]\n`;
  const builds = async (text: string) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'docker-compose.yml'), text);
    const all = told(await auditFolder(folder));
    return Object.fromEntries(Object.entries(all).filter(([key]) => /outdated|builds/.test(key)));
  };

  it('tells what a newer one would mend', async () => {
    expect(await builds(compose('drone/drone:1.4.0'))).toEqual({
      'outdated-server high': ['builds-on-the-server high nothing'],
    });
  });

  it('tells nothing of what it would not', async () => {
    const text = compose('drone/drone:1.4.0').replace('[', '[DRONE_AGENTS_DISABLED=true, ');
    expect(await builds(text)).toEqual({ 'builds-on-the-server high': [], 'outdated-server high': [] });
  });

  it('takes nothing with it when it is accepted', async () => {
    const text = compose('drone/drone:1.4.0', ' # drone-audit: ignore[outdated-server] replaced soon');
    expect(await builds(text)).toEqual({ 'builds-on-the-server high': [] });
  });
});

describe('a fix', () => {
  const fixOf = async (rule: string, text: string): Promise<string | undefined> =>
    (await reportOn(text)).findings.find((finding) => finding.rule === rule)?.fix;
  const step = (image: string): string =>
    `${head}trigger: {event: [push]}\nsteps:\n- {name: a, image: ${JSON.stringify(image)}, commands: [ls]}\n`;

  it('has the names of the finding', async () => {
    expect(await fixOf('unpinned-image', step('acme/tool:edge'))).toContain('imagetools inspect acme/tool:edge`');
  });

  it('has each name where its word stood, even if the name holds another word', async () => {
    const fix = await fixOf(
      'nested-secret-reference',
      `${head}steps:\n- {name: a, image: "a:1.2", settings: {api_key: [{from_secret: MY_API_KEY}]}}\n`,
    );
    expect(fix).toContain('  settings:\n    api_key:\n      from_secret: MY_API_KEY\n');
  });

  it.each([
    ['server.env', 'chmod o-rwx server.env'],
    ['my server.env', 'chmod o-rwx FILE'],
  ])('keeps its own words where a name would have to be quoted: %s', async (name, command) => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, name),
      'DRONE_GITEA_SERVER=https://git.example.com\nDRONE_RPC_SECRET=9f2c1e7ab4d05836c7e1\n',
    );
    chmodSync(join(folder, name), 0o644);
    const { findings } = await auditFolder(folder);
    expect(findings.find(({ rule }) => rule === 'readable-secret-file')?.fix).toContain(command);
  });

  it('of a signed file ends with the signature', async () => {
    const signature = '---\nkind: signature\nhmac: 3d5c11b1a8ca3ab1d5b3a3e0f4c0a5b6c7d8e9f00a1b2c3d4e5f60718293a4b5\n';
    const ends = async (text: string) => (await reportOn(text)).findings.map(({ afterwards }) => afterwards);
    expect(await ends(step('acme/tool:edge'))).toEqual([undefined]);
    expect(await ends(step('acme/tool:edge') + signature)).toEqual([
      expect.stringContaining('`drone sign --save NAMESPACE/NAME`'),
    ]);
    const report = await reportOn(step('acme/tool:edge') + signature);
    const shown = JSON.parse([...jsonReport(report)].join(''));
    expect(shown.findings[0].fix).toContain(`\n\n${report.findings[0]?.afterwards}`);
  });

  it('belongs to the group of its rule, whatever its names are', async () => {
    const { findings } = await reportOn(
      `${head}trigger: {event: [push]}\nsteps:\n- {name: a, image: "a:1.2", commands: [ls]}\n- {name: b, image: "b:1.2", commands: [ls]}\n`,
    );
    const unpinned = findings.filter(({ rule }) => rule === 'unpinned-image');
    expect(new Set(unpinned.map(({ fix }) => fix)).size).toBe(2);
    expect(new Set(unpinned.map(({ group }) => group)).size).toBe(1);
  });
});

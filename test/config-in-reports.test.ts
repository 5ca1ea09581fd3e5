import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cutFront } from '../src/reporters/html/escape.ts';
import { pictureSection, type Scene, sceneOf } from '../src/reporters/html/picture.ts';
import { report } from './reporters/sample-report.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

// Whoever reads a report has to see who decided what fails, and what is shown: a config may be that of the author.

/** The careless example, with files of its own. */
function careless(files: Readonly<Record<string, string>>): string {
  const folder = join(temporaryFolder(), 'checkout');
  cpSync('examples/careless', folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function scan(cwd: string, ...args: readonly string[]): string {
  return droneAudit(['scan', '.', ...args], { cwd }).stdout;
}

/** A text without its line breaks, and Markdown without its backslashes. */
function flat(text: string): string {
  return text.replaceAll('\\', '').replace(/\s+/g, ' ');
}

const lax = { 'drone-audit.yml': 'failOn: never\nminSeverity: critical\n' };
const card = ['--format', 'card', '--card-template', 'https://ci.example.com/card.json'];

describe('a threshold', () => {
  const formats = [
    [],
    ['-v'],
    ['--summary'],
    ...['markdown', 'github', 'unix', 'html', 'sarif'].map((format) => ['--format', format]),
    card,
  ];

  it.each(formats.map((args) => [args]))('is said to be that of the config, with %j', (args) => {
    const text = flat(scan(careless(lax), ...args));
    expect(text).toContain('findings do not fail this audit (failOn: never in drone-audit.yml)');
    expect(text).not.toContain('--fail-on');
  });

  it.each(formats.map((args) => [args]))('is said to be that of the command line, which wins, with %j', (args) => {
    const text = flat(scan(careless(lax), '--fail-on', 'never', ...args));
    expect(text).toContain('findings do not fail this audit (--fail-on never)');
    expect(text).not.toContain('failOn: never');
  });

  it('is said to be that of the policy', () => {
    const folder = careless({ '../policy.yml': 'failOn: critical\n' });
    expect(flat(scan(folder, '--policy', '../policy.yml'))).toContain(
      'exit 1: findings at or above critical (failOn: critical in the policy ../policy.yml)',
    );
  });

  it('is that of nobody where it is usual', () => {
    const lines = scan(careless({})).split('\n');
    expect(lines).toContain(' exit 1: findings at or above high. Details: drone-audit explain RULE');
    expect(lines.join('\n')).not.toContain('config:');
  });
});

describe('a config in force', () => {
  it.each([[[]], [['-v']], [['--format', 'markdown']], [['--format', 'html']], [card]])(
    'is named with what it changes, with %j',
    (args) => {
      const text = flat(scan(careless(lax), ...args));
      expect(text).toContain('drone-audit.yml (failOn: never, minSeverity: critical)');
    },
  );

  it.each([[[]], ...['markdown', 'github', 'unix', 'html'].map((format) => [['--format', format]]), [card]])(
    'is said to hide what is below its minSeverity, with %j',
    (args) => {
      const text = flat(scan(careless(lax), ...args)).replace(/<\/?code[^>]*>|`/g, '');
      expect(text).toMatch(/more with --min-severity info \(minSeverity: critical in drone-audit\.yml\)/);
    },
  );

  it('is named with files that it leaves out, what it suppresses and the keys of its site', () => {
    const text = [
      'exclude: [web]',
      'ignore: [{ rule: missing-trigger, reason: ours }]',
      'severity: [{ rule: open-registration, to: low, reason: behind a gateway }]',
      'site: { registries: [registry.example.com] }',
      '',
    ].join('\n');
    const shown = flat(scan(careless({ 'drone-audit.yml': text })));
    expect(shown).toContain(
      'config: drone-audit.yml (site.registries, 1 finding suppressed, 1 of another severity, 1 file left out)',
    );
  });

  it('is named beside the policy', () => {
    const folder = careless({ '../policy.yml': 'failOn: high\n', 'drone-audit.yml': 'failOn: low\n' });
    const shown = flat(scan(folder, '--policy', '../policy.yml'));
    expect(shown).toContain('config: drone-audit.yml, the policy ../policy.yml (failOn: low)');
    expect(shown).toContain('exit 1: findings at or above low (failOn: low in drone-audit.yml)');
  });

  it('is named where nothing of it applies', () => {
    const text = 'ignore: [{ rule: privileged-step, path: gone, reason: ours }]\n';
    expect(scan(careless({ 'drone-audit.yml': text }))).toContain(' config: drone-audit.yml (without effect here)\n');
  });

  it('says in JSON which of its keys count, and gives no option that nobody gave', () => {
    const { config, scope } = JSON.parse(
      scan(careless({ 'drone-audit.yml': 'profile: brief\nfailOn: low\n' }), '--fail-on', 'high', '--format', 'json'),
    );
    expect(config.settings).toEqual([
      { key: 'minSeverity', value: 'medium', by: 'config', where: 'drone-audit.yml:1' },
      { key: 'minConfidence', value: 'high', by: 'config', where: 'drone-audit.yml:1' },
      { key: 'pedantic', value: 'false', by: 'config', where: 'drone-audit.yml:1' },
    ]);
    expect(scope.options).toEqual([]);
    expect(scope.statement).toContain(
      'Findings below medium are counted in the table of controls, and not listed (minSeverity in drone-audit.yml:1).',
    );
  });

  it('has each key and entry with its place, with --verbose', () => {
    const text = 'failOn: never\nignore:\n- { rule: missing-trigger, reason: ours }\n';
    const shown = scan(careless({ 'drone-audit.yml': text }), '-v');
    expect(shown).toContain('\ndrone-audit.yml:1  failOn: never\ndrone-audit.yml:3  ignore: missing-trigger (1)\n');
  });
});

describe('a report that cannot be written', () => {
  it('takes nothing from what was read', () => {
    const cwd = temporaryFolder();
    cpSync('examples/hardened', cwd, { recursive: true });
    const { status, stdout } = droneAudit(['scan', '.', '-o', 'nowhere/a.json', '-o', 'b.html'], { cwd });
    expect(status).toBe(3);
    expect(stdout).toContain(' nothing found');
    expect(stdout).not.toContain('in what was read');
    expect(stdout).toContain(' exit 3: the audit is complete, but an output could not be written\n');
    const page = readFileSync(join(cwd, 'b.html'), 'utf8');
    expect(page).toContain('Gate: <b>failed</b>, exit 3: the audit is complete, but an output could not be written');
    expect(page).not.toContain('Incomplete:');
  });
});

describe('an HTML report in little room', () => {
  it.each([
    ['deploy/.drone.yml:3', 'deploy/.drone.yml:3'],
    ['services/one-yml/vmware/.drone.yml:13', '…/vmware/.drone.yml:13'],
    ['yml/a-name-that-is-longer-than-the-room.drone.yml:13', '…/a-name-that-is-longer-than-the-room.drone.yml:13'],
    ['a-name-that-is-longer-than-the-room.drone.yml:13', '…a-name-that-is-longer-than-the-room.drone.yml:13'],
  ])('cuts the place %s between its parts', (place, shown) => {
    expect(cutFront(place, 24)).toBe(shown);
  });

  it.each([
    ['drone/drone-runner-docker:latest', ['drone/', 'drone-runner-docker', ':latest']],
    ['registry.example.com/drone/drone:2', ['registry.example.com/', 'drone/drone:2']],
    [`drone/drone:2@sha256:${'a'.repeat(64)}`, ['drone/drone:2', `@sha256:${'a'.repeat(14)}…`]],
    ['of some-very-long-name.of-a-host.example.com', ['of some-very-long-name.', 'of-a-host.example.com']],
  ])('breaks %s between its parts', (line, lines) => {
    const node = { ...{ id: 'n', lane: 'runner', kind: 'runner', source: 'a', sources: [], seen: true } } as const;
    const more = { name: 'runner', labels: [], lines: [line] };
    const nodes = [node, { ...node, id: 'm' }].map((each) => ({ ...each, ...more }));
    // biome-ignore lint/suspicious/noExplicitAny: texts that nothing has to mask.
    const scene = sceneOf(report([], { picture: { nodes, edges: [] } as any }), []);
    expect(scene?.boxes[0]?.lines).toEqual(lines);
  });

  it('tells equal lines of the picture once', () => {
    const box = { lane: 'host', title: 'Container engine', lines: [], tone: 'none', dashed: false } as const;
    const scene: Scene = {
      boxes: ['a', 'b', 'c'].map((id) => ({ ...box, id, ...(id === 'c' ? { title: 'builds' } : {}) })),
      lines: ['a', 'b'].map((to) => ({ from: 'c', to, label: 'runs on', marks: [] })),
      who: [],
    };
    const words = [...pictureSection(scene, true)].join('').replace(/^.*The same in words/s, '');
    expect(words.match(/<li>.*?<\/li>/g)).toEqual(['<li>builds to Container engine (runs on) (2 times)</li>']);
  });
});

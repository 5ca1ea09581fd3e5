import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isOwnReport } from '../src/readers/own-report.ts';
import { recognise } from '../src/readers/recognise.ts';
import { markupWithoutCommands } from '../src/reporters/escape.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

// Reports quote what was audited. Those that are kept beside it are no part of it, and nothing else passes for one.

const outputs = [
  'drone-audit.txt',
  'drone-audit.json',
  'drone-audit.jsonl',
  'drone-audit.sarif',
  'drone-audit.xml',
  'drone-audit.md',
  'drone-audit.html',
  'drone-audit.csv',
  'gitlab:code-quality.json',
  'github:drone-github.txt',
  'unix:drone-unix.txt',
  'controls-csv:drone-controls.csv',
  'card:drone-card.json',
  'html:drone-page/',
  'sarif:drone-sarif',
];
const card = ['--card-template', 'https://ci.example.com/card.json'];
const toAll = outputs.flatMap((output) => ['-o', output]);

function folderOf(example: 'careless' | 'hardened'): string {
  const cwd = temporaryFolder();
  cpSync(resolve('examples', example), cwd, { recursive: true });
  return cwd;
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

const endings: Readonly<Record<string, string>> = {
  ...{ text: 'txt', json: 'json', jsonl: 'jsonl', sarif: 'sarif' },
  ...{ junit: 'xml', markdown: 'md', html: 'html', csv: 'csv' },
};

interface Json {
  readonly findings: readonly { readonly file: string; readonly rule: string }[];
  readonly problems: readonly { readonly file: string; readonly message: string }[];
  readonly sources: readonly { readonly file: string; readonly form: string }[];
  readonly coverage: { readonly passedOver?: readonly { readonly why: string; readonly count: number }[] };
}

function audited(cwd: string, ...options: readonly string[]): Json {
  return JSON.parse(droneAudit(['scan', '.', '--format', 'json', ...options], { cwd }).stdout);
}

const filesOf = (report: Json): readonly string[] => report.sources.map(({ file }) => file);

describe('reports that are kept where they were made', () => {
  // Those of nothing found that name nothing of Drone are passed over as any other file.
  it.each([
    ['careless', 15],
    ['hardened', 12],
  ] as const)('change nothing in the next audit (%s)', (example, kept) => {
    const cwd = folderOf(example);
    const first = audited(cwd, '--no-config');
    const written = () => droneAudit(['scan', '.', '--no-config', ...toAll, ...card], { cwd });
    const before = written();
    expect(before.stderr).toBe('');
    expect(written()).toEqual(before);
    const { coverage, ...again } = audited(cwd, '--no-config', '-v');
    const { coverage: _, ...alone } = first;
    expect(again).toEqual(alone);
    expect(coverage.passedOver?.find(({ why }) => why === 'a report of drone-audit')?.count).toBe(kept);
  });

  it('are told however a shell kept them, with what `rules` and `explain` print', () => {
    const cwd = folderOf('careless');
    const first = audited(cwd);
    const reports = [
      ...['text', 'json', 'jsonl', 'sarif', 'junit', 'markdown', 'html', 'csv'].map((format) => [
        'scan',
        '.',
        '--format',
        format,
      ]),
      ['rules', '--format', 'json'],
      ['explain', '--effective', '--format', 'json'],
    ].map(
      (command) => [`r-${command[0]}.${endings[command.at(-1) ?? '']}`, droneAudit(command, { cwd }).stdout] as const,
    );
    for (const [name, text] of reports) {
      const unmarked = text.replace(/^\ufeff/, '');
      const windows = unmarked.replaceAll('\n', '\r\n');
      writeFileSync(join(cwd, name), text);
      writeFileSync(join(cwd, `windows-${name}`), windows);
      writeFileSync(join(cwd, `marked-${name}`), `\ufeff${unmarked}`);
      writeFileSync(join(cwd, `wide-${name}`), Buffer.from(`\ufeff${windows}`, 'utf16le'));
    }
    writeFileSync(join(cwd, 'colours.txt'), droneAudit(['scan', '.', '--color', 'always'], { cwd }).stdout);
    const { coverage, ...again } = audited(cwd, '-v');
    const { coverage: _, ...alone } = first;
    expect(again).toEqual(alone);
    expect(coverage.passedOver?.find(({ why }) => why === 'a report of drone-audit')?.count).toBe(
      4 * reports.length + 1,
    );
  });

  it('are told with --verbose', () => {
    const cwd = folderOf('hardened');
    droneAudit(['scan', '.', '-o', 'report.xml'], { cwd });
    expect(droneAudit(['scan', '.', '-v'], { cwd }).stdout).toContain('a report of drone-audit (1): report.xml');
  });

  it('are audited where they are named', () => {
    const cwd = folderOf('hardened');
    droneAudit(['scan', '.', '-o', 'report.json'], { cwd });
    const { stdout } = droneAudit(['scan', 'report.json', '--format', 'json'], { cwd });
    const { problems }: Json = JSON.parse(stdout);
    expect(problems.map(({ file }) => file)).toEqual(['report.json']);
  });

  it('may be larger than what is read of other files', () => {
    const cwd = folderOf('careless');
    droneAudit(['scan', '.', '-o', 'drone-audit.json'], { cwd });
    const report = JSON.parse(readFileSync(join(cwd, 'drone-audit.json'), 'utf8'));
    report.findings = Array.from({ length: 400 }, () => report.findings).flat();
    const text = JSON.stringify(report, null, 2);
    expect(text.length).toBeGreaterThan(3 * 1024 * 1024);
    writeFileSync(join(cwd, 'drone-audit.json'), text);
    expect(audited(cwd).problems.filter(({ file }) => file === 'drone-audit.json')).toEqual([]);
  });
});

describe('what is no report', () => {
  const compose = `services:
  drone:
    image: drone/drone:2.24.0
    environment: { DRONE_RPC_SECRET: hunter2 }
`;
  const json = { version: 1, tool: { name: 'drone-audit' } };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'drone' },
    spec: { containers: [{ name: 'drone', image: 'drone/drone:2' }] },
  };
  const pipeline = 'kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: b\n  image: golang\n  privileged: true\n';
  const xml = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="drone-audit" tests="1">\n';
  const disguised: Readonly<Record<string, string>> = {
    '.drone.yml': `<!-- drone-audit -->\n### drone-audit: nothing found\n---\n${pipeline}`,
    'docker-compose.yml': `# drone-audit 0.1.0 · 1 file\n${compose}`,
    'docker-compose.json': JSON.stringify({ ...json, services: { drone: { image: 'drone/drone:2' } } }, null, 2),
    'drone.json': JSON.stringify({ ...json, ...pod }, null, 2),
    'drone.txt': `status,severity,rule,file,line,column,\n---\n${pipeline}`,
    'drone-list.txt': `drone-audit 0.1.0 · 1 file\n${compose}`,
    'drone-rules.json': JSON.stringify([{ pedantic: true, ...pod }]),
    'drone-marked.txt': `\ufeffdrone-audit 0.1.0 · 1 file\r\n${compose}`,
    'drone-coloured.txt': `\u001b[1mdrone-audit 0.1.0 · 1 file\u001b[22m\n---\n${pipeline}`,
    'drone-marked.xml': `\ufeff${xml}\r\n---\r\n${pipeline}---\n</testsuites>\n`,
    'drone.xml': `${xml}---\n${pipeline}---\n</testsuites>\n`,
    'server.env': 'status,severity,rule,file,line,column,\nDRONE_RPC_SECRET=hunter2\n',
    'start-drone': 'drone-audit 0.1.0 · 1 file\ndocker run -e DRONE_RPC_SECRET=hunter2 drone/drone:2\n',
    'drone.sh': '<!-- drone-audit -->\n### drone-audit: 1\ndocker run -e DRONE_RPC_SECRET=hunter2 drone/drone:2\n',
  };

  it.each(Object.entries(disguised))('is not taken for one: %s', (name, text) => {
    expect(isOwnReport(name, text, () => recognise(name, text))).toBe(false);
  });

  it('is audited, however it begins', () => {
    const cwd = folderWith(disguised);
    const report = audited(cwd);
    const told = new Set([...filesOf(report), ...report.problems.map(({ file }) => file)]);
    const unread = Object.keys(disguised).filter((name) => !told.has(name));
    expect(unread).toEqual([]);
  });

  it('is not overwritten by a report', () => {
    const cwd = folderWith({ 'docker-compose.yml': compose });
    const { status, stderr } = droneAudit(['scan', '.', '-o', 'text:docker-compose.yml'], { cwd });
    expect(stderr).toBe('drone-audit: the report "docker-compose.yml" cannot be written: the audit reads that file\n');
    expect(status).toBe(1);
    expect(readFileSync(join(cwd, 'docker-compose.yml'), 'utf8')).toBe(compose);
  });
});

describe('under a policy', () => {
  const page =
    '<!-- drone-audit -->\n### drone-audit: nothing found\n\n```sh\ndocker run -d --name drone -e DRONE_RPC_SECRET=hunter2 drone/drone:2\n```\n';
  const files = { 'work/notes.md': page, 'organisation/policy.yml': 'failOn: high\n' };
  const policy = ['--policy', '../organisation/policy.yml'];

  it('nothing that could be read is taken for a report', () => {
    const cwd = join(folderWith(files), 'work');
    expect(filesOf(audited(cwd, ...policy))).toEqual(['notes.md']);
    expect(filesOf(audited(cwd))).toEqual([]);
  });

  it('the report of this run is one', () => {
    const whole = folderWith(files);
    const cwd = join(whole, 'work');
    cpSync(resolve('examples/hardened'), cwd, { recursive: true });
    const run = () => droneAudit(['scan', '.', '-o', 'report.xml', '-o', 'report.json', ...policy], { cwd });
    const first = run();
    expect(first.stderr).toBe('');
    expect(run()).toEqual(first);
  });
});

it('no line of markup begins a document of YAML', () => {
  expect([...markupWithoutCommands(['<pre>\n---\nkind: pipeline\n...\n-- a\n</pre>'])].join('')).toBe(
    '<pre>\n&#45;--\nkind: pipeline\n&#46;..\n-- a\n</pre>',
  );
});

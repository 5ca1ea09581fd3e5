import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { droneAudit } from './support/cli.ts';

// What the project asks of others holds for its own builds.

describe('.drone.yml', () => {
  it('has nothing that the built tool could find, however small or unsure', () => {
    const all = ['--no-config', '--pedantic', '--min-severity', 'info', '--min-confidence', 'low', '--fail-on', 'info'];
    const { status, stdout, stderr } = droneAudit(['scan', '.drone.yml', ...all, '--format', 'json'], {
      cwd: resolve('.'),
    });
    expect(stderr).toBe('');
    const { findings, problems, coverage } = JSON.parse(stdout);
    expect({ findings, problems, inconclusive: coverage.inconclusive, status }).toEqual({
      findings: [],
      problems: [],
      inconclusive: [],
      status: 0,
    });
    expect(coverage.pipelines).toBe(4);
  });

  it('and the workflow run the suite on the same lines of Node, from the oldest that is supported', () => {
    const inDrone = [...readFileSync('.drone.yml', 'utf8').matchAll(/^ {4}image: node:(\d+)\./gm)].map(
      ([, line]) => line,
    );
    const matrix = /^ {8}node: \[(.+)\]$/m.exec(readFileSync('.github/workflows/ci.yml', 'utf8'))?.[1];
    expect(matrix?.split(', ')).toEqual(inDrone);
    const { engines }: { engines: { node: string } } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(engines.node).toBe(`>=${inDrone[0]}`);
  });
});

describe('workflows', () => {
  it.each(readdirSync('.github/workflows'))('%s names actions by commit, with the version for people', (name) => {
    const text = readFileSync(`.github/workflows/${name}`, 'utf8');
    const actions = [...text.matchAll(/^.*\buses:\s*(.*)$/gm)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action ?? ''))).toEqual([]);
  });

  it.each(readdirSync('.github/workflows'))('%s leaves no credential to the commands', (name) => {
    const text = readFileSync(`.github/workflows/${name}`, 'utf8');
    expect(text).toMatch(/^permissions:\n {2}contents: read\n\n/m);
    expect(text.match(/actions\/checkout@/g)?.length).toBe(text.match(/persist-credentials: false/g)?.length);
  });
});

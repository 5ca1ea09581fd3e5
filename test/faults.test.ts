import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge } from '../src/judge.ts';
import { statusOf } from '../src/model/report.ts';
import { rule, say } from '../src/model/rule.ts';
import { unknownSite } from '../src/model/site.ts';
import type { Source } from '../src/model/source.ts';
import { read } from '../src/read.ts';
import { maskFor } from '../src/secrets/mask.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

// A fault of our own costs the file, or the rule, that it is in; never the report.

const compose = (name: string, more = ''): Source => ({
  name,
  form: 'compose',
  text: `services:\n  a:\n    image: drone/drone:2\n    environment: {DRONE_RPC_SECRET: canary-of-a-fault}\n${more}`,
});
const failing = compose('failing.yml', '    env_file: any.env\n');

const understood = read([compose('sound.yml'), failing], (from, path) => {
  if (from.name === failing.name && path === 'any.env') throw new Error('canary-of-a-fault');
  return { kind: 'unreadable', source: path, message: say`is not there`, incomplete: true };
});

describe('a reader that fails', () => {
  it('costs its file, which is a problem, and no other', () => {
    expect(understood.installation.containers.map(({ at }) => at.source.name)).toEqual(['sound.yml']);
    const faults = understood.problems.filter(({ kind }) => kind === 'fault');
    expect(faults.map(({ source }) => source)).toEqual(['failing.yml']);
    expect(statusOf(understood.problems)).toBe(4);
  });

  it('quotes nothing, and hides all of the file', () => {
    const mask = maskFor(understood.secrets);
    expect(JSON.stringify(understood.problems.map(mask.problem))).not.toMatch(/canary|\bat /);
    expect(mask.source(failing).text).toMatch(/^[•\n]+$/);
  });
});

describe('a rule that fails', () => {
  const settings = {
    severity: 'high',
    confidence: 'high',
    title: '',
    why: '',
    fix: '',
    refs: [],
    standards: {},
    since: '0.1.0',
  } as const;

  it('costs what it would have said of that file', () => {
    const judged = judge(
      understood.installation,
      [
        rule({
          ...settings,
          id: 'broken-rule',
          on: 'container',
          *judge({ at }) {
            yield { at, message: say`before` };
            throw new Error('canary-of-a-fault');
          },
        }),
        rule({
          ...settings,
          id: 'sound-rule',
          on: 'container',
          *judge({ at }) {
            yield { at, message: say`found` };
          },
        }),
      ],
      unknownSite,
    );
    expect(judged.verdicts.map((verdict) => verdict.rule.id)).toEqual(['broken-rule', 'sound-rule']);
    const problems = judged.faults.map(maskFor([]).problem);
    expect(problems).toMatchObject([{ kind: 'fault', source: 'sound.yml' }]);
    expect(problems[0]?.message).toContain('broken-rule');
    expect(problems[0]?.message).not.toContain('canary');
  });
});

describe('the exit status', () => {
  it('is 4 for a fault, over everything else that is missing', () => {
    const problem = { source: '.', message: '', incomplete: true } as const;
    expect(statusOf([])).toBe(0);
    expect(statusOf([{ ...problem, kind: 'unreadable' }])).toBe(3);
    expect(
      statusOf([
        { ...problem, kind: 'unreadable' },
        { ...problem, kind: 'fault' },
      ]),
    ).toBe(4);
  });
});

describe('endless input', () => {
  const large = 'docker-compose.yml\n'.repeat(200_000);

  it('on standard input is a problem', () => {
    const cwd = temporaryFolder();
    const { status, stdout } = droneAudit(['scan', '-'], { cwd, input: large });
    expect({ status, said: stdout.includes('is larger than 2 MiB') }).toEqual({ status: 3, said: true });
  });

  it('as a list of targets is an error', () => {
    const cwd = temporaryFolder();
    const list = `${'a'.repeat(1023)}\n`.repeat(64 * 1024 + 1);
    writeFileSync(join(cwd, 'list'), list);
    for (const [from, input] of [
      ['list', ''],
      ['-', list],
    ] as const) {
      const { status, stderr } = droneAudit(['scan', '--targets-from', from], { cwd, input });
      expect({ status, said: stderr.includes('is larger than 64 MiB') }).toEqual({ status: 2, said: true });
    }
  });
});

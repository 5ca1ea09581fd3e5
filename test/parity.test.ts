import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { auditFolder, copyAsOnHost, everything } from './support/audit-folder.ts';

// One careless installation in every form: what is wrong with it does not depend on how it is written.

const folder = 'test/fixtures/parity';

const forms: ReadonlyMap<string, string> = new Map([
  ['compose', 'Compose'],
  ['docker-run', '`docker run` in a script'],
  ['systemd', '`docker run` in units'],
  ['kubernetes', 'Kubernetes'],
  ['docker-inspect', 'Docker Engine'],
]);

/** Rules of this installation that not every form shows, and why. */
const notEverywhere: ReadonlyMap<string, string> = new Map([
  ['host-device-mount', 'A pod has no list of devices; a device plugin gives them out.'],
  ['inline-secret', 'Every running container holds its secrets in its environment; only a file can do without.'],
  ['readable-secret-file', 'An engine has no files, and manifests are kept in a repository, not on the host.'],
  ['secret-fallback', 'Only Compose and shells put in a value where none is given, as `${NAME:-text}`.'],
  [
    'server-and-runner-together',
    'One file or one engine is one host; units may be for several, and a cluster chooses.',
  ],
  ['shared-env-file', 'An engine shows the variables of a container, not the files that they came from.'],
  ['unkept-logs', 'A pod has no log driver: the node keeps its logs.'],
]);

describe('one installation in every form', async () => {
  const copies = mkdtempSync(join(tmpdir(), 'drone-audit-parity-'));
  afterAll(() => rmSync(copies, { recursive: true, force: true }));
  const found = new Map<string, ReadonlySet<string>>();
  const incomplete: string[] = [];
  for (const form of forms.keys()) {
    const report = await auditFolder(copyAsOnHost(join(folder, form), join(copies, form)), everything);
    found.set(form, new Set(report.findings.map(({ rule }) => rule)));
    const { components, unknown } = report.coverage;
    if (report.problems.length + unknown.length > 0 || components !== 4) incomplete.push(form);
  }
  const ids = [...new Set([...found.values()].flatMap((each) => [...each]))].sort();
  const isEverywhere = (id: string): boolean => [...found.values()].every((each) => each.has(id));

  it('is read as a whole', () => {
    expect(readdirSync(folder).sort()).toEqual([...forms.keys()].sort());
    expect(incomplete).toEqual([]);
  });

  it('has the same findings but for those that a form cannot show', () => {
    expect(ids.filter((id) => !isEverywhere(id))).toEqual([...notEverywhere.keys()]);
    expect(ids.length).toBeGreaterThan(70);
  });

  it('is described in docs/forms.md', async () => {
    const mark = (id: string, form: string): string => (found.get(form)?.has(id) ? 'yes' : 'no');
    const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    const text = [
      '# Forms',
      '',
      'An installation is judged alike, however it is written: the same careless one, in all forms of `test/fixtures/parity`,',
      'has the same findings but for those of this page. The page is derived (`npm run update`).',
      '',
      '## Rules that not every form can show',
      '',
      row(['rule', ...forms.values(), 'why']),
      row(['---', ...[...forms].map(() => '---'), '---']),
      ...[...notEverywhere].map(([id, why]) =>
        row([`\`${id}\``, ...[...forms.keys()].map((form) => mark(id, form)), why]),
      ),
      '',
      'Roles and their bindings stand in Kubernetes manifests alone: `powerful-runner-account` judges them.',
      '',
      '## Rules that all forms show',
      '',
      `These ${ids.filter(isEverywhere).length} rules find the same fault in every form:`,
      '',
      ...ids.filter(isEverywhere).map((id) => `- \`${id}\``),
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot('../docs/forms.md');
  });
});

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { droneAudit, temporaryFolder } from './support/cli.ts';

// What once crashed, hung or leaked: each file holds an input, by the names of its files. `npm run fuzz` adds to them.

const folder = 'test/fixtures/hostile';
/** The token that `npm run fuzz` plants. */
const canary = `ghp_${'k7Qz'.repeat(9)}`;

it.each(readdirSync(folder))('%s ends as it should', (name) => {
  const files: Record<string, string> = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const cwd = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  for (const format of ['text', 'json', 'sarif']) {
    const { status, stdout, stderr } = droneAudit(['scan', '-v', '--pedantic', '--format', format], { cwd });
    expect([0, 1, 2, 3]).toContain(status);
    expect(stdout + stderr).not.toContain(canary);
  }
});

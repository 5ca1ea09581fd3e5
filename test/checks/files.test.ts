import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookupWithin, readText } from '../../src/checks/files.ts';

describe.skipIf(platform() === 'win32')('the permission bits of a file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drone-audit-'));
    writeFileSync(join(folder, 'server.env'), 'DRONE_SERVER_HOST=drone.example.com\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([0o600, 0o640, 0o644])('come with its text (%i)', (mode) => {
    const path = join(folder, 'server.env');
    chmodSync(path, mode);
    expect(readText(path, 'server.env')).toMatchObject({ mode });
  });

  it('come with files that others name', () => {
    chmodSync(join(folder, 'server.env'), 0o604);
    const from = { name: 'docker-compose.yml', form: 'compose', text: '' } as const;
    expect(lookupWithin([folder], folder)(from, 'server.env', 'env')).toMatchObject({
      name: 'server.env',
      mode: 0o604,
    });
  });
});

import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formats } from '../src/commands/formats.ts';
import { allRules } from '../src/rules/all.ts';
import { version } from '../src/version.ts';
import { docker, isEngineAsked, realEngine } from './checks/real-engine.ts';
import { bareRoot } from './support/bare-root.ts';
import { isExecutable, node, runCommand, temporaryFolder, tool } from './support/cli.ts';

// npm run test:nodes builds the executable, and runs these and the tests of the command line with it.

const [executable] = tool;
const scan = ['scan', 'examples/careless', '--no-config', '--card-template', 'https://ci.example.com/card.json'];

describe.skipIf(!isExecutable)('the single executable (DRONE_AUDIT_TEST_EXECUTABLE)', () => {
  it.each(formats)('writes the same %s as the package', (format) => {
    const args = [...scan, '--format', format];
    expect(runCommand(executable, args)).toEqual(runCommand(node, [resolve('bin/drone-audit.js'), ...args]));
  });

  it.each(allRules.filter((_, index) => index % 50 === 0).map(({ id }) => id))('carries the page of %s', (id) => {
    const page = runCommand(executable, ['explain', id]);
    expect(page).toEqual(runCommand(node, [resolve('bin/drone-audit.js'), 'explain', id]));
  });

  it('lets NODE_OPTIONS load nothing into it', () => {
    const code = join(temporaryFolder(), 'code.cjs');
    writeFileSync(code, 'console.log("loaded")');
    const env = { NODE_OPTIONS: `--require=${code}` };
    expect(runCommand(executable, ['--version'], { env }).stdout).toBe(`${version}\n`);
    expect(runCommand(node, ['bin/drone-audit.js', '--version'], { env }).stdout).toBe(`loaded\n${version}\n`);
  });
});

describe.skipIf(!isExecutable || !isEngineAsked)(
  'the single executable in a container without Node (DRONE_AUDIT_TEST_EXECUTABLE, DRONE_AUDIT_TEST_DOCKER=1)',
  () => {
    const engine = isExecutable && isEngineAsked ? realEngine() : undefined;
    const image = `drone-audit-executable-${engine?.id}`;
    // Out of the repository: what git tracks counts.
    const sources = join(engine?.folder ?? '', 'sources');
    const here = (...args: string[]) => runCommand(executable, args, { cwd: sources });
    const run = (...args: string[]) => {
      const bounds = ['--read-only', '--cap-drop', 'ALL', '--network', 'none', '--user', '65532:65532'];
      const mounted = ['--volume', `${sources}:/src:ro`, '--workdir', '/src'];
      return runCommand('docker', ['run', '--rm', ...(engine?.labels ?? []), ...bounds, ...mounted, image, ...args]);
    };

    beforeAll(() => {
      if (engine === undefined) return;
      cpSync('examples', join(sources, 'examples'), { recursive: true });
      const root = join(engine.folder, 'root');
      bareRoot(root, { '/drone-audit': executable });
      execFileSync('tar', ['-cf', `${root}.tar`, '-C', root, '.']);
      docker(
        'import',
        '--change',
        `LABEL ${engine.labels[1]}`,
        '--change',
        'ENTRYPOINT ["/drone-audit"]',
        `${root}.tar`,
        image,
      );
    });
    afterAll(() => engine?.remove());

    it('starts, explains and audits', () => {
      expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
      expect(run('explain', 'weak-rpc-secret')).toEqual(here('explain', 'weak-rpc-secret'));
      expect(run(...scan)).toEqual(here(...scan));
      expect(run('scan', 'examples/hardened').status).toBe(0);
      expect(run('scan', 'gone').status).toBe(3);
      expect(run('scna').status).toBe(2);
    });

    it.each(formats)('writes %s', (format) => {
      const args = [...scan, '--format', format];
      expect(run(...args)).toEqual(here(...args));
    });
  },
);

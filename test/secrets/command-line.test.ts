import { describe, expect, it } from 'vitest';
import { withoutCredentials } from '../../src/commands/without-credentials.ts';
import { droneAudit, temporaryFolder } from '../support/cli.ts';

/* What stands on the command line is quoted in errors and reports, and may be a credential. */

describe('a credential on the command line', () => {
  it.each([
    ['scan', 'https://octocat:hunter2x@git.example.com/a.git'],
    ['scan', '--format', 'json', 'https://octocat:hunter2x@git.example.com/a.git'],
    ['explain', '--effective', 'https://octocat:hunter2x@git.example.com/a.git'],
    ['explain', 'https://octocat:hunter2x@git.example.com/a.git'],
    ['scan', '/x/password=hunter2x'],
    ['scan', '--token=hunter2x'],
    ['scan', '--config', 'https://octocat:hunter2x@git.example.com/a'],
  ])('is shown nowhere: %s %s', (...args) => {
    const { stdout, stderr } = droneAudit(args, { cwd: temporaryFolder() });
    expect(stdout + stderr).toContain('•');
    expect(stdout + stderr).not.toContain('hunter2x');
  });

  it('is shown nowhere if it comes from a list', () => {
    const { stdout } = droneAudit(['scan', '--targets-from', '-'], {
      cwd: temporaryFolder(),
      input: 'https://q8ZtWnRvKxPdLmBs@git.example.com/a.git\n',
    });
    expect(stdout).toContain('https://••••••••••••••••@git.example.com/a.git');
  });

  it('leaves the rest of an error as it is', () => {
    const message = `error: unknown option '--rules'\n(Did you mean --rule?)\n"it's" is neither a command nor a path`;
    expect(withoutCredentials(message)).toBe(message);
  });
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import hardcodedSecret from '../src/rules/secret/hardcoded-secret.ts';
import { hitsOf, readFixture } from './support/fixtures.ts';
import { plain } from './support/text.ts';

const folder = 'test/fixtures/rules/secret/hardcoded-secret';

function messagesOf(name: string): readonly string[] {
  const path = join(folder, name);
  return hitsOf(hardcodedSecret, readFixture(path, name)).map(({ hit }) => plain(hit.message));
}

// Nothing is known of what a program writes: no services, and no steps.
describe('a credential that only opens a service', () => {
  it('is told so of a pipeline', () => {
    expect(messagesOf('bad-service-password.drone.yml')).toEqual([expect.stringContaining('for a service of this')]);
  });

  it('is told without it of a program', () => {
    const [message, ...others] = messagesOf('bad-url-in-a-program.drone.star');
    expect(others).toEqual([]);
    expect(message).toBeDefined();
    expect(message).not.toContain('service');
  });
});

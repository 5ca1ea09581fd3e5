import { expect } from 'vitest';

/** Fails with these sentences, so that what is wrong can be read off without comparing objects. */
export function expectNone(faults: readonly string[]): void {
  if (faults.length > 0) expect.fail(faults.join('\n'));
}

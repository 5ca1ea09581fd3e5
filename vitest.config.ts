import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    include: ['test/**/*.test.ts'],
    // One less would be one of two: a single file takes half of the time.
    maxWorkers: availableParallelism(),
    // These end what hangs. What work may cost is told by comparison: test/support/cost.ts.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});

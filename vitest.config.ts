import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    include: ['test/**/*.test.ts'],
    // These end what hangs. What work may cost is told by comparison: test/support/cost.ts.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});

import { defineConfig } from 'vitest/config';

/** A project of tests that run on the packages' sources: no build is needed first. */
const project = (folder: string) => ({
  extends: true as const,
  test: { name: folder.slice(folder.indexOf('/') + 1), root: folder, include: ['test/**/*.test.ts'] },
});

export default defineConfig({
  resolve: { conditions: ['@throughline/source'] },
  ssr: { resolve: { conditions: ['@throughline/source'] } },
  test: {
    // A condition is waited for, not a time: a busy machine may take longer.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    expect: { poll: { timeout: 10_000 } },
    projects: [
      project('packages/events'),
      project('packages/core'),
      project('packages/client'),
      project('packages/telemetry'),
      project('packages/compat'),
      project('packages/boundaries'),
      project('packages/test-kit'),
      project('tools/checks'),
      project('tools/integration'),
      project('tools/bench'),
      project('tools/mutations'),
      project('tools/release'),
      project('examples/golden-path'),
      project('examples/frameworks'),
    ],
  },
});

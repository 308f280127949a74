import { describe, expect, test } from 'vitest';
import { type DeprecationBudgetOptions, failOnDeprecation } from '../src/index.js';

/** What @throughline/compat tells the process of a use. */
function use(code: string, line: number, type = 'DeprecationWarning'): void {
  process.emitWarning('createWebSocketManager of @throughline/compat is deprecated.', {
    type,
    code,
    detail: `Take the manager of a user context. For example:\n  getWebSocketManager(userContext);\nCalled at /srv/a.ts:${line}.`,
  });
}

describe('S13 a budget of deprecations', () => {
  test('fails with code, calling line and replacement of each use', async () => {
    const budget = failOnDeprecation();
    use('TL_DEP0001', 7);
    use('TL_DEP0001', 7);
    use('TL_DEP0005', 9);
    const error = await budget.verify().catch((failure: unknown) => failure);
    expect(error).toMatchObject({ name: 'DeprecationError', uses: [{ code: 'TL_DEP0001' }, { code: 'TL_DEP0005' }] });
    expect((error as Error).message).toContain('2 uses of what is deprecated; 0 are allowed.');
    expect((error as Error).message).toContain('TL_DEP0001 at /srv/a.ts:7\n');
    expect((error as Error).message).toContain('  getWebSocketManager(userContext);');
  });

  test('lets pass what is within it, and what is of others', async () => {
    const listeners = process.listenerCount('warning');
    {
      await using budget = failOnDeprecation({ max: 1 });
      use('TL_DEP0001', 11);
      use('DEP0190', 12);
      use('TL_DEP0001', 13, 'ExperimentalWarning');
      await expect.poll(() => budget.uses).toMatchObject([{ site: '/srv/a.ts:11' }]);
    }
    expect(process.listenerCount('warning')).toBe(listeners);
  });

  test('R20 fails at the end of its scope too', async () => {
    await expect(
      (async () => {
        await using _ = failOnDeprecation();
        use('TL_DEP0001', 15);
      })(),
    ).rejects.toThrow(/TL_DEP0001 at \/srv\/a\.ts:15/);
  });

  test('refuses options that it cannot judge by', () => {
    expect(() => failOnDeprecation({ maximum: 3 } as DeprecationBudgetOptions)).toThrow(/no option maximum/);
    expect(() => failOnDeprecation({ max: -1 })).toThrow(/a whole number from 0/);
    process.noDeprecation = true;
    try {
      expect(() => failOnDeprecation()).toThrow(/--no-deprecation/);
    } finally {
      process.noDeprecation = false;
    }
  });
});

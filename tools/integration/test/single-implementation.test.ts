// S12, family "single implementation": S1, S5. One function makes every manager, and nothing published is another way to one.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

const packages = new URL('../../../packages/', import.meta.url);

/** Every entry of every published package that is code, but those that need a test runner. */
const entries = readdirSync(packages).flatMap((folder) => {
  const { name, exports } = JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8')) as Manifest;
  return Object.entries(exports)
    .filter(([path, target]) => typeof target === 'object' && path !== './vitest')
    .map(([path]) => `${name}${path.slice(1)}`);
});

/** What somebody could write `new` before and get an object with methods of its own. An error is none. */
function isClass(value: unknown): boolean {
  if (typeof value !== 'function' || value.prototype instanceof Error) return false;
  return /^class\b/.test(Function.prototype.toString.call(value));
}

describe('S12 single implementation', () => {
  test('S12 single implementation, S5: of all entries of all packages, one gives `getWebSocketManager`', async () => {
    const giving: string[] = [];
    for (const entry of entries.filter((one) => !one.startsWith('@throughline/compat'))) {
      const surface = (await import(entry)) as Readonly<Record<string, unknown>>;
      if ('getWebSocketManager' in surface) giving.push(entry);
      // S1: a class would be a second way to make one.
      expect([entry, Object.keys(surface).filter((name) => isClass(surface[name]))]).toEqual([entry, []]);
    }
    expect(entries.length).toBeGreaterThan(15);
    expect(giving).toEqual(['@throughline/core']);
  });
});

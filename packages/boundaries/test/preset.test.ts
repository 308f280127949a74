import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import { floorPlan } from '../src/index.js';
import { preset } from '../src/preset.js';
import { type Files, MONOREPO, plant, SERVICE } from './planted.js';

async function cruised(files: Files, options = {}): Promise<string[]> {
  const root = plant(files);
  const { forbidden, options: cruiseOptions } = preset({ root, ...options });
  const { output } = await cruise(
    Object.keys(files).filter((path) => /^(src|packages|test)\/.*\.ts$/.test(path)),
    {
      ...cruiseOptions,
      baseDir: root,
      validate: true,
      ruleSet: { forbidden },
    },
  );
  return (output as ICruiseResult).summary.violations.map(({ rule, from }) => `${rule.name} ${from}`).sort();
}

describe('the preset', () => {
  it('passes what the check passes', async () => {
    expect(await cruised(SERVICE)).toEqual([]);
    expect(await cruised(MONOREPO)).toEqual([]);
  });

  it('finds in dependency-cruiser what imports can show', async () => {
    const wrong = { 'src/answer.ts': "import 'ws';\nimport './main.js';\nimport './webSocketManagerFactory.js';\n" };
    expect(await cruised({ ...SERVICE, ...wrong })).toEqual([
      'no-cycle src/answer.ts',
      'no-deleted-module src/answer.ts',
      'no-unresolvable src/answer.ts',
      'one-owner src/answer.ts',
      'production-declares-what-it-imports src/answer.ts',
    ]);
    const inside = { 'packages/upper/src/index.ts': "export { inner } from '../../lower/src/inner.js';\n" };
    expect(await cruised({ ...MONOREPO, ...inside })).toEqual([
      'entries-only packages/upper/src/index.ts',
      'no-relative-path-to-another-package packages/upper/src/index.ts',
    ]);
  });

  it('is made from a plan', async () => {
    const plan = floorPlan({
      reachable: { files: ['src/**'], from: ['src/main.ts'] },
      standalone: [{ files: ['src/main.ts'], why: 'It must.', instead: 'Do without.' }],
      cyclesOfTypes: true,
    });
    const files = { ...SERVICE, 'src/dead.ts': "import './answer.js';\n" };
    expect(await cruised(files, { plan })).toEqual([
      'nothing-unreachable src/dead.ts',
      'standalone-stays-alone src/main.ts',
    ]);
  });
});

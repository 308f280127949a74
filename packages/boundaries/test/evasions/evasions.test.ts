import { describe, expect, test } from 'vitest';
import { checkPlanted, told } from '../syntax/planted.js';
import { launderingTricks } from './laundering.js';
import { managerTricks } from './managers.js';
import { manifestTricks } from './manifests.js';
import { socketTricks } from './sockets.js';
import { specifierTricks } from './specifiers.js';

const tricks = [...specifierTricks, ...socketTricks, ...managerTricks, ...launderingTricks, ...manifestTricks];

describe('ways around the boundaries (S2, S5)', () => {
  test('each has a name of its own, and of a hundred and more only these get through', () => {
    expect(new Set(tricks.map(({ name }) => name)).size).toBe(tricks.length);
    expect(tricks.length).toBeGreaterThan(100);
    expect(tricks.filter(({ stoppedBy }) => !stoppedBy).map(({ name }) => name)).toEqual([
      'a path below a folder that is made up at run time',
      'a file that the user names',
      'a registry in which nothing has a name',
      'a package that calls itself the owner',
    ]);
  });

  test('without a trick in it, a project of this kind is clean', async () => {
    const files = { 'src/main.ts': `import { join } from 'node:path';\nexport const path = join('a', 'b');\n` };
    expect(told(await checkPlanted({ installs: ['ws'], files }))).toEqual([]);
  });

  test.each(tricks.filter(({ stoppedBy }) => stoppedBy))('$name: stopped by $stoppedBy', async (trick) => {
    const verdict = await checkPlanted(trick);
    expect(verdict.problems).toEqual([]);
    expect(
      verdict.violations.map(({ rule }) => rule),
      told(verdict).join('\n'),
    ).toContain(trick.stoppedBy);
  });

  test.each(tricks.filter(({ getsThrough }) => getsThrough))('$name: gets through. $getsThrough', async (trick) => {
    expect(told(await checkPlanted(trick))).toEqual([]);
  });
});

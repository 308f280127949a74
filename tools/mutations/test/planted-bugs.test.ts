// The list is true of the sources as they are: each entry applies, names tests that exist, and says whom it would hurt.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { plant } from '../src/planted-bug.js';
import { plantedBugs } from '../src/planted-bugs.js';

const root = resolve(import.meta.dirname, '../../..');

test.each(plantedBugs)('$name applies exactly once, and its tests exist', (bug) => {
  const text = readFileSync(join(root, bug.file), 'utf8');
  expect(plant(text, bug)).not.toBe(text);
  expect(bug.harm).toMatch(/^[A-Z"].*[.?]$/);
  expect(bug.killedBy).not.toHaveLength(0);
  for (const file of bug.killedBy) expect(existsSync(join(root, file)), file).toBe(true);
});

test('there are enough planted bugs, each has a name of its own, and what may survive is explained', () => {
  const names = plantedBugs.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(name))).toEqual([]);
  expect(names.length).toBeGreaterThanOrEqual(50);
  for (const { accepted } of plantedBugs) if (accepted !== undefined) expect(accepted.length).toBeGreaterThan(40);
});

test.each(['core', 'client', 'events'])('bugs are planted in %s', (name) => {
  expect(plantedBugs.some(({ file }) => file.startsWith(`packages/${name}/src/`))).toBe(true);
});

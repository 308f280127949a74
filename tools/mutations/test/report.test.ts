import { describe, expect, test } from 'vitest';
import type { Fate, Verdict } from '../src/proof.js';
import { lineOf, summarise } from '../src/report.js';

const verdict = (name: string, fate: Fate, accepted?: string): Verdict => ({
  bug: { name, file: 'f', find: 'a', replace: 'b', harm: 'It hurts.', killedBy: [], ...(accepted && { accepted }) },
  fate,
  by: `a test\nand more`,
  asExpected: true,
  seconds: 1.25,
});

const killed = (count: number) => Array.from({ length: count }, (_, index) => verdict(`bug-${index}`, 'killed'));

describe('a proof', () => {
  test('is passed from 95 % on', () => {
    expect(summarise([...killed(19), verdict('x', 'survived')]).passed).toBe(true);
    expect(summarise([...killed(18), verdict('x', 'survived')]).passed).toBe(false);
    expect(summarise([]).passed).toBe(false);
  });

  test('counts what was noticed by waiting in vain, and lists it', () => {
    const { lines, passed } = summarise([...killed(1), verdict('hangs', 'killed by timeout')]);
    expect(passed).toBe(true);
    expect(lines).toContain('Noticed only by waiting in vain: hangs, a test');
  });

  test('explains survivors, accepted or not', () => {
    const { lines } = summarise([verdict('x', 'survived', 'Nobody can see it.'), verdict('y', 'survived')]);
    expect(lines).toContain('Survived: x. Nobody can see it.');
    expect(lines).toContain('Survived: y. Unexplained. It hurts.');
  });

  test.each<Fate>(['invalid', 'stale'])('is never passed with an entry that is %s', (fate) => {
    expect(summarise([...killed(100), verdict('x', fate)]).passed).toBe(false);
  });

  test('says so when what was accepted is noticed by now', () => {
    expect(summarise([verdict('x', 'killed', 'Nobody can see it.')]).lines).toContain(
      'Is noticed by now, though accepted: x.',
    );
  });
});

test('a line tells the first line of what noticed a bug, and how long that took', () => {
  expect(lineOf(verdict('x', 'killed'))).toMatch(/^killed +x +1\.3 s {2}a test$/);
  expect(lineOf({ ...verdict('x', 'killed'), asExpected: false })).toContain('(not by the tests that the list names)');
});

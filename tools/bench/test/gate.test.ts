// The gate fails where it must and nowhere else.
import { expect, test } from 'vitest';
import { judge, type Load, tolerance } from '../src/gate/verdict.js';

const load: Load = { name: 'steady', burst: 1, turns: 100, ratio: 1.5, writes: 1 };
const samples = (cpu: readonly number[], writes = 1) => cpu.map((value) => ({ cpu: value, writes, bytes: 200 }));
const plain = samples([2.4, 2, 9, 2.1]);

test('the least of many samples counts: what else a machine does only adds', () => {
  const { ratio, reasons } = judge(load, { throughline: samples([50, 3, 8, 3.3]), ws: plain });
  expect(ratio).toBe(1.5);
  expect(reasons).toEqual([]);
});

test('a loss of 20 % fails, noise of less than the tolerance does not', () => {
  expect(judge(load, { throughline: samples([3.6, 7]), ws: plain }).reasons).toEqual([
    'steady: CPU per event is 1.800× that of plain ws; at most 1.725× is allowed.',
  ]);
  expect(judge(load, { throughline: samples([3 * tolerance - 0.01]), ws: plain }).reasons).toEqual([]);
});

test('more writes than before fail, however fast', () => {
  expect(judge(load, { throughline: samples([1], 2), ws: plain }).reasons).toEqual([
    'steady: 2.000 writes per event; at most 1 are allowed.',
  ]);
});

test('what was not measured does not pass', () => {
  expect(judge(load, { throughline: [], ws: plain }).reasons).not.toEqual([]);
  expect(judge(load, { throughline: samples([Number.NaN]), ws: plain }).reasons).not.toEqual([]);
});

// What the memory of logs costs the garbage collector.
import { expect, test } from 'vitest';
import { ChunkMemory } from '../src/chunk-memory.js';
import { collectGarbage } from './collect-garbage.js';
import { turn } from './running-service.js';

const mebibyte = 1_048_576;
const chunkBytes = 16_384;

/** Whether V8 counts it. */
function isCounted({ buffer }: Buffer): boolean {
  return !(buffer instanceof SharedArrayBuffer);
}

/** A memory in which so many bytes are in use. */
function usedMemory(bytes: number, mostDropped: number) {
  const memory = new ChunkMemory(mostDropped);
  const held: Buffer[] = [];
  while (memory.held < bytes) held.push(memory.allocate(chunkBytes));
  return { memory, held };
}

/** The collector does not come before the code that runs has ended: whoever was looked for must be let go first. */
async function collect(): Promise<void> {
  await turn();
  collectGarbage();
}

test('what a log takes is not counted as garbage, but for the first 8 MiB', () => {
  const { held } = usedMemory(24 * mebibyte, mebibyte);
  const counted = held.filter(isCounted);
  expect(counted).toHaveLength((8 * mebibyte) / chunkBytes);
  expect(held.slice(0, counted.length).every(isCounted)).toBe(true);
});

test('it is counted from when so much was dropped that a collection is due, until there was one', async () => {
  const { memory } = usedMemory(16 * mebibyte, mebibyte);
  memory.drop(mebibyte);
  expect(isCounted(memory.allocate(chunkBytes))).toBe(false);
  memory.drop(1);
  expect(isCounted(memory.allocate(chunkBytes))).toBe(true);
  memory.drop(chunkBytes);
  expect(isCounted(memory.allocate(chunkBytes))).toBe(true);
  await collect();
  memory.drop(chunkBytes);
  expect(isCounted(memory.allocate(chunkBytes))).toBe(false);
  // And so again.
  memory.drop(mebibyte);
  expect(isCounted(memory.allocate(chunkBytes))).toBe(true);
});

test('it knows what is in use', () => {
  const memory = new ChunkMemory(mebibyte);
  memory.allocate(700);
  memory.allocate(300);
  memory.drop(700);
  expect(memory.held).toBe(300);
});

test('what is dropped goes, however much it is: a log that turns over a gibibyte holds what is in use and little more', async () => {
  const { memory, held } = usedMemory(16 * mebibyte, 32 * mebibyte);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let turned = 0; turned < 1_024 * mebibyte; turned += chunkBytes) {
    memory.drop((held.shift() as Buffer).length);
    held.push(memory.allocate(chunkBytes));
    if (turned % (4 * mebibyte) === 0) await turn();
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  // V8 itself lets up to 64 MiB wait, whatever the memory is.
  expect(most).toBeLessThan(256 * mebibyte);
});

import { describe, expect, it } from 'vitest';
import { createPace } from '../src/agent/pace.js';

async function collect(words: AsyncIterable<string>): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of words) pieces.push(piece);
  return pieces;
}

const never = new AbortController().signal;

describe('the pace', () => {
  it.each(['One two  three.', ' leads and trails ', '\n\n', '', 'a'])('loses nothing of %j', async (text) => {
    expect((await collect(createPace(Number.POSITIVE_INFINITY).words(text, never))).join('')).toBe(text);
  });

  it('gives a word at a time', async () => {
    expect(await collect(createPace(10_000).words('One two three.', never))).toEqual(['One ', 'two ', 'three.']);
  });

  it('ends in the middle of a wait', async () => {
    const stop = new AbortController();
    const slow = createPace(0.001).words('One two', stop.signal)[Symbol.asyncIterator]();
    expect(await slow.next()).toEqual({ done: false, value: 'One ' });
    const second = slow.next();
    stop.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
  });
});

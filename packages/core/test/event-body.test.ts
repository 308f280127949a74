import { describe, expect, test } from 'vitest';
import { isThroughlineError } from '../src/errors.js';
import { type EventDraft, type EventRules, serialiseData, serialiseText } from '../src/event-body.js';

const rules: EventRules = { maxEventBytes: 2_048 };

function draft(data: unknown, type = 'acme.note'): EventDraft {
  return { type, thread_id: 't', run_id: 'r', agent_name: 'a', data };
}

function faultOf(data: unknown, type?: string, given = rules) {
  try {
    serialiseData(draft(data, type), given);
  } catch (error) {
    if (isThroughlineError(error)) return error;
    throw error;
  }
  return undefined;
}

function cycle(): object {
  const data: Record<string, unknown> = { text: 's3cret' };
  data.self = data;
  return data;
}

/** So deep that walking it must overflow a stack, with a null at the bottom. */
function abyss(depth: number): unknown {
  let data: unknown = null;
  for (let level = 0; level < depth; level++) data = [data];
  return data;
}

test('data becomes its JSON', () => {
  for (const data of [null, 0, '', false, [1, null], { a: { b: 'ä' } }]) {
    expect(serialiseData(draft(data), rules)).toBe(JSON.stringify(data));
  }
});

describe('R13: data that is not JSON is refused with a typed error, and never quoted', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['a function', () => 's3cret'],
    ['a symbol', Symbol('s3cret')],
    ['a cycle', cycle()],
    ['a BigInt', { count: 3n }],
    ['NaN', Number.NaN],
    ['NaN deep inside', { a: [{ b: Number.NaN, c: 's3cret' }] }],
    ['Infinity', { a: Number.POSITIVE_INFINITY }],
    ['-Infinity beside a null', [null, Number.NEGATIVE_INFINITY]],
    [
      'a toJSON that throws',
      {
        toJSON() {
          throw new Error('s3cret');
        },
      },
    ],
    [
      'a getter that throws',
      {
        get a(): never {
          throw new Error('s3cret');
        },
      },
    ],
  ])('%s', (_, data) => {
    const fault = faultOf(data);
    expect(fault).toMatchObject({ code: 'EVENT_INVALID' });
    expect(fault?.message).not.toContain('s3cret');
  });

  test.each([1_000, 2_000, 4_000, 6_000, 8_000, 12_000, 50_000])(
    'nested %i levels deep: it is stored or refused',
    (depth) => {
      const fault = faultOf(abyss(depth), 'acme.note', { maxEventBytes: 1_000_000 });
      expect([undefined, 'EVENT_INVALID']).toContain(fault?.code);
    },
  );

  test('a getter that throws in the data of a built-in event', () => {
    const usage = {
      get tokens(): never {
        throw new Error('s3cret');
      },
    };
    const fault = faultOf({ outcome: 'succeeded', duration_ms: 0, usage }, 'agent_completed');
    expect(fault).toMatchObject({ code: 'EVENT_INVALID' });
    expect(fault?.message).not.toContain('s3cret');
  });

  test('null is a value, and the word null is a word', () => {
    expect(faultOf({ a: null, b: 'null' })).toBeUndefined();
  });
});

describe('S8: data must fit its type', () => {
  test('the fault names the type and the field', () => {
    expect(faultOf({ reasoning: 7 }, 'agent_thinking')?.message).toContain(
      'agent_thinking: data.reasoning must be string.',
    );
  });

  test.each(['note', 'acme', 'Acme.note', 'toString', 'a"b.c', ''])('%j is no type of a custom event', (type) => {
    expect(faultOf({}, type)).toMatchObject({ code: 'EVENT_INVALID' });
  });
});

describe('size', () => {
  const json = (bytes: number, unit: string) => unit.repeat((bytes - 2) / Buffer.byteLength(unit));

  test.each(['x', 'ä', '🐘'])('is counted in bytes of UTF-8: %s', (unit) => {
    const most = rules.maxEventBytes - ((rules.maxEventBytes - 2) % Buffer.byteLength(unit));
    expect(faultOf(json(most, unit))).toBeUndefined();
    expect(faultOf(`${json(most, unit)}${unit}`)).toMatchObject({ code: 'EVENT_TOO_LARGE' });
  });

  test('is said, with the limit and what to do', () => {
    expect(faultOf(json(4_098, 'x'))?.message).toBe(
      'acme.note: data is 4098 bytes, more than the 2048 of maxEventBytes. Store the result elsewhere and send a reference to it.',
    );
  });

  test('of a text is bounded as well', () => {
    expect(serialiseText(draft({ text: 'ä"' }, 'partial_result'), rules)).toBe('{"text":"ä\\""}');
    expect(() => serialiseText(draft({ text: 'x'.repeat(2_048) }, 'partial_result'), rules)).toThrow(
      expect.objectContaining({ code: 'EVENT_TOO_LARGE' }),
    );
  });
});

describe('redaction', () => {
  test('sees the draft and decides what is stored, texts included', () => {
    const seen: EventDraft[] = [];
    const redact = (event: EventDraft) => {
      seen.push(event);
      return JSON.parse(JSON.stringify(event.data).replaceAll('4111', '****')) as unknown;
    };
    expect(serialiseData(draft({ card: '4111' }), { ...rules, redact })).toBe('{"card":"****"}');
    expect(serialiseText(draft({ text: '4111' }, 'partial_result'), { ...rules, redact })).toBe('{"text":"****"}');
    expect(seen).toEqual([draft({ card: '4111' }), draft({ text: '4111' }, 'partial_result')]);
  });

  test('that throws stores nothing and quotes nothing', () => {
    const redact = () => {
      throw new Error('s3cret');
    };
    const fault = faultOf({ text: 's3cret' }, 'acme.note', { ...rules, redact });
    expect(fault).toMatchObject({ code: 'EVENT_INVALID' });
    expect(fault?.message).not.toContain('s3cret');
  });

  test('may not break what clients rely on', () => {
    const fault = faultOf({ text: 'x' }, 'partial_result', { ...rules, redact: () => ({ text: null }) });
    expect(fault?.message).toContain('partial_result: data.text must be string.');
  });
});

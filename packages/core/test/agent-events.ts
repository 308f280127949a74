// What agents say, as it is stored: by hand, and as sequences that a property test makes up, with all that is hard to tell
// apart in them.
import fc from 'fast-check';
import { envelopeOf } from '../src/envelope.js';
import { textFrame } from '../src/framing.js';
import type { NewEntry, UserKey } from '../src/log.js';

/** An event without its place in a log. */
export interface SaidEvent {
  readonly type: string;
  readonly seq?: number;
  readonly thread_id: string;
  readonly run_id?: string;
  readonly agent_name?: string;
  readonly timestamp: string;
  readonly data: unknown;
}

export const ada: UserKey = { tenant_id: 'default', user_id: 'ada' };

const someTime = '2026-11-20T09:30:00.000Z';

/** An event on its way into the log of a user. */
export function entryOf(event: SaidEvent, key: UserKey = ada): NewEntry {
  const { type, thread_id, run_id, seq } = event;
  const body = `${envelopeOf(key)},${JSON.stringify(event).slice(1)}`;
  const ends = type === 'agent_completed';
  return { key, body, type, thread_id, ends, ...(run_id !== undefined && seq !== undefined && { run_id, seq }) };
}

/** The event of a run, when nothing but its place and its data matters. */
export function said(type: string, run_id: string, seq: number, data: unknown, thread_id = 't'): SaidEvent {
  return { type, seq, thread_id, run_id, agent_name: 'a', timestamp: someTime, data };
}

export function piece(run_id: string, seq: number, text: string, thread_id = 't'): SaidEvent {
  return said('partial_result', run_id, seq, { text }, thread_id);
}

export function aside(text: string, thread_id = 't'): SaidEvent {
  return { type: 'acme.note', thread_id, timestamp: someTime, data: text };
}

export function markOf(offset: number): string {
  return ((offset * 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
}

/** Events as a log would hold them from an offset on: frames, back to back. */
export function framesOf(events: readonly SaidEvent[], first = 1, key: UserKey = ada): Buffer {
  return Buffer.concat(
    events.map((event, index) => {
      const offset = first + index;
      return textFrame(`{"offset":${offset},"mark":"${markOf(offset)}",${entryOf(event, key).body}`);
    }),
  );
}

/** Texts that look like what a careless reader of bytes would look for. */
const lookAlikes = [
  '","thread_id":"t-1',
  ',"thread_id":"t-1","run_id":"r-0",',
  '","type":"partial_result"',
  ',"type":"agent_thinking"',
  '"}\\',
  '\\"',
  '{"offset":1,"mark":"00000000"',
];

const anyText = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.constantFrom(...lookAlikes) },
  // Halves of characters: they may meet their other half in the next piece.
  { weight: 2, arbitrary: fc.constantFrom('\ud83d', '\udc18', 'a\ud83d', '\udc18b', '\udc18\ud83d') },
  { weight: 1, arbitrary: fc.constantFrom('', '\0', '\n\r\t\u2028\u2029\u001f\u007f', '\u{1f9ff}\u0301') },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(125), 'ä'.repeat(9_000), 'x'.repeat(70_000)) },
);

const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));

/** Ids may hold all printable ASCII, quotation marks and backslashes included. */
export const anyId: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('t-1', 't-2') },
  { weight: 2, arbitrary: fc.constantFrom(...lookAlikes.map((text) => text.replaceAll(' ', ''))) },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(...printable), minLength: 1, maxLength: 12 }) },
);

export const anyKey: fc.Arbitrary<UserKey> = fc.record({
  user_id: anyId,
  tenant_id: fc.oneof(fc.constant('default'), anyId),
});

const step_number = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
const progress = fc.option(fc.constantFrom(0, 0.25, 1), { nil: undefined });

/** Which run (or none) says what, and whether its number leaves a hole. Answers and thoughts come in rows. */
interface Words {
  readonly type: string;
  readonly data: object;
}

const saying = fc.record({
  run: fc.integer({ min: 0, max: 3 }),
  hole: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
  what: fc.oneof<fc.WeightedArbitrary<Words[]>[]>(
    {
      weight: 6,
      arbitrary: fc.array(
        anyText.map((text) => ({ type: 'partial_result', data: { text } })),
        { minLength: 1, maxLength: 6 },
      ),
    },
    {
      weight: 4,
      arbitrary: fc.array(
        fc
          .record({ reasoning: anyText, step_number, progress })
          .map((data) => ({ type: 'agent_thinking', data: data as object })),
        { minLength: 1, maxLength: 5 },
      ),
    },
    { weight: 1, arbitrary: anyText.map((text) => [{ type: 'agent_started', data: { task_description: text } }]) },
    {
      weight: 2,
      arbitrary: anyText.map((text) => [
        { type: 'tool_executing', data: { tool_call_id: 'c', tool_name: 'n', parameters: { text } } },
        { type: 'tool_completed', data: { tool_call_id: 'c', tool_name: 'n', success: true, results: text } },
      ]),
    },
    { weight: 2, arbitrary: anyText.map((text) => [{ type: 'acme.note', data: { text } as object }]) },
    {
      weight: 1,
      arbitrary: anyText.map((text) => [
        { type: 'agent_completed', data: { outcome: 'failed', final_response: text } },
      ]),
    },
  ),
});

/** Four runs, of which the last is none: what it says is said outside of runs, and only what a team made up. */
export const anyEvents: fc.Arbitrary<readonly SaidEvent[]> = fc
  .tuple(
    fc.array(fc.record({ thread_id: anyId, agent_name: anyText, run_id: anyId }), { minLength: 4, maxLength: 4 }),
    fc.array(saying, { maxLength: 25, size: 'medium' }),
  )
  .map(([runs, sayings]) => {
    const seqs = [0, 0, 0, 0];
    return sayings.flatMap(({ run, hole, what }, time) => {
      const { thread_id, agent_name, run_id } = runs[run] as (typeof runs)[number];
      const timestamp = new Date(Date.UTC(2026, 10, 20) + time).toISOString();
      seqs[run] = (seqs[run] as number) + hole;
      return what.map(({ type, data }): SaidEvent => {
        if (run === 3) return { type: 'acme.note', thread_id, timestamp, data };
        const seq = (seqs[run] as number) + 1;
        seqs[run] = seq;
        // Ids of runs are apart by their end.
        return { type, seq, thread_id, run_id: `${run_id}${run}`, agent_name, timestamp, data };
      });
    });
  });

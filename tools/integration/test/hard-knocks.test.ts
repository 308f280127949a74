// R5, R8, R13: agents, storage, redaction and telemetry fail; the process lives, and every screen sees the run end.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Task, unstorableAnswers } from '../src/agents.js';
import type { StorageFault } from '../src/faulty-log.js';
import type { RawClient } from '../src/raw-client.js';
import { recordOf } from '../src/run-record.js';
import { ask, type ServiceProcess, startServiceProcess } from '../src/service-process.js';

let service: ServiceProcess;
let tabs: readonly RawClient[];
let asked = 0;

/** Asks on one tab; how each tab saw the run end. */
async function outcomes(task: Task) {
  const [first, ...others] = tabs as [RawClient, ...RawClient[]];
  const message_id = ask(first, task, `m-${++asked}`);
  return Promise.all([first, ...others].map((tab) => outcomeOn(tab, message_id)));
}

async function outcomeOn(tab: RawClient, message_id: string) {
  const run_id = await runOf(tab, message_id);
  await tab.next((frame) => frame.type === 'agent_completed' && frame.run_id === run_id);
  return recordOf(tab.events(), run_id);
}

async function runOf(tab: RawClient, message_id: string): Promise<string> {
  const started = await tab.next(
    (frame) => frame.type === 'agent_started' && (frame.data as { message_id?: string }).message_id === message_id,
  );
  return (started as { run_id: string }).run_id;
}

/** The service answers, on the tabs that saw the trouble. */
async function expectService(): Promise<void> {
  for (const { types, text, outcome } of await outcomes({ agent: 'answer' })) {
    expect({ first: types[0], text, outcome }).toEqual({
      first: 'agent_started',
      text: 'All is well.',
      outcome: 'succeeded',
    });
  }
  expect(service.death).toBeUndefined();
}

const endings: (Task & { outcome: string; error?: string; text?: string })[] = [
  { agent: 'throws an error', outcome: 'failed', error: 'the database is gone' },
  { agent: 'throws nothing', outcome: 'failed', error: 'The agent failed.' },
  { agent: 'throws what cannot be read', outcome: 'failed', error: 'The agent failed.' },
  { agent: 'throws with a tool at work', outcome: 'failed', error: 'the tool is still at work' },
  { agent: 'does not await its tool', outcome: 'succeeded' },
  { agent: 'has results that cannot be stored', outcome: 'failed', error: 'tool_completed' },
  { agent: 'does not await what is refused', outcome: 'failed', error: 'reasoning' },
  { agent: 'speaks after its end', outcome: 'succeeded' },
  { agent: 'ends its tool twice', outcome: 'succeeded' },
  { agent: 'leaves its run without an outcome', outcome: 'failed', text: 'I was about to' },
  { agent: 'says in one piece what is too large', outcome: 'failed', error: 'maxEventBytes' },
  { agent: 'has an answer that cannot be redacted', outcome: 'failed', error: 'redaction' },
  { agent: 'is never redacted', outcome: 'failed', error: 'redaction' },
  ...unstorableAnswers
    .filter((detail) => !detail.startsWith('null at depth'))
    .map((detail) => ({
      agent: 'has an answer that cannot be stored' as const,
      detail,
      outcome: 'failed',
      text: 'It was: ',
    })),
];

describe.each(['log in memory', 'later-log'] as const)('with a %s', (log) => {
  beforeAll(async () => {
    service = await startServiceProcess(...(log === 'later-log' ? [log] : []));
  });

  afterAll(() => service[Symbol.asyncDispose]());

  beforeEach(async () => {
    const user = `user-${++asked}`;
    tabs = await Promise.all([service.open(user), service.open(user)]);
  });

  describe('an agent that fails: every tab sees the end, and the service serves on', () => {
    test.each(endings.map((ending) => [ending.agent, ending.detail ?? '', ending] as const))(
      '%s %s',
      async (agent, detail, { outcome, error = '', text = '' }) => {
        for (const record of await outcomes({ agent, detail })) {
          expect(record).toMatchObject({ outcome, text });
          expect(record.error?.message ?? '').toContain(error);
          expect(JSON.stringify(record)).not.toContain('    at ');
        }
        await expectService();
      },
    );

    test.each(unstorableAnswers.filter((detail) => detail.startsWith('null at depth')))(
      'an answer with %s ends one way or the other',
      async (detail) => {
        for (const { outcome } of await outcomes({ agent: 'has an answer that cannot be stored', detail })) {
          expect(['succeeded', 'failed']).toContain(outcome);
        }
        await expectService();
      },
    );

    test('an error before any run is told to who asked', async () => {
      const [first] = tabs as [RawClient];
      ask(first, { agent: 'throws before its run' }, 'no-run');
      expect(await first.next('error')).toMatchObject({ id: 'no-run', code: 'HANDLER_FAILED' });
      await expectService();
    });
  });

  describe('an agent that is cancelled', () => {
    test.each(['ignores its cancel', 'throws on its cancel'] as const)(
      '%s: every tab sees `cancelled`',
      async (agent) => {
        const [first, second] = tabs as [RawClient, RawClient];
        const message_id = ask(first, { agent }, 'cancel-me');
        const run_id = await runOf(second, message_id);
        await second.next('partial_result');
        second.send({ type: 'cancel', id: 'c-1', run_id });
        await second.next((frame) => frame.type === 'accepted' && frame.id === 'c-1');
        for (const tab of tabs) {
          const { outcome, types } = await outcomeOn(tab, message_id);
          expect({ outcome, last: types.at(-1) }).toEqual({ outcome: 'cancelled', last: 'agent_completed' });
        }
        first.send({ type: 'cancel', id: 'c-2', run_id });
        expect(await first.next('error')).toMatchObject({ id: 'c-2', code: 'RUN_UNKNOWN' });
        await expectService();
      },
    );
  });

  describe('storage that fails', () => {
    const faults: StorageFault[] = ['throws', 'rejects', 'stores_and_rejects'];

    test.each(faults)('in mid-run, and %s: the run ends `failed`, nothing is missing before', async (fault) => {
      await service.order({ order: 'fail_storage', type: 'tool_executing', count: 1, fault });
      for (const { outcome, error } of await outcomes({ agent: 'answer' })) {
        expect({ outcome, code: error?.code }).toEqual({ outcome: 'failed', code: 'STORE_FAILED' });
      }
      await expectService();
    });

    test.each(faults)('at the end of a run, and %s: it is tried again until it is stored, once', async (fault) => {
      await service.order({ order: 'fail_storage', type: 'agent_completed', count: 2, fault });
      for (const { outcome, text } of await outcomes({ agent: 'answer' })) {
        expect({ outcome, text }).toEqual({ outcome: 'succeeded', text: 'All is well.' });
      }
      await expectService();
    });

    test.each(faults)('at the beginning of a run, and %s: who asked is told, or sees the run end', async (fault) => {
      await service.order({ order: 'fail_storage', type: 'agent_started', count: 1, fault });
      const [first] = tabs as [RawClient];
      const message_id = ask(first, { agent: 'answer' }, 'not-begun');
      const answer = await first.next(
        (frame) => frame.type === 'agent_completed' || (frame.type === 'error' && frame.id === message_id),
      );
      expect(['agent_completed', 'error']).toContain(answer.type);
      for (const run_id of new Set(first.events().map((event) => event.run_id))) {
        await first.next((frame) => frame.type === 'agent_completed' && frame.run_id === run_id);
        expect(recordOf(first.events(), run_id ?? '').outcome).toBe('failed');
      }
      await expectService();
    });
  });

  test('after all that nothing was closed with 1011, and a drained process ends by itself', async () => {
    await expectService();
    const telemetry = await service.order({ order: 'telemetry' });
    expect(telemetry.filter((event) => event.kind === 'session_closed' && event.code === 1011)).toEqual([]);
    await service.order({ order: 'drain' });
    for (const tab of tabs) expect((await tab.closed).code).toBe(1012);
    expect(await service.exited).toBe(0);
    expect(service.output()).toBe('');
  });
});

// A user's cancel: the agent hears it, has its time, and cannot ignore it.
import { describe, expect, test } from 'vitest';
import type { Run } from '../src/run.js';
import { place, startManager } from './running-manager.js';
import { turn } from './running-service.js';
import { expectWholeRun, type StoredEvent } from './stored-events.js';

const typesOf = (events: readonly StoredEvent[]) => events.map(({ type }) => type);
describe('a cancel', () => {
  async function startCancelled(work: (run: Run) => Promise<void>) {
    const started = await startManager({ cancelGraceMs: 5_000 });
    const client = await started.enter('ada');
    const ended = started.manager.run({ ...place, run_id: 'r-1' }, work).then(
      () => 'returned',
      (error: unknown) => error,
    );
    await client.until('agent_started');
    client.send({ type: 'cancel', id: 'c-1', run_id: 'r-1' });
    await client.until('accepted', { id: 'c-1' });
    return { ...started, client, ended };
  }

  const untilAborted = ({ signal }: Run) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

  test('that the agent heeds by returning ends the run as cancelled', async () => {
    const { ended, events } = await startCancelled(untilAborted);
    expect(await ended).toBe('returned');
    expect(expectWholeRun(events()).data).toEqual({ outcome: 'cancelled', duration_ms: 0 });
  });

  test('that the agent heeds by throwing ends the run as cancelled', async () => {
    const aborted = new Error('aborted');
    const { ended, events } = await startCancelled(async (run) => {
      await untilAborted(run);
      throw aborted;
    });
    expect(await ended).toBe(aborted);
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'cancelled', error: { code: 'RUN_CANCELLED' } });
  });

  test('leaves the agent its time to say what it still has to say', async () => {
    const { ended, events } = await startCancelled(async (run) => {
      await untilAborted(run);
      await run.thinking({ reasoning: 'Cleaning up.' });
    });
    await ended;
    expect(typesOf(events())).toEqual(['agent_started', 'agent_thinking', 'agent_completed']);
  });

  test('that the agent ignores ends the run without it, five seconds later', async () => {
    let late: Promise<unknown> | undefined;
    let go: () => void = () => {};
    const { ended, events, scheduler, client } = await startCancelled(async (run) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      late = run.thinking({ reasoning: 'Still here.' }).catch((error: unknown) => error);
    });
    await scheduler.pass(4_999);
    expect(typesOf(events())).toEqual(['agent_started']);
    await scheduler.pass(1);
    expect(await ended).toMatchObject({ code: 'RUN_CANCELLED' });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'cancelled' });
    await client.until('agent_completed');
    go();
    await turn();
    expect(await late).toMatchObject({ code: 'RUN_ENDED' });
    expect(events()).toHaveLength(2);
  });

  test('comes once: a second one neither prolongs nor shortens the time', async () => {
    const { scheduler, client, events } = await startCancelled(() => new Promise(() => {}));
    await scheduler.pass(3_000);
    client.send({ type: 'cancel', id: 'c-2', run_id: 'r-1' });
    await client.until('accepted', { id: 'c-2' });
    await scheduler.pass(1_999);
    expect(typesOf(events())).toEqual(['agent_started']);
    await scheduler.pass(1);
    expectWholeRun(events());
    client.send({ type: 'cancel', id: 'c-3', run_id: 'r-1' });
    expect(await client.until('error')).toMatchObject({ id: 'c-3', code: 'RUN_UNKNOWN' });
  });
});

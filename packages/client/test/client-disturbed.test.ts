// Threads, joined events, cuts and resets, all at once: what a page shows in the end is what an undisturbed one shows.
import type { AgentEvent } from '@throughline/events';
import { parsePosition } from '@throughline/events/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildClient } from '../src/client.js';
import { fold, noRuns } from '../src/store.js';
import { createClock } from './clock.js';
import { createLedger, type Step, speakers, steps, threads } from './disturbances.js';
import { createModelService } from './model-service.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A page at a model of a service, and what should be seen there. */
function openPage() {
  const ledger = createLedger();
  const clock = createClock();
  clock.chance = 0;
  const service = createModelService(({ frame, reading }) => {
    const { from, threads: wanted, opens } = reading;
    const isOpening = frame.type === 'welcome' || frame.type === 'reading';
    // Where a position was asked for a reset may follow: such an opening is one when something comes after it.
    const certain = isOpening ? !from.position : 'offset' in frame || frame.type === 'heartbeat';
    if (!certain || service.replaced) return;
    if (!from.active && !ledger.knows(wanted)) throw new Error('what was never read is read from a position');
    ledger.begin(wanted, opens);
  });
  const faults: string[] = [];
  const client = buildClient(
    {
      url: 'ws://model/ws',
      getToken: () => 'token',
      webSocket: service.webSocket,
      onFault: ({ message }) => faults.push(message),
    },
    clock,
  );
  const seen: AgentEvent[] = [];
  client.on('reset', ({ position }) => {
    seen.length = 0;
    ledger.clear();
    ledger.begin(service.known?.threads, parsePosition(position)?.offset as number);
  });
  return { ledger, clock, service, faults, client, seen };
}
type Page = ReturnType<typeof openPage>;

/** Sees events by a handler. */
function handle({ client, seen }: Page) {
  client.on('event', (one) => seen.push(one));
  return { take: turn, ended: Promise.resolve() };
}

/** Sees events in a loop that goes on when it may. */
function iterate({ client, seen }: Page) {
  let allowed = 0;
  let goOn = () => {};
  const run = async () => {
    for await (const one of client) {
      seen.push(one);
      while (allowed <= 0) {
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
      }
      allowed--;
    }
  };
  return {
    ended: run(),
    take(events: number) {
      allowed += events;
      goOn();
      return turn();
    },
  };
}

/** @param calm nothing is lost, and nothing joined */
function createDisturber(
  { client, clock, service, seen }: Page,
  take: (events: number) => Promise<void>,
  calm: boolean,
) {
  const left = speakers();
  const lost = new Set<string>();
  let joined = false;
  /** Nobody could miss what belongs to no run, the last of a run, and the first that is to be seen of one. */
  function mayLose({ run_id, seq = 0, type, first_seq = seq }: AgentEvent): boolean {
    const held = seen.some((one) => one.run_id === run_id);
    const names = Array.from({ length: seq - first_seq + 1 }, (_, index) => `${run_id} ${first_seq + index}`);
    if (!run_id || type === 'agent_completed' || !held || names.some((name) => lost.has(name))) return false;
    for (const name of names) lost.add(name);
    return true;
  }
  const perform = {
    grow({ turns = [] }: Step) {
      for (const speaker of turns) {
        const next = left[speaker]?.shift();
        if (next) service.append(next);
      }
    },
    serve({ entries = 0, joins = false }: Step) {
      joined ||= joins && !calm;
      service.serve(entries, joins && !calm);
    },
    deliver: ({ frames = 0 }: Step) => service.deliver(frames),
    flow(one: Step) {
      perform.serve(one);
      service.deliver(Infinity);
    },
    read: (one: Step) => client.read(one.wanted),
    repeat: ({ frames = 0 }: Step) => service.repeat(frames),
    wait: ({ ms = 0 }: Step) => clock.advance(ms),
    take: ({ events = 0 }: Step) => take(events),
    lose: () => calm || service.lose(mayLose),
    cut: service.cut,
    heartbeat: service.heartbeat,
    lag: service.lag,
    erase: service.erase,
  };
  return {
    left,
    lost,
    get joined() {
      return joined;
    },
    async perform(one: Step) {
      await perform[one.does](one);
      await turn();
    },
  };
}

test.each([
  ['handlers', handle],
  ['loops', iterate],
])(
  'S8: whatever is read, left, cut, joined, repeated or lost, %s see what an undisturbed page sees',
  async (_, see) => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (all, calm) => {
        const page = openPage();
        const { client, clock, service, faults, seen, ledger } = page;
        const { take, ended } = see(page);
        const disturber = createDisturber(page, take, calm);
        client.connect();
        await turn();
        for (const one of all) await disturber.perform(one);
        // Then all is well: everything is said, and read.
        for (const one of disturber.left.flat()) service.append(one);
        client.read();
        const isAtEnd = () =>
          parsePosition(client.position ?? '')?.offset === service.log.length && !service.known?.threads;
        for (let round = 0; round < 30 && !(isAtEnd() && service.idle && service.connected); round++) {
          clock.advance(1_000);
          await turn();
          service.serve(Infinity, disturber.joined);
          service.deliver(Infinity);
          await take(10_000);
        }
        client.close();
        await ended;

        const expected = service.log.filter(({ offset, thread_id }) => offset > ledger.since(thread_id));
        const outside = (events: readonly AgentEvent[]) => byThread(events.filter(({ run_id }) => !run_id));
        expect(isAtEnd(), `ends at ${client.position} of ${service.log.length}: ${faults.join()}`).toBe(true);
        expect(seen.reduce(fold, noRuns)).toEqual(expected.reduce(fold, noRuns));
        expect(outside(seen)).toEqual(outside(expected));
        // One thread's events are in order, whatever was read in between. A loss shows late.
        if (disturber.lost.size === 0) {
          expect(byThread(seen)).toEqual(byThread(seen).map((offsets) => [...new Set(offsets)].sort((a, b) => a - b)));
        }
        // Where nothing was lost, and nothing joined across what is held, there is nothing to complain of.
        const isCalm = disturber.lost.size === 0 && !disturber.joined;
        expect(faults.filter((fault) => isCalm || !fault.startsWith('gap'))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  },
);

/** The offsets of each thread's events. */
function byThread(events: readonly AgentEvent[]): number[][] {
  return threads.map((thread) => events.filter(({ thread_id }) => thread_id === thread).map(({ offset }) => offset));
}

// One scenario: a service, users, what they do, and a look into everything that anybody was told.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AgentEvent } from '@throughline/events/protocol';
import { testKitError } from '../errors.js';
import { isEvent } from '../frame.js';
import type { TestServiceOptions } from '../test-service.js';
import { act, type Scene, suiteAgent } from './acting.js';
import { type Actor, createActor } from './actor.js';
import type { Capture } from './capture.js';
import type { Operation } from './operations.js';
import { findLeak, type Leak, placesForOperators, placesOf } from './searching.js';
import type { ResolvedSuite } from './suite-options.js';
import type { Vault } from './vault.js';

/** What a scenario came to. */
export interface Played {
  readonly leak: Leak | undefined;
  /** How many messages of users were handled. */
  readonly handled: number;
  /** Whether any page was told anything by a handler. */
  readonly told: boolean;
}

/** Counts what handlers have under way: an answer may begin long after its message was accepted. */
function counted(options: TestServiceOptions): {
  readonly options: TestServiceOptions;
  readonly count: { working: number; handled: number };
} {
  const count = { working: 0, handled: 0 };
  const { onMessage } = options;
  if (!onMessage) return { options, count };
  return {
    count,
    options: {
      ...options,
      async onMessage(message, userContext) {
        count.working += 1;
        try {
          await onMessage(message, userContext);
        } finally {
          count.working -= 1;
          count.handled += 1;
        }
      },
    },
  };
}

export async function playScenario(
  suite: ResolvedSuite,
  operations: readonly Operation[],
  capture: Capture,
  vault: Vault,
): Promise<Played> {
  vault.begin();
  const { options, count } = counted(await suite.handlers());
  capture.clear();
  const service = await suite.start(options);
  try {
    const names = Array.from({ length: suite.users }, (_, index) => `user ${index + 1}`);
    const actors: Actor[] = [];
    for (const name of names) actors.push(await createActor(service, vault, name, suite.sessionsPerUser));
    const busy = () => count.working > 0 || service.service.health().runs > 0;
    const quiet = () => untilQuiet(actors, busy, suite.settleMs);
    const scene: Scene = {
      service,
      vault,
      actors,
      messages: suite.messages,
      routes: Object.entries(suite.routes),
      quiet,
    };
    for (const operation of operations) await act(scene, operation);
    await quiet();
    await everybodyHasRead(actors, suite.settleMs);
    const metrics = String(await suite.metrics(service));
    const leak =
      findLeak(vault, placesOf(actors)) ?? findLeak(vault, placesForOperators(service, metrics, capture.said));
    return { leak, handled: count.handled, told: actors.some(isTold) };
  } finally {
    await service.close();
  }
}

/** What the operations say themselves, without any handler. */
function isOfSuite(event: AgentEvent): boolean {
  return event.type.startsWith('suite.') || event.agent_name === suiteAgent;
}

function isTold({ all }: Actor): boolean {
  return all.some(({ frames }) => frames.some((frame) => isEvent(frame) && !isOfSuite(frame)));
}

/** Waits until nothing is under way, for some turns of the loop on end: what a handler began may begin something else. */
async function untilQuiet(actors: readonly Actor[], busy: () => boolean, settleMs: number): Promise<void> {
  const deadline = Date.now() + settleMs;
  for (let calm = 0; calm < 5; calm += 1) {
    await nextTurn();
    while (busy() || actors.some(isWaiting)) {
      calm = 0;
      await nextTurn();
      if (Date.now() <= deadline) continue;
      throw testKitError(
        'WAIT_TIMED_OUT',
        `Handlers, runs or answers were under way for ${settleMs} ms after the last operation.`,
      );
    }
  }
}

/** Tabs that have lost their socket wait before they try again; a person does not. */
function isWaiting({ pending, pages }: Actor): boolean {
  for (const { tab } of pages) if (tab && tab.status.state === 'offline') tab.connect();
  return pending.size > 0;
}

/** Tells each user a last thing, and waits until every page that is open has read it. */
async function everybodyHasRead(actors: readonly Actor[], deadlineMs: number): Promise<void> {
  await Promise.all(
    actors.map(async ({ name, user, pages }) => {
      await Promise.all(
        pages.map(async ({ tab, raw }) => (tab ? tab.live({ deadlineMs }) : raw?.welcomed({ deadlineMs }))),
      );
      const last = `the end of ${name}`;
      await user.manager.send('suite.end', last, { thread_id: 't-0' });
      const isLast = (frame: Parameters<typeof isEvent>[0]) =>
        isEvent(frame) && frame.type === 'suite.end' && frame.data === last;
      await Promise.all(pages.map(async ({ tab, raw }) => (tab ?? raw)?.next(isLast, { deadlineMs })));
    }),
  );
}

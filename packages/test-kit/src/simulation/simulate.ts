// A simulation: the real service and the real client, on virtual time, over a network in memory, in an order drawn from a seed.
import { setImmediate } from 'node:timers';
import type { Scheduler, TelemetryEvent } from '@throughline/core';
import type { EventLog } from '@throughline/core/log';
import type { ResetCause } from '@throughline/events/protocol';
import { testKitError } from '../errors.js';
import { checkNames } from '../option-names.js';
import { defaultAgent, type SimulatedAgent } from './agent.js';
import { createDeployment, type SimulatedServiceOptions, simulatedMemoryLog } from './deployment.js';
import { simulationError } from './failure.js';
import { type Globals, installGlobals } from './globals.js';
import { createRandom } from './random.js';
import { createScript } from './script.js';
import { createTimeline } from './timeline.js';
import { createTimers } from './timers.js';
import { createTrace } from './trace.js';
import { createTruths } from './truth.js';
import { createWorld, type World } from './world.js';

export interface SimulationOptions {
  /** Whatever is left to chance comes from it: a whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Default 5. */
  readonly users?: number;
  /** Virtual minutes of storms; what calm lies between them comes on top. Default 5. */
  readonly minutes?: number;
  /** Options of the service. */
  readonly service?: SimulatedServiceOptions;
  /** What answers messages. Default: an agent that uses all five events, at all lengths and speeds. */
  readonly agent?: SimulatedAgent;
  /** Makes the log. Default: a `memoryLog`. One that does real input or output cannot be simulated. */
  readonly log?: (scheduler: Scheduler) => EventLog;
  /** Whether that log outlives a process that is killed. Default: it does not. */
  readonly durable?: boolean;
  /** How long the log may take to answer, in ms: each answer takes a random part of it. Default 0: it answers at once. */
  readonly storeMs?: number;
  /** How likely an append fails, from 0 to 1: half of those that fail have stored what they were given. Default 0. */
  readonly storeFails?: number;
  /**
   * For which causes, beside the loss of a log, pages may be told that everything is void: `below_floor` and `lagged` where the
   * log is small, `lagged` where `slowReaders` is `reset`. Default: none.
   */
  readonly resets?: readonly ResetCause[];
  /** Mean virtual ms between two things that happen to one user. Default 8,000. */
  readonly actionMs?: number;
  /** Mean virtual ms between two things that happen to the services: drains, crashes, a clock set back. Default 60,000. */
  readonly upheavalMs?: number;
}

export interface SimulationResult {
  readonly seed: number;
  /** How many events the pages were given, all of which were right. */
  readonly events: number;
  /** How much virtual time has passed. */
  readonly virtualMs: number;
  /** SHA-256 of everything that happened. The same options give the same digest, on the same versions, in any process. */
  readonly digest: string;
}

const optionNames: readonly (keyof SimulationOptions)[] = [
  'seed',
  'users',
  'minutes',
  'service',
  'agent',
  'log',
  'durable',
  'storeMs',
  'storeFails',
  'resets',
  'actionMs',
  'upheavalMs',
];

/** What the wall clock says when a simulation begins. */
const beginning = Date.UTC(2026, 0, 1);

/** What one entry, or several that were joined, may add to a full buffer, in bytes. */
const largestEntry = 65_536;

/** How many steps are taken before the rest of the process has a turn. */
const stepsPerTurn = 256;

/** What telemetry must never say. */
const forbiddenCloses: readonly number[] = [1002, 1003, 1007, 1009, 1011, 4400, 4403, 4410];
const allowedRefusals: readonly string[] = ['DRAINING', 'CREDENTIAL_REFUSED'];

/** The fault of a service that ended, at its deadline or by `close()`, while accepted messages waited for their turn. */
const tooLate = 'It closed before a message had its turn.';

/**
 * Runs one simulation: users who ask, reload and change threads, on networks that are cut at any byte, go half-open, crawl and
 * stand still, while services drain, follow each other, crash, and have their clocks set back.
 *
 * All the while each page is held to what was really stored: no gap that was not announced, no duplicate, no reordering,
 * nothing of anybody else; runs that begin, end once, and close their tools. In each calm, and at the end, everybody must have
 * everything; at the end nothing may be left behind: no session, no run, no timer.
 *
 * One at a time in a process: it takes the place of timers, clock and chance on the global object for the code that it runs.
 *
 * @throws a `SimulationError` at the first promise that was broken: it names the seed, what was wrong, what happened before
 *   it and how to see it again. OPTION_INVALID for options that are none.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  checkNames('simulate', options, optionNames);
  const { seed, users = 5, minutes = 5, storeMs = 0, storeFails = 0, actionMs = 8_000, upheavalMs = 60_000 } = options;
  checkNumber('seed', seed, 0, Number.MAX_SAFE_INTEGER, true);
  checkNumber('users', users, 1, 1_000, true);
  checkNumber('minutes', minutes, 0.01, 10_000, false);
  checkNumber('storeMs', storeMs, 0, 10_000, true);
  checkNumber('storeFails', storeFails, 0, 0.5, false);
  checkNumber('actionMs', actionMs, 1, 1e9, false);
  checkNumber('upheavalMs', upheavalMs, 1, 1e9, false);
  const random = createRandom(seed);
  const timeline = createTimeline(random.fork(), beginning);
  const trace = createTrace(() => timeline.elapsed);
  const world = createWorld({ timeline, trace, random, timers: createTimers(timeline) });
  const script = scriptOf(world, options, users, minutes);
  const pageTimers = createTimers(timeline);
  const globals = installGlobals(timeline, pageTimers, random.fork());
  try {
    await drive(world, globals, () => script.run());
  } finally {
    globals.restore();
  }
  const waiting = pageTimers.waiting + world.timers.waiting;
  if (waiting > 0) world.fail('left behind', 'service', `${waiting} timers of clients`);
  if (script.events === 0 && (options.agent ?? defaultAgent) !== defaultAgent) {
    world.fail('nothing to judge', 'service', 'No page was told anything: the agent says nothing, or had no time to');
  }
  if (world.failure) throw simulationError(world.failure, { seed, users, minutes });
  return { seed, events: script.events, virtualMs: timeline.elapsed, digest: trace.digest() };
}

function scriptOf(world: World, options: SimulationOptions, users: number, minutes: number) {
  const { service = {}, agent = defaultAgent, log = simulatedMemoryLog, durable = false, storeMs = 0 } = options;
  const { actionMs = 8_000, upheavalMs = 60_000, storeFails = 0, resets = [] } = options;
  const { ackWindowBytes = 131_072, socketBufferBytes = 65_536 } = service;
  const mostWaiting = ackWindowBytes + Math.max(socketBufferBytes, 16_384) + largestEntry;
  const names = Array.from({ length: users }, (_, index) => `u${index + 1}`);
  const storing = world.random.fork();
  const truths = createTruths(world, {
    delayMs: () => (storeMs === 0 ? 0 : storing.int(0, storeMs)),
    fails: () => (storeFails > 0 && storing.chance(storeFails) ? storing.pick(['before', 'after']) : undefined),
  });
  const handledOnce = new Set<string>();
  const deployment = createDeployment(world, {
    users: names,
    service,
    agent,
    log,
    durable,
    truths,
    onMessage({ id }, user_id) {
      world.trace.note(user_id, `handles ${id}`);
      if (handledOnce.has(id)) world.fail('message handled twice', user_id, id);
      handledOnce.add(id);
    },
    onTelemetry: (event) => judge(world, event, storeFails > 0),
  });
  return createScript(world, { users: names, minutes, actionMs, upheavalMs, deployment, truths, resets, mostWaiting });
}

/** Looks at what a service says of itself. */
function judge({ trace, fail }: World, event: TelemetryEvent, storeFails: boolean): void {
  trace.note('service', JSON.stringify(event));
  if (event.kind === 'fault' && event.message.startsWith(tooLate)) return;
  if (event.kind === 'fault' && !(storeFails && event.where === 'storage')) {
    fail('fault in telemetry', 'service', `${event.where}: ${event.message}`);
  } else if (event.kind === 'leak') {
    fail('foreign event', event.user_id, `a leak was stopped in ${event.where}`);
  } else if (event.kind === 'session_closed' && forbiddenCloses.includes(event.code)) {
    fail('close code', event.user_id, `a session was closed with ${event.code}: ${event.reason}`);
  } else if (event.kind === 'client_observed' && event.gaps > 0) {
    fail('gap', event.user_id, `its client met ${event.gaps} gaps`);
  } else if (
    event.kind === 'refused' &&
    !allowedRefusals.includes(event.code) &&
    !(storeFails && event.code === 'STORE_UNAVAILABLE')
  ) {
    fail('refusal', 'service', `${event.code}: ${event.hint}`);
  }
}

/** Takes step after step until the script is over or a promise is broken. Between two steps everything that was promised runs. */
function drive(world: World, globals: Globals, begin: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    const end = (settle: () => void) => {
      over = true;
      globals.inside = false;
      settle();
    };
    const step = () => {
      if (over) return;
      globals.inside = true;
      if (world.failure) return end(resolve);
      try {
        if (!world.timeline.step())
          end(() => reject(new Error('The simulation stands still: something waits for real time.')));
      } catch (error) {
        end(() => reject(error));
      }
    };
    const turn = () => {
      globals.inside = false;
      if (over) return;
      for (let count = 0; count < stepsPerTurn; count++) setImmediate(step);
      setImmediate(turn);
    };
    globals.inside = true;
    begin().then(
      () => end(resolve),
      (error) => end(() => reject(error)),
    );
    setImmediate(turn);
  });
}

function checkNumber(name: string, value: number, least: number, most: number, whole: boolean): void {
  const right = typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value));
  if (right) return;
  const expected = `a${whole ? ' whole' : ''} number from ${least} to ${most}`;
  throw testKitError(
    'OPTION_INVALID',
    `Option ${name} of a simulation must be ${expected}, not ${JSON.stringify(value)}.`,
  );
}

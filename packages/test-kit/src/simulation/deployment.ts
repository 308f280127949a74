// The processes: a service, the one that follows it, and what befalls them. All speak to the log there is.
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import {
  memoryLog,
  type Scheduler,
  type ServiceOptions,
  startWebSocketService,
  type TelemetryEvent,
  type UserContext,
  type WebSocketService,
} from '@throughline/core';
import type { EventLog, UserLog } from '@throughline/core/log';
import type { SimulatedAgent } from './agent.js';
import type { ServerEnd } from './server-end.js';
import { createTimers, type Timers } from './timers.js';
import { identityOf } from './tokens.js';
import type { Truths } from './truth.js';
import type { World } from './world.js';

/** Options of the service under simulation. The rest is the simulation's. */
export type SimulatedServiceOptions = Partial<
  Omit<ServiceOptions, 'server' | 'path' | 'authenticate' | 'onMessage' | 'telemetry' | 'scheduler' | 'log'>
>;

export interface DeploymentOptions {
  readonly users: readonly string[];
  readonly service: SimulatedServiceOptions;
  readonly agent: SimulatedAgent;
  /** Makes a log. */
  readonly log: (scheduler: Scheduler) => EventLog;
  /** Whether the log outlives the process. */
  readonly durable: boolean;
  readonly truths: Truths;
  /** Told before an agent begins. */
  readonly onMessage: (message: { readonly id: string }, user_id: string) => void;
  /** Told of everything the services report. */
  readonly onTelemetry: (event: TelemetryEvent) => void;
}

/** One process. */
interface Process {
  readonly server: EventEmitter;
  readonly service: WebSocketService;
  readonly timers: Timers;
  readonly streams: Set<ServerEnd>;
  readonly scheduler: Scheduler;
  /** Held, so that no record of a user is collected: when that happens is the garbage collector's secret. */
  readonly contexts: readonly UserContext[];
  /** Handlers at work. */
  readonly working: number;
  dead: boolean;
}

export interface Deployment {
  /** What the load balancer does with an upgrade. */
  accept(request: IncomingMessage, stream: ServerEnd): boolean;
  start(): Promise<void>;
  /** The service drains; the next one starts at once, or when it has gone. */
  drain(overlap: boolean, deadlineMs: number): Promise<void>;
  /** The process is killed, and another started after a while. What is not durable is lost. */
  crash(downMs: number): Promise<void>;
  /** Handlers at work, in all processes that live. */
  readonly working: number;
  /** Sessions that the services hold. */
  readonly sessions: number;
  /** How often logs were lost. */
  readonly losses: number;
  /** Runs left without an end: the process that wrote them into a durable log was killed. */
  readonly orphans: ReadonlySet<string>;
  /** Ends everything; tells what was left behind. */
  close(): Promise<readonly string[]>;
}

export function createDeployment(world: World, options: DeploymentOptions): Deployment {
  const processes = new Set<Process>();
  let front: Process | undefined;
  let log: { readonly log: EventLog; readonly timers: Timers } | undefined;
  let losses = 0;
  const orphans = new Set<string>();

  function openLog(): EventLog {
    if (!log) {
      const timers = createTimers(world.timeline);
      log = { timers, log: options.truths.watched(options.log(schedulerOf(timers))) };
    }
    return log.log;
  }

  function schedulerOf(timers: Timers): Scheduler {
    const random = world.random.fork();
    return {
      now: world.timeline.now,
      turn: (task) => void timers.turn(task),
      after: (ms, task) => timers.after(ms, task),
      every: (ms, task) => timers.every(ms, task),
      random: random.next,
      id: random.id,
    };
  }

  async function launch(): Promise<Process> {
    const server = new EventEmitter();
    const timers = createTimers(world.timeline);
    const scheduler = schedulerOf(timers);
    const random = world.random.fork();
    const surroundings = { sleep: timers.sleep, random };
    const authenticating = world.random.fork();
    let dead = false;
    let working = 0;
    const service = await startWebSocketService({
      ...options.service,
      server: server as Server,
      scheduler,
      log: gated(openLog(), () => dead),
      async authenticate({ token }) {
        if (authenticating.chance(0.5)) await timers.sleep(authenticating.int(1, 100));
        return identityOf(token);
      },
      onMessage(message, userContext) {
        options.onMessage(message, userContext.user_id);
        const handled = Promise.resolve(options.agent(message, userContext, surroundings));
        working += 1;
        const over = () => {
          working -= 1;
        };
        handled.then(over, over);
        return handled;
      },
      telemetry(event) {
        if (!dead) options.onTelemetry(event);
      },
    });
    const tokens = options.users.map((user_id) => service.authenticate({ token: user_id }));
    const process: Process = {
      server,
      service,
      timers,
      scheduler,
      streams: new Set(),
      contexts: await Promise.all(tokens),
      get working() {
        return working;
      },
      get dead() {
        return dead;
      },
      set dead(now) {
        dead = now;
      },
    };
    processes.add(process);
    world.trace.note('service', 'started');
    return process;
  }

  async function leave(process: Process): Promise<readonly string[]> {
    const left: string[] = [];
    const { sessions, runs } = process.service.health();
    if (sessions > 0) left.push(`${sessions} sessions`);
    if (runs > 0) left.push(`${runs} runs`);
    if (process.server.listenerCount('upgrade') > 0) left.push('a listener for upgrades');
    // A peer that is gone without a word is found out by the timeout of its close.
    await world.timers.sleep(12_000);
    if (process.timers.waiting > 0) left.push(`${process.timers.waiting} timers of the service`);
    for (const stream of process.streams) if (!stream.destroyed) left.push('an open socket');
    processes.delete(process);
    return left;
  }

  return {
    accept(request, stream) {
      if (!front) return false;
      const { streams, server } = front;
      streams.add(stream);
      stream.on('close', () => streams.delete(stream));
      server.emit('upgrade', request, stream, Buffer.alloc(0));
      return true;
    },
    async start() {
      front = await launch();
    },
    async drain(overlap, deadlineMs) {
      const old = front;
      if (!old) return;
      world.trace.note('service', `drains, ${overlap ? 'followed at once' : 'followed when it has gone'}`);
      if (overlap) front = await launch();
      await old.service.drain({ deadlineMs, spreadMs: 2_000 });
      const next = overlap ? undefined : launch();
      if (!overlap) front = undefined;
      if (next) front = await next;
      for (const what of await leave(old)) world.fail('left behind', 'service', what);
    },
    async crash(downMs) {
      const old = front;
      if (!old) return;
      front = undefined;
      world.trace.note('service', 'is killed');
      old.dead = true;
      processes.delete(old);
      old.timers.kill();
      if (!options.durable) {
        log?.timers.kill();
        log = undefined;
        losses += 1;
      }
      for (const stream of old.streams) stream.destroy();
      // What was on its way to the store when the process died has come by then.
      await world.timers.sleep(downMs);
      if (options.durable) for (const run_id of options.truths.unfinished()) orphans.add(run_id);
      front = await launch();
    },
    get working() {
      return [...processes].reduce((sum, { working }) => sum + working, 0);
    },
    get sessions() {
      return [...processes].reduce((sum, { service }) => sum + service.health().sessions, 0);
    },
    get losses() {
      return losses;
    },
    orphans,
    async close() {
      const left: string[] = [];
      for (const process of [...processes]) {
        await process.service.close();
        left.push(...(await leave(process)));
      }
      await log?.log.close();
      if (log && log.timers.waiting > 0) left.push(`${log.timers.waiting} timers of the log`);
      return left;
    },
  };
}

/** The log as one process has it: when that is killed nothing more is written, whatever was on its way. */
function gated(log: EventLog, dead: () => boolean): EventLog {
  const never = new Promise<never>(() => {});
  return {
    close: () => log.close(),
    async open(key) {
      const inner = await log.open(key);
      const append: UserLog['append'] = (batch) => (dead() ? never : inner.append(batch));
      return Object.create(inner, { append: { value: append } }) as UserLog;
    },
  };
}

/** The log unless a team brings its own. */
export function simulatedMemoryLog(scheduler: Scheduler): EventLog {
  return memoryLog({}, scheduler);
}

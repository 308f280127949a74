// Sessions on sockets that a test looks into, under a heartbeat whose time it moves.
import type { Beating } from '../src/heartbeat.js';
import { Heartbeat } from '../src/heartbeat.js';
import { memoryLog } from '../src/memory-log.js';
import { findOpening } from '../src/opening.js';
import type { ServiceOptions } from '../src/options.js';
import type { Runtime } from '../src/runtime.js';
import { Session } from '../src/session.js';
import type { SessionParts } from '../src/session-parts.js';
import type { AcceptedSocket } from '../src/socket.js';
import type { TelemetryEvent } from '../src/telemetry.js';
import { nativeTongue } from '../src/tongue.js';
import { User } from '../src/user.js';
import { mintingOf } from '../src/user-context.js';
import { ada, entryOf, type SaidEvent } from './agent-events.js';
import { type FakeScheduler, fakeScheduler } from './fake-scheduler.js';
import { readEntries } from './frame-reader.js';
import { type Hooks, hookedLog } from './hooked-log.js';
import type { Frame } from './raw-client.js';
import { makeRuntime } from './runtime.js';

/** A frame, and when it was sent. */
export type TimedFrame = Frame & { readonly at: number };

export interface RunningSession {
  readonly session: Session;
  readonly frames: TimedFrame[];
  /** Whether its socket takes more. */
  open: boolean;
  /** Whether it answers pings. */
  alive: boolean;
  /** It takes no close: the peer has ended its own side and reads nothing. */
  stuck: boolean;
  /** How it was closed. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** Acknowledges the last event it got. */
  acknowledge(): void;
}

export interface RunningSessions {
  readonly scheduler: FakeScheduler;
  readonly heartbeat: Heartbeat<Beating>;
  readonly telemetry: TelemetryEvent[];
  readonly clock: { back: number };
  enter(options?: { threads?: readonly string[]; acks?: boolean }): Promise<RunningSession>;
  say(...events: readonly SaidEvent[]): Promise<void>;
}

export async function runSessions(options: Partial<ServiceOptions> = {}, hooks: Hooks = {}): Promise<RunningSessions> {
  const real = fakeScheduler();
  /** How far the clock was set back. */
  const clock = { back: 0 };
  const scheduler: FakeScheduler = {
    ...real,
    now: () => real.now() - clock.back,
    get waiting() {
      return real.waiting;
    },
  };
  const telemetry: TelemetryEvent[] = [];
  const store = hookedLog(memoryLog({}, scheduler), hooks);
  const base = makeRuntime(scheduler, store, options);
  const runtime: Runtime = { ...base, report: (event) => void telemetry.push(event) };
  const user = new User(ada, runtime);
  const log = await user.open();
  const heartbeat = new Heartbeat<Beating>(real, runtime.options.heartbeatMs);
  return {
    scheduler,
    heartbeat,
    telemetry,
    clock,
    async enter({ threads, acks = false } = {}) {
      const wanted = threads && new Set(threads);
      const frames: TimedFrame[] = [];
      const sent = (frame: object) => void frames.push({ ...(frame as Frame), at: real.now() });
      const running = { frames, open: true, alive: true, stuck: false, closed: undefined as RunningSession['closed'] };
      const socket: AcceptedSocket = {
        get open() {
          return !running.closed;
        },
        get writable() {
          return running.open && !running.closed;
        },
        write: (bytes) => readEntries(bytes).forEach(sent),
        sendText: (json) => sent(JSON.parse(json) as object),
        ping: () => running.alive && session.onPong(),
        close: (code, reason) => running.stuck || gone(code, reason),
        terminate: () => gone(1006, ''),
        attach: () => {},
      };
      const gone = (code: number, reason: string) => {
        if (running.closed) return;
        running.closed = { code, reason };
        session.onClosed(code, reason);
      };
      const userContext = user.mint({ user_id: ada.user_id });
      const opening = await findOpening(log, { active: true }, wanted);
      const parts: SessionParts = {
        tongue: nativeTongue,
        user,
        userContext,
        expiresAt: undefined,
        grant: (mintingOf(userContext) as NonNullable<ReturnType<typeof mintingOf>>).grant,
        log,
        opening,
        threads: wanted,
        acks,
        socket,
      };
      const session: Session = new Session(parts, {
        authenticate: () => null,
        onExpiry: () => {},
        onClosed: (closed) => heartbeat.delete(closed),
      });
      heartbeat.add(session);
      session.start(opening);
      return Object.assign(running, {
        session,
        acknowledge() {
          const last = frames.findLast(({ offset }) => typeof offset === 'number');
          if (!last) return;
          const position = `${log.epoch}.${String(last.offset)}.${String(last.mark)}`;
          session.onText(JSON.stringify({ type: 'ack', position }));
        },
      });
    },
    async say(...events) {
      for (const event of events) await user.append(log, [entryOf(event)]);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

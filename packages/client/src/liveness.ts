// Notices a dead connection by asking: a half-open socket says nothing, not even that it is dead.
import { createAlarm } from './alarm.js';
import type { Surroundings } from './surroundings.js';

/** How long an answer may take, in ms: section 8 of the protocol. */
const answerMs = 2_000;
/** A heartbeat is late after so many of its intervals. */
const patience = 1.5;
/** What is used, in ms, should a service name no sensible interval: never a storm of pings. */
const shortest = 100;
const fallback = 37_500;

export interface Liveness {
  start(heartbeatMs: number): void;
  stop(): void;
  /** A frame of any kind arrived. Cheap: sets no timer unless an answer was awaited. */
  heard(): void;
  /** Asks now. Nothing while an answer is awaited, or when not started. */
  ask(): void;
}

/**
 * @param ping sends a ping
 * @param lost called once when no frame of any kind came within 2 s of a ping
 */
export function createLiveness(
  { after, now }: Pick<Surroundings, 'after' | 'now'>,
  ping: () => void,
  lost: () => void,
): Liveness {
  const alarm = createAlarm(after);
  let limit: number | undefined;
  let heardAt = 0;
  let asking = false;

  function watch() {
    const most = limit as number;
    // A clock that was set back must not put the check off.
    const silent = Math.abs(now() - heardAt);
    if (silent >= most) ask();
    else alarm.set(most - silent, watch);
  }
  function ask() {
    if (limit === undefined || asking) return;
    asking = true;
    alarm.set(answerMs, lost);
    ping();
  }
  return {
    ask,
    start(heartbeatMs) {
      limit = Math.max(shortest, heartbeatMs * patience) || fallback;
      heardAt = now();
      watch();
    },
    stop() {
      limit = undefined;
      asking = false;
      alarm.clear();
    },
    heard() {
      heardAt = now();
      if (!asking) return;
      asking = false;
      watch();
    },
  };
}

// What a process says of itself between two moments.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { footprint } from './footprint.js';

/** A window of one process. */
export interface Sample {
  readonly seconds: number;
  /** CPU time of the process in µs, user and system, all its threads, as the operating system accounts it. */
  readonly cpuMicros: number;
  /** Of one core. */
  readonly cpuShare: number;
  /** How late timers were, in ms. */
  readonly delayP50: number;
  readonly delayP99: number;
  readonly delayMax: number;
}

/** What a process holds after a forced collection, in bytes. */
export interface Memory {
  readonly rss: number;
  /** Used heap and what it holds outside of it. */
  readonly heap: number;
}

/** How often the delay is looked at, in ms: rarely enough to cost nothing. */
const resolutionMs = 10;

/**
 * Measures windows.
 *
 * `process.cpuUsage` is `getrusage` of the calling process: the same accounts as `/proc/<pid>/stat`, in µs instead of ticks
 * of 10 ms, and read at the window's edges themselves, without the way of an order between processes.
 */
export function sampler(): { begin(): void; end(): Sample } {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  let cpu = process.cpuUsage();
  let since = performance.now();
  // The histogram counts from timer to timer: the interval itself is no delay.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1_000_000 - resolutionMs);
  return {
    begin() {
      delay.enable();
      delay.reset();
      since = performance.now();
      cpu = process.cpuUsage();
    },
    end() {
      const { user, system } = process.cpuUsage(cpu);
      const seconds = (performance.now() - since) / 1_000;
      const cpuMicros = user + system;
      return {
        seconds,
        cpuMicros,
        cpuShare: cpuMicros / 1_000_000 / seconds,
        delayP50: late(delay.percentile(50)),
        delayP99: late(delay.percentile(99)),
        delayMax: late(delay.max),
      };
    },
  };
}

/** Several collections: finalisers run in between, and what the first finds unreachable may have held more. */
export async function memory(): Promise<Memory> {
  let least: Memory = { rss: Number.POSITIVE_INFINITY, heap: Number.POSITIVE_INFINITY };
  for (let round = 0; round < 6; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { rss, heapUsed, external } = footprint();
    least = { rss: Math.min(least.rss, rss), heap: Math.min(least.heap, heapUsed + external) };
  }
  return least;
}

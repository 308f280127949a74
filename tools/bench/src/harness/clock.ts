// One clock for all processes of this machine.

/** The machine's monotonic clock in whole µs. Cheaper than `hrtime`, which is asked once, for where `performance` began. */
export function monotonicClock(): () => number {
  let origin = Number.POSITIVE_INFINITY;
  // The least of several: between the two questions the process may have been put aside.
  for (let round = 0; round < 20; round++) {
    const now = performance.now();
    origin = Math.min(origin, Number(process.hrtime.bigint()) / 1_000 - now * 1_000);
  }
  return () => Math.round(origin + performance.now() * 1_000);
}

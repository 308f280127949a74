// What a process holds, in bytes, wherever it lies.

export interface Footprint {
  readonly rss: number;
  readonly heapUsed: number;
  /** What objects of the heap hold outside of it. */
  readonly external: number;
}

/** Logs lie in shared memory, which is among the buffers and not in what V8 counts. Other native memory is a MiB or two, where they are more. */
export function footprint(): Footprint {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, heapUsed, external: Math.max(external, arrayBuffers) };
}

// Whether the leak check was passed. Pure: what it judges was measured elsewhere.

/** The service's process when everybody has gone and everything is forgotten. */
export interface LeakSample {
  /** Bytes in use after forced collections: the heap, and what it holds outside of it. */
  readonly heapBytes: number;
  /** What keeps the process alive, counted by kind, as `process.getActiveResourcesInfo()` names it. */
  readonly handles: Readonly<Record<string, number>>;
  readonly sessions: number;
  readonly runs: number;
}

/** A sample, and how many connects there had been. */
export interface Checkpoint extends LeakSample {
  readonly connects: number;
  /** How many objects of each class a heap snapshot had. */
  readonly instances: ReadonlyMap<string, number>;
}

/**
 * So many bytes may the heap grow for 1,000 connects. The smallest object, left in a list by one of the seven ways alone, comes to
 * 3,400; what was measured without a leak is a few hundred.
 */
export const growthPerThousand = 2_048;

/** Of these classes nothing is left once everybody has gone: a user's record and its entry, its log, a session, a connection. */
const fleeting = ['User', 'WeakRef', 'MemoryUserLog', 'Session', 'UpgradedSocket', 'Socket'];

/** Bytes for each 1,000 connects: the slope of the least squares through all checkpoints. */
export function growthOf(checkpoints: readonly Checkpoint[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = checkpoints.map(({ connects }) => connects / 1_000);
  const y = checkpoints.map(({ heapBytes }) => heapBytes);
  const [middleX, middleY] = [mean(x), mean(y)];
  const over = x.reduce((sum, value, index) => sum + (value - middleX) * ((y[index] as number) - middleY), 0);
  return over / x.reduce((sum, value) => sum + (value - middleX) ** 2, 0);
}

/**
 * Why it was not passed: a sentence for each reason, none when it was.
 *
 * @param checkpoints the first of them after the warm-up
 * @param peopled the objects of each class while somebody was there
 */
export function judge(checkpoints: readonly Checkpoint[], peopled: ReadonlyMap<string, number>): readonly string[] {
  const [warm, last] = [checkpoints[0], checkpoints.at(-1)];
  if (!warm || !last || warm === last) return ['Nothing was measured.'];
  const reasons: string[] = [];
  const growth = growthOf(checkpoints);
  // Written so that what is no number fails too.
  if (!(growth <= growthPerThousand)) {
    reasons.push(
      `The heap grew by ${growth.toFixed(0)} bytes for each 1,000 connects; ${growthPerThousand} are allowed.`,
    );
  }
  if (last.sessions !== 0) reasons.push(`${last.sessions} sessions are left, and all clients have gone.`);
  if (last.runs !== 0) reasons.push(`${last.runs} runs are left, and all agents have ended.`);
  for (const [kind, count] of Object.entries(last.handles)) {
    const more = count - (warm.handles[kind] ?? 0);
    if (more > 0) reasons.push(`${more} ${kind} more than after the warm-up.`);
  }
  for (const name of fleeting) {
    const more = (last.instances.get(name) ?? 0) - (warm.instances.get(name) ?? 0);
    // A class that has got another name would never be found.
    if ((peopled.get(name) ?? 0) === 0) reasons.push(`No object of ${name} was seen while somebody was there.`);
    if (more > 0) reasons.push(`${more} objects of ${name} more than after the warm-up.`);
  }
  return reasons;
}

// Whether everything came: asked before any figure counts.
import type { Tally } from './tally.js';

/** What a connection knows of itself. */
export interface Received {
  /** Why it is of no use any more. */
  readonly failure: string | undefined;
  readonly tally: Tally;
}

/**
 * Whether all events have come; more may be on their way when not.
 *
 * @param excused whether a peer may say that some will not come: what is said to be lost is not lost in silence
 * @throws when one was lost, doubled or came out of order, when too many came, or the connection broke
 */
export function isComplete(user: string, { failure, tally }: Received, events: number, excused: boolean): boolean {
  if (failure !== undefined) throw new Error(`${user}: ${failure}`);
  if (tally.excuses > 0 && !excused) throw new Error(`${user} was told that some events will not come`);
  if (tally.count > events) throw new Error(`${user}: ${tally.count} events came of ${events}`);
  return tally.excuses > 0 ? tally.next === events : tally.count === events;
}

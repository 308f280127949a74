// How far each thread has been read: section 4.2 of the protocol.
import type { Position } from '@throughline/events/protocol';
import { remember } from './recent.js';

/** The threads of a reading; `undefined`: all. */
export type Threads = readonly string[] | undefined;

/** How far a thread has been read. */
interface Bookmark {
  /** What is not above it was read, or is older than what this client ever asked for. */
  readonly offset: number;
  /** Where to read on; none after a gap. */
  readonly position?: Position;
}

/** The 1,000 threads that were left last have one. A thread whose bookmark was forgotten counts as never read. */
export interface Bookmarks {
  /** Another reading opens behind `offset`. */
  open(threads: Threads, offset: number): void;
  /** The present reading has come to `offset`. */
  reach(offset: number): void;
  /** Notes, for each thread that is read now, how far it was read. */
  put(position: Position): void;
  /** Something is missing of a thread: nobody can say any more where to read on, only what of it is held. */
  tear(thread: string): void;
  /** The highest offset up to which a thread was read. */
  seen(thread: string): number;
  /** Whether a thread that is read now is not read from where it was left. */
  anew(thread: string): boolean;
  /** Where a reading of these threads has to open, in the words of the query. */
  from(threads: Threads): string;
  /** Nothing was ever read; the threads that are read now are read on behind `offset`. */
  restart(offset: number): void;
}

export function createBookmarks(): Bookmarks {
  /** What is read now, and how far it is. */
  let now: ReadonlySet<string> | undefined;
  let top = 0;
  /** For the threads without a bookmark of their own. */
  let rest: Bookmark | undefined;
  const own = new Map<string, Bookmark>();

  const find = (thread: string) => own.get(thread) ?? rest;
  const reads = (thread: string) => !now || now.has(thread);
  const seen = (thread: string) => Math.max(find(thread)?.offset ?? 0, reads(thread) ? top : 0);

  return {
    open(threads, offset) {
      now = threads && new Set(threads);
      top = offset;
    },
    reach(offset) {
      top = Math.max(top, offset);
    },
    put(position) {
      // A reading that opened further back than a thread was left may end before it comes there again.
      const move = (before?: Bookmark) => (before && before.offset > top ? before : { offset: top, position });
      if (!now) {
        rest = move(rest);
        for (const [thread, { offset }] of own) if (offset <= top) own.delete(thread);
      } else {
        for (const thread of now) remember(own, thread, move(find(thread)));
      }
    },
    tear: (thread) => remember(own, thread, { offset: seen(thread) }),
    seen,
    anew: (thread) => reads(thread) && !find(thread)?.position,
    from(threads) {
      let active = false;
      let earliest: Bookmark | undefined;
      for (const bookmark of threads?.map(find) ?? [rest, ...own.values()]) {
        if (!bookmark?.position) active = true;
        else if (!earliest || bookmark.offset < earliest.offset) earliest = bookmark;
      }
      if (!earliest?.position) return 'active';
      return active ? `active,${earliest.position}` : earliest.position;
    },
    restart(offset) {
      own.clear();
      rest = undefined;
      top = offset;
    },
  };
}

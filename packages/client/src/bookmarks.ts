// How far each thread has been read: section 4.2 of the protocol.
import { type Position, parsePosition } from '@throughline/events/protocol';

/** The threads of a reading; none named: all. */
export type Threads = Iterable<string> | undefined;

/** How far a thread has been read. */
interface Bookmark {
  /** What is not above it was read, or is older than what this client ever asked for. */
  readonly offset: number;
  /** Where to read on; none after a gap, which must be read again from `active`. */
  readonly position: Position | undefined;
}

/** How many threads that were left are remembered. One that was forgotten counts as never read. */
const most = 1_000;

export interface Bookmarks {
  /** Whether all threads are read now. */
  readonly all: boolean;
  /** Another reading opens behind `offset`. */
  open(threads: Threads, offset: number): void;
  /** The present reading has come to `offset`. */
  reach(offset: number): void;
  /** Notes, for each thread that is read now, how far it was read. */
  put(position: Position | undefined): void;
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
  return {
    get all() {
      return !now;
    },
    open(threads, offset) {
      now = threads && new Set(threads);
      top = offset;
    },
    reach(offset) {
      top = Math.max(top, offset);
    },
    put(position) {
      // A reading that opened further back than a thread was left may end before it comes there again.
      const move = (before: Bookmark | undefined): Bookmark =>
        before && before.offset > top
          ? { offset: before.offset, position: before.position ?? position }
          : { offset: top, position };
      if (!now) {
        rest = move(rest);
        for (const [thread, { offset }] of own) if (offset <= top) own.delete(thread);
      } else {
        for (const thread of now) {
          const bookmark = move(find(thread));
          // Out and in again: a Map keeps the order of insertion, so its first is the one noted longest ago.
          own.delete(thread);
          own.set(thread, bookmark);
          if (own.size > most) own.delete(own.keys().next().value as string);
        }
      }
    },
    seen: (thread) => Math.max(find(thread)?.offset ?? 0, reads(thread) ? top : 0),
    anew: (thread) => reads(thread) && !find(thread)?.position,
    from(threads) {
      const wanted = threads ? [...threads].map(find) : [rest, ...own.values()];
      const positions = wanted.flatMap((bookmark) => bookmark?.position ?? []);
      const [earliest] = positions.sort((a, b) => offsetOf(a) - offsetOf(b));
      if (!earliest) return 'active';
      return positions.length < wanted.length ? `active,${earliest}` : earliest;
    },
    restart(offset) {
      own.clear();
      rest = undefined;
      top = offset;
    },
  };
}

const offsetOf = (position: Position) => Number(parsePosition(position)?.offset);

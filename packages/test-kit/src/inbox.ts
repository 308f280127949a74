// What came, in order, and waiting for more of it.
import { describeFrame, type Frame } from './frame.js';
import type { WaitOptions, Waits } from './waits.js';

/** Which frame: one of this type, or one of which this holds. */
export type Match<Item extends Frame> = Item['type'] | ((frame: Item) => boolean);

/** The frames that a match can be: of its type, where it is one. */
export type Matched<Item extends Frame, Wanted> = Wanted extends string
  ? [Extract<Item, { readonly type: Wanted }>] extends [never]
    ? Item
    : Extract<Item, { readonly type: Wanted }>
  : Item;

export interface Inbox<Item extends Frame> {
  readonly frames: readonly Item[];
  put(frame: Item): void;
  /** Takes frames up to the first that matches, already here or yet to come. A wait that fails takes nothing. */
  next<const Wanted extends Match<Item>>(match: Wanted, options?: WaitOptions): Promise<Matched<Item, Wanted>>;
  /** The first frame of all that matches, already here or yet to come. Takes nothing. */
  find<const Wanted extends Match<Item>>(match: Wanted, options?: WaitOptions): Promise<Matched<Item, Wanted>>;
  /** The last few frames in words, for an error. */
  describe(): string;
}

/** How many frames an error names. */
const mostDescribed = 5;

export function createInbox<Item extends Frame>(waits: Waits): Inbox<Item> {
  const frames: Item[] = [];
  let taken = 0;

  function search(match: Match<Item>, from: () => number, take: (index: number) => void, options?: WaitOptions) {
    const matches = typeof match === 'string' ? ({ type }: Item) => type === match : match;
    // Each frame is looked at once, however long the wait.
    let looked = 0;
    return waits.until(
      typeof match === 'string' ? `a frame of type ${match}` : 'a frame that matches',
      () => {
        for (looked = Math.max(looked, from()); looked < frames.length; looked += 1) {
          const frame = frames[looked] as Item;
          if (!matches(frame)) continue;
          take(looked);
          return frame;
        }
        return undefined;
      },
      options,
    );
  }
  return {
    frames,
    put(frame) {
      frames.push(frame);
      waits.look();
    },
    next: (match, options) =>
      search(
        match,
        () => taken,
        (index) => {
          taken = index + 1;
        },
        options,
      ) as Promise<never>,
    find: (match, options) =>
      search(
        match,
        () => 0,
        () => {},
        options,
      ) as Promise<never>,
    describe() {
      if (frames.length === 0) return 'No frame has come.';
      const last = frames.slice(-mostDescribed).map((frame) => `\n  ${describeFrame(frame)}`);
      return `${frames.length} frames have come, ${taken} of them were taken; the last:${last.join('')}\n`;
    },
  };
}

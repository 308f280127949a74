// Waiting for conditions, with a deadline in real time: whatever timers a test has faked, a wait ends and says why.
import { clearTimeout, setTimeout } from 'node:timers';
import { testKitError } from './errors.js';

/** How long to wait. */
export interface WaitOptions {
  /** In milliseconds of real time; `Infinity` leaves it to the test runner. Default 4,000: runners give up after 5,000. */
  readonly deadlineMs?: number;
}

/** Below what test runners allow a test, so that the error that says what was seen comes first. */
const defaultDeadlineMs = 4_000;

interface Wait {
  /** Whether it is over. */
  look(): boolean;
  fail(): void;
}

export interface Waits {
  /**
   * Waits until `take` returns something; asked now, and again at each `look`, in the order in which waits began.
   *
   * @param what what is waited for, as the object of "waited for"
   * @returns a promise whose rejection may be ignored
   */
  until<Found extends object | string | number | true>(
    what: string,
    take: () => Found | undefined,
    options?: WaitOptions,
  ): Promise<Found>;
  /** Something has changed. */
  look(): void;
  /** Nothing will change any more: waits that are not over fail. */
  end(): void;
}

/**
 * @param describe what was seen so far, in whole sentences, for the error of a wait that fails
 * @param usualDeadlineMs of waits that name none
 */
export function createWaits(describe: () => string, usualDeadlineMs: number = defaultDeadlineMs): Waits {
  const waits = new Set<Wait>();
  let ended = false;
  const look = () => {
    for (const wait of waits) if (wait.look()) waits.delete(wait);
  };
  return {
    look,
    end() {
      ended = true;
      look();
      for (const wait of waits) wait.fail();
      waits.clear();
    },
    until<Found extends object | string | number | true>(
      what: string,
      take: () => Found | undefined,
      { deadlineMs = usualDeadlineMs }: WaitOptions = {},
    ): Promise<Found> {
      const over = () => testKitError('CONNECTION_ENDED', `Waited for ${what}. ${describe()}`);
      const found = take();
      if (found !== undefined) return Promise.resolve(found);
      const promise = new Promise<Found>((resolve, reject) => {
        if (ended) {
          reject(over());
          return;
        }
        const wait: Wait = {
          look() {
            const late = take();
            if (late === undefined) return false;
            clearTimeout(timer);
            resolve(late);
            return true;
          },
          fail() {
            clearTimeout(timer);
            reject(over());
          },
        };
        const expire = () => {
          waits.delete(wait);
          reject(testKitError('WAIT_TIMED_OUT', `Waited ${deadlineMs} ms for ${what}. ${describe()}`));
        };
        const timer = Number.isFinite(deadlineMs) ? setTimeout(expire, deadlineMs) : undefined;
        waits.add(wait);
      });
      promise.catch(() => {});
      return promise;
    },
  };
}

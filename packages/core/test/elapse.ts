// Time that passes until something has happened. What never happens fails by its test's time.
import type { FakeScheduler } from './fake-scheduler.js';
import { turn } from './running-service.js';

/**
 * Lets time pass, in steps, until a promise has settled; settles as it does.
 *
 * Sockets need turns, not time: they get some after each step, so that little time passes for who waits for them.
 */
export async function passUntil<T>(scheduler: FakeScheduler, promise: Promise<T>, stepMs = 100): Promise<T> {
  let settled = false;
  const done = () => {
    settled = true;
  };
  promise.then(done, done);
  await turn();
  while (!settled) {
    await scheduler.pass(stepMs);
    for (let turns = 0; turns < 20 && !settled; turns++) await turn();
  }
  return promise;
}

/** Whether a promise has settled by now. */
export async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  await turn();
  const late = turn().then(() => false);
  return await Promise.race([promise.then(yes, yes), late]);
}

const yes = () => true;

// What happens: users who ask, reload and leave, networks that fail, deploys and crashes, as the seed has it; and, in between,
// calm, in which everything that was owed must have come.
import type { Deployment } from './deployment.js';
import type { Conditions } from './link.js';
import { openPage, type Page } from './page.js';
import type { Random } from './random.js';
import type { Truths } from './truth.js';
import type { World } from './world.js';

export interface ScriptOptions {
  readonly users: readonly string[];
  readonly minutes: number;
  /** Mean time, in ms, between two things that happen to one user. */
  readonly actionMs: number;
  /** Mean time, in ms, between two things that happen to the services. */
  readonly upheavalMs: number;
  readonly deployment: Deployment;
  readonly truths: Truths;
  /** How much may wait for one page in the memory of a service, in bytes. */
  readonly mostWaiting: number;
  /** For which causes, beside the loss of a log, pages may be told that everything is void. */
  readonly resets: readonly string[];
}

/** Threads of each user. */
const threadsPerUser = 3;
/** Pages a user has open at most. */
const mostPages = 3;
/** How long a storm lasts, and how long it may take until everybody has everything after it, in ms. */
const stormMs = [60_000, 300_000] as const;
const calmMs = 240_000;
const lookMs = 1_000;
/** How long a page takes at most, in ms, to get its token, be welcomed and catch up on a good day. */
const earlyMs = 400;

interface User {
  readonly user_id: string;
  readonly address: string;
  readonly threads: readonly string[];
  readonly random: Random;
  pages: Page[];
  opened: number;
}

export interface Script {
  /** Resolves when the script has run, and everything that it opened is closed again. */
  run(): Promise<void>;
  /** Events that pages were given. */
  readonly events: number;
}

export function createScript(world: World, options: ScriptOptions): Script {
  const { timeline, timers, trace, random } = world;
  const { deployment, truths } = options;
  let isCalm = false;
  let events = 0;
  const users = options.users.map((user_id, index): User => {
    const threads = Array.from({ length: threadsPerUser }, (_, number) => `${user_id}-${number + 1}`);
    const address = `10.0.${index >> 8}.${index & 255}`;
    return { user_id, address, threads, random: random.fork(), pages: [], opened: 0 };
  });

  /** What networks are like: most good, some slow, few terrible. */
  function weather(chance: Random): Conditions {
    if (isCalm || chance.chance(0.7)) return { ...goodWeather };
    if (chance.chance(0.6)) return { latencyMs: 150, jitterMs: 100, bytesPerMs: 60, bufferBytes: 32_768 };
    return { latencyMs: 400, jitterMs: 600, bytesPerMs: 4, bufferBytes: 8_192 };
  }

  function open(user: User): void {
    user.opened += 1;
    const { user_id, threads, address } = user;
    const page = openPage(world, {
      name: `${user_id}/${user.opened}`,
      user_id,
      threads,
      address,
      truths,
      accept: deployment.accept,
      conditions: () => weather(user.random),
      mostWaiting: options.mostWaiting,
      resets: () => (deployment.losses > 0 ? ['unknown_epoch', ...options.resets] : options.resets),
    });
    user.pages.push(page);
    chooseEarly(user, page);
  }

  function close(user: User, page: Page): void {
    events += page.events;
    page.discard();
    user.pages = user.pages.filter((other) => other !== page);
  }

  /** The unfinished runs of a user. */
  function runsOf({ user_id }: User): readonly string[] {
    return [...(truths.latest(user_id)?.unfinished ?? [])];
  }

  /** One thing happens to a user. */
  function act(user: User): void {
    const chance = user.random;
    if (user.pages.length === 0) open(user);
    const page = chance.pick(user.pages);
    const { connection } = page;
    const dice = chance.int(0, 99);
    if (dice < 35) {
      page.say(chance.pick(user.threads));
    } else if (dice < 42) {
      const run_id = runsOf(user)[0];
      if (run_id !== undefined) page.stop(run_id);
    } else if (dice < 54) {
      connection?.cut();
      chooseEarly(user, page);
    } else if (dice < 60) {
      connection?.blackHole();
      trace.note(page.name, 'is cut off, unnoticed');
    } else if (dice < 68) {
      connection?.stall(chance.int(500, 30_000));
    } else if (dice < 74) {
      if (connection) Object.assign(connection.conditions, weather(chance));
    } else if (dice < 84) {
      close(user, page);
      open(user);
    } else if (dice < 88) {
      if (user.pages.length < mostPages) open(user);
      else close(user, page);
    } else if (dice < 92) {
      if (user.pages.length > 1) close(user, page);
    } else {
      choose(user, page);
    }
  }

  function choose({ threads, random: chance }: User, page: Page): void {
    const chosen = threads.filter(() => chance.chance(0.6));
    page.read(chance.chance(0.4) ? undefined : chosen);
  }

  /** Some people choose other threads while their page still connects: before it was welcomed, or caught up. */
  function chooseEarly(user: User, page: Page): void {
    const chance = user.random;
    if (!chance.chance(0.15)) return;
    timers.after(chance.int(0, earlyMs), () => {
      if (user.pages.includes(page)) choose(user, page);
    });
  }

  /** Waits for the next of what happens each `mean` ms; says whether it comes before the end. */
  async function next(chance: Random, mean: number, until: number): Promise<boolean> {
    const at = timeline.elapsed + chance.wait(mean);
    await timers.sleep(Math.min(at, until) - timeline.elapsed);
    return at < until;
  }

  async function live(user: User, until: number): Promise<void> {
    while (await next(user.random, options.actionMs, until)) act(user);
  }

  /** Deploys, crashes, clocks. One at a time: an orchestrator waits for one to be over. */
  async function shake(until: number): Promise<void> {
    while (await next(random, options.upheavalMs, until)) {
      const dice = random.int(0, 9);
      if (dice < 7) await deployment.drain(random.chance(0.6), random.pick([0, 2_000, 25_000]));
      else if (dice < 9) await deployment.crash(random.int(100, 5_000));
      else setClockBack();
    }
  }

  function setClockBack(): void {
    const ms = random.pick([1, 1_000, 30_000]);
    trace.note('service', `clock set back by ${ms} ms`);
    timeline.setBack(ms);
  }

  /** What is not as it must be when nothing happens any more. */
  function owed(): readonly [who: string, what: string] | undefined {
    if (deployment.working > 0)
      return ['service', `${deployment.working} handlers are still at work: does your agent wait for something real?`];
    for (const user of users) {
      const unfinished = runsOf(user).find((run_id) => !deployment.orphans.has(run_id));
      if (unfinished !== undefined) return [user.user_id, `run ${unfinished} has not ended`];
      for (const page of user.pages) {
        const { state } = page.client.status;
        if (state !== 'live') return [page.name, `the client is ${state}`];
        const missing = page.ledger.missing();
        if (missing !== undefined) return [page.name, `${missing} has not come`];
        if (page.unanswered > 0) return [page.name, `${page.unanswered} messages or cancels were not answered`];
      }
    }
    const pages = users.reduce((sum, user) => sum + user.pages.length, 0);
    const { sessions } = deployment;
    return sessions > pages ? ['service', `${sessions} sessions are held for ${pages} pages`] : undefined;
  }

  async function settle(): Promise<void> {
    isCalm = true;
    for (const { pages } of users) {
      for (const { connection } of pages) if (connection) Object.assign(connection.conditions, goodWeather);
    }
    const until = timeline.elapsed + calmMs;
    for (let what = owed(); what; what = owed()) {
      if (timeline.elapsed >= until) {
        world.fail('delivery in bounded time', what[0], `${what[1]} after ${calmMs} virtual ms of calm`);
        return;
      }
      await timers.sleep(lookMs);
    }
    trace.note('service', 'everybody has everything');
    isCalm = false;
  }

  return {
    async run() {
      await deployment.start();
      for (const user of users) open(user);
      const until = timeline.elapsed + options.minutes * 60_000;
      while (timeline.elapsed < until) {
        const storm = Math.min(until, timeline.elapsed + random.int(...stormMs));
        await Promise.all([...users.map((user) => live(user, storm)), shake(storm)]);
        await settle();
      }
      for (const user of users) for (const page of user.pages) close(user, page);
      for (const what of await deployment.close()) world.fail('left behind', 'service', what);
    },
    get events() {
      return events;
    },
  };
}

const goodWeather: Conditions = { latencyMs: 20, jitterMs: 10, bytesPerMs: 2_000, bufferBytes: 65_536 };

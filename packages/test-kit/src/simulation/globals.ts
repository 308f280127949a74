// What code takes from the global object: timers, the clock and chance. Virtual for what runs in the simulation's own turns,
// as ever for everybody else in the process (a test runner, a logger), and as before when the simulation is over.
import type { Random } from './random.js';
import type { Timeline } from './timeline.js';
import type { Timers } from './timers.js';

export interface Globals {
  /** Whether the code that runs now belongs to the simulation. */
  inside: boolean;
  restore(): void;
}

/** What a timer of Node can be asked for, as far as it means something here. */
class Handle {
  readonly cancel: () => void;

  constructor(cancel: () => void) {
    this.cancel = cancel;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    return this;
  }

  [Symbol.toPrimitive](): number {
    return Number.NaN;
  }
}

/** There is one global object: one simulation at a time. */
const installed: unique symbol = Symbol.for('throughline.simulation') as never;

/**
 * @throws when another simulation runs in this process
 */
export function installGlobals(timeline: Timeline, timers: Timers, random: Random): Globals {
  const target = globalThis as typeof globalThis & { [installed]?: boolean };
  if (target[installed]) throw new Error('Another simulation runs in this process: await one before the next begins.');
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, Date, random: Math.random };
  const realNow = performance.now;
  const { getRandomValues } = crypto;
  const globals: Globals = { inside: false, restore };

  type Call = (...values: unknown[]) => void;
  const starting =
    (start: (ms: number, run: () => void) => () => void, otherwise: (...call: never[]) => unknown) =>
    (run: Call, ms = 0, ...values: unknown[]) => {
      if (!globals.inside) return otherwise(...([run, ms, ...values] as never[]));
      return new Handle(start(Math.max(1, ms), values.length === 0 ? run : () => run(...values)));
    };
  const ending = (otherwise: (timer: never) => void) => (timer: unknown) => {
    if (timer instanceof Handle) timer.cancel();
    else otherwise(timer as never);
  };

  class VirtualDate extends real.Date {
    // biome-ignore lint/suspicious/noExplicitAny: a Date takes what a Date takes
    constructor(...values: any[]) {
      if (values.length === 0) super(VirtualDate.now());
      else super(...(values as [number]));
    }
    static override now(): number {
      return globals.inside ? timeline.now() : real.Date.now();
    }
  }

  function restore(): void {
    Object.assign(target, {
      setTimeout: real.setTimeout,
      clearTimeout: real.clearTimeout,
      setInterval: real.setInterval,
      clearInterval: real.clearInterval,
      Date: real.Date,
    });
    Math.random = real.random;
    Reflect.deleteProperty(performance, 'now');
    Reflect.deleteProperty(crypto, 'getRandomValues');
    delete target[installed];
  }

  target[installed] = true;
  Object.assign(target, {
    setTimeout: starting(timers.after, real.setTimeout as never),
    clearTimeout: ending(real.clearTimeout),
    setInterval: starting(timers.every, real.setInterval as never),
    clearInterval: ending(real.clearInterval),
    Date: VirtualDate,
  });
  Math.random = () => (globals.inside ? random.next() : real.random());
  define(performance, 'now', () => (globals.inside ? timeline.elapsed : realNow.call(performance)));
  define(crypto, 'getRandomValues', (array: Uint32Array<ArrayBuffer>) => {
    if (!globals.inside) return getRandomValues.call(crypto, array);
    for (let index = 0; index < array.length; index++) array[index] = Math.floor(random.next() * 2 ** 32);
    return array;
  });
  return globals;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

// What the parts of a service share, without a service.
import { createServer } from 'node:http';
import { Breaker } from '../src/breaker.js';
import type { EventLog } from '../src/log.js';
import { resolveOptions, type ServiceOptions } from '../src/options.js';
import type { Runtime } from '../src/runtime.js';
import type { Scheduler } from '../src/scheduler.js';
import { createTimestamps } from '../src/timestamps.js';
import { Turns } from '../src/turns.js';

export function makeRuntime(scheduler: Scheduler, log: EventLog, options: Partial<ServiceOptions> = {}): Runtime {
  const report = () => {};
  return {
    options: resolveOptions({ server: createServer(), authenticate: () => null, ...options }),
    scheduler,
    timestamp: createTimestamps(() => scheduler.now()),
    turns: new Turns(scheduler, report),
    log,
    report,
    storage: new Breaker(scheduler.now, () => {}),
    leaked: () => {},
    closed: false,
    draining: false,
    told: new WeakSet(),
  };
}

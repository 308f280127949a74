// A service with a manager for Ada, time that a test moves, and a look at what her log really holds.
import type { WebSocketManager } from '../src/manager.js';
import { memoryLog } from '../src/memory-log.js';
import type { ServiceOptions } from '../src/options.js';
import { type FakeScheduler, fakeScheduler } from './fake-scheduler.js';
import { type Hooks, hookedLog } from './hooked-log.js';
import { type RunningService, startService } from './running-service.js';
import { type StoredEvent, storedEvents } from './stored-events.js';

/** Where the runs of tests take place. */
export const place = { agent_name: 'researcher', thread_id: 't-1' };

export interface RunningManager extends RunningService {
  readonly scheduler: FakeScheduler;
  readonly manager: WebSocketManager;
  /** What the log of a user holds. */
  events(user_id?: string): StoredEvent[];
}

export async function startManager(options: Partial<ServiceOptions> = {}, hooks: Hooks = {}): Promise<RunningManager> {
  const scheduler = fakeScheduler();
  const memory = memoryLog({}, scheduler);
  const running = await startService({ scheduler, log: hookedLog(memory, hooks), ...options });
  const events = (user_id?: string) => storedEvents(memory, user_id);
  return { ...running, scheduler, manager: await running.managerOf('ada'), events };
}

// The service of the leak check, in a process of its own: its heap, its handles and what is left in it alone are judged. Started
// with `--expose-gc` and ordered by leaks.ts.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { writeHeapSnapshot } from 'node:v8';
import {
  getWebSocketManager,
  memoryLog,
  type Run,
  startWebSocketService,
  type WebSocketService,
} from '@throughline/core';
import { fastClock } from './harness/fast-clock.js';
import { footprint } from './harness/footprint.js';
import { type Handlers, type Orders, obey } from './harness/orders.js';
import type { LeakSample } from './leaks-verdict.js';
import { eventsPerRun, refusedToken } from './leaks-visits.js';

/** So many times as fast does the log's clock go: its day, for which it remembers ids of messages, is six seconds. */
const logSpeed = 14_400;
const dayMs = 24 * 3_600_000;
const ample = { burst: 1_000_000_000, perSecond: 1_000_000_000 };

const planted: Socket[] = [];
const events: Record<string, number> = {};
let service: WebSocketService | undefined;

async function answer(run: Run): Promise<{ final_response: string }> {
  // The run's beginning and its end are events too.
  for (let n = 0; n < eventsPerRun - 2; n++) await run.send('bench.token', { n });
  return { final_response: 'Five.' };
}

const handlers = {
  /**
   * @param plant whether each connection is kept for ever, to see that it is noticed
   * @returns its port
   */
  async start(plant: boolean) {
    const server = createServer((_, response) => response.writeHead(426).end());
    server.on('connection', (socket) => {
      if (plant) planted.push(socket);
    });
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 });
    await once(server, 'listening');
    service = await startWebSocketService({
      server,
      // Half a day, of the log's days: three seconds are enough for whoever comes back.
      log: memoryLog({ maxAgeMs: dayMs / 2 }, fastClock(logSpeed, 500)),
      authenticate: async ({ token }) => {
        // Later, as with every identity provider: whoever leaves meanwhile leaves in the middle of it.
        await new Promise((resolve) => setImmediate(resolve));
        return token === refusedToken ? null : { user_id: token };
      },
      onMessage: ({ thread_id, id }, userContext) =>
        getWebSocketManager(userContext)
          .run({ agent_name: 'answerer', thread_id, message_id: id }, answer)
          .then(() => {}),
      telemetry: ({ kind }) => {
        events[kind] = (events[kind] ?? 0) + 1;
      },
      handshakesPerAddress: ample,
      refusalsPerAddress: ample,
      messagesPerUser: ample,
      maxSessionsPerUser: 1_000,
      undeliveredAfterMs: 1_000,
    });
    return (server.address() as AddressInfo).port;
  },

  /** Waits until the log has forgotten everybody, collects, and tells what is left. */
  async sample(): Promise<LeakSample> {
    await pause((2 * dayMs) / logSpeed);
    // A collection gives back the logs of users who were forgotten in it; the log's next round lets go of them.
    globalThis.gc?.();
    await pause(2_000);
    let heapBytes = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 10; round++) {
      globalThis.gc?.();
      await pause(50);
      const { heapUsed, external } = footprint();
      heapBytes = Math.min(heapBytes, heapUsed + external);
    }
    const handles: Record<string, number> = {};
    for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
    const { sessions = Number.NaN, runs = Number.NaN } = service?.health() ?? {};
    return { heapBytes, handles, sessions, runs };
  },

  /** Behind a sample: writing one costs memory itself. */
  snapshot: (file: string) => writeHeapSnapshot(file),

  telemetry: () => events,
} satisfies Handlers;

/** What may be asked of the service's process. */
export type LeaksServer = Orders<typeof handlers>;

obey(handlers);

// A service in a process of its own, whose agents, telemetry, redaction and storage misbehave on demand: whatever they
// do, this process must live. Started by service-process.ts, which speaks to it over IPC. Arguments:
// `telemetry-to-stderr` for the default telemetry instead of one that throws, `later-log` for a log that answers later.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { getWebSocketManager, startWebSocketService, type TelemetryEvent } from '@throughline/core';
import { agents, type Task } from './agents.js';
import { faultyLog, type StorageFault } from './faulty-log.js';
import { createGate, type Gate } from './gate.js';
import { ampleRates, testAuthenticator } from './test-service.js';

/** What the parent asks for. Each is answered, in order. */
export type Order =
  | { readonly order: 'memory' }
  | { readonly order: 'telemetry' }
  | { readonly order: 'sessions' }
  /** Authenticates a token outside a handshake. Answered by everything that the error says, its causes too. */
  | { readonly order: 'authenticate'; readonly token: string }
  /** The authenticator waits until `admit`. Answered when somebody waits. */
  | { readonly order: 'hold' }
  | { readonly order: 'held' }
  | { readonly order: 'admit' }
  | { readonly order: 'fail_storage'; readonly type: string; readonly count: number; readonly fault: StorageFault }
  | { readonly order: 'drain' };

const server = createServer((_, response) => response.writeHead(426).end());
const log = faultyLog(process.argv.includes('later-log'));
const telemetry: TelemetryEvent[] = [];
const authenticate = testAuthenticator();
let gate: Gate | undefined;

server.listen(0, '127.0.0.1');
await once(server, 'listening');

/** An async function is assignable to what returns nothing: so it rejects as often as it throws. */
function throwingTelemetry(event: TelemetryEvent): unknown {
  telemetry.push(event);
  if (telemetry.length % 2 === 0) throw new Error('telemetry threw');
  return Promise.reject(new Error('telemetry rejected'));
}

const service = await startWebSocketService({
  server,
  log,
  authenticate: async (credentials) => {
    await gate?.pass();
    return authenticate(credentials);
  },
  ...(process.argv.includes('telemetry-to-stderr') ? {} : { telemetry: throwingTelemetry }),
  ...ampleRates,
  cookieName: 'session',
  redact: ({ type, agent_name, data }) => {
    if (agent_name === 'is never redacted' && type === 'agent_completed') throw new Error('redaction threw');
    if (JSON.stringify(data ?? null).includes('unredactable')) throw new Error('redaction threw');
    return data;
  },
  onMessage: (message, userContext) => {
    const task = message.data as Task;
    return agents[task.agent](getWebSocketManager(userContext), { ...message, data: task });
  },
  cancelGraceMs: 100,
  maxEventBytes: 262_144,
});

async function obey(order: Order): Promise<unknown> {
  switch (order.order) {
    case 'memory': {
      // Twice: what the first finds unreachable may have held the second's.
      for (let round = 0; round < 2; round++) {
        globalThis.gc?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    }
    case 'telemetry':
      return telemetry;
    case 'sessions':
      return service.health().sessions;
    case 'authenticate':
      return service.authenticate({ token: order.token }).then(
        ({ user_id }) => user_id,
        (error: unknown) => inspect(error, { depth: 10, showHidden: true }),
      );
    case 'hold':
      gate = createGate();
      return undefined;
    case 'held':
      return gate?.reached;
    case 'admit':
      gate?.open();
      gate = undefined;
      return undefined;
    case 'fail_storage':
      log.failNext(order.type, order.count, order.fault);
      return undefined;
    case 'drain':
      await service.drain({ deadlineMs: 1_000, spreadMs: 0 });
      server.close();
      return undefined;
  }
}

process.on('message', ({ id, order }: { id: number; order: Order }) => {
  void obey(order).then((answer) => {
    process.send?.({ id, answer }, () => {
      if (order.order === 'drain') process.disconnect();
    });
  });
});
process.send?.({ port: (server.address() as AddressInfo).port });

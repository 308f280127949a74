// The service under the soak, in a process of its own: its heap and its handles alone are judged. Started with
// `--expose-gc` by soak-process.ts, which speaks to it over IPC.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getHeapCodeStatistics, writeHeapSnapshot } from 'node:v8';
import {
  getWebSocketManager,
  memoryLog,
  type Run,
  startWebSocketService,
  type TelemetryEvent,
  type WebSocketService,
} from '@throughline/core';
import { fastClock } from './harness/fast-clock.js';
import { footprint } from './harness/footprint.js';
import { pieceOf, type Question } from './soak-question.js';
import type { Sample } from './soak-verdict.js';

/** What the parent asks for. Each is answered, in order. */
export type Order =
  | { readonly order: 'sample' | 'start' | 'stop' | 'telemetry' }
  /** Writes a heap snapshot into a file, to be compared with another. */
  | { readonly order: 'snapshot'; readonly file: string }
  /** Cuts a connection from the side of the service. */
  | { readonly order: 'cut'; readonly how: 'fin' | 'reset' };

/** So many times as fast does the log's clock go: two of its days are a minute, so that it forgets within the soak. */
const logSpeed = 2_880;
const expiryGraceMs = 2_000;
const ample = { burst: 1_000_000, perSecond: 1_000_000 };

const sockets = new Set<Socket>();
const telemetry: Record<string, number> = {};
let service: WebSocketService | undefined;
let end = async () => {};

async function answer(run: Run, message_id: string, question: Question): Promise<{ final_response: string }> {
  await run.thinking({ reasoning: 'I look.', step_number: 1 });
  const tool = await run.toolExecuting({ tool_name: 'look', parameters: { message_id } });
  await tool.completed({ results: question.pieces });
  for (let number = 0; number < question.pieces && !run.signal.aborted; number++) {
    run.text(pieceOf(message_id, question, number));
    await new Promise((resolve) => setTimeout(resolve, question.everyMs));
  }
  await run.flushed();
  return { final_response: message_id };
}

async function start(): Promise<number> {
  const server = createServer((_, response) => response.writeHead(426).end());
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The log's day is half a minute: entries half of that.
  const log = memoryLog({ maxAgeMs: 12 * 3_600_000 }, fastClock(logSpeed, 1_000));
  const started = await startWebSocketService({
    server,
    log,
    // `user~time`: the soak is not about signatures.
    authenticate: async ({ token }) => {
      await new Promise((resolve) => setImmediate(resolve));
      const [user_id = '', expires_at] = token.split('~');
      return { user_id, expires_at: Number(expires_at) };
    },
    onMessage: (message, userContext) => {
      const options = { agent_name: 'answerer', thread_id: message.thread_id, message_id: message.id };
      const work = (run: Run) => answer(run, message.id, message.data as Question);
      return getWebSocketManager(userContext)
        .run(options, work)
        .then(() => {});
    },
    telemetry: (event) => count(event),
    handshakesPerAddress: ample,
    refusalsPerAddress: ample,
    messagesPerUser: ample,
    heartbeatMs: 2_000,
    undeliveredAfterMs: 10_000,
    expiryGraceMs,
  });
  service = started;
  end = async () => {
    await started.close();
    service = undefined;
    await log.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return (server.address() as AddressInfo).port;
}

function count(event: TelemetryEvent): void {
  const name = event.kind === 'session_closed' ? `session_closed ${event.code}` : event.kind;
  telemetry[name] = (telemetry[name] ?? 0) + 1;
}

async function sample(): Promise<Sample> {
  let heapBytes = Number.POSITIVE_INFINITY;
  // Several times: what one collection finds unreachable may have held the next one's, and finalisers run in between.
  for (let round = 0; round < 6; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
    const { heapUsed, external } = footprint();
    heapBytes = Math.min(heapBytes, heapUsed + external);
  }
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    // This very function waits for one.
    if (kind !== 'Immediate') handles[kind] = (handles[kind] ?? 0) + 1;
  }
  const { sessions = 0, runs = 0 } = service?.health() ?? {};
  const codeBytes = getHeapCodeStatistics().code_and_metadata_size;
  return { heapBytes, codeBytes, handles, sessions, runs };
}

function cut(how: 'fin' | 'reset'): boolean {
  const socket = [...sockets][Math.floor(Math.random() * sockets.size)];
  // Behind an end that its peer has yet to take, Node loses the handle of a socket that is reset: it never closes.
  if (how === 'reset' && !socket?.writableEnded) socket?.resetAndDestroy();
  else socket?.destroy();
  return socket !== undefined;
}

async function obey(order: Order): Promise<unknown> {
  if (order.order === 'cut') return cut(order.how);
  if (order.order === 'sample') return sample();
  if (order.order === 'snapshot') return writeHeapSnapshot(order.file);
  if (order.order === 'telemetry') return telemetry;
  if (order.order === 'start') return start();
  return end();
}

process.on('message', ({ id, order }: { id: number; order: Order }) => {
  void obey(order).then((result) => process.send?.({ id, result }));
});
// Whoever started it has gone: it would serve nobody for ever.
process.once('disconnect', () => process.exit());

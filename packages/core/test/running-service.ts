// A service on a server of its own, for as long as a test lasts.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Credentials, Identity } from '../src/authenticator.js';
import type { WebSocketManager } from '../src/manager.js';
import type { ServiceOptions } from '../src/options.js';
import { startWebSocketService } from '../src/service.js';
import type { TelemetryEvent } from '../src/telemetry.js';
import { getWebSocketManager } from '../src/user-manager.js';
import type { WebSocketService } from '../src/websocket-service.js';
import { connect, type KnockOptions, type RawClient, type Refused, refusedUpgrade } from './raw-client.js';

export interface RunningService {
  readonly service: WebSocketService;
  readonly server: Server;
  readonly port: number;
  readonly telemetry: readonly TelemetryEvent[];
  managerOf(token: string): Promise<WebSocketManager>;
  /** Connects, with a token or without, and takes nothing yet. */
  connect(token: string | undefined, options?: KnockOptions): Promise<RawClient>;
  /** Connects and takes `welcome`. */
  enter(token: string, options?: KnockOptions): Promise<RawClient>;
  refused(options?: KnockOptions): Promise<Refused>;
}

/**
 * The authenticator of tests. `ada` is Ada, `ada@acme` is Ada of the tenant Acme, `ada~1700000000000` is Ada until
 * then; `bad…` is nobody and `down…` finds the authenticator broken.
 */
export function byName({ token }: Credentials): Identity | null {
  if (token.startsWith('bad')) return null;
  if (token.startsWith('down')) throw new Error('no route to the identity provider');
  const [name = '', expires_at] = token.split('~');
  const [user_id = '', tenant_id] = name.split('@');
  return {
    user_id,
    ...(tenant_id !== undefined && { tenant_id }),
    ...(expires_at !== undefined && { expires_at: Number(expires_at) }),
  };
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function startService(options: Partial<ServiceOptions> = {}): Promise<RunningService> {
  const server = (options.server as Server | undefined) ?? createServer();
  const telemetry: TelemetryEvent[] = [];
  const service = await startWebSocketService({
    authenticate: byName,
    telemetry: (event) => void telemetry.push(event),
    ...options,
    server,
  });
  const port = server.listening ? (server.address() as AddressInfo).port : await listen(server);
  const clients: RawClient[] = [];
  onTestFinished(async () => {
    for (const { webSocket } of clients) webSocket.terminate();
    await service.close();
    server.close();
    server.closeAllConnections();
  });
  const path = service.path;
  const enterAs = async (token: string | undefined, knock: KnockOptions = {}) => {
    const client = await connect(port, { ...(token !== undefined && { token }), path, ...knock });
    clients.push(client);
    return client;
  };
  return {
    service,
    server,
    port,
    telemetry,
    managerOf: async (token) => getWebSocketManager(await service.authenticate({ token })),
    connect: enterAs,
    async enter(token, knock) {
      const client = await enterAs(token, knock);
      await client.until('welcome');
      return client;
    },
    refused: (knock = {}) => refusedUpgrade(port, { path, ...knock }),
  };
}

/** Ends the turn, and everything that waited for it. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a promise is rejected with; undefined when it is not. Taken at once, so that the rejection is nobody's surprise. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

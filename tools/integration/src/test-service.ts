// A real service on a free port of loopback, with a real authenticator, and what a test wants to have at hand.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  getWebSocketManager,
  type ServiceOptions,
  startWebSocketService,
  type TelemetryEvent,
  type UserContext,
  type WebSocketManager,
  type WebSocketService,
} from '@throughline/core';
import { jwtAuthenticator } from '@throughline/core/auth';
import { openRawClient, type RawClient, type RawClientOptions } from './raw-client.js';
import { audience, issuer, secret, tokenOf } from './tokens.js';

export interface TestService extends AsyncDisposable {
  readonly server: Server;
  readonly service: WebSocketService;
  /** `ws://127.0.0.1:…/ws` */
  readonly url: string;
  readonly port: number;
  /** All telemetry so far. */
  readonly telemetry: readonly TelemetryEvent[];
  /** The first telemetry of a kind that matches, already told or yet to come. */
  told<Kind extends TelemetryEvent['kind']>(
    kind: Kind,
    matches?: (event: Extract<TelemetryEvent, { kind: Kind }>) => boolean,
  ): Promise<Extract<TelemetryEvent, { kind: Kind }>>;
  /** Cuts the newest connection, from the side of the service. */
  cutNewest(how: 'fin' | 'reset'): void;
  contextOf(user: string): Promise<UserContext>;
  managerOf(user: string): Promise<WebSocketManager>;
  /** A connection, welcomed or not, with a good token of `user` unless the changes say otherwise. */
  connect(user: string, changes?: Partial<RawClientOptions>): Promise<RawClient>;
  /** A connection that was welcomed. */
  open(user: string, changes?: Partial<RawClientOptions>): Promise<RawClient>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Whom tokens of the tests' issuer speak for. */
export function testAuthenticator(tenantClaim?: string): ServiceOptions['authenticate'] {
  const tenant = tenantClaim === undefined ? {} : { tenantClaim };
  return jwtAuthenticator({ secret, issuer, audience, clockToleranceSeconds: 0, ...tenant });
}

/** Tests come from one address, as fast as they can. The rates have tests of their own, which set them. */
const ample = { burst: 1_000_000, perSecond: 1_000_000 };
export const ampleRates: Partial<ServiceOptions> = {
  handshakesPerAddress: ample,
  refusalsPerAddress: ample,
  framesPerSession: ample,
  messagesPerUser: ample,
};

/** Starts a service; `changes` are its options beside the server and the authenticator. */
export async function startTestService(changes: Partial<ServiceOptions> = {}): Promise<TestService> {
  const telemetry: TelemetryEvent[] = [];
  const listeners = new Set<(event: TelemetryEvent) => void>();
  const server = createServer((_, response) => response.writeHead(426).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}${changes.path ?? '/ws'}`;
  const clients: RawClient[] = [];
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  const service = await startWebSocketService({
    server,
    authenticate: testAuthenticator(),
    telemetry: (event) => {
      telemetry.push(event);
      for (const listener of listeners) listener(event);
    },
    ...ampleRates,
    ...changes,
  });

  async function connect(user: string, clientChanges: Partial<RawClientOptions> = {}): Promise<RawClient> {
    const client = openRawClient({ url, token: await tokenOf(user), ...clientChanges });
    clients.push(client);
    return client;
  }

  async function contextOf(user: string): Promise<UserContext> {
    return service.authenticate({ token: await tokenOf(user) });
  }

  return {
    server,
    service,
    url,
    port,
    telemetry,
    told(kind, matches = () => true) {
      type Wanted = Extract<TelemetryEvent, { kind: typeof kind }>;
      const wanted = (event: TelemetryEvent): event is Wanted => event.kind === kind && matches(event as Wanted);
      const known = telemetry.find(wanted);
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => {
        const listener = (event: TelemetryEvent) => {
          if (!wanted(event)) return;
          listeners.delete(listener);
          resolve(event);
        };
        listeners.add(listener);
      });
    },
    cutNewest(how) {
      const socket = sockets.at(-1);
      if (how === 'reset') socket?.resetAndDestroy();
      else socket?.destroy();
    },
    contextOf,
    managerOf: async (user) => getWebSocketManager(await contextOf(user)),
    connect,
    async open(user, clientChanges) {
      const client = await connect(user, clientChanges);
      await client.welcome;
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.reset();
      await service.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

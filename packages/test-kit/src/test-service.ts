// The real service on a real server, in milliseconds: what runs in production, on a free port of loopback.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers';
import {
  getWebSocketManager,
  type ServiceOptions,
  startWebSocketService,
  type TelemetryEvent,
  type UserContext,
  type WebSocketManager,
  type WebSocketService,
} from '@throughline/core';
import { testKitError } from './errors.js';
import { type RawClient, type RawClientOptions, rawClient } from './raw-client.js';
import { createTestClient, type TestClient, type TestClientOptions } from './test-client.js';
import { createTestIdentities, type TestUserOptions } from './test-identities.js';
import { createWaits, type WaitOptions } from './waits.js';

/** Every option of a service, each with a default. */
export type TestServiceOptions<Schema extends ServiceOptions['messages'] = ServiceOptions['messages']> = Partial<
  ServiceOptions<NonNullable<Schema>>
>;

/** Somebody who has signed in. */
export interface TestUser {
  readonly user_id: string;
  readonly tenant_id?: string;
  /** A token of this sign-in. Nobody else's is honoured. */
  readonly token: string;
  readonly context: UserContext;
  /** Speaks to this user, as an agent does. */
  readonly manager: WebSocketManager;
  /** Another token of the same sign-in, such as for a `token` frame. */
  freshToken(): string;
  /** The real client, connecting: a tab. It renews its token by itself. */
  client(options?: TestClientOptions): TestClient;
  /** A connection without opinions. `url` is for proxies in between. */
  raw(options?: RawClientOptions & { readonly url?: string }): RawClient;
  /** Signs out: sessions close with 4401, tokens of this sign-in are refused. Says how many sessions it closed. */
  signOut(): number;
}

type Told<Kind extends TelemetryEvent['kind']> = Extract<TelemetryEvent, { readonly kind: Kind }>;

/** A service for as long as a test lasts. */
export interface TestService extends AsyncDisposable {
  readonly server: Server;
  readonly service: WebSocketService;
  /** Where clients connect, such as `ws://127.0.0.1:49152/ws`. */
  readonly url: string;
  /** Everything the service has told so far. */
  readonly telemetry: readonly TelemetryEvent[];
  /** Signs somebody in. Called twice for one id: the same user, another sign-in. */
  user(user_id: string, options?: TestUserOptions): Promise<TestUser>;
  /** The first telemetry of a kind that matches, already told or yet to come. */
  told<Kind extends TelemetryEvent['kind']>(
    kind: Kind,
    matches?: (event: Told<Kind>) => boolean,
    options?: WaitOptions,
  ): Promise<Told<Kind>>;
  /** Closes clients, service and server. Leaves nothing behind, and may be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Tests come from one address, as fast as they can: limits of rates are for those who test them. */
const ample = { burst: 1_000_000, perSecond: 1_000_000 };

/** How many kinds of telemetry an error names. */
const mostNamed = 10;

/**
 * Starts the real service on a server of its own, on a free port of loopback.
 *
 * Differs from production in three defaults, all options: tokens are those that `user()` issues (all others are
 * refused; there is no fallback user), rates are not limited, and telemetry is collected instead of written to stderr.
 *
 * @param options of the service. A `server` of yours is made to listen if it does not, and left open at the end.
 *   `authenticate` of yours judges alone: give `user()` tokens that it takes.
 * @throws what `startWebSocketService` throws
 */
export async function startTestService<Schema extends ServiceOptions['messages'] = ServiceOptions['messages']>(
  options: TestServiceOptions<Schema> = {},
): Promise<TestService> {
  const server = (options.server ?? createServer((_, response) => response.writeHead(426).end())) as Server;
  const now = options.scheduler?.now ?? Date.now;
  const identities = createTestIdentities(now);
  const telemetry: TelemetryEvent[] = [];
  const waits = createWaits(() => `Told so far: ${named(telemetry)}.`);
  const open = new Set<AsyncDisposable>();
  if (!server.listening) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const service = await startWebSocketService({
    handshakesPerAddress: ample,
    refusalsPerAddress: ample,
    framesPerSession: ample,
    messagesPerUser: ample,
    authenticate: identities.authenticate,
    ...(options as Partial<ServiceOptions>),
    server,
    telemetry(event) {
      telemetry.push(event);
      waits.look();
      options.telemetry?.(event);
    },
  });
  const { port } = server.address() as AddressInfo;
  const url = `${'setSecureContext' in server ? 'wss' : 'ws'}://127.0.0.1:${port}${service.path}`;
  let signIns = 0;
  let closing: Promise<void> | undefined;

  function kept<Item extends AsyncDisposable>(item: Item): Item {
    if (closing) throw testKitError('SERVICE_CLOSED', 'This test service is closed.');
    open.add(item);
    return item;
  }

  async function user(user_id: string, given: TestUserOptions = {}): Promise<TestUser> {
    const grant_id = `sign-in-${++signIns}`;
    const { tenant_id } = given;
    const freshToken = () => given.token ?? identities.issue(user_id, grant_id, given);
    const token = freshToken();
    const context = await service.authenticate({ token });
    if (context.user_id !== user_id) {
      throw testKitError('OPTION_INVALID', `The token given for ${user_id} is that of ${context.user_id}.`);
    }
    const reference = { user_id, ...(tenant_id !== undefined && { tenant_id }) };
    let signedOut = false;
    return {
      ...reference,
      token,
      context,
      manager: getWebSocketManager(context),
      freshToken,
      client: (clientOptions) =>
        kept(
          createTestClient({ url, user: reference, getToken: () => (signedOut ? null : freshToken()) }, clientOptions),
        ),
      raw: ({ url: through = url, ...rawOptions } = {}) =>
        kept(rawClient(through, { token, user: reference, ...rawOptions })),
      signOut() {
        signedOut = true;
        identities.withdraw(grant_id);
        return service.revoke(context);
      },
    };
  }

  async function end(): Promise<void> {
    await Promise.all([...open].map((one) => one[Symbol.asyncDispose]()));
    await service.close();
    waits.end();
    if (options.server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    // Node says that a server is closed before its handle is, at the end of the next round of its loop.
    await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
  }

  const testService: TestService = {
    server,
    service,
    url,
    telemetry,
    user,
    told(kind, matches = () => true, wait) {
      type Wanted = Told<typeof kind>;
      const isWanted = (event: TelemetryEvent): event is Wanted => event.kind === kind && matches(event as Wanted);
      return waits.until(`telemetry of the kind ${kind}`, () => telemetry.find(isWanted), wait);
    },
    close() {
      closing ??= end();
      return closing;
    },
    [Symbol.asyncDispose]: () => testService.close(),
  };
  return testService;
}

function named(telemetry: readonly TelemetryEvent[]): string {
  const kinds = telemetry.slice(-mostNamed).map(({ kind }) => kind);
  return kinds.join(', ') || 'nothing';
}

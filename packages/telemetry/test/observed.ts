// A real service on a server of its own, watched by both outputs, for as long as a test lasts.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  getWebSocketManager,
  type ServiceOptions,
  startWebSocketService,
  type WebSocketManager,
  type WebSocketService,
} from '@throughline/core';
import { onTestFinished } from 'vitest';
import { type OpenTelemetryOptions, openTelemetry, prometheus } from '../src/index.js';
import { seriesOf } from './exposition.js';
import { connectPeer, type Knock, type Peer } from './peer.js';
import { type Sdk, startSdk } from './sdk.js';

export interface Observed {
  readonly service: WebSocketService;
  readonly sdk: Sdk;
  /** The Prometheus page, as text. */
  page(): Promise<string>;
  /** What Prometheus sees of a series; its labels but for `service`, in their order. */
  value(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>;
  /** Knocks, and takes nothing yet. */
  knock(knock: Knock): Promise<Peer>;
  /** Connects and takes `welcome`. */
  enter(token: string, from?: string): Promise<Peer>;
  managerOf(token: string): Promise<WebSocketManager>;
}

/** The user is named by the token, up to a colon: what follows is secret. */
function authenticate({ token }: { readonly token: string }) {
  return token.startsWith('bad') ? null : { user_id: token.split(':')[0] ?? '' };
}

export async function observe(
  options: Partial<ServiceOptions> = {},
  telemetryOptions: OpenTelemetryOptions = {},
): Promise<Observed> {
  const sdk = startSdk();
  const output = openTelemetry({ ...sdk.providers, ...telemetryOptions });
  const page = prometheus();
  const server = createServer();
  const service = await startWebSocketService({ authenticate, telemetry: () => {}, ...options, server });
  output.observe(service);
  page.observe(service);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    await service.close();
    output[Symbol.dispose]();
    page[Symbol.dispose]();
    server.close();
    server.closeAllConnections();
  });
  return {
    service,
    sdk,
    page: () => page.registry.metrics(),
    async value(name, labels = {}) {
      const all = Object.entries({ ...labels, service: 'throughline' }).map(([label, value]) => `${label}="${value}"`);
      return seriesOf(await page.registry.metrics()).get(`${name}{${all.sort().join(',')}}`);
    },
    knock: (knock) => connectPeer(port, knock),
    async enter(token, from) {
      const peer = await connectPeer(port, { token, ...(from !== undefined && { from }) });
      await peer.until('welcome');
      return peer;
    },
    managerOf: async (token) => getWebSocketManager(await service.authenticate({ token })),
  };
}

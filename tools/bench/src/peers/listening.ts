// Servers on loopback, plain or TLS.
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { ServeOptions } from './peer.js';

/** Longer than Node's own, which the kernel would cut to 511: a thousand clients come at once. */
const backlog = 4_096;

export function httpServer({ tls }: ServeOptions, listener?: RequestListener): HttpServer {
  return tls ? (createHttpsServer(tls, listener) as unknown as HttpServer) : createHttpServer(listener);
}

/** @returns the port */
export async function listen(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', backlog });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

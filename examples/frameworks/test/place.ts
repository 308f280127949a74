// Starts an example on a free port of loopback, and visits it as a page or a program would.
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createClient, type ThroughlineClient } from '@throughline/client';
import { WebSocket } from 'ws';
import { examplePassword } from '../src/sign-in.js';
import { loopbackCertificate } from './certificate.js';

export const examples = ['node-http', 'node-https', 'express', 'fastify', 'nest'] as const;

export interface Place {
  readonly server: Server;
  readonly port: number;
  /** Says whom it is with the password, over HTTP. */
  signIn(user: string, password: string): Promise<{ readonly ok: boolean; readonly token: string | null }>;
  /** A client that signs in by itself. */
  visit(user: string): ThroughlineClient;
  /** A bare WebSocket at a path. */
  open(path: string): WebSocket;
  close(): Promise<void>;
}

/** Starts the example whose file has this name. */
export async function startPlace(example: (typeof examples)[number]): Promise<Place> {
  const secure = example === 'node-https' ? await loopbackCertificate() : undefined;
  // By its name, so that it is compiled with the settings of its own folder: decorators are not everybody's.
  const file = new URL(`../src/${example}.ts`, import.meta.url).href;
  const { start } = (await import(/* @vite-ignore */ file)) as {
    start(port: number, secure?: object): Promise<{ readonly server: Server; close(): Promise<void> }>;
  };
  const { server, close } = await start(0, secure);
  const { port } = server.address() as AddressInfo;
  const trust = secure ? { ca: secure.cert } : {};
  const authority = `${secure ? 's' : ''}://127.0.0.1:${port}`;

  class TrustingWebSocket extends WebSocket {
    constructor(url: string, protocols: string[] = []) {
      super(url, protocols, trust);
    }
  }

  async function signIn(user: string, password: string) {
    const request = (secure ? httpsRequest : httpRequest)(`http${authority}/sign-in`, { method: 'POST', ...trust });
    request.setHeader('Content-Type', 'application/json').end(JSON.stringify({ user, password }));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const { token = null } = (await json(response)) as { token?: string | null };
    const { statusCode = 0 } = response;
    return { ok: statusCode >= 200 && statusCode < 300, token };
  }

  return {
    server,
    port,
    signIn,
    visit: (user) =>
      createClient({
        url: `ws${authority}/ws`,
        getToken: async () => (await signIn(user, examplePassword)).token,
        webSocket: TrustingWebSocket,
      }),
    open: (path) => new TrustingWebSocket(`ws${authority}${path}`),
    close,
  };
}

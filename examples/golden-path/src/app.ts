import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { startWebSocketService, type WebSocketService } from '@throughline/core';
import { createAccounts } from './accounts.js';
import { readCorpus, repositoryDirectory } from './agent/corpus.js';
import { createPace } from './agent/pace.js';
import { createResearcher } from './agent/researcher.js';
import { createChat, questionSchema } from './chat.js';
import { openDatabase } from './database.js';
import { createHttp } from './http.js';
import { createLoginLimit, usualLimits } from './login-limit.js';
import { createLogins } from './logins.js';
import { type GoldenPathOptions, resolveOptions } from './options.js';
import { pageFiles } from './page-files.js';
import { createRecords } from './records.js';
import { tokenSecret } from './token-secret.js';
import { createTokens } from './tokens.js';

export type { Pace } from './agent/pace.js';
export type { GoldenPathOptions } from './options.js';
export { demoPassword } from './options.js';

/** An answer takes seconds: long enough to end it, short enough for who pressed Ctrl-C. */
const drainMs = 10_000;

/** The two people one can log in as. */
export const demoUsers: readonly string[] = ['ada', 'grace'];

export interface GoldenPath {
  /** Where the page is, with the port that was taken. */
  readonly url: string;
  readonly service: WebSocketService;
  /** Lets everyone go gently (runs have 10 s, then they end as `interrupted`), then closes the port and the database. Safe to call twice. */
  close(): Promise<void>;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** How long the last answers have, in ms, once nothing new is let in. */
const lastAnswersMs = 1_000;

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Browsers keep connections at hand on which they have asked nothing yet. Those do not count as idle, and would hold up the end for a minute.
    const timer = setTimeout(() => server.closeAllConnections(), lastAnswersMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/**
 * Starts the whole application: pages, accounts, database, researcher and the WebSocket service, on one port.
 * @throws TypeError for an option that makes no sense; an Error when the page was not built or the port is taken.
 */
export async function startGoldenPath(options: GoldenPathOptions = {}): Promise<GoldenPath> {
  const resolved = resolveOptions(options);
  const pages = pageFiles(resolved.pageDirectory);
  const corpus = await readCorpus(resolved.corpusDirectory ?? repositoryDirectory());
  const researcher = createResearcher({ corpus, pace: resolved.pace ?? createPace(resolved.tokensPerSecond) });

  const database = openDatabase(resolved.dataDirectory);
  const server = createServer();
  let service: WebSocketService | undefined;
  try {
    const accounts = await createAccounts(database);
    await Promise.all(demoUsers.map((name) => accounts.seed(name, resolved.password)));
    const logins = createLogins(database);
    const records = createRecords(database);
    records.interruptUnfinished(new Date().toISOString());
    const secret = tokenSecret(resolved.dataDirectory);
    const tokens = createTokens({ secret, lifeSeconds: resolved.tokenLifeSeconds, logins });

    service = await startWebSocketService({
      ...resolved.service,
      server,
      authenticate: tokens.authenticate,
      messages: questionSchema,
      onMessage: createChat({ researcher, records }),
    });
    const loginLimit = createLoginLimit(usualLimits);
    const { delayToken } = resolved;
    const files = corpus.files.size;
    const http = createHttp({ service, accounts, logins, loginLimit, tokens, records, pages, files, delayToken });
    const answer = getRequestListener(http.fetch);
    server.on('request', (request, response) => void answer(request, response));
    await listen(server, resolved.port, resolved.host);
  } catch (error) {
    await service?.close();
    database.close();
    throw error;
  }

  const running = service;
  const { port } = server.address() as AddressInfo;
  const host = resolved.host.includes(':') ? `[${resolved.host}]` : resolved.host;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${host}:${port}/`,
    service: running,
    close() {
      closing ??= running
        .drain({ deadlineMs: drainMs })
        .then(() => closed(server))
        .finally(() => database.close());
      return closing;
    },
  };
}

import { buildClient, type ClientOptions, type ThroughlineClient } from './client.js';
import { here } from './surroundings.js';

export type { ClientOptions, ThroughlineClient } from './client.js';
export type { GetToken, TokenReason } from './credential.js';
export type { ClientError, ClientErrorCode } from './errors.js';
export type { Listenable, Occasion, Occasions } from './handlers.js';
export type { OutgoingMessage, SentMessage } from './outbox.js';
export type { Reset } from './reader.js';
export type { SocketPort, WebSocketConstructor } from './socket.js';
export type { Status } from './status.js';

/**
 * Makes the client of one user. Nothing is opened and no token asked for before `connect()`.
 *
 * @throws a {@link ClientError}: `INVALID_OPTION` naming the option, or `NO_WEBSOCKET`
 */
export function createClient(options: ClientOptions): ThroughlineClient {
  return buildClient(options, here);
}

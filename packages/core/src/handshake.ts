// The handshake: an upgrade request comes in; a session goes out, or a refusal that says why.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeCodes, formatPosition, isId, noMark, parsePosition, subprotocol } from '@throughline/events/protocol';
import type { Authenticator, Credentials, Identity } from './authenticator.js';
import { findCredentials, isVersion, subprotocolsOf } from './credentials.js';
import { findOpening } from './cursor.js';
import { originAllowed } from './origin.js';
import { type HttpRefusal, refuseWithHttp } from './refusal.js';
import type { Runtime } from './runtime.js';
import type { SessionParts } from './session.js';
import type { SocketAcceptor } from './socket.js';
import { type User, userOf } from './user.js';
import type { UserContext } from './user-context.js';

/** What the handshake needs of the service. */
export interface HandshakePorts {
  readonly runtime: Runtime;
  readonly acceptor: SocketAcceptor;
  readonly authenticate: Authenticator;
  /** Why nobody is let in now; `undefined` when the service is ready. */
  notReady(): HttpRefusal | undefined;
  /** Why this one must come later; `undefined` when there is room. */
  tooMany(): HttpRefusal | undefined;
  /** The record of a user, made when there is none. */
  userOf(identity: Identity): User;
  /** The upgrade is complete: from here on the socket belongs to a session. */
  open(parts: Omit<SessionParts, 'authenticate' | 'onExpiry' | 'onClosed'>): void;
}

/** A refusal that a page must tell apart: as a close code after the upgrade, since it cannot see an HTTP status. */
interface CloseRefusal {
  readonly close: number;
  readonly code: string;
  readonly reason: string;
}

type Refusal = HttpRefusal | CloseRefusal;

const credentialRefused: CloseRefusal = {
  close: closeCodes.unauthenticated,
  code: 'CREDENTIAL_REFUSED',
  reason: 'credential refused',
};

/** How long a refused peer has to answer the close frame, in ms. */
const refusedGraceMs = 2_000;

/**
 * Serves one upgrade. Never throws, never rejects.
 *
 * Whatever happens to the peer meanwhile, the process lives: the listener for its errors is there from the first line.
 */
export async function shakeHands(
  ports: HandshakePorts,
  request: IncomingMessage,
  duplex: Duplex,
  head: Buffer,
): Promise<void> {
  const onError = () => duplex.destroy();
  duplex.on('error', onError);
  const credentials = findCredentials(request.headers, ports.runtime.options.cookieName);
  const outcome = await admit(ports, request, credentials).catch((error: unknown): Refusal => {
    ports.runtime.report({
      kind: 'fault',
      where: 'handshake',
      message: error instanceof Error ? error.message : 'unknown',
    });
    return { status: 503, code: 'STORE_UNAVAILABLE', detail: 'The log cannot be opened now.', retryAfterSeconds: 5 };
  });
  if (duplex.destroyed) return;
  if ('code' in outcome) {
    refuse(ports, outcome, request, duplex, head, credentials?.carrier ?? 'none');
    return;
  }
  // While the authenticator spoke the service may have begun to drain, or the user may have been revoked.
  const late = ports.notReady() ?? (revoked(outcome.userContext) ? credentialRefused : undefined);
  if (late) {
    refuse(ports, late, request, duplex, head, credentials?.carrier ?? 'none');
    return;
  }
  const socket = ports.acceptor.accept(request, duplex, head);
  if (!socket) return;
  ports.open({ ...outcome, socket });
}

/** Asks everything there is to ask, cheapest first, and the authenticator last. */
async function admit(
  ports: HandshakePorts,
  request: IncomingMessage,
  credentials: Credentials | undefined,
): Promise<Refusal | Omit<SessionParts, 'authenticate' | 'onExpiry' | 'onClosed' | 'socket'>> {
  const { options } = ports.runtime;
  const notNow = ports.notReady() ?? ports.tooMany();
  if (notNow) return notNow;
  const versions = subprotocolsOf(request.headers).filter(isVersion);
  if (!isWebSocketUpgrade(request) || versions.length === 0) {
    return { status: 400, code: 'BAD_REQUEST', detail: `Ask for an upgrade to websocket and offer ${subprotocol}.` };
  }
  if (!originAllowed(request.headers, options.allowedOrigins, credentials?.carrier === 'cookie')) {
    return { status: 403, code: 'ORIGIN_FORBIDDEN', detail: 'This origin may not connect.' };
  }
  if (!versions.includes(subprotocol)) {
    return { close: closeCodes.versionGone, code: 'VERSION_GONE', reason: `only ${subprotocol} is spoken here` };
  }
  const query = new URLSearchParams(request.url?.split('?')[1]);
  const from = query.get('from') ?? 'active';
  if (from !== 'active' && !parsePosition(from)) {
    return { close: closeCodes.illegalFrame, code: 'FROM_INVALID', reason: 'from is neither active nor a position' };
  }
  if (!credentials) {
    return { close: closeCodes.unauthenticated, code: 'CREDENTIAL_MISSING', reason: 'no credential' };
  }
  const identity = await identify(ports, credentials);
  if ('code' in identity) return identity;
  const user = ports.userOf(identity);
  // Minted before anything is waited for: a revocation from now on counts.
  const userContext = user.mint(identity.claims);
  const log = await user.open();
  const opening = await findOpening(log, from);
  return {
    user,
    userContext,
    identity,
    log,
    opening,
    position: formatPosition(log.epoch, opening.after, (await log.markAt(opening.after)) ?? noMark),
    acks: query.get('acks') === '1',
  };
}

async function identify(ports: HandshakePorts, credentials: Credentials): Promise<Identity | Refusal> {
  let identity: Identity | null;
  try {
    identity = await ports.authenticate(credentials);
  } catch {
    const detail = 'Credentials cannot be checked now.';
    return { status: 503, code: 'AUTHENTICATOR_DOWN', detail, retryAfterSeconds: 5 };
  }
  if (!identity) return credentialRefused;
  if (!isId(identity.user_id) || (identity.tenant_id !== undefined && !isId(identity.tenant_id)))
    return credentialRefused;
  return identity;
}

function refuse(
  ports: HandshakePorts,
  refusal: Refusal,
  request: IncomingMessage,
  duplex: Duplex,
  head: Buffer,
  carrier: string,
): void {
  const { report, options, scheduler } = ports.runtime;
  const asHttp = 'status' in refusal;
  report({
    kind: 'refused',
    code: refusal.code,
    status: asHttp ? refusal.status : refusal.close,
    path: options.path,
    carrier,
    hint: asHttp ? refusal.detail : refusal.reason,
  });
  if (asHttp) {
    refuseWithHttp(duplex, refusal);
    return;
  }
  // What is selected is the name of a version: a token is never repeated.
  const socket = ports.acceptor.accept(request, duplex, head);
  if (!socket) return;
  socket.close(refusal.close, refusal.reason);
  const cancel = scheduler.after(refusedGraceMs, () => socket.terminate());
  duplex.once('close', cancel);
}

function revoked(userContext: UserContext): boolean {
  try {
    userOf(userContext);
    return false;
  } catch {
    return true;
  }
}

/** What `ws` would refuse in words of its own. */
function isWebSocketUpgrade({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
    isTokenSet(subprotocolsOf(headers))
  );
}

/** Whether these may stand in `Sec-WebSocket-Protocol`: tokens of RFC 9110, each once. */
function isTokenSet(items: readonly string[]): boolean {
  return new Set(items).size === items.length && items.every((item) => /^[!#$%&'*+.^_`|~\w-]+$/.test(item));
}

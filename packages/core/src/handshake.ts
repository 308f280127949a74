// The handshake: an upgrade request comes in; a session goes out, or a refusal that says why.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeCodes, type From, isId, mostThreads, parseFrom, subprotocol } from '@throughline/events/protocol';
import type { Admission } from './admission.js';
import { type Credentials, type Identity, isIdentity } from './authenticator.js';
import { collectCredentials, likelyHop, lookedAt, looksOlder, offeredCredentials, offerOf } from './credentials.js';
import type { Offer } from './dialect.js';
import { findOpening, type Threads } from './opening.js';
import { originAllowed } from './origin.js';
import { type CloseRefusal, type HttpRefusal, type Refusal, refuseWithHttp } from './refusal.js';
import type { Runtime } from './runtime.js';
import type { SessionParts } from './session-parts.js';
import type { AcceptedSocket, SocketAcceptor } from './socket.js';
import { reportFault } from './telemetry.js';
import type { Tickets } from './tickets.js';
import { nativeTongue, type Recognition, type Tongue } from './tongue.js';
import type { User } from './user.js';
import { type Minting, mintingOf } from './user-context.js';

/** What the handshake needs of the service. */
export interface HandshakePorts {
  readonly runtime: Runtime;
  readonly acceptor: SocketAcceptor;
  readonly admission: Admission;
  readonly tickets: Tickets;
  /** What is spoken here beside `throughline.v1`, in the order in which they are asked. */
  readonly tongues: readonly Tongue[];
  /** What the door has under way, each by what ends it: upgrades not answered yet, refused peers not gone yet. */
  readonly underWay: Set<() => void>;
  /** Why nobody is let in now; `undefined` when the service is ready. */
  notReady(): HttpRefusal | undefined;
  /** Why no further session is opened now; `undefined` when there is room. */
  full(): HttpRefusal | undefined;
  /** The record of a user, made when there is none. */
  userOf(identity: Identity): User;
  /** The upgrade is complete: from here on the socket belongs to a session. */
  open(arrival: Arrival): void;
}

/** Somebody who was let in: what a session is made of, and what the client asked for. */
export interface Arrival extends SessionParts {
  readonly from: From;
}

/** An upgrade on its way: what came, and what it was recognised as. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly duplex: Duplex;
  readonly head: Buffer;
  readonly offer: Offer;
  /** `undefined` when nobody here speaks what it offers. */
  readonly recognition: Recognition | undefined;
  /** The carriers in their order: the first is judged. */
  readonly credentials: readonly Credentials[];
}

const credentialRefused: CloseRefusal = {
  close: closeCodes.unauthenticated,
  code: 'CREDENTIAL_REFUSED',
  reason: 'credential refused',
};

/** What whoever comes is told while the service lets go of everybody. */
export const goingAway: HttpRefusal = {
  status: 503,
  code: 'DRAINING',
  detail: 'The service is going away.',
  retryAfterSeconds: 1,
};

/** What whoever comes is told while there is no room. */
export const full: HttpRefusal = {
  status: 429,
  code: 'TOO_MANY_SESSIONS',
  detail: 'This process serves as many sessions as it may.',
  retryAfterSeconds: 5,
};

/** What a page is told that offers what nobody speaks here. */
const unspoken = `Ask for an upgrade to websocket and offer ${subprotocol}.`;
const older =
  `This page seems to speak the dialect of a legacy service. Let it offer ${subprotocol} (@throughline/client does), or let the ` +
  'service speak it: the option dialects, with legacyDialect() of @throughline/compat/legacy-dialect.';

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
  // A service that closes waits neither for a log that does not open nor for a peer that does not go.
  const giveUp = () => refuseWithHttp(duplex, goingAway);
  ports.underWay.add(giveUp);
  let upgrade: Upgrade = { request, duplex, head, offer: offerOf(request), recognition: undefined, credentials: [] };
  let outcome: Awaited<ReturnType<typeof admit>>;
  try {
    upgrade = recogniseUpgrade(ports, upgrade);
    outcome = await admit(ports, upgrade);
  } catch (error) {
    reportFault(ports.runtime.report, 'handshake', error);
    const detail = 'The log cannot be opened now.';
    outcome = { status: 503, code: 'STORE_UNAVAILABLE', detail, retryAfterSeconds: 5 };
  }
  ports.underWay.delete(giveUp);
  if (duplex.destroyed || duplex.writableEnded) return;
  if ('code' in outcome) {
    refuse(ports, outcome, upgrade);
    return;
  }
  // While the authenticator spoke the service may have begun to drain, or the user may have been revoked.
  const late = ports.notReady() ?? ports.full() ?? (outcome.grant.revoked ? credentialRefused : undefined);
  if (late) {
    refuse(ports, late, upgrade);
    return;
  }
  // The answer to the upgrade and the welcome are one write.
  duplex.cork();
  let socket: AcceptedSocket | undefined;
  try {
    socket = ports.acceptor.accept(request, duplex, head, upgrade.recognition?.selected);
    if (!socket) return;
    // From here on `ws` listens.
    duplex.off('error', onError);
    ports.open({ ...outcome, socket });
    outcome.tongue.admitted?.(upgrade.credentials.map(({ carrier }) => carrier));
  } catch (error) {
    reportFault(ports.runtime.report, 'handshake', error);
    // What was answered goes out before the connection ends.
    duplex.uncork();
    socket?.terminate();
  } finally {
    duplex.uncork();
  }
}

/** Who offers `throughline.v1` is spoken with in it, whatever else is offered. */
function recogniseUpgrade(ports: HandshakePorts, upgrade: Upgrade): Upgrade {
  const { offer, request } = upgrade;
  let recognition = nativeTongue.recognise(offer);
  for (const tongue of ports.tongues) recognition ??= tongue.recognise(offer);
  const offered = recognition?.credentials ?? offeredCredentials(offer.subprotocols, offer.query.get('ticket'));
  const credentials = collectCredentials(request.headers, ports.runtime.options.cookieName, offered);
  return { ...upgrade, recognition, credentials };
}

/** Asks everything there is to ask, cheapest first, and the authenticator last. */
async function admit(
  ports: HandshakePorts,
  { request, offer, recognition, credentials }: Upgrade,
): Promise<Refusal | Omit<Arrival, 'socket'>> {
  const { options } = ports.runtime;
  const notNow = ports.notReady() ?? ports.admission.limit(request);
  if (notNow) return notNow;
  if (!isWebSocketUpgrade(request, offer)) return { status: 400, code: 'BAD_REQUEST', detail: unspoken };
  if (!recognition) return { status: 400, code: 'BAD_REQUEST', detail: looksOlder(offer) ? older : unspoken };
  if (!originAllowed(request.headers, options.allowedOrigins, credentials[0]?.carrier === 'cookie')) {
    return { status: 403, code: 'ORIGIN_FORBIDDEN', detail: 'This origin may not connect.' };
  }
  if (recognition.refusal) return recognition.refusal;
  const { query } = offer;
  const from = parseFrom(query.get('from') ?? 'active');
  if (!from) {
    return { close: closeCodes.illegalFrame, code: 'FROM_INVALID', reason: 'from is neither active nor a position' };
  }
  const threads = threadsOf(query);
  if (threads === 'invalid') {
    const reason = `threads must be at most ${mostThreads} ids of 1 to 128 printable ASCII characters`;
    return { close: closeCodes.illegalFrame, code: 'THREADS_INVALID', reason };
  }
  if (credentials.length === 0) {
    return missing(request, lookedAt(recognition.tongue.carriers, options.cookieName, offer));
  }
  const identity = await identify(ports, credentials);
  if ('code' in identity) return identity;
  const user = ports.userOf(identity);
  // Minted before anything is waited for: a revocation from now on counts.
  const userContext = user.mint(identity);
  const log = await user.open();
  return {
    tongue: recognition.tongue,
    user,
    userContext,
    expiresAt: identity.expires_at,
    grant: (mintingOf(userContext) as Minting).grant,
    log,
    from,
    opening: await findOpening(log, from, threads),
    threads,
    acks: query.get('acks') === '1',
  };
}

/** The threads that a query asks for: none named is all of them, an empty name is none. */
function threadsOf(query: URLSearchParams): Threads | 'invalid' {
  const names = query.getAll('threads');
  if (names.length === 0) return undefined;
  if (names.length === 1 && names[0] === '') return new Set();
  return names.length <= mostThreads && names.every((name) => isId(name)) ? new Set(names) : 'invalid';
}

/** No credential came: proxies are known to take them out, so the operator is told where to look. */
function missing({ headers }: IncomingMessage, looked: string): CloseRefusal {
  const hop = likelyHop(headers);
  const hint = hop ? `${looked}; taken out by a proxy? ${hop}` : looked;
  return { close: closeCodes.unauthenticated, code: 'CREDENTIAL_MISSING', reason: 'no credential', hint };
}

/** Judges the first credential. Should others be valid too, they must name the same user. */
async function identify(ports: HandshakePorts, credentials: readonly Credentials[]): Promise<Identity | Refusal> {
  let first: Identity | undefined;
  for (const credential of credentials) {
    let identity: Identity | null;
    try {
      identity = await judge(ports, credential);
    } catch {
      const detail = 'Credentials cannot be checked now.';
      return { status: 503, code: 'AUTHENTICATOR_DOWN', detail, retryAfterSeconds: 5 };
    }
    if (!first) {
      if (!identity) return credentialRefused;
      first = identity;
    } else if (identity && (identity.user_id !== first.user_id || identity.tenant_id !== first.tenant_id)) {
      return { close: closeCodes.forbidden, code: 'CREDENTIALS_DISAGREE', reason: 'two credentials name two users' };
    }
  }
  return first ?? credentialRefused;
}

async function judge({ tickets, admission }: HandshakePorts, credential: Credentials): Promise<Identity | null> {
  const { token, carrier } = credential;
  const identity = carrier === 'ticket' ? tickets.consume(token) : await admission.authenticate(credential);
  return identity && isIdentity(identity) ? identity : null;
}

function refuse(ports: HandshakePorts, refusal: Refusal, upgrade: Upgrade): void {
  const { request, duplex, head, recognition, credentials } = upgrade;
  const { report, options, scheduler } = ports.runtime;
  const asHttp = 'status' in refusal;
  report({
    kind: 'refused',
    code: refusal.code,
    status: asHttp ? refusal.status : refusal.close,
    path: options.path,
    carrier: credentials[0]?.carrier ?? 'none',
    hint: asHttp ? refusal.detail : (refusal.hint ?? refusal.reason),
  });
  if (asHttp) {
    refuseWithHttp(duplex, refusal);
    return;
  }
  if (ports.admission.refused(request)) {
    refuseWithHttp(duplex, { status: 401, code: refusal.code, detail: 'Refused too often: no upgrade.' });
    return;
  }
  // What is selected is the name of a version: a token is never repeated.
  const socket = ports.acceptor.accept(request, duplex, head, recognition?.selected);
  if (!socket) return;
  socket.close(refusal.close, refusal.reason);
  const end = () => {
    cancel();
    ports.underWay.delete(end);
    socket.terminate();
  };
  const cancel = scheduler.after(refusedGraceMs, end);
  ports.underWay.add(end);
  duplex.once('close', end);
}

/** What `ws` would refuse in words of its own. */
function isWebSocketUpgrade({ method, headers }: IncomingMessage, { subprotocols }: Offer): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
    isTokenSet(subprotocols)
  );
}

/** Whether these may stand in `Sec-WebSocket-Protocol`: tokens of RFC 9110, each once. */
function isTokenSet(items: readonly string[]): boolean {
  return new Set(items).size === items.length && items.every((item) => /^[!#$%&'*+.^_`|~\w-]+$/.test(item));
}

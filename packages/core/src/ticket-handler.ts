// The HTTP endpoint that trades a credential for a one-time ticket.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admission } from './admission.js';
import { type Identity, isIdentity } from './authenticator.js';
import { findCredentials } from './credentials.js';
import type { ResolvedOptions } from './options.js';
import { originAllowed } from './origin.js';
import { type HttpRefusal, problemOf } from './refusal.js';
import type { Telemetry } from './telemetry.js';
import type { Ticket } from './tickets.js';

/** What the endpoint needs of the service. */
export interface TicketPorts {
  readonly options: ResolvedOptions;
  readonly admission: Admission;
  readonly report: Telemetry;
  issue(identity: Identity): Ticket;
}

/** Handles `POST`: the credential comes as in a handshake (header or cookie), a {@link Ticket} goes as JSON. */
export async function handleTicketRequest(
  ports: TicketPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const outcome = await trade(ports, request);
  if ('ticket' in outcome) {
    response.writeHead(201, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify(outcome));
    return;
  }
  const { code, status, detail } = outcome;
  const carrier = findCredentials(request.headers, ports.options.cookieName)[0]?.carrier ?? 'none';
  ports.report({ kind: 'refused', code, status, path: ports.options.path, carrier, hint: `a ticket: ${detail}` });
  const { headers, body } = problemOf(outcome);
  response.writeHead(outcome.status, { ...headers, 'Cache-Control': 'no-store' });
  response.end(body);
}

async function trade(ports: TicketPorts, request: IncomingMessage): Promise<Ticket | HttpRefusal> {
  const { options, admission } = ports;
  if (request.method !== 'POST') return { status: 405, code: 'METHOD_NOT_ALLOWED', detail: 'Ask with POST.' };
  const limited = admission.limit(request);
  if (limited) return limited;
  const [credential] = findCredentials(request.headers, options.cookieName);
  if (!originAllowed(request.headers, options.allowedOrigins, credential?.carrier === 'cookie')) {
    return { status: 403, code: 'ORIGIN_FORBIDDEN', detail: 'This origin may not ask for tickets.' };
  }
  if (!credential) return { status: 401, code: 'CREDENTIAL_MISSING', detail: 'Send a credential.' };
  try {
    const identity = await admission.authenticate(credential);
    if (identity && isIdentity(identity)) return ports.issue(identity);
    return { status: 401, code: 'CREDENTIAL_REFUSED', detail: 'The credential is not valid.' };
  } catch {
    const detail = 'Credentials cannot be checked now.';
    return { status: 503, code: 'AUTHENTICATOR_DOWN', detail, retryAfterSeconds: 5 };
  }
}

// The composition root: the only file that sees all rooms, and the only one that opens logs.
import cluster from 'node:cluster';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { closeCodes, isId, type SessionId } from '@throughline/events/protocol';
import { type Admission, createAdmission } from './admission.js';
import { type Identity, isIdentity } from './authenticator.js';
import { Breaker } from './breaker.js';
import { type DrainOptions, drainSessions, resolveDrainOptions } from './drain.js';
import { defaultTenant, userKeyOf } from './envelope.js';
import { isThroughlineError, throughlineError } from './errors.js';
import { type EventExplanation, type EventReference, explain } from './explanation.js';
import { type Arrival, full, goingAway, type HandshakePorts, shakeHands } from './handshake.js';
import type { Health } from './health.js';
import { Heartbeat } from './heartbeat.js';
import { memoryLog } from './memory-log.js';
import { resolveOptions, type ServiceOptions } from './options.js';
import { claimPath } from './paths.js';
import { Readiness } from './readiness.js';
import type { HttpRefusal } from './refusal.js';
import { Registry } from './registry.js';
import type { Runtime } from './runtime.js';
import { elapsedSince, systemScheduler } from './scheduler.js';
import { Session, type SessionHost } from './session.js';
import { createSocketAcceptor } from './socket.js';
import { published, shielded, type Telemetry, telemetryToStderr } from './telemetry.js';
import { handleTicketRequest } from './ticket-handler.js';
import { type Ticket, Tickets } from './tickets.js';
import { createTimestamps } from './timestamps.js';
import { createTranslatedTongue } from './translated-tongue.js';
import { Turns } from './turns.js';
import { type User, userOf } from './user.js';
import { forgery, type Grant, type Minting, mintingOf, type UserContext } from './user-context.js';
import type { LaggingSession, UserReference, WebSocketService } from './websocket-service.js';

/** How many sessions that are behind are named. */
const mostLagging = 10;

/** How long the peers and the log of a closing service have to answer, in ms. */
const closeGraceMs = 1_000;

/**
 * Starts a service on an HTTP server. Refuses upgrades with 503 until its dependencies have answered.
 *
 * @throws OPTION_INVALID, PATH_TAKEN, CLUSTER_MEMORY_LOG
 */
export async function startWebSocketService<Schema extends StandardSchemaV1 = StandardSchemaV1>(
  options: ServiceOptions<Schema>,
): Promise<WebSocketService> {
  return new Service(options as unknown as ServiceOptions);
}

class Service implements WebSocketService {
  readonly path: string;
  readonly ticketHandler: WebSocketService['ticketHandler'];
  readonly #runtime: Runtime;
  readonly #registry: Registry;
  readonly #readiness: Readiness;
  readonly #sessions: Heartbeat<Session>;
  readonly #host: SessionHost;
  readonly #admission: Admission;
  readonly #tickets: Tickets;
  readonly #refusals: Record<string, number> = {};
  /** Leaks that were stopped: from the first on, the service is unhealthy. */
  #leaks = 0;
  #level: Health['level'] = 'healthy';
  readonly #releasePath: () => void;
  #state: 'open' | 'draining' | 'closed' = 'open';
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  readonly #underWay = new Set<() => void>();
  #endDrain = () => {};

  constructor(given: ServiceOptions) {
    const options = resolveOptions(given);
    if (cluster.isWorker && !options.log) {
      throw throughlineError('CLUSTER_MEMORY_LOG', 'This process is a worker of a cluster.');
    }
    this.path = options.path;
    // First of all: a service whose path is taken has begun nothing that it would have to end.
    this.#releasePath = claimPath(options.server as Server, options.path, options.name, (request, duplex, head) => {
      void shakeHands(ports, request as IncomingMessage, duplex as Duplex, head);
    });
    const scheduler = options.scheduler ?? systemScheduler();
    const state = () => this.#state;
    const report = this.#counted(shielded(options.telemetry ?? telemetryToStderr()), shielded(published(options.name)));
    const runtime: Runtime = {
      options,
      scheduler,
      timestamp: createTimestamps(() => scheduler.now()),
      turns: new Turns(scheduler, report),
      log: options.log ?? memoryLog({}, scheduler),
      report,
      storage: new Breaker(scheduler.now, () => this.#announceHealth()),
      leaked: ({ user_id }, where) => {
        this.#leaks += 1;
        runtime.report({ kind: 'leak', where, user_id });
        this.#announceHealth();
      },
      told: new WeakSet(),
      get closed() {
        return state() === 'closed';
      },
      get draining() {
        return state() !== 'open';
      },
    };
    this.#runtime = runtime;
    this.#admission = createAdmission(options, scheduler);
    this.#tickets = new Tickets(scheduler.now, options.ticketTtlMs);
    const issue = (identity: Identity) => this.issueTicket(this.#userOf(identity).mint(identity));
    this.ticketHandler = (request, response) =>
      void handleTicketRequest({ options, admission: this.#admission, report, issue }, request, response);
    const ports: HandshakePorts = {
      runtime,
      acceptor: createSocketAcceptor(options.maxFrameBytes, options.socketBufferBytes),
      admission: this.#admission,
      tickets: this.#tickets,
      tongues: (options.dialects ?? []).map((dialect) => createTranslatedTongue(dialect, runtime.report)),
      underWay: this.#underWay,
      notReady: () => this.#notReady(),
      full: () => (this.#sessions.size >= options.maxSessions ? full : undefined),
      userOf: (identity) => this.#userOf(identity),
      open: (parts) => this.#open(parts),
    };
    this.#registry = new Registry(runtime);
    this.#readiness = new Readiness(options.readiness ?? [], scheduler);
    this.#sessions = new Heartbeat(scheduler, options.heartbeatMs);
    this.#host = {
      authenticate: this.#admission.authenticate,
      onExpiry: (session, at) => this.#sessions.remind(session, at),
      onClosed: (session) => this.#sessions.delete(session),
    };
  }

  async authenticate({ token }: { readonly token: string }): Promise<UserContext> {
    this.#checkOpen();
    let identity: Identity | null;
    try {
      identity = await this.#admission.authenticate({ token, carrier: 'call' });
    } catch (error) {
      this.#checkOpen();
      if (isThroughlineError(error, 'AUTHENTICATOR_DOWN')) throw error;
      throw throughlineError('AUTHENTICATOR_DOWN', 'The authenticator failed.', error);
    }
    if (!identity) throw throughlineError('CREDENTIAL_REFUSED', 'The token was refused.');
    if (!isIdentity(identity)) {
      throw throughlineError('ID_INVALID', 'The authenticator named user, tenant or grant by something that is no id.');
    }
    this.#checkOpen();
    return this.#userOf(identity).mint(identity);
  }

  revoke(whom: UserContext | UserReference | { readonly session_id: SessionId }): number {
    const minting = mintingOf(whom);
    if (minting) return this.#revokeUser(this.#ownUser(minting), minting.grant);
    if (isPlain(whom) && 'session_id' in whom) return this.#revokeSession(whom.session_id);
    return this.#revokeUser(this.#named(whom as UserReference));
  }

  async forget(whom: UserReference): Promise<void> {
    const user = this.#named(whom);
    await Promise.all([...user.runs.values()].map((run) => run.interrupt().catch(() => {})));
    try {
      const log = await user.open();
      await log.erase();
      user.receipts.forget();
    } catch (error) {
      throw throughlineError('STORE_FAILED', 'The log could not be erased.', error);
    }
  }

  issueTicket(userContext: UserContext): Ticket {
    this.#checkOwn(userOf(userContext));
    if (userContext.scope) throw throughlineError('SCOPE_EXCEEDED', 'A ticket is for a whole log.');
    const { grant, expiresAt, endsAt } = mintingOf(userContext) as Minting;
    const { user_id, tenant_id, claims } = userContext;
    const ends = Math.min(expiresAt, endsAt);
    const identity = {
      user_id,
      claims,
      ...(tenant_id === defaultTenant ? {} : { tenant_id }),
      ...(grant.id === '' ? {} : { grant_id: grant.id }),
      ...(ends === Number.POSITIVE_INFINITY ? {} : { expires_at: ends }),
    };
    return this.#tickets.issue(identity, grant);
  }

  peekTicket(ticket: string): UserReference | undefined {
    const identity = this.#tickets.peek(ticket);
    return identity && userKeyOf(identity);
  }

  health(): Health {
    let runs = 0;
    for (const user of this.#registry) runs += user.runCount;
    const missing = this.#readiness.missing.map((name) => `waiting for ${name}`);
    const grave = [...missing];
    if (this.#state === 'closed') grave.push('closed');
    if (this.#leaks > 0) grave.push(`stopped ${this.#leaks} leaks from one user to another`);
    const light: string[] = [];
    if (this.#state === 'draining') light.push('draining');
    if (this.#runtime.storage.failing) light.push('storage fails');
    return {
      level: grave.length > 0 ? 'unhealthy' : light.length > 0 ? 'degraded' : 'healthy',
      reasons: [...grave, ...light],
      ready: this.#state === 'open' && missing.length === 0,
      sessions: this.#sessions.size,
      runs,
      refusals: { ...this.#refusals },
    };
  }

  lag(): readonly LaggingSession[] {
    const { scheduler } = this.#runtime;
    const behind: LaggingSession[] = [];
    for (const { id, user_id, lag } of this.#sessions) {
      if (lag)
        behind.push({ session_id: id, user_id, entries: lag.entries, behind_ms: elapsedSince(scheduler, lag.since) });
    }
    return behind.sort((one, other) => other.entries - one.entries).slice(0, mostLagging);
  }

  async explain(event: EventReference): Promise<EventExplanation> {
    const { run_id, seq } = event ?? {};
    if (!isId(run_id) || !Number.isSafeInteger(seq) || seq < 1) {
      throw throughlineError('EVENT_INVALID', 'An event is named by run_id and by seq, a whole number from 1.');
    }
    try {
      return await explain(event, this.#registry);
    } catch (error) {
      throw throughlineError('STORE_FAILED', 'A log could not be asked.', error);
    }
  }

  drain(options: DrainOptions = {}): Promise<void> {
    this.#draining ??= this.#drain(options).catch((error: unknown) => {
      // It was refused: it may be asked for again, with other options.
      this.#draining = undefined;
      throw error;
    });
    return this.#draining;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(options: DrainOptions): Promise<void> {
    const rules = resolveDrainOptions(options);
    if (this.#state === 'open') {
      this.#state = 'draining';
      const { scheduler, report } = this.#runtime;
      const onClose = (task: () => void) => {
        this.#endDrain = task;
      };
      await drainSessions({ scheduler, report, sessions: this.#sessions, users: this.#registry, onClose }, rules);
    }
    await this.close();
  }

  async #close(): Promise<void> {
    this.#state = 'draining';
    const users = [...this.#registry];
    const runs = users.flatMap((user) => [...user.runs.values()]);
    const ended = runs.map((run) => run.interrupt().catch(() => {}));
    for (const user of users) user.flush();
    this.#state = 'closed';
    for (const run of runs) run.abandon();
    this.#readiness.stop();
    this.#endDrain();
    this.#admission.stop();
    for (const end of this.#underWay) end();
    await this.#closeSessions();
    await this.#atMost(closeGraceMs, Promise.all(ended));
    for (const user of users) user.close();
    this.#releasePath();
    this.#sessions.stop();
    if (!this.#runtime.options.log) await this.#runtime.log.close();
  }

  /** Closes all sessions; resolves when their sockets are gone. */
  #closeSessions(): Promise<void> {
    for (const session of this.#sessions) session.close(closeCodes.goingAway, 'the service closes');
    if (this.#sessions.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#runtime.scheduler.after(closeGraceMs, () => {
        for (const session of this.#sessions) session.terminate(closeCodes.goingAway, 'the service closes');
      });
      this.#sessions.onEmpty(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Waits, but not for a store that answers nothing: whoever closes wants to go. */
  #atMost(ms: number, done: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#runtime.scheduler.after(ms, resolve);
      void done.then(() => {
        cancel();
        resolve();
      });
    });
  }

  #open(parts: Arrival): void {
    const session = new Session(parts, this.#host);
    this.#sessions.add(session);
    const { user_id } = parts.user.key;
    const from = parts.from.position === undefined ? 'active' : 'position';
    const opened = { kind: 'session_opened', session_id: session.id, user_id, from } as const;
    const { name: dialect } = parts.tongue;
    this.#runtime.report(dialect === undefined ? opened : { ...opened, dialect });
    session.start(parts.opening);
  }

  #notReady(): HttpRefusal | undefined {
    if (this.#state !== 'open') return goingAway;
    if (this.#readiness.missing.length > 0) {
      return { status: 503, code: 'STARTING', detail: 'The service is starting.', retryAfterSeconds: 1 };
    }
    if (this.#runtime.storage.open) {
      return { status: 503, code: 'STORE_UNAVAILABLE', detail: 'Storage fails.', retryAfterSeconds: 5 };
    }
    return undefined;
  }

  /** Tells every session when the level has changed. */
  #announceHealth(): void {
    const { level, reasons } = this.health();
    if (level === this.#level) return;
    this.#level = level;
    this.#runtime.report({ kind: 'health', level, reasons });
    for (const session of this.#sessions) session.announceHealth(level);
  }

  /** Passes telemetry on and counts refusals. */
  #counted(...reports: readonly Telemetry[]): Telemetry {
    return (event) => {
      if (event.kind === 'refused') this.#refusals[event.code] = (this.#refusals[event.code] ?? 0) + 1;
      for (const report of reports) report(event);
    };
  }

  #revokeUser(user: User, grant?: Grant): number {
    this.#tickets.revoke(user.key, grant);
    return user.revoke(grant);
  }

  #revokeSession(session_id: SessionId): number {
    for (const session of this.#sessions) {
      if (session.id !== session_id || session.closing) continue;
      session.close(closeCodes.unauthenticated, 'signed out');
      return 1;
    }
    return 0;
  }

  #userOf(whom: UserReference): User {
    return this.#registry.open(userKeyOf(whom));
  }

  /** The user behind a context of this service, be it revoked already. */
  #ownUser({ user }: Minting): User {
    this.#checkOwn(user as User);
    return user as User;
  }

  #checkOwn({ runtime }: User): void {
    if (runtime === this.#runtime) return;
    const names = `service ${JSON.stringify(runtime.options.name)}, not ${JSON.stringify(this.#runtime.options.name)}`;
    throw throughlineError('CONTEXT_FORGED', `This user context was minted by ${names}.`);
  }

  /** The user of a bare reference. What looks like a context but is none is refused. */
  #named(whom: UserReference): User {
    if (!isPlain(whom) || !Object.keys(whom).every((name) => name === 'user_id' || name === 'tenant_id')) {
      throw throughlineError('CONTEXT_FORGED', forgery(whom));
    }
    if (!isIdentity(whom)) throw throughlineError('ID_INVALID', 'A user is named by user_id and tenant_id.');
    return this.#userOf(whom);
  }

  #checkOpen(): void {
    if (this.#state === 'closed') throw throughlineError('SERVICE_CLOSED', 'The service is closed.');
  }
}

/** Whether a value was written down as a reference, and does not only look like one by what it inherits. */
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

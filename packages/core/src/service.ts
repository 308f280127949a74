// The composition root: the only file that sees all rooms, and the only one that opens logs.
import cluster from 'node:cluster';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { closeCodes, isId } from '@throughline/events/protocol';
import { createAdmission } from './admission.js';
import type { Identity } from './authenticator.js';
import { type DrainOptions, drainSessions, resolveDrainOptions } from './drain.js';
import { isThroughlineError, throughlineError } from './errors.js';
import { type HandshakePorts, shakeHands } from './handshake.js';
import { Heartbeat } from './heartbeat.js';
import { memoryLog } from './memory-log.js';
import { resolveOptions, type ServiceOptions } from './options.js';
import { claimPath } from './paths.js';
import { type Health, Readiness } from './readiness.js';
import type { HttpRefusal } from './refusal.js';
import { Registry } from './registry.js';
import type { Runtime } from './runtime.js';
import { systemScheduler } from './scheduler.js';
import { Session } from './session.js';
import { createSocketAcceptor } from './socket.js';
import { shielded, telemetryToStderr } from './telemetry.js';
import { userOf } from './user.js';
import type { UserContext } from './user-context.js';

/** Delivers what agents say to the users they say it to. */
export interface WebSocketService {
  /** The path whose upgrades it serves. */
  readonly path: string;

  /**
   * Mints a user context from a token, outside a handshake: in an HTTP route, a webhook, a worker.
   *
   * @throws CREDENTIAL_REFUSED, AUTHENTICATOR_DOWN, SERVICE_CLOSED
   */
  authenticate(credentials: { readonly token: string }): Promise<UserContext>;

  /**
   * Ends what the user of this context has open: sessions close with 4401, contexts minted so far are void. Runs go on.
   *
   * @returns how many sessions were closed
   * @throws CONTEXT_FORGED, CONTEXT_REVOKED, SERVICE_CLOSED
   */
  revoke(userContext: UserContext): number;

  health(): Health;

  /**
   * Lets nobody in any more, lets runs end and readers catch up, closes sessions in batches with 1012, then closes.
   *
   * @throws OPTION_INVALID
   */
  drain(options?: DrainOptions): Promise<void>;

  /** Closes now: unfinished runs end as `interrupted`, sessions close with 1001. Leaves nothing behind. */
  close(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

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
  readonly #runtime: Runtime;
  readonly #registry: Registry;
  readonly #readiness: Readiness;
  readonly #sessions: Heartbeat<Session>;
  readonly #authenticate: HandshakePorts['authenticate'];
  readonly #releasePath: () => void;
  #state: 'open' | 'draining' | 'closed' = 'open';
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(given: ServiceOptions) {
    const options = resolveOptions(given);
    if (cluster.isWorker && !options.log) {
      throw throughlineError('CLUSTER_MEMORY_LOG', 'This process is a worker of a cluster.');
    }
    this.path = options.path;
    // First of all: a service whose path is taken has begun nothing that it would have to end.
    this.#releasePath = claimPath(options.server as Server, options.path, (request, duplex, head) => {
      void shakeHands(ports, request as IncomingMessage, duplex as Duplex, head);
    });
    const scheduler = options.scheduler ?? systemScheduler();
    const state = () => this.#state;
    const runtime: Runtime = {
      options,
      scheduler,
      log: options.log ?? memoryLog({}, scheduler),
      report: shielded(options.telemetry ?? telemetryToStderr()),
      told: new WeakSet(),
      get closed() {
        return state() === 'closed';
      },
      get draining() {
        return state() !== 'open';
      },
    };
    this.#runtime = runtime;
    const admission = createAdmission(options, scheduler);
    this.#authenticate = admission.authenticate;
    const ports: HandshakePorts = {
      runtime,
      acceptor: createSocketAcceptor(options.maxFrameBytes, options.socketBufferBytes),
      authenticate: admission.authenticate,
      notReady: () => this.#notReady(),
      tooMany: () => (admission.full ? tooMany : undefined),
      userOf: (identity) => this.#userOf(identity),
      open: (parts) => this.#open(parts),
    };
    this.#registry = new Registry(runtime);
    this.#readiness = new Readiness(options.readiness ?? [], scheduler);
    this.#sessions = new Heartbeat(scheduler, options.heartbeatMs);
  }

  async authenticate({ token }: { readonly token: string }): Promise<UserContext> {
    this.#checkOpen();
    let identity: Identity | null;
    try {
      identity = await this.#authenticate({ token, carrier: 'call' });
    } catch (error) {
      if (isThroughlineError(error, 'AUTHENTICATOR_DOWN')) throw error;
      throw throughlineError('AUTHENTICATOR_DOWN', 'The authenticator failed.', error);
    }
    if (!identity) throw throughlineError('CREDENTIAL_REFUSED', 'The token was refused.');
    if (!isId(identity.user_id) || (identity.tenant_id !== undefined && !isId(identity.tenant_id))) {
      throw throughlineError('ID_INVALID', 'The authenticator named the user or tenant by something that is no id.');
    }
    this.#checkOpen();
    return this.#userOf(identity).mint(identity.claims);
  }

  revoke(userContext: UserContext): number {
    return this.#ownUser(userContext).revoke('signed out');
  }

  health(): Health {
    const missing = this.#readiness.missing.map((name) => `waiting for ${name}`);
    const state = this.#state === 'open' ? [] : [this.#state];
    let runs = 0;
    for (const user of this.#registry) runs += user.runs.size;
    const reasons = [...state, ...missing];
    const level =
      this.#state === 'closed' || missing.length > 0 ? 'unhealthy' : state.length > 0 ? 'degraded' : 'healthy';
    return { level, reasons, sessions: this.#sessions.size, runs };
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
      await drainSessions({ scheduler, report, sessions: this.#sessions, users: this.#registry }, rules);
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
    await this.#closeSessions();
    await this.#atMost(closeGraceMs, Promise.all(ended));
    for (const user of users) user.release();
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

  #open(parts: Parameters<HandshakePorts['open']>[0]): void {
    const session = new Session({
      ...parts,
      authenticate: this.#authenticate,
      onExpiry: (expiring, at) => this.#sessions.remind(expiring, at),
      onClosed: (closed) => this.#sessions.delete(closed),
    });
    this.#sessions.add(session);
    session.start();
    const { user_id } = parts.user.key;
    const from = parts.opening.asked;
    this.#runtime.report({ kind: 'session_opened', session_id: session.id, user_id, from });
  }

  #notReady(): HttpRefusal | undefined {
    if (this.#state !== 'open') {
      return { status: 503, code: 'DRAINING', detail: 'The service is going away.', retryAfterSeconds: 1 };
    }
    if (this.#readiness.missing.length > 0) {
      return { status: 503, code: 'STARTING', detail: 'The service is starting.', retryAfterSeconds: 1 };
    }
    return undefined;
  }

  #userOf({ user_id, tenant_id = defaultTenant }: Identity) {
    return this.#registry.open({ tenant_id, user_id });
  }

  #ownUser(userContext: UserContext) {
    const user = userOf(userContext);
    if (user.runtime === this.#runtime) return user;
    throw throughlineError('CONTEXT_FORGED', 'This user context was minted by another service.');
  }

  #checkOpen(): void {
    if (this.#state === 'closed') throw throughlineError('SERVICE_CLOSED', 'The service is closed.');
  }
}

/** The tenant of those who have none. */
const defaultTenant = 'default';

const tooMany: HttpRefusal = {
  status: 429,
  code: 'TOO_MANY_HANDSHAKES',
  detail: 'Too many connections are being authenticated.',
  retryAfterSeconds: 1,
};

// The options of a service: types, defaults with their reasons, validated once.
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { MessageId, RunId, ThreadId } from '@throughline/events/protocol';
import type { Authenticator } from './authenticator.js';
import { isVersion, offeredCarriers } from './credentials.js';
import type { Undelivered } from './delivery.js';
import type { Dialect } from './dialect.js';
import { throughlineError } from './errors.js';
import type { EventDraft } from './event-body.js';
import type { EventLog } from './log.js';
import type { Rate } from './rate.js';
import type { Dependency } from './readiness.js';
import { longestTimerMs, type Scheduler } from './scheduler.js';
import type { Telemetry } from './telemetry.js';
import type { UserContext } from './user-context.js';

/** What the user said. */
export interface IncomingMessage<Data = unknown> {
  /** Chosen by the client. Handled at most once. Give it to the run that answers as `message_id`. */
  readonly id: MessageId;
  readonly thread_id: ThreadId;
  /** Only on what a run reads from `run.messages`: that run. */
  readonly run_id?: RunId;
  readonly data: Data;
}

/** Handles what a user says. Messages of one thread come in order, one after the other. */
export type MessageHandler<Data = unknown> = (
  message: IncomingMessage<Data>,
  userContext: UserContext,
) => unknown | Promise<unknown>;

/** Options of a service. Times are in milliseconds, sizes in bytes. */
export interface ServiceOptions<Schema extends StandardSchemaV1 = StandardSchemaV1> {
  /** The server whose upgrades are served. Other upgrade handlers on it keep working. */
  readonly server: HttpServer | HttpsServer;
  /** How the service is called where several are: in errors and telemetry. Default `throughline`. */
  readonly name?: string;
  /** Default `/ws`. */
  readonly path?: string;
  /** Credentials to identity: `null` refuses them, a throw means that the authenticator itself is down. */
  readonly authenticate: Authenticator;
  /** A Standard Schema (zod, valibot, typebox, …) for the `data` of messages. Without it handlers get `unknown`. */
  readonly messages?: Schema;
  /** Without it the service takes no messages. */
  readonly onMessage?: MessageHandler<StandardSchemaV1.InferOutput<Schema>>;
  /** Upgrades are refused with 503 until each of these has answered once. */
  readonly readiness?: readonly Dependency[];
  /** Origins that may connect, such as `https://app.example`. Default: the host that the request names. */
  readonly allowedOrigins?: readonly string[];
  /** The cookie to look for a token in. Default: none. */
  readonly cookieName?: string;
  /**
   * What is spoken with pages beside `throughline.v1`, asked in this order; default none. Everything else about such pages is as
   * with all others. `@throughline/compat/legacy-dialect` has one for pages of a legacy manager.
   */
  readonly dialects?: readonly Dialect[];
  /** Where events are stored. Default: in memory. */
  readonly log?: EventLog;
  /** Sees the data of each event before it is stored, and returns what is stored instead. */
  readonly redact?: (draft: EventDraft) => unknown;
  /** Default: one line to stderr for each refusal and fault. Beside it, everything is published on `telemetryChannel`. */
  readonly telemetry?: Telemetry;
  /**
   * Asked at the beginning of each run, and for each event outside one: the W3C trace context (`traceparent`) to send along.
   * What is none is left out.
   */
  readonly traceparent?: () => string | undefined;
  /**
   * Told of each run whose end nobody has acknowledged `undeliveredAfterMs` after it was stored, or when the service closed:
   * so that the answer can be mailed or pushed instead.
   */
  readonly onUndelivered?: (undelivered: Undelivered, userContext: UserContext) => unknown;
  /**
   * What to do about a reader that is behind for longer than `slowReaderMs`: `wait` for it, joining what it has yet to read
   * (the default; it costs no memory), tell it to `reset` and go on where a page without state would, or `close` with 4408.
   */
  readonly slowReaders?: 'wait' | 'reset' | 'close';
  readonly scheduler?: Scheduler;
  /** How many proxies stand in front and append to `X-Forwarded-For`. Default 0: the socket's own address counts. */
  readonly trustProxy?: number;
  readonly handshakesPerAddress?: Rate;
  readonly refusalsPerAddress?: Rate;
  readonly framesPerSession?: Rate;
  readonly messagesPerUser?: Rate;
  readonly maxSessionsPerUser?: number;
  readonly maxSessions?: number;
  readonly ticketTtlMs?: number;
  readonly heartbeatMs?: number;
  readonly expiryGraceMs?: number;
  readonly maxRunMs?: number;
  readonly cancelGraceMs?: number;
  readonly authenticateTimeoutMs?: number;
  readonly maxHandshakes?: number;
  readonly maxEventBytes?: number;
  readonly maxFrameBytes?: number;
  readonly maxPendingBytes?: number;
  readonly maxPendingMessages?: number;
  readonly maxConcurrentMessages?: number;
  readonly ackWindowBytes?: number;
  readonly socketBufferBytes?: number;
  readonly slowReaderMs?: number;
  readonly undeliveredAfterMs?: number;
}

/** Options after validation: what has a default has a value. */
export type ResolvedOptions = ServiceOptions &
  Required<Pick<ServiceOptions, 'name' | 'path' | 'slowReaders' | keyof typeof defaults | keyof typeof defaultRates>>;

const defaultRates = {
  /** By address. An office behind one address comes back after a deploy; a flood does not get through. */
  handshakesPerAddress: { burst: 200, perSecond: 20 },
  /** By address. Refused credentials beyond it are answered in HTTP, which is cheaper than an upgrade and a close. */
  refusalsPerAddress: { burst: 20, perSecond: 1 },
  /** Acks, pings and messages of a busy page are a tenth of it. */
  framesPerSession: { burst: 200, perSecond: 50 },
  /** A client that was offline brings up to 100 messages at once. Changes of threads are counted apart, by the same rate. */
  messagesPerUser: { burst: 120, perSecond: 5 },
} as const;

const defaults = {
  /** Below the idle timeout of every common proxy (30 s and more). At least 1 s: the tick. */
  heartbeatMs: 25_000,
  /** A client that refreshes in band needs one round trip and its identity provider. */
  expiryGraceMs: 10_000,
  /** Longer than agents usually work; what hangs ends. */
  maxRunMs: 900_000,
  /** What an agent needs to close what it has open. */
  cancelGraceMs: 5_000,
  /** An identity provider that takes longer is down. */
  authenticateTimeoutMs: 5_000,
  /** Proxies trusted to say whom they forward for: none. */
  trustProxy: 0,
  /** Tabs and devices of one person. */
  maxSessionsPerUser: 20,
  /** About 20 kB each, with a busy cursor. */
  maxSessions: 20_000,
  /** A page uses its ticket at once. */
  ticketTtlMs: 30_000,
  /** Authentications at once: each may hold a connection to the identity provider. */
  maxHandshakes: 256,
  /** Beyond it an event stalls everything behind it: store the result, send a reference. */
  maxEventBytes: 262_144,
  /** What people say fits many times. */
  maxFrameBytes: 65_536,
  /** A quarter of the memory log's room for a user, so that a burst cannot outrun a healthy reader. */
  maxPendingBytes: 1_048_576,
  /** Messages of one user that wait for a handler. */
  maxPendingMessages: 100,
  /** Handlers of one user at work at once, each on another thread. */
  maxConcurrentMessages: 8,
  /** Sent and not acknowledged. At least 32 KiB: clients acknowledge every 16. */
  ackWindowBytes: 131_072,
  /** In the socket's own buffer. Raised to the socket's own mark where that is higher. */
  socketBufferBytes: 65_536,
  /** A tunnel, a lift, a phone that thinks: shorter stays are no policy's business. Looked at twice per heartbeat. */
  slowReaderMs: 60_000,
  /** A page that comes back after a tunnel or a reload has acknowledged by then. */
  undeliveredAfterMs: 30_000,
} as const;

/** The least and the most of each number: timers beyond 2^31 - 1 ms fire at once. */
const ranges: Readonly<Record<keyof typeof defaults, readonly [number, number]>> = {
  heartbeatMs: [1_000, 3_600_000],
  expiryGraceMs: [0, 3_600_000],
  maxRunMs: [1, longestTimerMs],
  cancelGraceMs: [0, longestTimerMs],
  authenticateTimeoutMs: [1, 600_000],
  trustProxy: [0, 16],
  maxSessionsPerUser: [1, 10_000],
  maxSessions: [1, 10_000_000],
  ticketTtlMs: [1_000, 600_000],
  maxHandshakes: [1, 65_536],
  maxEventBytes: [1_024, 16_777_216],
  maxFrameBytes: [1_024, 16_777_216],
  maxPendingBytes: [1_024, 1_073_741_824],
  maxPendingMessages: [1, 1_000_000],
  maxConcurrentMessages: [1, 1_024],
  ackWindowBytes: [32_768, 1_073_741_824],
  socketBufferBytes: [1_024, 1_073_741_824],
  slowReaderMs: [0, 86_400_000],
  undeliveredAfterMs: [1, 86_400_000],
};

const others = [
  'name',
  'server',
  'path',
  'authenticate',
  'messages',
  'onMessage',
  'readiness',
  'allowedOrigins',
  'cookieName',
  'dialects',
  'log',
  'redact',
  'telemetry',
  'traceparent',
  'onUndelivered',
  'slowReaders',
  'scheduler',
];

/**
 * Checks options and fills in defaults.
 *
 * @throws OPTION_INVALID naming the option, what arrived and what was expected
 */
export function resolveOptions(options: ServiceOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null) {
    throw throughlineError(
      'OPTION_INVALID',
      'The options of a service are an object with at least server and authenticate.',
    );
  }
  for (const name of Object.keys(options)) {
    const known = others.includes(name) || Object.hasOwn(defaults, name) || Object.hasOwn(defaultRates, name);
    if (!known) throw invalid(name, 'is no option of a service.');
  }
  const { path = '/ws', messages, log, scheduler, allowedOrigins, cookieName, readiness } = options;
  expect(options, 'server', typeof options.server?.on === 'function', 'an http or https server');
  expect(options, 'authenticate', typeof options.authenticate === 'function', 'a function');
  const isPath = typeof path === 'string' && /^\/[!-~]*$/.test(path) && !/[?#]/.test(path);
  expect(options, 'path', isPath, 'a path such as /ws');
  for (const name of ['onMessage', 'redact', 'telemetry', 'traceparent', 'onUndelivered'] as const) {
    expect(options, name, options[name] === undefined || typeof options[name] === 'function', 'a function');
  }
  const isSchema = messages === undefined || typeof messages?.['~standard']?.validate === 'function';
  expect(options, 'messages', isSchema, 'a Standard Schema');
  expect(options, 'log', log === undefined || typeof log?.open === 'function', 'an EventLog');
  const isScheduler = scheduler === undefined || parts.every((part) => typeof scheduler?.[part] === 'function');
  expect(options, 'scheduler', isScheduler, `an object with the functions ${parts.join(', ')}`);
  expect(
    options,
    'allowedOrigins',
    isListOf(allowedOrigins, isOrigin),
    'a list of origins such as https://app.example',
  );
  const isCookieName =
    cookieName === undefined || (typeof cookieName === 'string' && /^[!#$%&'*+\-.^_`|~\w]+$/.test(cookieName));
  expect(options, 'cookieName', isCookieName, 'a cookie name');
  expect(options, 'readiness', isListOf(readiness, isDependency), 'a list of { name, check }');
  const { dialects = [] } = options;
  const isList = isListOf(dialects, isDialect) && new Set(dialects.map(({ name }) => name)).size === dialects.length;
  expect(
    options,
    'dialects',
    isList,
    'a list of { name, subprotocols, recognise, frame, event, read }, each of another name',
  );
  const { slowReaders = 'wait' } = options;
  expect(options, 'slowReaders', ['wait', 'reset', 'close'].includes(slowReaders), 'wait, reset or close');
  const numbers: Record<string, number> = {};
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    const value = options[name] ?? defaults[name];
    const [least, most] = ranges[name];
    const isInRange = Number.isInteger(value) && value >= least && value <= most;
    expect(options, name, isInRange, `an integer from ${least} to ${most}`);
    numbers[name] = value;
  }
  const rates: Record<string, Rate> = {};
  for (const name of Object.keys(defaultRates) as (keyof typeof defaultRates)[]) {
    const rate = options[name] ?? defaultRates[name];
    const right =
      Number.isInteger(rate.burst) && rate.burst >= 1 && Number.isFinite(rate.perSecond) && rate.perSecond > 0;
    expect(options, name, right, '{ burst, perSecond }, a whole number from 1 and a number above 0');
    rates[name] = rate;
  }
  const { name = 'throughline' } = options;
  expect(
    options,
    'name',
    typeof name === 'string' && name.length > 0 && name.length <= 128,
    'a text of 1 to 128 characters',
  );
  return { ...options, ...numbers, ...rates, name, path, slowReaders } as ResolvedOptions;
}

const parts: readonly (keyof Scheduler)[] = ['now', 'turn', 'after', 'every', 'random', 'id'];

function isListOf<T>(list: readonly T[] | undefined, isRight: (value: T) => boolean): boolean {
  return list === undefined || (Array.isArray(list) && list.every(isRight));
}

function isDependency(dependency: Dependency): boolean {
  return typeof dependency?.name === 'string' && typeof dependency.check === 'function';
}

function isDialect(dialect: Dialect): boolean {
  const { name, subprotocols, carriers = offeredCarriers, admitted } = dialect ?? {};
  const isNamed = typeof name === 'string' && /^[!-~]{1,64}$/.test(name);
  const ways = (['recognise', 'frame', 'event', 'read'] as const).map((way) => typeof dialect?.[way]);
  return (
    isNamed &&
    ways.every((way) => way === 'function') &&
    Array.isArray(subprotocols) &&
    subprotocols.every(isForeignToken) &&
    Array.isArray(carriers) &&
    carriers.every((carrier) => offeredCarriers.includes(carrier)) &&
    ['function', 'undefined'].includes(typeof admitted)
  );
}

/** Whether it may stand in `Sec-WebSocket-Protocol` (RFC 9110, section 5.6.2) and is no version of ours. */
function isForeignToken(item: string): boolean {
  return typeof item === 'string' && /^[!#$%&'*+\-.^_`|~\w]{1,64}$/.test(item) && !isVersion(item);
}

function isOrigin(text: string): boolean {
  return typeof text === 'string' && URL.canParse(text) && new URL(text).origin === text;
}

function expect(options: ServiceOptions, name: keyof ServiceOptions, right: boolean, expected: string): void {
  if (right) return;
  const value = options[name];
  const arrived = typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeof value;
  throw invalid(name, `must be ${expected}, not ${arrived}.`);
}

function invalid(name: string, what: string): Error {
  return throughlineError('OPTION_INVALID', `Option ${name} ${what}`);
}

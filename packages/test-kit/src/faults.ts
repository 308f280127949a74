// What can happen to a connection on its way, as data: a script of faults can be printed, kept and played again.
import { testKitError } from './errors.js';
import { checkNames } from './option-names.js';

/** `up`: from the client to the service. `down`: from the service to the client. */
export type Direction = 'up' | 'down';

/**
 * When a fault happens: once exactly so many bytes, or so many whole WebSocket frames (behind the upgrade), have been carried in a
 * direction (default `down`), counted from the beginning of the connection. Absent: at once.
 */
export interface FaultPoint {
  readonly direction?: Direction;
  readonly byte?: number;
  readonly frame?: number;
}

/** Something that networks, proxies and peers do. Times are in milliseconds of real time. */
export type Fault =
  /** Both sides end: by a TCP reset (the default) or a FIN, without a close frame. */
  | { readonly fault: 'cut'; readonly at?: FaultPoint; readonly how?: 'reset' | 'fin' }
  /** The client gets a close frame, as if from the service, which loses its connection. In mid-frame: behind that frame. */
  | { readonly fault: 'close'; readonly at?: FaultPoint; readonly code: number; readonly reason?: string }
  /** Half-open: what is sent in this direction vanishes, its end too. The sender notices nothing. */
  | { readonly fault: 'swallow'; readonly at?: FaultPoint; readonly direction: Direction }
  /** Reads no more in this direction, so that the sender's buffers fill; for `ms`, or until `flow`. */
  | { readonly fault: 'stall'; readonly at?: FaultPoint; readonly direction: Direction; readonly ms?: number }
  /** Ends a stall. */
  | { readonly fault: 'flow'; readonly at?: FaultPoint; readonly direction: Direction }
  /** Everything takes `ms` longer, and up to `jitterMs` beyond that. Order is kept, as TCP keeps it. Without a direction: both. */
  | {
      readonly fault: 'latency';
      readonly at?: FaultPoint;
      readonly direction?: Direction;
      readonly ms: number;
      readonly jitterMs?: number;
    }
  /** No more than this gets through. Without a direction: both. */
  | {
      readonly fault: 'bandwidth';
      readonly at?: FaultPoint;
      readonly direction?: Direction;
      readonly bytesPerSecond: number;
    }
  /** The upgrade request loses these header fields. From the beginning of a connection only. */
  | { readonly fault: 'strip'; readonly headers: readonly string[] }
  /** Accepts, reads, and says nothing; the service hears of nobody. From the beginning of a connection only. */
  | { readonly fault: 'black_hole' }
  /** Resets the connection before a byte was carried. From the beginning of a connection only. */
  | { readonly fault: 'refuse' }
  /** The upgrade request reaches the service twice; nobody reads the second connection's answers. From the beginning only. */
  | { readonly fault: 'duplicate' };

/** The faults of one connection. */
export type Script = readonly Fault[];

/** Faults that make sense only when a connection begins. */
const fromBeginning: readonly Fault['fault'][] = ['strip', 'black_hole', 'refuse', 'duplicate'];

const directions: readonly unknown[] = ['up', 'down', undefined];

type Rule = readonly [isRight: (value: unknown) => boolean, what: string];

const isAmount = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;
const amount: Rule = [isAmount, 'a number from 0'];
const optionalAmount: Rule = [(value) => value === undefined || isAmount(value), 'a number from 0'];
const rate: Rule = [(value) => isAmount(value) && value !== 0, 'a number above 0'];
const way: Rule = [(value) => value === 'up' || value === 'down', "'up' or 'down'"];
const optionalWay: Rule = [(value) => directions.includes(value), "'up' or 'down'"];
const optionalText: Rule = [(value) => value === undefined || typeof value === 'string', 'a text'];
const point: Rule = [isPoint, "{ direction: 'up' | 'down', byte, frame }"];

/** What each fault may say beside its name. */
const fields: { readonly [Kind in Fault['fault']]: Readonly<Record<string, Rule>> } = {
  cut: { at: point, how: [(value) => ['reset', 'fin', undefined].includes(value as string), "'reset' or 'fin'"] },
  close: {
    at: point,
    code: [(value) => isCount(value) && (value as number) <= 0xffff, 'a close code'],
    reason: optionalText,
  },
  swallow: { at: point, direction: way },
  stall: { at: point, direction: way, ms: optionalAmount },
  flow: { at: point, direction: way },
  latency: { at: point, direction: optionalWay, ms: amount, jitterMs: optionalAmount },
  bandwidth: { at: point, direction: optionalWay, bytesPerSecond: rate },
  strip: { headers: [isNames, 'a list of names'] },
  black_hole: {},
  refuse: {},
  duplicate: {},
};

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isPoint(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { direction, byte, frame, ...more } = value as Readonly<Record<string, unknown>>;
  const counts = [byte, frame].every((count) => count === undefined || isCount(count));
  return counts && directions.includes(direction) && Object.keys(more).length === 0;
}

/** @throws OPTION_INVALID for what is no fault, by whatever of it is wrong: a fault that never happens proves nothing */
function checkFault(fault: Fault): void {
  const { fault: kind, ...more } = (fault ?? {}) as Readonly<Record<string, unknown>> & { readonly fault?: unknown };
  const rules = typeof kind === 'string' && Object.hasOwn(fields, kind) ? fields[kind as Fault['fault']] : undefined;
  if (!rules) {
    const kinds = Object.keys(fields).join(', ');
    throw testKitError('OPTION_INVALID', `There is no fault ${String(kind)}: take one of ${kinds}.`);
  }
  checkNames(`the fault ${String(kind)}`, more, Object.keys(rules));
  for (const [name, [isRight, what]] of Object.entries(rules)) {
    if (isRight(more[name])) continue;
    throw testKitError('OPTION_INVALID', `Of the fault ${String(kind)}, ${name} must be ${what}.`);
  }
}

/** @throws OPTION_INVALID for what is no list of faults */
export function checkScript(script: Script): Script {
  if (!Array.isArray(script)) {
    throw testKitError('OPTION_INVALID', 'The script of a connection is a list of faults.');
  }
  for (const fault of script) checkFault(fault);
  return script;
}

/** @throws OPTION_INVALID for what is no fault, or one that comes too late for a connection that stands */
export function checkLateFault(fault: Fault): void {
  checkFault(fault);
  if (!fromBeginning.includes(fault.fault)) return;
  throw testKitError('OPTION_INVALID', `The fault ${fault.fault} is for the script: this connection has begun.`);
}

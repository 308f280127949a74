// What can happen to a connection on its way, as data: a script of faults can be printed, kept and played again.
import { testKitError } from './errors.js';

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

/** @throws OPTION_INVALID for a fault that comes too late for a connection that stands */
export function checkFault(fault: Fault): void {
  if (!fromBeginning.includes(fault.fault)) return;
  throw testKitError('OPTION_INVALID', `The fault ${fault.fault} is for the script: this connection has begun.`);
}

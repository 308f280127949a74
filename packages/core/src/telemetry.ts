// What the service tells those who run it: one closed union of events. Never a token, never a payload.
//
// It is published on a channel of `node:diagnostics_channel`, for whoever in the process listens, and handed to the
// option `telemetry`. Nothing is made up for nobody: without a listener a publication is one comparison.
import { channel } from 'node:diagnostics_channel';

/** The outcome a run ended with. */
type Outcome = 'succeeded' | 'failed' | 'cancelled' | 'interrupted';

/** Something the service did, or had done to it. Durations are in milliseconds and never negative. */
export type TelemetryEvent =
  | {
      /** Somebody was not let in. */
      readonly kind: 'refused';
      /** Why, such as `ORIGIN_FORBIDDEN`: the codes of PROTOCOL.md, section 2. */
      readonly code: string;
      /** The HTTP status or the close code it was told. */
      readonly status: number;
      readonly path: string;
      /** Where the credential was found, or `none`. */
      readonly carrier: string;
      /** What to look at. */
      readonly hint: string;
    }
  | {
      readonly kind: 'session_opened';
      readonly session_id: string;
      readonly user_id: string;
      readonly from: 'active' | 'position';
      /** What is spoken with it, where that is not `throughline.v1`. */
      readonly dialect?: string;
    }
  | {
      /** A session has been sent everything that was there when it opened, or when it changed its threads. */
      readonly kind: 'session_caught_up';
      readonly session_id: string;
      readonly user_id: string;
      /** How many entries of the log it was behind. */
      readonly entries: number;
      /** How long that took. */
      readonly duration_ms: number;
      /** How long its user had no session before this one; absent when there was another, or never one. */
      readonly away_ms?: number;
    }
  | {
      /** A reader has been behind for as long as `slowReaderMs`: what `slowReaders` says was done. Told once until it has caught up. */
      readonly kind: 'slow_reader';
      readonly session_id: string;
      readonly user_id: string;
      readonly policy: 'wait' | 'reset' | 'close';
      /** How many entries of the log it is behind. */
      readonly entries: number;
      readonly behind_ms: number;
    }
  | {
      /** What a client says it met: holes in the sequence of a run, and events that came again. */
      readonly kind: 'client_observed';
      readonly session_id: string;
      readonly user_id: string;
      readonly gaps: number;
      readonly duplicates: number;
    }
  | {
      /** A client's frame meant nothing in its dialect, and was passed over. */
      readonly kind: 'frame_ignored';
      readonly session_id: string;
      readonly user_id: string;
      readonly dialect: string;
    }
  | {
      readonly kind: 'session_closed';
      readonly session_id: string;
      readonly user_id: string;
      /** The close code, 1006 when the socket broke. */
      readonly code: number;
      readonly reason: string;
      /** How long it was open. */
      readonly duration_ms: number;
    }
  | { readonly kind: 'reset'; readonly session_id: string; readonly user_id: string; readonly cause: string }
  | {
      /** A client's message was answered. */
      readonly kind: 'message';
      readonly user_id: string;
      readonly message_id: string;
      /** `accepted`, `known` (accepted earlier), or the code of the refusal. */
      readonly outcome: string;
    }
  | {
      /** The handler of a message, or the run it was for, is done with it. */
      readonly kind: 'message_handled';
      readonly user_id: string;
      readonly message_id: string;
      readonly ok: boolean;
      /** From `accepted` on. */
      readonly duration_ms: number;
    }
  | {
      /** Something was about to cross to another user and was stopped. A bug; the service is unhealthy from now on. */
      readonly kind: 'leak';
      readonly where: 'log' | 'window' | 'session';
      /** Who would have got it. */
      readonly user_id: string;
    }
  | {
      readonly kind: 'run_started';
      readonly run_id: string;
      readonly user_id: string;
      readonly thread_id: string;
      readonly agent_name: string;
      readonly parent_run_id?: string;
      /** The W3C trace context in which it was begun. */
      readonly traceparent?: string;
    }
  | {
      readonly kind: 'run_ended';
      readonly run_id: string;
      readonly user_id: string;
      readonly agent_name: string;
      readonly outcome: Outcome;
      /** The code of the error it ended with; never its words. */
      readonly error_code?: string;
      readonly duration_ms: number;
      /** How many events it sent. */
      readonly events: number;
    }
  | {
      /** The end of a run was acknowledged, for the first time. */
      readonly kind: 'run_delivered';
      readonly run_id: string;
      readonly user_id: string;
      readonly session_id: string;
      /** From the moment it was stored. */
      readonly duration_ms: number;
    }
  | {
      /** Nobody acknowledged the end of a run within `undeliveredAfterMs`, or before the service closed. */
      readonly kind: 'run_undelivered';
      readonly run_id: string;
      readonly user_id: string;
      /** To how many sessions it was offered. */
      readonly offered: number;
    }
  | {
      /** The service works better or worse than it did. */
      readonly kind: 'health';
      readonly level: 'healthy' | 'degraded' | 'unhealthy';
      readonly reasons: readonly string[];
    }
  | {
      /** A round of a drain: the clients have been told; so many sessions and runs are left. */
      readonly kind: 'draining';
      readonly sessions: number;
      readonly runs: number;
      /** How many sessions this round closed. */
      readonly closed: number;
    }
  | {
      /** Something failed that no caller was told of in another way. */
      readonly kind: 'fault';
      /** Which part: `handler`, `authenticator`, `storage`, `dialect`, `telemetry`, … */
      readonly where: string;
      readonly message: string;
    };

/** Takes telemetry. */
export type Telemetry = (event: TelemetryEvent) => void;

/** What is published on {@link telemetryChannel}. */
export interface TelemetryMessage {
  /** The option `name` of the service it comes from. */
  readonly service: string;
  readonly event: TelemetryEvent;
}

/**
 * The name of the channel of `node:diagnostics_channel` on which every service publishes a {@link TelemetryMessage}.
 *
 * Who listens must not throw: Node makes an uncaught exception of it, which nobody can catch and which ends the process.
 */
export const telemetryChannel = 'throughline:telemetry';

/** A telemetry that publishes on the channel, in the name of a service. */
export function published(service: string): Telemetry {
  const listeners = channel(telemetryChannel);
  return (event) => {
    if (listeners.hasSubscribers) listeners.publish({ service, event } satisfies TelemetryMessage);
  };
}

/** What a service does without a telemetry option: one line for each refusal and fault, nothing else. */
export function telemetryToStderr(): Telemetry {
  return (event) => {
    if (event.kind !== 'refused' && event.kind !== 'fault' && event.kind !== 'leak') return;
    // JSON escapes control characters: nobody outside can forge a line.
    process.stderr.write(`throughline ${JSON.stringify(event)}\n`);
  };
}

/** A telemetry that cannot harm the service: what it throws is dropped. */
export function shielded(telemetry: Telemetry): Telemetry {
  return (event) => {
    try {
      // An async function may stand where nothing is returned; what it rejects with must not end the process.
      const returned: unknown = telemetry(event);
      if (returned instanceof Promise) returned.catch(() => {});
    } catch {
      // There is nobody left to tell.
    }
  };
}

/** Reports what failed and nobody else is told of: an error's words, or that there were none. */
export function reportFault(report: Telemetry, where: string, error: unknown): void {
  report({ kind: 'fault', where, message: error instanceof Error ? error.message : 'unknown' });
}

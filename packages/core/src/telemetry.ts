// What the service tells those who run it: one closed union of events. Never a token, never a payload.

/** Something the service did, or had done to it. */
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
    }
  | {
      readonly kind: 'session_closed';
      readonly session_id: string;
      readonly user_id: string;
      /** The close code, 1006 when the socket broke. */
      readonly code: number;
      readonly reason: string;
    }
  | { readonly kind: 'reset'; readonly session_id: string; readonly cause: string }
  | {
      /** Something was about to cross to another user and was stopped. A bug; the service is unhealthy from now on. */
      readonly kind: 'leak';
      readonly where: 'log' | 'window' | 'session';
      /** Who would have got it. */
      readonly user_id: string;
    }
  | { readonly kind: 'run_started'; readonly run_id: string; readonly user_id: string }
  | { readonly kind: 'run_ended'; readonly run_id: string; readonly user_id: string; readonly outcome: string }
  | {
      /** The clients have been told; so many sessions and runs are left. */
      readonly kind: 'draining';
      readonly sessions: number;
      readonly runs: number;
    }
  | {
      /** Something failed that no caller was told of in another way. */
      readonly kind: 'fault';
      /** Which part: `handler`, `authenticator`, `storage`, `telemetry`, … */
      readonly where: string;
      readonly message: string;
    };

/** Takes telemetry. */
export type Telemetry = (event: TelemetryEvent) => void;

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

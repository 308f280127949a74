// A span for each run: a child of the span in which the agent began it.
import { type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { TelemetryEvent } from '@throughline/core';
import { contextOf } from './traceparent.js';

type Started = Extract<TelemetryEvent, { readonly kind: 'run_started' }>;
type Ended = Extract<TelemetryEvent, { readonly kind: 'run_ended' }>;

/** The spans of runs. */
export interface RunSpans {
  take(service: string, event: TelemetryEvent): void;
  /** Ends what is open: nobody would hear of its end. */
  end(): void;
}

/** @param runIds whether spans say which run, and which parent, they are of */
export function createRunSpans(tracer: Tracer, runIds: boolean): RunSpans {
  const open = new Map<string, Span>();
  const start = (service: string, event: Started): void => {
    const attributes = {
      'throughline.service': service,
      'throughline.agent_name': event.agent_name,
      ...(runIds && { 'throughline.run_id': event.run_id }),
      ...(runIds && event.parent_run_id !== undefined && { 'throughline.parent_run_id': event.parent_run_id }),
    };
    const span = tracer.startSpan(`run ${event.agent_name}`, { attributes }, contextOf(event.traceparent));
    // Without an SDK, or when it is not sampled: nothing to remember.
    if (!span.isRecording()) return;
    const key = keyOf(service, event);
    // Two tenants may have a user, and a run, of the same ids.
    open.get(key)?.end();
    open.set(key, span);
  };
  const finish = (service: string, event: Ended): void => {
    if (open.size === 0) return;
    const key = keyOf(service, event);
    const span = open.get(key);
    if (!span) return;
    open.delete(key);
    span.setAttribute('throughline.outcome', event.outcome);
    span.setAttribute('throughline.events', event.events);
    if (event.outcome === 'failed' || event.outcome === 'interrupted') {
      const code = codeOf(event.error_code);
      span.setAttribute('error.type', code);
      span.setStatus({ code: SpanStatusCode.ERROR, message: code });
    }
    span.end();
  };
  return {
    take(service, event) {
      if (event.kind === 'run_started') start(service, event);
      else if (event.kind === 'run_ended') finish(service, event);
    },
    end() {
      for (const span of open.values()) span.end();
      open.clear();
    },
  };
}

/** Runs of two users may have the same id. */
function keyOf(service: string, { user_id, run_id }: Started | Ended): string {
  return `${user_id} ${run_id} ${service}`;
}

/** The code of an error comes from the agent, who might put a sentence there: sentences do not belong into telemetry. */
function codeOf(code: string | undefined): string {
  return code !== undefined && /^[\w.-]{1,64}$/.test(code) ? code : '_OTHER';
}

// What a metric is.
import type { Health, TelemetryEvent } from '@throughline/core';
import type { Label } from './labels.js';

type Kind = TelemetryEvent['kind'];
type EventOf<K extends Kind> = Extract<TelemetryEvent, { readonly kind: K }>;

/** What both outputs say about a metric. Each has the label `service`: the option `name` of the service. */
interface Described {
  /** The name on a Prometheus page: ends in its unit, and in `_total` for a counter. */
  readonly name: string;
  /** One sentence, without a stop. */
  readonly help: string;
  /** As OpenTelemetry writes units: `s`, or what is counted, in braces. */
  readonly unit: string;
}

/** A metric that events feed. */
export interface EventMetric extends Described {
  readonly type: 'counter' | 'histogram';
  readonly event: Kind;
  /** What an event adds: nothing when undefined. */
  value(event: TelemetryEvent): number | undefined;
  readonly label: Label | undefined;
  /** The value of the label that an event has; what the label does not list becomes `other`. */
  labelValue(event: TelemetryEvent): unknown;
  /** Upper bounds of the buckets of a histogram. */
  readonly buckets: readonly number[];
}

/** A reader that is behind. */
interface Lag {
  /** How many entries of its log it is behind. */
  readonly entries: number;
  readonly behind_ms: number;
}

/** A service that can be asked how it fares: what `startWebSocketService` returns. */
export interface ObservedService {
  health(): Health;
  /** Readers that are behind, slowest first. */
  lag(): readonly Lag[];
}

/** A metric that a service is asked for whenever somebody looks. */
export interface ServiceMetric extends Described {
  readonly type: 'gauge';
  read(service: ObservedService): number;
}

interface Fed<K extends Kind> extends Described {
  readonly label?: Label;
  readonly labelValue?: (event: EventOf<K>) => unknown;
}

/** Counts events of a kind, or what each adds. */
export function counter<K extends Kind>(
  event: K,
  { value = () => 1, ...fed }: Fed<K> & { readonly value?: (event: EventOf<K>) => number },
): EventMetric {
  return { ...sorted(fed), type: 'counter', event, value: value as EventMetric['value'], buckets: [] };
}

/** The distribution of what events of a kind say, in seconds. */
export function histogram<K extends Kind>(
  event: K,
  {
    milliseconds,
    buckets,
    ...fed
  }: Fed<K> & { readonly milliseconds: (event: EventOf<K>) => number | undefined; readonly buckets: readonly number[] },
): EventMetric {
  const value = (given: TelemetryEvent): number | undefined => {
    const duration = milliseconds(given as EventOf<K>);
    return duration === undefined ? undefined : duration / 1_000;
  };
  return { ...sorted(fed), type: 'histogram', event, value, buckets };
}

/** A table asks the metrics of an event for values of that event alone: this is where types forget which. */
function sorted<K extends Kind>({ label, labelValue = () => undefined, ...described }: Fed<K>) {
  return { ...described, label, labelValue: labelValue as EventMetric['labelValue'] };
}

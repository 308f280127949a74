// From what is published to the metrics it feeds.
import type { TelemetryEvent } from '@throughline/core';
import { other } from './labels.js';
import type { EventMetric } from './metric.js';
import { eventMetrics } from './metrics.js';

/** The labels of one series. */
export type Labels = Readonly<Record<string, string>>;

/** Adds a value to one series. */
type Series = (value: number) => void;

/** Makes the series of one metric; each output has its own way. */
export type Instrument = (labels: Labels) => Series;

/** Feeds metrics. */
export interface Recorder {
  /** Makes the series of a service before anything has happened in it. */
  prepare(service: string): void;
  record(service: string, event: TelemetryEvent): void;
}

/** A metric of one service. Its series are all there from the beginning: an event looks one up and makes nothing. */
interface Feed {
  readonly metric: EventMetric;
  readonly series: ReadonlyMap<unknown, Series>;
  readonly rest: Series;
}

const none: readonly Feed[] = [];

/** @param instrumentOf is asked once for each metric */
export function createRecorder(instrumentOf: (metric: EventMetric) => Instrument): Recorder {
  const instruments = eventMetrics.map((metric) => ({ metric, instrument: instrumentOf(metric) }));
  const services = new Map<string, ReadonlyMap<string, readonly Feed[]>>();

  const feedsOf = (service: string): ReadonlyMap<string, readonly Feed[]> => {
    const known = services.get(service);
    if (known) return known;
    const feeds = new Map<string, Feed[]>();
    for (const { metric, instrument } of instruments) {
      const feed = { metric, ...seriesOf(metric, instrument, service) };
      const siblings = feeds.get(metric.event);
      if (siblings) siblings.push(feed);
      else feeds.set(metric.event, [feed]);
    }
    services.set(service, feeds);
    return feeds;
  };

  return {
    prepare(service) {
      feedsOf(service);
    },
    record(service, event) {
      for (const { metric, series, rest } of feedsOf(service).get(event.kind) ?? none) {
        const value = metric.value(event);
        // The libraries throw, or spoil a sum for good, when a clock has jumped or a client claims nonsense.
        if (value === undefined || !Number.isFinite(value) || value < 0) continue;
        (series.get(metric.labelValue(event)) ?? rest)(value);
      }
    },
  };
}

function seriesOf({ label }: EventMetric, instrument: Instrument, service: string): Omit<Feed, 'metric'> {
  if (!label) return { series: new Map(), rest: instrument({ service }) };
  const labelled = (value: string | number) => instrument({ service, [label.name]: String(value) });
  return { series: new Map(label.values.map((value) => [value, labelled(value)])), rest: labelled(other) };
}

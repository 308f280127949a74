// Metrics on a page for Prometheus, by prom-client.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, Registry, type RegistryContentType } from 'prom-client';
import { checkOptions, hasMethod, telemetryError } from './errors.js';
import type { EventMetric } from './metric.js';
import { eventMetrics, serviceMetrics } from './metrics.js';
import { createObservedServices, type Observer } from './observed-services.js';
import { createRecorder, type Instrument } from './recorder.js';
import { subscription } from './subscription.js';

/** Options of the Prometheus output. */
export interface PrometheusOptions {
  /** Where the metrics are registered. Default: a registry of its own. */
  readonly registry?: Registry<RegistryContentType>;
}

/** Metrics for Prometheus. Disposing of it ends the counting and takes the metrics out of the registry. */
export interface Prometheus extends Observer, Disposable {
  readonly registry: Registry<RegistryContentType>;
  /** An HTTP handler for `GET` and `HEAD`, for a path such as `/metrics`. What it tells is for operators: do not publish it. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
}

/**
 * Counts, from now on, what every service of this process does.
 *
 * @throws OPTION_INVALID; METRIC_TAKEN when the registry has metrics of these names
 */
export function prometheus(options: PrometheusOptions = {}): Prometheus {
  checkOptions(options, { registry: [hasMethod('registerMetric'), 'a Registry of prom-client'] });
  const registry = options.registry ?? new Registry();
  for (const { name } of [...eventMetrics, ...serviceMetrics]) {
    if (!registry.getSingleMetric(name)) continue;
    const what = `The registry has a metric ${name} already.`;
    throw telemetryError('METRIC_TAKEN', `${what} Call prometheus() once per registry, or dispose of the first.`);
  }
  const recorder = createRecorder((metric) => instrumentOf(metric, registry));
  const services = createObservedServices(recorder.prepare);
  for (const metric of serviceMetrics) {
    const gauge = new Gauge({
      name: metric.name,
      help: metric.help,
      labelNames: ['service'],
      registers: [registry],
      collect() {
        // A service that is observed no more has no value, not its last one.
        this.reset();
        services.read(metric, (value, labels) => gauge.set(labels, value));
      },
    });
  }
  const subscribed = subscription(({ service, event }) => recorder.record(service, event));
  let disposed = false;
  return {
    registry,
    handler: (request, response) => void answer(registry, request, response),
    observe: services.observe,
    [Symbol.dispose]() {
      // Once: the names may be another's by now.
      if (disposed) return;
      disposed = true;
      subscribed[Symbol.dispose]();
      services.clear();
      for (const { name } of [...eventMetrics, ...serviceMetrics]) registry.removeSingleMetric(name);
    },
  };
}

function instrumentOf({ type, name, help, label, buckets }: EventMetric, registry: PrometheusRegistry): Instrument {
  const labelNames = ['service', ...(label ? [label.name] : [])];
  const configuration = { name, help, labelNames, registers: [registry] };
  if (type === 'histogram') {
    const metric = new Histogram({ ...configuration, buckets: [...buckets] });
    return (labels) => {
      metric.zero(labels);
      return metric.labels(labels).observe;
    };
  }
  const metric = new Counter(configuration);
  return (labels) => {
    const series = metric.labels(labels);
    // Without a 0 before it, the first increase of a counter is invisible to `rate()` and `increase()`.
    series.inc(0);
    return series.inc;
  };
}

type PrometheusRegistry = Registry<RegistryContentType>;

async function answer(registry: PrometheusRegistry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  // A metric of somebody else in the same registry may throw. Its words are not for whoever asked.
  const page = await registry.metrics().catch(() => undefined);
  // Whoever mounted this may have answered meanwhile, such as with a timeout.
  if (response.headersSent) return;
  if (page === undefined) {
    response.writeHead(500).end();
    return;
  }
  const headers = { 'Content-Type': registry.contentType, 'Content-Length': Buffer.byteLength(page) };
  response.writeHead(200, { ...headers, 'Cache-Control': 'no-store' }).end(page);
}

// The services that are asked how they fare.
import { hasMethod, telemetryError } from './errors.js';
import type { ObservedService, ServiceMetric } from './metric.js';
import type { Labels } from './recorder.js';

/** Observes a service. */
export interface Observer {
  /**
   * From now on the gauges tell how a service fares, until what is returned is disposed of.
   *
   * @param name the option `name` of the service; default `throughline`, as there
   * @throws OPTION_INVALID, SERVICE_TAKEN
   */
  observe(service: ObservedService, name?: string): Disposable;
}

/** Services by name. */
export interface ObservedServices extends Observer {
  /** What a metric is for each service that can tell. */
  read(metric: ServiceMetric, visit: (value: number, labels: Labels) => void): void;
  clear(): void;
}

/** @param begin told of each name */
export function createObservedServices(begin: (name: string) => void): ObservedServices {
  const services = new Map<string, { readonly service: ObservedService; readonly labels: Labels }>();
  return {
    observe(service, name = 'throughline') {
      if (!hasMethod('health')(service) || !hasMethod('lag')(service)) {
        throw telemetryError('OPTION_INVALID', 'observe() takes what startWebSocketService() resolves with.');
      }
      if (typeof name !== 'string' || name === '') {
        throw telemetryError('OPTION_INVALID', 'The name of an observed service is its option `name`: a text.');
      }
      if (services.has(name)) {
        const what = `A service named ${JSON.stringify(name)} is observed already.`;
        throw telemetryError('SERVICE_TAKEN', `${what} Give each service a name of its own, or dispose of the first.`);
      }
      const observed = { service, labels: { service: name } };
      services.set(name, observed);
      begin(name);
      return {
        [Symbol.dispose]() {
          if (services.get(name) === observed) services.delete(name);
        },
      };
    },
    read(metric, visit) {
      for (const { service, labels } of services.values()) {
        let value: number;
        try {
          value = metric.read(service);
        } catch {
          // One service that cannot tell must not take the others, and all other metrics, off the page.
          continue;
        }
        visit(value, labels);
      }
    },
    clear: () => services.clear(),
  };
}

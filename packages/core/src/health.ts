// How the service fares, in words and over HTTP.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** How the service fares. */
export interface Health {
  /** `degraded`: works, with something missing. `unhealthy`: should not be relied on. */
  readonly level: 'healthy' | 'degraded' | 'unhealthy';
  /** Why it is not healthy. */
  readonly reasons: readonly string[];
  /** Whether newcomers are let in. Storage that others share does not count: its fault must not take all nodes out. */
  readonly ready: boolean;
  readonly sessions: number;
  readonly runs: number;
  /** How often newcomers were refused, by code. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** Handlers to mount in the service's own HTTP server. They tell levels and reasons, and nothing about users. */
export interface HealthHandlers {
  /** 200 unless the service is unhealthy: for whoever restarts processes. */
  healthz(request: IncomingMessage, response: ServerResponse): void;
  /** 200 while newcomers are let in: for whoever sends them. */
  readyz(request: IncomingMessage, response: ServerResponse): void;
}

/** Health handlers for a service. */
export function healthHandlers(service: { health(): Health }): HealthHandlers {
  const answer = (response: ServerResponse, right: boolean, { level, reasons }: Health): void => {
    response.writeHead(right ? 200 : 503, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify({ level, reasons }));
  };
  return {
    healthz(_, response) {
      const health = service.health();
      answer(response, health.level !== 'unhealthy', health);
    },
    readyz(_, response) {
      const health = service.health();
      answer(response, health.ready, health);
    },
  };
}

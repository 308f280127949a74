// Refusals in HTTP, before the upgrade: RFC 9457 problem details.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why an upgrade is not served. */
export interface HttpRefusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 429 | 503;
  readonly code: string;
  /** One sentence, fit for strangers. */
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

/** A refusal that a page must tell apart: as a close code after the upgrade, since it cannot see an HTTP status. */
export interface CloseRefusal {
  readonly close: number;
  readonly code: string;
  readonly reason: string;
  /** What only operators are told. */
  readonly hint?: string;
}

export type Refusal = HttpRefusal | CloseRefusal;

/** A refusal as an HTTP answer. */
export function problemOf({ status, code, detail, retryAfterSeconds }: HttpRefusal): {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
} {
  const body = JSON.stringify({ title: STATUS_CODES[status] ?? '', status, code, detail });
  const headers = { 'Content-Type': 'application/problem+json', 'Content-Length': Buffer.byteLength(body) };
  return {
    headers: retryAfterSeconds === undefined ? headers : { ...headers, 'Retry-After': retryAfterSeconds },
    body,
  };
}

/** Answers on the bare socket of an upgrade, and ends it. */
export function refuseWithHttp(duplex: Duplex, refusal: HttpRefusal): void {
  const { headers, body } = problemOf(refusal);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`, ...lines, 'Connection: close'];
  duplex.once('finish', () => duplex.destroy());
  duplex.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

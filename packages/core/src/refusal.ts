// Refusals in HTTP, before the upgrade: RFC 9457 problem details.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why an upgrade is not served. */
export interface HttpRefusal {
  readonly status: 400 | 403 | 404 | 429 | 503;
  readonly code: string;
  /** One sentence, fit for strangers. */
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

/** Answers on the bare socket of an upgrade, and ends it. */
export function refuseWithHttp(duplex: Duplex, { status, code, detail, retryAfterSeconds }: HttpRefusal): void {
  const title = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ title, status, code, detail });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...(retryAfterSeconds === undefined ? [] : [`Retry-After: ${retryAfterSeconds}`]),
  ];
  duplex.once('finish', () => duplex.destroy());
  duplex.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Problem } from './history.js';

/** An answer in RFC 9457 problem details. */
export function problem(context: Context, status: ContentfulStatusCode, code: string, title: string): Response {
  const body: Problem = { title, status, code };
  return context.body(JSON.stringify(body), status, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  });
}

import type { Problem } from '../history.js';

/** An answer, or what was wrong in words for a person. `status` 0: nobody answered. */
export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly status: number; readonly title: string };

/**
 * How long an answer may take to begin, in ms. A connection that died without a word answers never; given up, the next request takes another one.
 * How long an answer takes to arrive is the network's affair.
 */
const patienceMs = 5_000;

async function request<Value>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer<Value>> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), patienceMs);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal: patience.signal,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  } catch {
    return { ok: false, status: 0, title: 'The server does not answer. Is it running?' };
  } finally {
    clearTimeout(timer);
  }
  const json: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  if (response.ok) return { ok: true, value: json as Value };
  const title = (json as Partial<Problem> | undefined)?.title ?? `The server answered ${response.status}.`;
  return { ok: false, status: response.status, title };
}

export const getJson = <Value>(path: string): Promise<Answer<Value>> => request('GET', path);
export const postJson = <Value>(path: string, body?: unknown): Promise<Answer<Value>> => request('POST', path, body);

// Which pages may connect: the rule against cross-site WebSocket hijacking.
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether the origin of an upgrade is allowed.
 *
 * @param allowed origins such as `https://app.example`; without them, the host that the request itself names
 * @param required whether an origin must be there: a cookie is sent by the browser whoever made the page
 */
export function originAllowed(
  headers: IncomingHttpHeaders,
  allowed: readonly string[] | undefined,
  required: boolean,
): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return !required;
  if (allowed) return allowed.includes(origin);
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  // The port that a scheme implies may be said or not.
  return (
    page.host !== '' &&
    URL.canParse(`${page.protocol}//${host}`) &&
    new URL(`${page.protocol}//${host}`).host === page.host
  );
}

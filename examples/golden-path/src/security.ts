import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { problem } from './problem.js';

/** Only our own files, no inline script or style, nothing in a frame, no plugin; the socket goes to our own host. */
export function securityHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      requireTrustedTypesFor: ["'script'"],
    },
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-origin',
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    // This example speaks plain HTTP on loopback; whoever puts TLS before it adds this header there.
    strictTransportSecurity: false,
    permissionsPolicy: { camera: [], geolocation: [], microphone: [] },
  });
}

/**
 * Refuses every request that changes something unless the page that sends it is ours. The cookie is `SameSite=Strict` already; this holds where
 * a sibling port or subdomain is "the same site".
 */
export function sameOriginOnly(): MiddlewareHandler {
  return async (context, next) => {
    const { method } = context.req;
    if (method === 'GET' || method === 'HEAD') return next();
    const origin = context.req.header('Origin');
    const host = context.req.header('Host');
    const ours = origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
    if (ours) return next();
    return problem(context, 403, 'ORIGIN_FORBIDDEN', 'This request did not come from a page of this site.');
  };
}

import { getConnInfo } from '@hono/node-server/conninfo';
import { getWebSocketManager, type WebSocketService } from '@throughline/core';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { object, pipe, safeParse, string, trim } from 'valibot';
import type { Accounts } from './accounts.js';
import type { History, TokenAnswer, WhoAmI } from './history.js';
import type { LoginLimit } from './login-limit.js';
import { type Login, type Logins, loginLifeMs } from './logins.js';
import { problem } from './problem.js';
import type { Records } from './records.js';
import { sameOriginOnly, securityHeaders } from './security.js';
import type { Tokens } from './tokens.js';

export interface HttpParts {
  readonly service: Pick<WebSocketService, 'authenticate' | 'revoke'>;
  readonly accounts: Accounts;
  readonly logins: Logins;
  readonly loginLimit: LoginLimit;
  readonly tokens: Tokens;
  readonly records: Records;
  readonly pages: Hono;
  readonly files: number;
  /** Awaited before a token is given. */
  readonly delayToken: (() => Promise<void>) | undefined;
}

const cookieName = 'golden_path_login';
const cookieOptions = { httpOnly: true, sameSite: 'Strict', path: '/' } as const;
const credentials = object({ name: pipe(string(), trim()), password: string() });
const largestBody = 4096;

const limited = bodyLimit({
  maxSize: largestBody,
  onError: (context) => problem(context, 413, 'TOO_LARGE', `Send ${largestBody} bytes at most.`),
});

/** Everything that is said over HTTP: the page, logging in and out, tokens, and what the database holds. */
export function createHttp({
  service,
  accounts,
  logins,
  loginLimit,
  tokens,
  records,
  pages,
  files,
  delayToken,
}: HttpParts): Hono {
  const http = new Hono();
  const loginOf = (context: Context): Login | undefined => {
    const secret = getCookie(context, cookieName);
    return secret === undefined ? undefined : logins.find(secret);
  };
  const signedOut = (context: Context): Response => problem(context, 401, 'SIGNED_OUT', 'Log in first.');
  /** Every socket of this user closes with 4401. Another browser, still logged in, gets a new token and comes back. */
  const end = async (login: Login): Promise<void> => {
    const userContext = await service.authenticate({ token: await tokens.mint(login) });
    logins.end(login.login_id);
    service.revoke(userContext);
  };

  http.use(securityHeaders());
  http.use('/api/*', sameOriginOnly(), limited, async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
  });

  http.post('/api/login', async (context) => {
    const parsed = safeParse(credentials, await context.req.json().catch(() => undefined));
    if (!parsed.success) return problem(context, 400, 'BAD_REQUEST', 'Send JSON with a name and a password.');
    const { name, password } = parsed.output;
    const address = getConnInfo(context).remote.address ?? 'unknown';
    const wait = await loginLimit.tryOnce(name, address);
    if (wait > 0) {
      context.header('Retry-After', String(wait));
      return problem(context, 429, 'TOO_MANY_ATTEMPTS', `Too many attempts. Try again in ${wait} s.`);
    }
    const account = await accounts.verify(name, password);
    if (account === undefined) return problem(context, 401, 'WRONG_CREDENTIALS', 'The name or the password is wrong.');
    await loginLimit.succeeded(name, address);
    // A browser that logs in again leaves no earlier log-in behind, nor a tab that shows it.
    const former = loginOf(context);
    if (former !== undefined) await end(former);
    setCookie(context, cookieName, logins.begin(account), { ...cookieOptions, maxAge: loginLifeMs / 1000 });
    return context.json({ name: account.name });
  });

  /** Who this browser is; `null` is an answer, not a fault. */
  http.get('/api/login', (context) => {
    const answer: WhoAmI = { name: loginOf(context)?.name ?? null };
    return context.json(answer);
  });

  http.post('/api/logout', async (context) => {
    const login = loginOf(context);
    deleteCookie(context, cookieName, cookieOptions);
    if (login !== undefined) await end(login);
    return context.body(null, 204);
  });

  http.post('/api/token', async (context) => {
    await delayToken?.();
    const login = loginOf(context);
    if (login === undefined) return signedOut(context);
    const answer: TokenAnswer = { token: await tokens.mint(login), name: login.name };
    return context.json(answer);
  });

  http.get('/api/history', async (context) => {
    const login = loginOf(context);
    if (login === undefined) return signedOut(context);
    const manager = getWebSocketManager(await service.authenticate({ token: await tokens.mint(login) }));
    // The order is the promise: the position first, the records second. See History.
    const position = await manager.position();
    const { name, user_id } = login;
    const answer: History = {
      name,
      position,
      threads: records.threads(user_id),
      runs: records.finishedRuns(user_id),
      files,
    };
    return context.json(answer);
  });

  http.all('/api/*', (context) => problem(context, 404, 'NOT_FOUND', 'There is nothing at this address.'));
  http.route('/', pages);
  http.notFound((context) => problem(context, 404, 'NOT_FOUND', 'There is nothing at this address.'));
  http.onError((_error, context) => problem(context, 500, 'INTERNAL', 'The server failed to answer. Try again.'));
  return http;
}

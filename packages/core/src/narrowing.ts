// Narrowing: a context for less than all that its user may do.
import { isId } from '@throughline/events/protocol';
import { throughlineError } from './errors.js';
import { userOf } from './user.js';
import { type Minting, mintingOf, mintUserContext, type Scope, type UserContext } from './user-context.js';

/**
 * Narrows a context, for work that is handed on: to a sub-agent, a worker, a tool.
 *
 * @param scope the thread it may speak in; with `run_id`, only through runs whose parent is that run
 * @param options `ttlMs`: the context ends by itself after so many milliseconds
 * @returns a context of the same user and sign-in for that alone. It cannot be widened again.
 * @throws CONTEXT_FORGED, CONTEXT_REVOKED, CONTEXT_ENDED, SERVICE_CLOSED; SCOPE_EXCEEDED when `context` itself is narrower
 */
export function narrowUserContext(
  context: UserContext,
  scope: Scope,
  options: { readonly ttlMs?: number } = {},
): UserContext {
  const user = userOf(context);
  const { thread_id, run_id } = scope;
  if (!isId(thread_id)) throw throughlineError('ID_INVALID', 'thread_id is not an id.');
  if (run_id !== undefined && !isId(run_id)) throw throughlineError('ID_INVALID', 'run_id is not an id.');
  const { scope: outer } = context;
  if (outer && (outer.thread_id !== thread_id || (outer.run_id !== undefined && outer.run_id !== run_id))) {
    throw throughlineError('SCOPE_EXCEEDED', 'A narrowed user context cannot be widened.');
  }
  const { ttlMs = Number.POSITIVE_INFINITY } = options;
  if (!(ttlMs > 0)) throw throughlineError('OPTION_INVALID', 'Option ttlMs must be a number above 0.');
  const minting = mintingOf(context) as Minting;
  const endsAt = Math.min(minting.endsAt, user.runtime.scheduler.now() + ttlMs);
  return mintUserContext(
    { ...minting, endsAt },
    { ...context, scope: run_id === undefined ? { thread_id } : { thread_id, run_id } },
  );
}

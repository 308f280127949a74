// The token: how it travels, and when it is asked for again. It is never kept, and never in a URL, a status or an error.
import { createAlarm } from './alarm.js';
import { type ClientError, clientError } from './errors.js';
import type { After } from './surroundings.js';

/**
 * Why a token is asked for: `connect`: a connection begins; `expiring`: the one in use ends soon; `refused`: the service
 * did not take the last one.
 */
export type TokenReason = 'connect' | 'expiring' | 'refused';

/** Returns a token, or `null` when there is none (yet). */
export type GetToken = (reason: TokenReason) => string | null | Promise<string | null>;

/** The WebSocket subprotocol item that carries a token: as it is when RFC 9110 allows it in a header list, else encoded. */
export function bearerItem(token: string): string {
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(token)) return `bearer.${token}`;
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(token)));
  return `bearer64.${text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')}`;
}

/** What a throwing `getToken` is reported as. */
export function tokenFailed(cause: unknown): ClientError {
  return clientError('TOKEN_FAILED', undefined, { cause });
}

/** The part of its life after which a token is replaced. */
const usedUp = 0.8;
/** What a token that could not be replaced counts as having left, in ms, at the least: asking goes on, each two seconds. */
const least = 2_500;

export interface Refresh {
  /** @param life milliseconds until the token in use ends; `null` when it does not */
  arm(life: number | null): void;
  /** Asks for a token now and sends it. Nothing while one is being asked for. */
  ask(): void;
  /** The token sent could not be checked: asks again later. */
  again(): void;
  stop(): void;
}

/** Replaces the token of a live connection before it ends. */
export function createRefresh(
  after: After,
  getToken: GetToken,
  send: (token: string) => void,
  report: (fault: ClientError) => void,
): Refresh {
  const alarm = createAlarm(after);
  /** What the token has left, in ms, when its successor is asked for. */
  let left = 0;
  /** Which connection this is for. */
  let round = 0;
  let asking: number | undefined;

  function arm(life: number | null) {
    if (!life || life < 0) return;
    left = life * (1 - usedUp);
    alarm.set(life * usedUp, () => void ask());
  }
  const again = () => arm(Math.max(least, left));
  async function ask() {
    if (asking === round) return;
    const mine = round;
    asking = mine;
    try {
      const token = await getToken('expiring');
      if (token && mine === round) send(token);
    } catch (cause) {
      if (mine !== round) return;
      again();
      report(tokenFailed(cause));
    } finally {
      if (mine === round) asking = undefined;
    }
  }
  return {
    arm,
    ask: () => void ask(),
    again,
    stop() {
      round++;
      left = 0;
      alarm.clear();
    },
  };
}

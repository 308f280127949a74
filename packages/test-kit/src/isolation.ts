// Whether anything of somebody else is in a history.
import { isDeepStrictEqual } from 'node:util';
import type { AgentEvent } from '@throughline/events/protocol';
import type { Frame } from './frame.js';
import type { Finding } from './history-error.js';
import type { Connection, Owner } from './history-source.js';
import type { Walk } from './walk.js';

/** Somebody else, by ids; with the token, that is looked for too. A `TestUser` is one. */
export interface Stranger extends Owner {
  readonly token?: string;
}

/** What must not be there. */
export interface Foreign {
  readonly strangers: readonly Stranger[];
  /** Texts that must be nowhere in what came. */
  readonly secrets: readonly string[];
  /** What strangers have read: their runs and logs must not be met here. */
  readonly walks: readonly Walk[];
}

/** The first thing that is of somebody else. */
export function foreignFinding(
  walk: Walk,
  connections: readonly Connection[],
  owner: Owner,
  foreign: Foreign,
): Finding | undefined {
  const secrets = [...foreign.secrets, ...foreign.strangers.flatMap(({ token }) => token ?? [])].filter(Boolean);
  const ids = identifiers(foreign.walks);
  // Of two users of one id, in two tenants, only the events tell which.
  const strangers = new Set(foreign.strangers.map(({ user_id }) => user_id).filter((id) => id !== owner.user_id));
  for (const [index, frame] of walk.frames.entries()) {
    const what =
      foreignOwner(frame, owner) ??
      heldId(frame, ids) ??
      heldStranger(frame, strangers) ??
      heldSecret(JSON.stringify(frame), secrets);
    if (what !== undefined) return { code: 'FOREIGN', index, what } satisfies Finding;
  }
  for (const connection of connections) {
    const what = heldSecret(connection.transcript?.() ?? '', secrets);
    if (what !== undefined) return { code: 'FOREIGN', what: `${what} It is outside of frames.` } satisfies Finding;
  }
  return undefined;
}

/** Takes secrets out of a text that will be shown. */
export function redacted(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret, place) => {
    if (secret === '') return rest;
    const shown = `‹secret ${place + 1}›`;
    return rest.replaceAll(secret, shown).replaceAll(JSON.stringify(secret).slice(1, -1), shown);
  }, text);
}

function foreignOwner(frame: Frame, { user_id, tenant_id }: Owner): string | undefined {
  if (frame.type === 'welcome' && frame.user_id !== user_id) return `The welcome names ${frame.user_id}.`;
  if (!('offset' in frame)) return undefined;
  const event = frame as AgentEvent;
  if (isDeepStrictEqual([event.user_id, event.tenant_id], [user_id, tenant_id])) return undefined;
  const tenant = event.tenant_id === undefined ? '' : ` of ${event.tenant_id}`;
  return `The event is for ${event.user_id}${tenant}.`;
}

/** What names a log, a connection or a run of strangers. */
function identifiers(walks: readonly Walk[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { frames, runs } of walks) {
    for (const run_id of runs.keys()) ids.add(run_id);
    for (const frame of frames) {
      if (frame.type === 'welcome') ids.add(frame.session_id);
      if ('position' in frame) ids.add(epochOf(frame.position));
    }
  }
  return ids;
}

function epochOf(position: unknown): string {
  return String(position).split('.')[0] as string;
}

function heldId(frame: Frame, ids: ReadonlySet<string>): string | undefined {
  const { run_id, session_id, position } = frame as unknown as Readonly<Record<string, unknown>>;
  for (const id of [run_id, session_id, position === undefined ? undefined : epochOf(position)]) {
    if (typeof id === 'string' && ids.has(id)) return `${id} is of somebody else.`;
  }
  return undefined;
}

function heldStranger(frame: Frame, strangers: ReadonlySet<string>): string | undefined {
  let found: string | undefined;
  JSON.stringify(frame, (_, value: unknown) => {
    if (typeof value === 'string' && strangers.has(value)) found = value;
    return value;
  });
  return found === undefined ? undefined : `It names ${found}.`;
}

function heldSecret(text: string, secrets: readonly string[]): string | undefined {
  const place = secrets.findIndex(
    (secret) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)),
  );
  return place < 0 ? undefined : `It holds secret ${place + 1} of ${secrets.length}.`;
}

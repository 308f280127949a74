// Text to frame and back, guarded: what comes out has the shape its type promises.
import type { AgentEvent } from './event.js';
import { type ClientFrame, mostThreads, type ServerFrame } from './frames.js';
import { isId } from './id.js';
import { parseFrom } from './position.js';

/** Why a client's frame is illegal. The connection that sent it is closed with 4400 and this text as its reason. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** What a field must hold, in words, and whether it does. Absent fields arrive as `undefined`. */
interface Content {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}

const id: Content = { expected: '1 to 128 printable ASCII characters without spaces', fits: isId };
const text: Content = { expected: 'a string', fits: (value) => typeof value === 'string' };
const json: Content = { expected: 'present', fits: (value) => value !== undefined };
/** The most that a client may say that it has counted: it ends in somebody's statistics. */
const mostCounted = 1_000_000;
// These are marked as pure, since a client's bundle, which never reads a client frame, would carry them otherwise.
const count: Content = /* @__PURE__ */ orAbsent(/* @__PURE__ */ wholeUpTo(mostCounted));
const optionalId: Content = /* @__PURE__ */ orAbsent(id);
const threads: Content = /* @__PURE__ */ idsOrNull(mostThreads);
const from: Content = {
  expected: 'active, a position, or both joined by a comma',
  fits: (value) => typeof value === 'string' && parseFrom(value) !== undefined,
};

function orAbsent({ expected, fits }: Content): Content {
  return { expected: `${expected}, or absent`, fits: (value) => value === undefined || fits(value) };
}

function wholeUpTo(most: number): Content {
  return {
    expected: `a whole number from 0 to ${most}`,
    fits: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most,
  };
}

function idsOrNull(most: number): Content {
  return {
    expected: `null or a list of at most ${most} ids`,
    fits: (value) => value === null || (Array.isArray(value) && value.length <= most && value.every(isId)),
  };
}

/** The fields of each client frame beside `type`: no other is read. */
const clientFrames: Readonly<Record<ClientFrame['type'], Readonly<Record<string, Content>>>> = {
  message: { id, thread_id: id, run_id: optionalId, data: json },
  cancel: { id, run_id: id },
  ack: { position: text, gaps: count, duplicates: count },
  threads: { threads, from },
  token: { id, token: text },
  ping: { id },
};

/**
 * Reads a client's frame.
 *
 * @param text a text frame, already bounded in size by the socket
 * @returns a frame with exactly the fields of its type; fields it does not know are dropped
 * @throws {@link FrameError} naming the field that is wrong. The message quotes nothing the client sent beyond a
 *   frame type of at most 32 printable characters, so that it may be logged and sent as a close reason.
 */
export function parseClientFrame(text: string): ClientFrame {
  const value = parseObject(text);
  const type = value.type;
  if (typeof type !== 'string') throw new FrameError('type must be a string');
  if (!Object.hasOwn(clientFrames, type)) {
    throw new FrameError(/^[\w.-]{1,32}$/.test(type) ? `unknown frame type ${type}` : 'unknown frame type');
  }
  const shape = clientFrames[type as ClientFrame['type']];
  const frame: Record<string, unknown> = { type };
  for (const field of Object.keys(shape)) {
    const content = value[field];
    const { expected, fits } = shape[field] as Content;
    if (!fits(content)) throw new FrameError(`${type}.${field} must be ${expected}`);
    if (content !== undefined) frame[field] = content;
  }
  return frame as unknown as ClientFrame;
}

/**
 * Reads a service's frame.
 *
 * @returns an event, another frame, or `undefined` for a type this version does not know: a newer service may say more.
 * @throws {@link FrameError} when the text is not a frame at all
 */
export function parseServerFrame(text: string): AgentEvent | ServerFrame | undefined {
  const value = parseObject(text);
  if (typeof value.type !== 'string') throw new FrameError('type must be a string');
  if (isEvent(value)) return value as unknown as AgentEvent;
  return knownServerFrames.includes(value.type) ? (value as unknown as ServerFrame) : undefined;
}

const knownServerFrames: readonly string[] = [
  'welcome',
  'reset',
  'reading',
  'heartbeat',
  'pong',
  'accepted',
  'error',
  'refreshed',
  'degraded',
  'draining',
] satisfies ServerFrame['type'][];

function isEvent(value: Readonly<Record<string, unknown>>): boolean {
  return (
    Number.isSafeInteger(value.offset) &&
    typeof value.mark === 'string' &&
    typeof value.thread_id === 'string' &&
    (value.run_id === undefined || (typeof value.run_id === 'string' && Number.isSafeInteger(value.seq)))
  );
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FrameError('not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FrameError('not a JSON object');
  return value as Readonly<Record<string, unknown>>;
}

// Text to frame and back, guarded: what comes out has the shape its type promises.
import type { AgentEvent } from './event.js';
import type { ClientFrame, ServerFrame } from './frames.js';
import { isId } from './id.js';

/** Why a client's frame is illegal. The connection that sent it is closed with 4400 and this text as its reason. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

type Shape = Readonly<Record<string, 'id' | 'text' | 'json'>>;

/** The fields of each client frame beside `type`: all required, none other read. */
const clientFrames: Readonly<Record<ClientFrame['type'], Shape>> = {
  message: { id: 'id', thread_id: 'id', data: 'json' },
  cancel: { id: 'id', run_id: 'id' },
  ack: { position: 'text' },
  token: { id: 'id', token: 'text' },
  ping: { id: 'id' },
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
    if (shape[field] === 'json' ? content === undefined : typeof content !== 'string') {
      throw new FrameError(`${type}.${field} must be ${shape[field] === 'json' ? 'present' : 'a string'}`);
    }
    if (shape[field] === 'id' && !isId(content)) {
      throw new FrameError(`${type}.${field} must be 1 to 128 printable ASCII characters without spaces`);
    }
    frame[field] = content;
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

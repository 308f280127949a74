// Encoded entries: what a reader must know of an entry it need not decode, and neighbours joined into one.
//
// Entries lie back to back as WebSocket frames. Their envelope comes first, in an order that is known, and its values
// are JSON texts, in which a quotation mark is always escaped: the first `,"type":"` of a frame is the envelope's own.
import { textFrame } from './framing.js';

const threadKey = Buffer.from(',"thread_id":"');
const mergeableTypes: readonly Buffer[] = [Buffer.from('partial_result"'), Buffer.from('agent_thinking"')];
const offsetAt = '{"offset":'.length;
/** From the end of the offset to the value of `user_id`. */
const userAt = ',"mark":"01234567","user_id":"'.length;
/** From the end of one value to the next, and to the first letter that tells what comes next. */
const tenantAt = '","tenant_id":"'.length;
const typeAt = '","type":"'.length;
const keyAt = '","t'.length;
const quote = 0x22;
const backslash = 0x5c;
const letterA = 0x61;
const letterE = 0x65;
const letterP = 0x70;
const zero = 0x30;
const nine = 0x39;

/** Where the payload of the frame at `at` begins. */
function payloadOf(bytes: Buffer, at: number): number {
  const code = bytes[at + 1] as number;
  return at + (code < 126 ? 2 : code === 126 ? 4 : 10);
}

/** Where the frame whose payload begins at `payload` ends. */
function endOf(bytes: Buffer, at: number, payload: number): number {
  const code = bytes[at + 1] as number;
  if (code < 126) return payload + code;
  return payload + (code === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6));
}

/** Where the value of `type` begins. Looked for by hand: a search costs a call out of JavaScript. */
function typeOf(bytes: Buffer, payload: number): number {
  let at = payload + offsetAt;
  while ((bytes[at] as number) >= zero) at += 1;
  at = endOfText(bytes, at + userAt);
  if (bytes[at + keyAt] === letterE) at = endOfText(bytes, at + tenantAt);
  return at + typeAt;
}

/** Where a text ends that begins at `at`: at its quotation mark, or with the bytes, should they be cut off. */
function endOfText(bytes: Buffer, at: number): number {
  let end = at;
  while (end < bytes.length && bytes[end] !== quote) end += bytes[end] === backslash ? 2 : 1;
  return end;
}

function isMergeable(bytes: Buffer, payload: number): boolean {
  const at = typeOf(bytes, payload);
  const first = bytes[at];
  // Most events are told apart by a letter, and a call to compare costs more than all the rest.
  if (first !== letterP && first !== letterA) return false;
  return mergeableTypes.some((type) => bytes.compare(type, 0, type.length, at, at + type.length) === 0);
}

/** The thread's id as it stands in the bytes, escapes and all. */
function threadOf(bytes: Buffer, payload: number): string {
  const start = bytes.indexOf(threadKey, payload) + threadKey.length;
  return bytes.toString('latin1', start, endOfText(bytes, start));
}

/** Threads as {@link selectEntries} takes them. */
export function encodedThreads(threads: Iterable<string>): ReadonlySet<string> {
  return new Set([...threads].map((thread) => JSON.stringify(thread).slice(1, -1)));
}

/** Calls back for each entry: its offset and where its frame ends. */
export function forEachEntry(bytes: Buffer, visit: (offset: number, end: number) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const payload = payloadOf(bytes, at);
    const end = endOf(bytes, at, payload);
    let offset = 0;
    for (let digit = payload + offsetAt; digit < bytes.length; digit++) {
      const code = bytes[digit] as number;
      if (code < zero || code > nine) break;
      offset = offset * 10 + code - zero;
    }
    visit(offset, end);
    at = end;
  }
}

/** The first of one or more entries, decoded. */
export function decodeEntry(bytes: Buffer): unknown {
  const payload = payloadOf(bytes, 0);
  return JSON.parse(bytes.toString('utf8', payload, endOf(bytes, 0, payload)));
}

/** The offset of the last of one or more entries. */
export function lastOffset(bytes: Buffer): number {
  let last = 0;
  forEachEntry(bytes, (offset) => {
    last = offset;
  });
  return last;
}

/** An event that may be joined with its neighbour, decoded. */
interface Mergeable {
  readonly type: string;
  readonly run_id: string;
  readonly seq: number;
  readonly first_seq?: number;
  readonly pieces?: readonly number[];
  readonly data: { readonly text?: string; readonly reasoning?: string; step_number?: number; progress?: number };
}

/** Neighbours that become one entry. */
interface Group {
  /** The frame of the first; what is sent when no other joins it. */
  readonly frame: Buffer;
  readonly first: Mergeable;
  last: Mergeable;
  readonly texts: string[];
  /** The lengths of what has been joined. */
  readonly pieces: number[];
  progress: number | undefined;
}

/**
 * Leaves out what is of other threads, and joins neighbours (section 4.1 of PROTOCOL.md).
 *
 * Folding what comes out gives what folding the selected entries gives. An entry that nothing joins is passed on as it
 * is, byte for byte.
 *
 * @param bytes entries as frames, back to back
 * @param threads the threads to keep, from {@link encodedThreads}; `undefined` for all
 * @param join whether to join neighbours
 * @returns frames; empty when nothing is left
 */
export function selectEntries(bytes: Buffer, threads: ReadonlySet<string> | undefined, join: boolean): Buffer {
  const parts: Buffer[] = [];
  let group: Group | undefined;
  /** Where the frames begin that are passed on as they are and not yet among the parts. */
  let kept = 0;
  let at = 0;
  const passOn = (end: number): void => {
    if (group) parts.push(frameOf(group));
    group = undefined;
    if (end > kept) parts.push(bytes.subarray(kept, end));
  };
  while (at < bytes.length) {
    const payload = payloadOf(bytes, at);
    const end = endOf(bytes, at, payload);
    if (threads && !threads.has(threadOf(bytes, payload))) {
      // What lies between two neighbours and is not read does not part them.
      if (at > kept) passOn(at);
      kept = end;
    } else if (join && isMergeable(bytes, payload)) {
      if (at > kept) passOn(at);
      kept = end;
      const event = JSON.parse(bytes.toString('utf8', payload, end)) as Mergeable;
      if (!group || !joins(group, event)) {
        if (group) parts.push(frameOf(group));
        group = {
          frame: bytes.subarray(at, end),
          first: event,
          last: event,
          texts: [textOf(event)],
          pieces: [...piecesOf(event)],
          progress: event.data.progress,
        };
      } else {
        group.last = event;
        group.texts.push(textOf(event));
        group.pieces.push(...piecesOf(event));
        group.progress = event.data.progress ?? group.progress;
      }
    } else if (group) {
      passOn(kept);
      kept = at;
    }
    at = end;
  }
  if (kept === 0 && !group) return bytes;
  passOn(bytes.length);
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}

function joins({ last }: Group, event: Mergeable): boolean {
  return (
    event.type === last.type &&
    event.run_id === last.run_id &&
    (event.first_seq ?? event.seq) === last.seq + 1 &&
    event.data.step_number === last.data.step_number &&
    (event.type === 'partial_result' || event.data.step_number !== undefined)
  );
}

function textOf({ data }: Mergeable): string {
  return data.text ?? data.reasoning ?? '';
}

/** A client that holds some of what is joined needs their lengths, to take the rest. */
function piecesOf(event: Mergeable): readonly number[] {
  return event.pieces ?? [textOf(event).length];
}

function frameOf({ frame, first, last, texts, pieces, progress }: Group): Buffer {
  if (texts.length === 1) return frame;
  const text = texts.join('');
  const data =
    last.type === 'partial_result' ? { text } : { reasoning: text, step_number: last.data.step_number, progress };
  const { data: _, ...envelope } = last;
  return textFrame(JSON.stringify({ ...envelope, first_seq: first.first_seq ?? first.seq, pieces, data }));
}

// Entries as core hands them to a log, and what comes back: decoded here, by code that shares nothing with core's.
import assert from 'node:assert/strict';
import type { NewEntry, UserKey, UserLog } from '@throughline/core/log';

/** An entry as it travels, and the text that it travelled as. */
export interface StoredEntry {
  readonly offset: number;
  readonly mark: string;
  readonly text: string;
  readonly event: Readonly<Record<string, unknown>>;
}

const timestamp = '2026-11-20T09:30:00.000Z';

/** What an event says when only its place matters. */
export interface Said {
  readonly type?: string;
  readonly thread_id?: string;
  readonly data?: unknown;
}

function bodyOf({ tenant_id, user_id }: UserKey, event: object): string {
  const owner = tenant_id === 'default' ? { user_id } : { user_id, tenant_id };
  return JSON.stringify({ ...owner, ...event }).slice(1);
}

/** An event outside of runs. */
export function aside(key: UserKey, data: unknown = 'x', thread_id = 't-1'): NewEntry {
  const type = 'acme.note';
  return { key, body: bodyOf(key, { type, thread_id, timestamp, data }), type, thread_id, ends: false };
}

/** An event of a run. `agent_completed` ends it. */
export function ofRun(key: UserKey, run_id: string, seq: number, said: Said = {}): NewEntry {
  const { type = seq === 1 ? 'agent_started' : 'acme.step', thread_id = 't-1', data = {} } = said;
  const body = bodyOf(key, { type, seq, thread_id, run_id, agent_name: 'a', timestamp, data });
  return { key, body, type, thread_id, run_id, seq, ends: type === 'agent_completed' };
}

export function endOf(key: UserKey, run_id: string, seq: number, thread_id = 't-1'): NewEntry {
  return ofRun(key, run_id, seq, {
    type: 'agent_completed',
    thread_id,
    data: { outcome: 'succeeded', duration_ms: 1 },
  });
}

/** Decodes what a slice holds: whole, final, unmasked text frames, back to back, each length in its shortest form. */
export function decode(bytes: Buffer): StoredEntry[] {
  const entries: StoredEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    assert.equal(bytes[at], 0x81, `byte ${at} of a slice should begin a final text frame`);
    const code = bytes.readUInt8(at + 1);
    assert.ok(code < 128, 'a service masks nothing');
    const header = code < 126 ? 2 : code === 126 ? 4 : 10;
    assert.ok(at + header <= bytes.length, 'a slice ends inside of a header');
    const length =
      code < 126 ? code : code === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    assert.ok(code < 126 || length >= (code === 126 ? 126 : 65_536), 'a length is not in its shortest form');
    assert.ok(at + header + length <= bytes.length, 'a slice ends inside of an entry');
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at + header, at + header + length));
    const event = JSON.parse(text) as { offset: number; mark: string };
    entries.push({ offset: event.offset, mark: event.mark, text, event });
    at += header + length;
  }
  return entries;
}

/** Reads on to the head, in slices. */
export async function readFrom(log: UserLog, after: number, maxBytes = 65_536): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for (let at = after; ; ) {
    const slice = await log.read(at, maxBytes);
    if (slice === undefined) return entries;
    assert.notEqual(slice, 'below_floor', `what follows ${at} should be held: the floor is ${log.floor}`);
    if (slice === 'below_floor') return entries;
    const read = decode(slice.bytes);
    assert.equal(read.at(-1)?.offset, slice.last, '`last` should be the offset of the last entry in a slice');
    assert.ok(slice.last > at, 'a slice should bring the reader on');
    entries.push(...read);
    at = slice.last;
  }
}

/** Reads everything that is held. */
export function readAll(log: UserLog): Promise<StoredEntry[]> {
  return readFrom(log, log.floor);
}

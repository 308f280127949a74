// The other end of the protocol, in memory and in the hands of a test: it follows PROTOCOL.md to the letter, and sends, joins,
// repeats, loses and cuts when it is told to. Sockets are objects; what is under way waits until it is delivered.
import type { AgentEvent } from '@throughline/events';
import {
  type From,
  parseClientFrame,
  parseFrom,
  parsePosition,
  type ResetCause,
  type ServerFrame,
} from '@throughline/events/protocol';
import type { SocketPort } from '../src/socket.js';
import { at } from './script.js';

type Threads = ReadonlySet<string> | undefined;

/** A reading as the service holds it. */
interface Reading {
  readonly threads: Threads;
  readonly from: From;
  readonly opens: number;
}

interface Packet {
  readonly frame: AgentEvent | ServerFrame;
  /** The reading it belongs to. */
  readonly reading: Reading;
}

interface Connection {
  readonly hear: (text: string) => void;
  readonly close: (code: number) => void;
  /** Client frames that are not handled yet. */
  readonly asked: { readonly threads: Threads; readonly from: From }[];
  /** What is under way to the client. */
  packets: Packet[];
  /** Event frames of the present reading that were sent. */
  sent: Packet[];
  reading: Reading;
  /** Offset of the last entry sent or passed over. */
  cursor: number;
  /** How many changes of threads the client sent, and how many `reading` it got. */
  unanswered: number;
  /** The highest offset that reached the client in the reading it knows of. */
  reached: number;
}

export interface ModelService {
  readonly webSocket: new (url: string, protocols: string[]) => SocketPort;
  /** Every entry of the present log. */
  readonly log: readonly AgentEvent[];
  readonly connected: boolean;
  /** Whether anything waits to be sent or delivered. */
  readonly idle: boolean;
  /** Whether the client has asked for another reading than the one of the latest frame. */
  readonly replaced: boolean;
  append(event: AgentEvent): void;
  /** Handles what the client asked, then sends up to so many entries; each group of neighbours may be joined. */
  serve(entries: number, join: boolean): void;
  /** Delivers so many frames. */
  deliver(frames: number): void;
  /** Sends again what was sent before, so many event frames. */
  repeat(frames: number): void;
  /** Loses the next frame under way, if `may`. */
  lose(may: (event: AgentEvent) => boolean): void;
  heartbeat(): void;
  /** The reader is told that it was too slow. */
  lag(): void;
  /** The log is erased: another begins. */
  erase(): void;
  cut(): void;
  /** The reading that the client knows of. */
  readonly known: Reading | undefined;
}

/** @param onDelivered told of each frame that the client has taken */
export function createModelService(onDelivered: (packet: Packet) => void): ModelService {
  let log: AgentEvent[] = [];
  let incarnation = 1;
  let connection: Connection | undefined;
  let known: Reading | undefined;
  let replaced = false;
  const position = (offset: number) => at(offset, `e${incarnation}`);
  const isRead = ({ thread_id }: AgentEvent, threads: Threads) => threads?.has(thread_id) ?? true;

  /** Where `active` opens. */
  function active(threads: Threads): number {
    const ended = new Set(log.filter(({ type }) => type === 'agent_completed').map(({ run_id }) => run_id));
    const first = log.find((one) => one.run_id !== undefined && !ended.has(one.run_id) && isRead(one, threads));
    return first ? first.offset - 1 : log.length;
  }

  function find(from: From, threads: Threads): { reading: Reading; reset?: ResetCause } {
    const asked = from.position && parsePosition(from.position);
    let reset: ResetCause | undefined;
    if (asked && asked.epoch !== `e${incarnation}`) reset = 'unknown_epoch';
    else if (asked && asked.offset > log.length) reset = 'beyond_head';
    const honoured = asked && !reset ? asked.offset : Infinity;
    const opens = Math.min(honoured, from.active || reset ? active(threads) : Infinity);
    return { reading: { threads, from, opens }, ...(reset && { reset }) };
  }

  function begin(one: Connection, reading: Reading, reset: ResetCause | undefined, frame: ServerFrame | undefined) {
    one.reading = reading;
    one.cursor = reading.opens;
    one.sent = [];
    if (frame) one.packets.push({ frame, reading });
    if (reset) one.packets.push({ frame: { type: 'reset', cause: reset, position: position(reading.opens) }, reading });
  }

  function open(socket: Pick<Connection, 'hear' | 'close'>, url: URL) {
    const query = url.searchParams.getAll('threads');
    const threads = query.length === 0 ? undefined : new Set(query.filter((id) => id !== ''));
    const from = parseFrom(url.searchParams.get('from') as string);
    if (!from) throw new Error(`illegal from in ${url.href}`);
    const { reading, reset } = find(from, threads);
    connection = { ...socket, asked: [], packets: [], sent: [], reading, cursor: 0, unanswered: 0, reached: 0 };
    begin(connection, reading, reset, {
      type: 'welcome',
      session_id: 's-1',
      user_id: 'ada',
      position: position(reading.opens),
      head: log.length,
      heartbeat_ms: 1e9,
      expires_in_ms: null,
      max_frame_bytes: 262_144,
    });
  }

  function receive(one: Connection, text: string) {
    const frame = parseClientFrame(text);
    if (frame.type === 'threads') {
      const { threads } = frame;
      one.asked.push({ threads: threads ? new Set(threads) : undefined, from: parseFrom(frame.from) as From });
      one.unanswered++;
    } else if (frame.type === 'ack') {
      if (one.unanswered > 0) throw new Error('an ack between threads and reading');
      const acked = parsePosition(frame.position);
      if (acked?.epoch === `e${incarnation}` && acked.offset > one.reached)
        throw new Error('an ack of what never came');
    }
  }

  /** Joins neighbours of one run as section 4.1 has it; the groups end where the slices do. */
  function join(entries: readonly AgentEvent[]): AgentEvent[] {
    const joined: AgentEvent[] = [];
    for (const one of entries) {
      const last = joined.at(-1);
      const first_seq = last?.first_seq ?? last?.seq;
      if (last?.run_id === one.run_id && first_seq !== undefined) {
        if (one.type === 'partial_result' && last?.type === 'partial_result') {
          const pieces = [...(last.pieces ?? [last.data.text.length]), one.data.text.length];
          joined[joined.length - 1] = { ...one, first_seq, pieces, data: { text: last.data.text + one.data.text } };
          continue;
        }
        if (
          one.type === 'agent_thinking' &&
          last?.type === 'agent_thinking' &&
          one.data.step_number !== undefined &&
          one.data.step_number === last.data.step_number
        ) {
          const { reasoning, ...rest } = { ...last.data, ...one.data };
          const data = { ...rest, reasoning: last.data.reasoning + reasoning };
          const pieces = [...(last.pieces ?? [last.data.reasoning.length]), reasoning.length];
          joined[joined.length - 1] = { ...one, first_seq, pieces, data };
          continue;
        }
      }
      joined.push(one);
    }
    return joined;
  }

  return {
    webSocket: class {
      readonly #listeners: { type: string; listener: (event: never) => void }[] = [];
      constructor(url: string) {
        open(
          { hear: (data) => this.#emit('message', { data }), close: (code) => this.#emit('close', { code }) },
          new URL(url),
        );
        this.#own = connection as Connection;
      }
      readonly #own: Connection;
      #emit(type: string, event: unknown) {
        for (const one of this.#listeners) if (one.type === type) one.listener(event as never);
      }
      addEventListener(type: string, listener: (event: never) => void) {
        this.#listeners.push({ type, listener });
      }
      send(text: string) {
        if (this.#own === connection) receive(this.#own, text);
      }
      close() {
        if (this.#own === connection) connection = undefined;
      }
    },
    get log() {
      return log;
    },
    get connected() {
      return connection !== undefined;
    },
    get idle() {
      return (
        !connection || (connection.packets.length + connection.asked.length === 0 && connection.cursor >= log.length)
      );
    },
    get replaced() {
      return replaced;
    },
    get known() {
      return known;
    },
    append(event) {
      const offset = log.length + 1;
      log.push({ ...event, offset, mark: parsePosition(position(offset))?.mark as string } as AgentEvent);
    },
    serve(entries, joins) {
      const one = connection;
      if (!one) return;
      for (const { threads, from } of one.asked.splice(0)) {
        const { reading, reset } = find(from, threads);
        begin(one, reading, reset, {
          type: 'reading',
          threads: threads ? [...threads] : null,
          position: position(reading.opens),
          head: log.length,
        });
      }
      const { reading } = one;
      const slice = log.slice(one.cursor, one.cursor + entries);
      one.cursor += slice.length;
      const selected = slice.filter((event) => isRead(event, reading.threads));
      const packets = (joins ? join(selected) : selected).map((frame) => ({ frame, reading }));
      one.packets.push(...packets);
      one.sent.push(...packets);
    },
    deliver(frames) {
      for (let count = 0; count < frames; count++) {
        const one = connection;
        const packet = one?.packets.shift();
        if (!one || !packet) return;
        const { frame, reading } = packet;
        if (frame.type === 'welcome' || frame.type === 'reading') {
          if (frame.type === 'reading') one.unanswered--;
          known = reading;
          one.reached = reading.opens;
        }
        if (frame.type === 'reset') {
          one.reached = parsePosition(frame.position)?.offset as number;
        }
        if ('offset' in frame) one.reached = Math.max(one.reached, frame.offset);
        if (frame.type === 'heartbeat')
          one.reached = Math.max(one.reached, parsePosition(frame.position)?.offset as number);
        one.hear(JSON.stringify(frame));
        replaced = one.unanswered > 0;
        // A frame that made the client leave was not taken.
        if (one !== connection) return;
        onDelivered(packet);
      }
    },
    repeat(frames) {
      connection?.packets.push(...connection.sent.slice(-frames));
    },
    lose(may) {
      const frame = connection?.packets[0]?.frame;
      if (frame && 'offset' in frame && may(frame)) connection?.packets.shift();
    },
    heartbeat() {
      const one = connection;
      if (!one || one.cursor < log.length || one.packets.some(({ frame }) => frame.type === 'heartbeat')) return;
      one.packets.push({ frame: { type: 'heartbeat', position: position(one.cursor) }, reading: one.reading });
    },
    lag() {
      const one = connection;
      if (one) begin(one, find({ active: true }, one.reading.threads).reading, 'lagged', undefined);
    },
    erase() {
      incarnation++;
      log = [];
      const one = connection;
      if (one) begin(one, find({ active: true }, one.reading.threads).reading, 'unknown_epoch', undefined);
    },
    cut() {
      const one = connection;
      connection = undefined;
      one?.close(1006);
    },
  };
}

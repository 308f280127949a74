// The network may cut what comes anywhere: a wire must find the same events in it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineWire } from '../src/wires/line-wire.js';
import { webSocketWire } from '../src/wires/plain-wire.js';
import { socketIoWire } from '../src/wires/socket-io-wire.js';
import { ssePostWire, sseWire } from '../src/wires/sse-wire.js';
import { throughlineWire } from '../src/wires/throughline-wire.js';
import type { Wire, WireFactory } from '../src/wires/wire.js';

/** What a server sends: an unmasked frame. */
function frame(text: string, opcode = 1): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, payload.length])
      : payload.length < 65_536
        ? Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 255])
        : Buffer.concat([Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0]), uint32(payload.length)]);
  return Buffer.concat([head, payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const upgraded = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n');
const long = 'x'.repeat(300);
const veryLong = 'x'.repeat(70_000);
const accepted = '{"type":"accepted","id":"m-1"}';
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

interface Transcript {
  readonly bytes: Buffer;
  readonly events: readonly string[];
  readonly accepted?: number;
  readonly sent?: readonly RegExp[];
}

const transcripts: readonly [string, WireFactory, Transcript][] = [
  [
    'lines',
    lineWire,
    {
      bytes: Buffer.from(`{"type":"welcome"}\n{"n":0}\n${accepted}\n${long}\n`),
      events: ['{"n":0}', long],
      accepted: 1,
    },
  ],
  [
    'plain WebSocket',
    webSocketWire,
    {
      bytes: Buffer.concat([
        upgraded,
        frame('{"n":0}'),
        frame('are you there', 9),
        frame(long),
        frame(veryLong),
        frame(accepted),
      ]),
      events: ['{"n":0}', long, veryLong],
      accepted: 1,
      sent: [/are you there$/],
    },
  ],
  [
    'Socket.IO',
    socketIoWire,
    {
      bytes: Buffer.concat([
        upgraded,
        ...['0{"sid":"a"}', '40{"sid":"b","pid":"c"}', '42["event",{"n":0},"off-1"]', '2', '431["accepted"]'].map(
          (text) => frame(text),
        ),
      ]),
      events: ['2["event",{"n":0},"off-1"]'],
      accepted: 1,
      sent: [/40\{"token":"ada"\}$/, /3$/],
    },
  ],
  [
    'Server-Sent Events',
    sseWire,
    {
      bytes: Buffer.from(
        `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('id: 0\ndata: {"n":0}\n\n')}${chunk(`data: ${long}\n\ndata: {"n":2}\n\n`)}`,
      ),
      events: ['id: 0\ndata: {"n":0}', `data: ${long}`, 'data: {"n":2}'],
    },
  ],
  [
    'POST requests',
    ssePostWire,
    {
      bytes: Buffer.from(
        `HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n`,
      ),
      events: [],
      accepted: 2,
    },
  ],
  [
    'Throughline',
    throughlineWire,
    {
      bytes: Buffer.concat([
        upgraded,
        ...[
          '{"type":"welcome","position":"E.0.00000000"}',
          '{"offset":1,"mark":"0000000a","n":0}',
          '{"type":"heartbeat","position":"E.1.0000000a"}',
          `{"offset":2,"mark":"0000000b","n":1,"text":"${veryLong}"}`,
          accepted,
        ].map((text) => frame(text)),
      ]),
      events: ['{"offset":1,"mark":"0000000a","n":0}', `{"offset":2,"mark":"0000000b","n":1,"text":"${veryLong}"}`],
      accepted: 1,
      sent: [/\{"type":"ack","position":"E\.2\.0000000b"\}$/],
    },
  ],
];

function play(factory: WireFactory, bytes: Buffer, cuts: readonly number[]) {
  const seen = {
    events: [] as string[],
    accepted: 0,
    opened: 0,
    excused: 0,
    sent: [] as string[],
    failures: [] as string[],
  };
  const wire: Wire = factory({
    token: 'ada',
    events: {
      opened: () => {
        seen.opened += 1;
      },
      event: (all, start, end) => seen.events.push(all.toString('utf8', start, end)),
      accepted: () => {
        seen.accepted += 1;
      },
      excused: () => {
        seen.excused += 1;
      },
      send: (text) => seen.sent.push(text.toString()),
      failed: (reason) => seen.failures.push(reason),
    },
  });
  wire.hello();
  // One buffer for all that comes, as in the generator: what was kept must be a copy.
  const shared = Buffer.alloc(bytes.length);
  let at = 0;
  for (const end of [...cuts, bytes.length]) {
    const length = bytes.copy(shared, 0, at, end);
    wire.feed(shared.subarray(0, length));
    shared.fill(0);
    at = end;
  }
  return { seen, wire };
}

describe.each(transcripts)('%s', (_, factory, { bytes, events, accepted: acceptances = 0, sent = [] }) => {
  test('finds the same wherever it is cut', () => {
    const cutting = fc.array(fc.nat({ max: bytes.length }), { maxLength: 8 });
    fc.assert(
      fc.property(cutting, (places) => {
        const { seen } = play(
          factory,
          bytes,
          places.toSorted((a, b) => a - b),
        );
        expect(seen.failures).toEqual([]);
        expect(seen.events).toEqual(events);
        expect(seen.accepted).toBe(acceptances);
        expect(seen.opened).toBe(1);
        expect(seen.sent).toHaveLength(sent.length);
        for (const [index, pattern] of sent.entries()) expect(seen.sent[index]).toMatch(pattern);
      }),
      { numRuns: 60 },
    );
  });

  test('a refusal is a failure', () => {
    if (factory === lineWire) return;
    const { seen } = play(factory, Buffer.from('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'), []);
    expect(seen.failures).toEqual([expect.stringContaining('HTTP/1.1 503')]);
  });
});

describe('coming back', () => {
  test('Throughline asks from the last event, and is told when some will not come', () => {
    const { wire } = play(throughlineWire, transcripts[5]?.[2].bytes as Buffer, []);
    expect(wire.resume).toEqual({ position: 'E.2.0000000b' });
    const reset = Buffer.concat([upgraded, frame('{"type":"reset","cause":"lagged","position":"E.9.00000009"}')]);
    const { seen, wire: later } = play(throughlineWire, reset, []);
    expect(seen.excused).toBe(1);
    expect(later.resume).toEqual({ position: 'E.9.00000009' });
  });

  test('Socket.IO names its session and the last packet', () => {
    const { wire } = play(socketIoWire, transcripts[2]?.[2].bytes as Buffer, []);
    expect(wire.resume).toEqual({ position: 'off-1', session: 'c' });
  });
});

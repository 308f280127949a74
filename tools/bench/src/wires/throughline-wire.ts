// The protocol of Throughline as its client speaks it: acknowledgements after 16 KiB or a second, positions to come back with.
import { isAcceptance } from './plain-wire.js';
import { clientFrame, upgradeRequest, WebSocketFraming } from './web-socket-framing.js';
import { messageText, type Resume, type Wire, type WireEvents, type WireFactory, type WireParts } from './wire.js';

/** PROTOCOL.md, section 5. */
const ackBytes = 16_384;
const ackMs = 1_000;

const eventStart = Buffer.from('{"offset":');
const markStart = ',"mark":"'.length;
const markLength = 8;

const digitZero = 48;
const digitNine = 57;

class ThroughlineWire implements Wire {
  readonly #events: WireEvents;
  readonly #token: string;
  readonly #from: string;
  readonly #framing: WebSocketFraming;
  #epoch = '';
  #offset = 0;
  #mark = '';
  /** What came since the last acknowledgement, and when that was. */
  #unacked = 0;
  #ackedAt = 0;

  constructor({ token, resume, events }: WireParts) {
    this.#events = events;
    this.#token = token;
    this.#from = resume?.position ?? 'active';
    this.#framing = new WebSocketFraming({
      upgraded: () => {},
      text: (bytes, start, end) => this.#text(bytes, start, end),
      send: (bytes) => events.send(bytes),
      failed: (reason) => events.failed(reason),
    });
  }

  hello(): string {
    return upgradeRequest(`/ws?acks=1&from=${this.#from}`, {
      'Sec-WebSocket-Protocol': 'throughline.v1',
      Authorization: `Bearer ${this.#token}`,
    });
  }

  feed(bytes: Buffer): void {
    this.#framing.feed(bytes);
  }

  message(id: string): Buffer {
    return clientFrame(JSON.stringify({ type: 'message', id, thread_id: 't-1', data: { text: messageText } }));
  }

  tick(nowMs: number): void {
    if (this.#unacked > 0 && nowMs - this.#ackedAt >= ackMs) this.#acknowledge(nowMs);
  }

  get resume(): Resume {
    return { position: `${this.#epoch}.${this.#offset}.${this.#mark}` };
  }

  #text(bytes: Buffer, start: number, end: number): void {
    const isLong = end - start > eventStart.length;
    if (isLong && bytes.compare(eventStart, 0, eventStart.length, start, start + eventStart.length) === 0) {
      this.#event(bytes, start, end);
      return;
    }
    if (isAcceptance(bytes, start, end)) {
      this.#events.accepted();
      return;
    }
    const frame = JSON.parse(bytes.toString('utf8', start, end)) as { type: string; position: string };
    if (frame.type === 'welcome') {
      this.#stand(frame.position);
      this.#events.opened();
    } else if (frame.type === 'reset') {
      this.#stand(frame.position);
      this.#events.excused();
    } else if (frame.type === 'error') {
      this.#events.failed(`error: ${bytes.toString('utf8', start, end)}`);
    }
  }

  #event(bytes: Buffer, start: number, end: number): void {
    let at = start + eventStart.length;
    let offset = 0;
    for (let digit = bytes[at] as number; digit >= digitZero && digit <= digitNine; digit = bytes[at] as number) {
      offset = offset * 10 + digit - digitZero;
      at += 1;
    }
    this.#offset = offset;
    this.#mark = bytes.toString('latin1', at + markStart, at + markStart + markLength);
    this.#unacked += end - start;
    this.#events.event(bytes, start, end);
    if (this.#unacked >= ackBytes) this.#acknowledge(Date.now());
  }

  #stand(position: string): void {
    const [epoch = '', offset = '', mark = ''] = position.split('.');
    this.#epoch = epoch;
    this.#offset = Number(offset);
    this.#mark = mark;
  }

  #acknowledge(nowMs: number): void {
    this.#unacked = 0;
    this.#ackedAt = nowMs;
    this.#events.send(clientFrame(`{"type":"ack","position":"${this.#epoch}.${this.#offset}.${this.#mark}"}`));
  }
}

export const throughlineWire: WireFactory = (parts) => new ThroughlineWire(parts);

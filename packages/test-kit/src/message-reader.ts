// Puts what a service writes together to messages, and notices what it must never write (RFC 6455 and PROTOCOL.md).
import { isUtf8 } from 'node:buffer';
import { opcodes } from './frame-bytes.js';
import { createFrameSplitter, type WireFrame } from './frame-splitter.js';

/** Of one frame, and of one message: the largest `maxEventBytes` of a service, 16 MiB, and a MiB for what stands around such data. */
const mostBytes = 17 * 1_024 * 1_024;

export interface MessageListener {
  /** Every frame as it stood on the wire, control frames and fragments too. */
  onFrame(frame: WireFrame): void;
  /** A whole text message. */
  onText(text: string, bytes: number): void;
  /** Something that no service may write. */
  onViolation(what: string): void;
  /** A violation behind which nothing is read: what is too long to be kept. */
  onExcess(what: string): void;
}

/** Feed it bytes as they come. */
export function createMessageReader(listener: MessageListener): (bytes: Buffer) => void {
  const splitter = createFrameSplitter();
  let fragments: Buffer[] | undefined;
  let size = 0;
  let closed = false;
  let exceeded = false;

  function exceed(what: string): void {
    exceeded = true;
    listener.onExcess(`${what} of more than 17 MiB`);
  }

  function takeData({ opcode, final, payload }: WireFrame): void {
    if (opcode === opcodes.binary) listener.onViolation('a binary frame');
    if ((opcode === opcodes.continuation) !== (fragments !== undefined)) {
      listener.onViolation(fragments ? 'a new message inside of another' : 'a continuation of nothing');
    }
    if (opcode !== opcodes.continuation || fragments === undefined) [fragments, size] = [[], 0];
    fragments.push(payload);
    size += payload.length;
    if (size > mostBytes) {
      exceed('a message');
      return;
    }
    if (!final) return;
    const whole = Buffer.concat(fragments);
    fragments = undefined;
    if (!isUtf8(whole)) listener.onViolation('text that is no UTF-8');
    listener.onText(whole.toString(), whole.length);
  }

  function take(frame: WireFrame): void {
    if (closed) listener.onViolation('bytes behind a close frame');
    for (const flaw of flawsOf(frame)) listener.onViolation(flaw);
    listener.onFrame(frame);
    if (frame.opcode < 8) takeData(frame);
    if (frame.opcode === opcodes.close) closed = true;
  }

  return (bytes) => {
    for (const frame of splitter.take(bytes)) {
      if (!exceeded) take(frame);
    }
    if (exceeded) return;
    if (splitter.due > mostBytes) exceed('a frame');
    if (closed && splitter.rest > 0) listener.onViolation('bytes behind a close frame');
  };
}

function flawsOf({ opcode, final, reserved, masked, payload, size }: WireFrame): string[] {
  const isControl = opcode >= 8;
  const shortest = payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10;
  const flaws: [boolean, string][] = [
    [reserved !== 0, 'a reserved bit'],
    [masked, 'a mask'],
    [!Object.values<number>(opcodes).includes(opcode), `opcode ${opcode}`],
    [isControl && !final, 'a fragmented control frame'],
    [isControl && payload.length > 125, 'a long control frame'],
    [!masked && size - payload.length > shortest, 'a length in more bytes than it needs'],
  ];
  return flaws.flatMap(([found, flaw]) => (found ? [flaw] : []));
}

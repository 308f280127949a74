// A server that breaks one rule: the real one, behind somebody who changes what passes.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { closePayload, opcodes } from '../src/frame-bytes.js';
import { createFrameSplitter, type WireFrame } from '../src/frame-splitter.js';
import { encodeFrame } from '../src/index.js';

/** A frame that passes, as text. */
export type Passing = Record<string, unknown> & { readonly type: string };

/** What is done to a connection. What is left out passes as it is. */
export interface Spoiling {
  /** The upgrade request, and the answer to it. */
  readonly request?: (head: string) => string;
  readonly response?: (head: string, request: string) => string;
  /** Frames of the server, and of the client. None: it vanishes. */
  readonly down?: (frame: Passing) => readonly Passing[];
  /** What the client says; `reply` answers in the server's place. */
  readonly up?: (frame: Passing, reply: (frame: Passing) => void) => readonly Passing[];
  readonly closeCode?: (code: number) => number;
}

export interface SpoiledServer extends AsyncDisposable {
  readonly url: string;
}

/** @param spoil asked for each connection */
export async function spoiledServer(url: string, spoil: () => Spoiling): Promise<SpoiledServer> {
  const { port: target } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const { request: onRequest, response: onResponse, down, up, closeCode } = spoil();
    const upstream = connect(Number(target), '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let asked = '';
    carry(
      client,
      (head) => {
        asked = head;
        // Proxies name themselves, and the server looks at the host it was asked for.
        upstream.write(onRequest?.(head) ?? head);
      },
      (frame) => {
        const reply = (answer: Passing) => client.write(encodeFrame(JSON.stringify(answer), { mask: false }));
        passOn(upstream, frame, up && ((one) => up(one, reply)), true);
      },
    );
    carry(
      upstream,
      (head) => client.write(onResponse?.(head, asked) ?? head),
      (frame) => {
        if (frame.opcode === opcodes.close && closeCode && frame.payload.length >= 2) {
          const code = closeCode(frame.payload.readUInt16BE(0));
          const payload = closePayload(code, frame.payload.subarray(2));
          client.write(encodeFrame(payload, { opcode: 'close', mask: false }));
        } else passOn(client, frame, down, false);
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: url.replace(target, String(port)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function carry(from: Socket, onHead: (head: string) => void, onFrame: (frame: WireFrame) => void): void {
  const splitter = createFrameSplitter();
  let head: Buffer | undefined = Buffer.alloc(0);
  from.on('data', (bytes: Buffer) => {
    let rest = bytes;
    if (head) {
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      rest = head.subarray(end + 4);
      onHead(head.toString('latin1', 0, end + 4));
      // A refusal has a body, and no frames.
      if (head.toString('latin1', 0, 12).startsWith('HTTP/1.1 ') && !head.toString('latin1', 0, 12).includes('101')) {
        onHead(rest.toString('latin1'));
        return;
      }
      head = undefined;
    }
    for (const frame of splitter.take(rest)) onFrame(frame);
  });
}

function passOn(
  to: Socket,
  { opcode, final, reserved, masked, payload }: WireFrame,
  change: ((frame: Passing) => readonly Passing[]) | undefined,
  mask: boolean,
): void {
  const shape = { final, reserved, opcode, ...(mask && masked ? {} : { mask: false as const }) };
  let frame: unknown;
  try {
    frame = change && opcode === opcodes.text && final ? JSON.parse(payload.toString()) : undefined;
  } catch {
    // What is no frame is the server's to judge.
  }
  if (!change || typeof frame !== 'object' || frame === null || !('type' in frame))
    to.write(encodeFrame(payload, shape));
  else for (const one of change(frame as Passing)) to.write(encodeFrame(JSON.stringify(one), shape));
}

// The socket: the port between sessions and WebSockets, and the only file that knows `ws`.
//
// `ws` keeps the handshake, control frames, masking, parsing and close. It never sends data: frames are encoded once
// for all readers and written to the upgrade's own socket, plain or TLS.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeCodes } from '@throughline/events/protocol';
import { WebSocket, WebSocketServer } from 'ws';
import type { Sink } from './cursor.js';
import { textFrame } from './framing.js';

/** What a session needs of its socket. */
export interface Socket extends Sink {
  /** Whether anything may still be sent. */
  readonly open: boolean;
  /** Sends a frame that is not an event. */
  sendText(json: string): void;
  ping(): void;
  /** Begins the close handshake; a peer that does not answer is cut after `graceMs`. */
  close(code: number, reason: string): void;
  /** Cuts. */
  terminate(): void;
}

/** What a session is told by its socket. */
export interface SocketEvents {
  onText(text: string): void;
  /** The peer pinged; it is answered already. */
  onPing(): void;
  /** The peer answered a ping. */
  onPong(): void;
  /** The socket's buffer was full and has emptied. */
  onWritable(): void;
  /** The socket is gone. Told once; nothing follows. */
  onClosed(code: number, reason: string): void;
}

/** Turns upgrades into sockets. */
export interface SocketAcceptor {
  /**
   * Completes an upgrade, synchronously.
   *
   * @param selected the subprotocol to answer with, one of those offered; `undefined` where none is
   * @returns `undefined` when the peer is gone or its upgrade is not one of WebSocket; it has been answered then
   */
  accept(
    request: IncomingMessage,
    duplex: Duplex,
    head: Buffer,
    selected: string | undefined,
  ): AcceptedSocket | undefined;
}

/** A socket whose session is not attached yet. Nothing is read before it is. */
export interface AcceptedSocket extends Socket {
  attach(events: SocketEvents): void;
}

/** How long a peer has to answer a close frame, in ms. */
const closeTimeoutMs = 10_000;

/**
 * @param maxFrameBytes longer messages are answered with 1009
 * @param bufferBytes how much may wait in a socket's buffer before its reader stands still
 */
export function createSocketAcceptor(maxFrameBytes: number, bufferBytes: number): SocketAcceptor {
  /** Of the upgrade at hand: `ws` asks for it before `accept` returns. */
  let subprotocol: string | undefined;
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    WebSocket: UpgradedSocket,
    // Newer than the types of `ws`.
    closeTimeout: closeTimeoutMs,
    handleProtocols: () => subprotocol ?? false,
  };
  const server = new WebSocketServer(options);
  return {
    accept(request, duplex, head, selected) {
      let accepted: AcceptedSocket | undefined;
      subprotocol = selected;
      server.handleUpgrade(request, duplex, head, (webSocket) => {
        webSocket.adopt(duplex, bufferBytes);
        accepted = webSocket;
      });
      return accepted;
    },
  };
}

/**
 * What `ws` says by events goes straight to the one who hears: of thousands of sockets, each with a handful of listeners, most of
 * the memory would be listeners.
 */
class UpgradedSocket extends WebSocket implements AcceptedSocket {
  #duplex: Duplex | undefined;
  #mark = 0;
  #events: SocketEvents | undefined;
  /** Input is not read: at first until a session is attached, then while output stands still. */
  #paused = true;

  /** Takes over the connection. Nothing is read from it before somebody hears. */
  adopt(duplex: Duplex, bufferBytes: number): void {
    this.#duplex = duplex;
    // Below the connection's own mark it would never say that it is writable again.
    this.#mark = Math.max(bufferBytes, duplex.writableHighWaterMark);
    this.pause();
  }

  attach(events: SocketEvents): void {
    this.#events = events;
    this.#duplex?.on('drain', () => {
      this.#resume();
      events.onWritable();
    });
    this.#resume();
  }

  /** An error is passed over: whatever it is, `close` follows. */
  override emit(event: string | symbol, ...details: unknown[]): boolean {
    const events = this.#events;
    if (!events) return false;
    if (event === 'message') this.#onMessage(events, details as [Buffer, boolean]);
    else if (event === 'ping') events.onPing();
    else if (event === 'pong') events.onPong();
    else if (event === 'close') events.onClosed(details[0] as number, String(details[1]));
    return true;
  }

  #onMessage(events: SocketEvents, [data, isBinary]: readonly [Buffer, boolean]): void {
    // What comes behind the frame that ended the connection is not heard.
    if (!this.open) return;
    if (isBinary) this.close(closeCodes.binary, 'binary frames are not spoken here');
    else events.onText(data.toString());
  }

  get open(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  get writable(): boolean {
    return this.open && (this.#duplex as Duplex).writableLength < this.#mark;
  }

  write(bytes: Buffer): void {
    // Nothing announces that a close began, and data must not follow a close frame.
    if (!this.open) return;
    const duplex = this.#duplex as Duplex;
    duplex.write(bytes);
    // While output stands still the peer's input waits too: what it asks for would only add to the output.
    if (!this.#paused && duplex.writableLength >= this.#mark) {
      this.#paused = true;
      this.pause();
    }
  }

  sendText(json: string): void {
    this.write(textFrame(json));
  }

  override ping(): void {
    if (this.open) super.ping();
  }

  override close(code?: number, reason?: string | Buffer): void {
    // The peer's own close frame must be read.
    this.#resume();
    super.close(code, reason);
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.resume();
  }
}

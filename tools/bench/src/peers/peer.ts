// What the comparison asks of a peer. A peer is one file in this folder and one line in `all.ts`.
import type { WireFactory } from '../wires/wire.js';

/** What an event carries, the same for all peers. */
export interface EventData {
  /** Dense number within all that one user is sent, first 0: the generator finds what is lost, doubled or swapped by it. */
  readonly n: number;
  /** When it was said, in µs of the machine's monotonic clock. */
  readonly at: number;
  readonly text: string;
}

/** The handle with which a server speaks to one user, however many sessions that user has. */
export interface Speaker {
  /** What it returns is awaited where a producer is told to go slower; nothing is where a peer knows no such thing. */
  say(data: EventData): Promise<unknown> | undefined;
}

/** How a peer is to serve. */
export interface ServeOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  /** PEM of the ES256 key that tokens are verified with. Without it the token is the name of the user. */
  readonly publicKey?: string;
}

/** A server at work. */
export interface PeerServer {
  readonly port: number;
  /** How many messages of clients its handler has seen. */
  readonly handled: number;
  speaker(user: string): Promise<Speaker>;
}

/** A library, or a way to do without one. */
export interface Peer {
  /** On the command line and in results. */
  readonly name: string;
  /** In tables and charts. */
  readonly title: string;
  /** npm packages whose versions belong to the result. */
  readonly packages: readonly string[];
  /** Whether whoever comes back is sent what was missed. */
  readonly resumes: boolean;
  /** What the generator speaks to it. */
  readonly wire: WireFactory;
  /** What the generator sends messages with, where that is another connection. */
  readonly messageWire?: WireFactory;
  /** Libraries are imported in here, so that each server process holds those of its own peer alone. */
  serve(options: ServeOptions): Promise<PeerServer>;
}

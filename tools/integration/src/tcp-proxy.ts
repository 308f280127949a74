// A TCP proxy on loopback that does to a connection what networks do: cuts it, swallows its bytes, stops carrying.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** `up`: from the client to the service. `down`: from the service to the client. */
export type Direction = 'up' | 'down';

/** One connection through the proxy. */
export interface Link {
  /** Bytes carried so far. */
  readonly carried: Readonly<Record<Direction, number>>;
  readonly closed: Promise<void>;
  /** Ends both sides: with a FIN, or with a reset. */
  cut(how: 'fin' | 'reset'): void;
  /** Carries so many more bytes in a direction, exactly, and then cuts. */
  cutAfter(direction: Direction, bytes: number, how: 'fin' | 'reset'): void;
  /** From now on what is sent in this direction vanishes, its end too: the sender notices nothing. */
  swallow(direction: Direction): void;
  /** Reads no more in this direction, so that the sender's buffers fill, until `flow`. */
  stall(direction: Direction): void;
  flow(direction: Direction): void;
}

export interface TcpProxy extends AsyncDisposable {
  /** The address of the service, through this proxy. */
  readonly url: string;
  /** All connections so far, also those that have ended. */
  readonly links: readonly Link[];
  /** The service that new connections are carried to. */
  target: string;
  /** Called with each new connection, before a byte is carried. */
  onLink: (link: Link) => void;
  /** Refuses new connections by a reset, until `admit`. */
  refuse(): void;
  admit(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a proxy in front of a service. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const links: ProxiedLink[] = [];
  let refusing = false;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refusing) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const { hostname: host, port } = new URL(proxy.target);
    const upstream = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    const link = new ProxiedLink(client, upstream);
    links.push(link);
    proxy.onLink(link);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  const proxy: TcpProxy = {
    url: url.href,
    target,
    links,
    onLink: () => {},
    refuse() {
      refusing = true;
    },
    admit() {
      refusing = false;
    },
    async [Symbol.asyncDispose]() {
      for (const link of links) link.cut('reset');
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

class ProxiedLink implements Link {
  readonly carried: Record<Direction, number> = { up: 0, down: 0 };
  readonly closed: Promise<void>;
  readonly #ends: Readonly<Record<Direction, { readonly from: Socket; readonly to: Socket }>>;
  readonly #swallowed = new Set<Direction>();
  readonly #stalled = new Set<Direction>();
  readonly #limits = new Map<Direction, { bytes: number; readonly how: 'fin' | 'reset' }>();

  constructor(client: Socket, upstream: Socket) {
    this.#ends = { up: { from: client, to: upstream }, down: { from: upstream, to: client } };
    this.closed = Promise.all([gone(client), gone(upstream)]).then(() => {});
    this.#carry('up');
    this.#carry('down');
  }

  cut(how: 'fin' | 'reset'): void {
    for (const direction of ['up', 'down'] as const) {
      const { to } = this.#ends[direction];
      this.flow(direction);
      this.swallow(direction);
      if (how === 'reset') to.resetAndDestroy();
      else to.end();
    }
  }

  cutAfter(direction: Direction, bytes: number, how: 'fin' | 'reset'): void {
    this.#limits.set(direction, { bytes, how });
  }

  swallow(direction: Direction): void {
    this.#swallowed.add(direction);
  }

  stall(direction: Direction): void {
    this.#stalled.add(direction);
    this.#ends[direction].from.pause();
  }

  flow(direction: Direction): void {
    this.#stalled.delete(direction);
    this.#ends[direction].from.resume();
  }

  #carry(direction: Direction): void {
    const { from, to } = this.#ends[direction];
    from.on('data', (bytes: Buffer) => this.#pass(direction, bytes));
    from.on('end', () => {
      if (!this.#swallowed.has(direction)) to.end();
    });
    from.on('error', () => {
      if (!this.#swallowed.has(direction)) to.resetAndDestroy();
    });
    to.on('drain', () => {
      if (!this.#stalled.has(direction)) from.resume();
    });
  }

  #pass(direction: Direction, bytes: Buffer): void {
    if (this.#swallowed.has(direction)) return;
    const { from, to } = this.#ends[direction];
    const limit = this.#limits.get(direction);
    const passed = limit ? bytes.subarray(0, limit.bytes) : bytes;
    this.carried[direction] += passed.length;
    const writable = to.destroyed || to.writableEnded || to.write(passed);
    if (limit) limit.bytes -= passed.length;
    if (limit && limit.bytes === 0) this.cut(limit.how);
    else if (!writable) from.pause();
  }
}

async function gone(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

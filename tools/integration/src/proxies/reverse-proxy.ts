// A real reverse proxy on loopback, and what operators do to it.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { runProxyCommand, startProxyProcess } from './proxy-process.js';

/** What a configuration is made for. */
export interface ProxySettings {
  /** The port of the service. */
  readonly upstream: number;
  /** Cuts a connection on which nothing came from the service for so long, in ms. Default: as documented. */
  readonly idleMs?: number;
  /** What it takes out of requests. */
  readonly strips?: 'authorization' | 'subprotocol items';
  /** Ends the proxy, should the test not come to its end: the signal of its context. */
  readonly signal: AbortSignal;
}

/** Where a proxy runs. */
export interface ProxyPlace {
  readonly port: number;
  /** A folder of its own for whatever it writes. */
  readonly folder: string;
  /** Its configuration. */
  readonly file: string;
}

/** What a proxy can be told to read its configuration again by. */
export interface ProxyControl {
  signal(name: NodeJS.Signals): void;
  /** Runs a command of the same program to its end. */
  run(args: readonly string[]): Promise<void>;
  /** Says a line at the program's socket, and waits until it hangs up. */
  tell(line: string): Promise<void>;
}

/** How to run a kind of proxy. */
export interface ProxyProgram {
  /** Its command, and its package on Debian and Ubuntu. */
  readonly name: 'nginx' | 'haproxy' | 'caddy';
  /** The whole configuration: what is documented, and what a test needs around it. */
  config(settings: ProxySettings, place: ProxyPlace): string;
  /** Arguments that run it in the foreground. */
  run(place: ProxyPlace): readonly string[];
  /** The socket of the file system where it is told what to do, if it has one. */
  socket?(place: ProxyPlace): string;
  reload(control: ProxyControl, place: ProxyPlace): Promise<void> | void;
}

export interface ReverseProxy extends AsyncDisposable {
  readonly port: number;
  /** The address of the service, through this proxy. */
  readonly url: string;
  /** Reads its configuration again. Connections of before are cut within about a second. */
  reload(): Promise<void>;
  /** Ends it, and starts it again at the same port. */
  restart(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws with its output when it does not start, and with the command that installs it when it is not there */
export async function startReverseProxy(program: ProxyProgram, settings: ProxySettings): Promise<ReverseProxy> {
  const folder = await mkdtemp(join(tmpdir(), `throughline-${program.name}-`));
  const place = { port: await freePort(), folder, file: join(folder, 'config') };
  await writeFile(place.file, program.config(settings, place));
  const { signal } = settings;
  const socket = program.socket?.(place);
  const listensAt = [place.port, ...(socket === undefined ? [] : [socket])];
  const start = () => startProxyProcess(program.name, program.run(place), { folder, listensAt, signal });
  const clear = () => rm(folder, { recursive: true, force: true });
  signal.addEventListener('abort', () => void clear());
  let running = await start().catch(async (error: unknown) => {
    await clear();
    throw error;
  });
  const control: ProxyControl = {
    signal: (name) => running.signal(name),
    run: (args) => runProxyCommand(program.name, args, { folder, signal }),
    async tell(line) {
      const connection = connect(socket ?? '').resume();
      connection.write(`${line}\n`);
      await once(connection, 'close');
    },
  };
  return {
    port: place.port,
    url: `ws://127.0.0.1:${place.port}/ws`,
    reload: async () => program.reload(control, place),
    async restart() {
      await running.end();
      running = await start();
    },
    async [Symbol.asyncDispose]() {
      await running.end();
      await clear();
    },
  };
}

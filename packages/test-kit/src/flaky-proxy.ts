// A TCP proxy that does to connections what networks do, by script, by hand, or by chance from a seed.

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { testKitError } from './errors.js';
import { checkLateFault, checkScript, type Fault, type Script } from './faults.js';
import { checkNames } from './option-names.js';
import { createLink, type Link, type ProxiedLink } from './proxy-link.js';
import { type RandomFaults, randomScript } from './random-script.js';
import { seededRandom } from './seeded-random.js';
import { createWaits, type WaitOptions } from './waits.js';

export interface FlakyProxyOptions {
  /** The faults of each connection, by its number from 0: a list of scripts (those beyond it meet none), or a function. */
  readonly script?: readonly Script[] | ((connection: number) => Script);
  /** Faults by chance instead. The seed is printed; with the same seed each connection meets the same. */
  readonly random?: RandomFaults;
  /** Told the seed. Default: `console.log`. */
  readonly print?: (line: string) => void;
}

export interface FlakyProxy extends AsyncDisposable {
  /** The address of the service, through this proxy. */
  readonly url: string;
  /** Where new connections are carried to. Change it to move a service. */
  target: string;
  /** What the faults follow from, when they come by chance: `history(client, { seed: proxy.seed })`. */
  readonly seed: number | string | undefined;
  /** All connections so far, those that have ended too. */
  readonly links: readonly Link[];
  /** The connection of this number, from 0, there already or yet to come. */
  link(connection: number, options?: WaitOptions): Promise<Link>;
  /**
   * Lets a fault happen to every connection that is open.
   *
   * @throws OPTION_INVALID for a fault that is none, or that makes sense only when a connection begins
   */
  apply(fault: Fault): void;
  /** Resets new connections at once, until `admit`. */
  refuse(): void;
  admit(): void;
  /**
   * Ends the proxy and its connections. Resolves when nothing of it is left.
   *
   * @throws what a function of scripts has thrown, or OPTION_INVALID for what it gave that is no script
   */
  close(): Promise<void>;
  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a proxy before a service. Behind TLS (`wss:`) frames cannot be counted and headers not be stripped; bytes can.
 *
 * @param target the address of the service: `ws://127.0.0.1:1234/ws`
 * @throws OPTION_INVALID when the target is no URL, an option or a fault is none, or both a script and chance are asked for
 */
export async function flakyProxy(target: string | URL, options: FlakyProxyOptions = {}): Promise<FlakyProxy> {
  checkNames('flakyProxy', options, ['script', 'random', 'print']);
  const { script, random } = options;
  if (random) checkNames('random of flakyProxy', random, ['seed', 'connections']);
  if (!URL.canParse(String(target))) throw testKitError('OPTION_INVALID', 'The target of a flaky proxy is a URL.');
  if (script && random) throw testKitError('OPTION_INVALID', 'A flaky proxy has a script or chance, not both.');
  const seed = random && (random.seed ?? randomInt(2 ** 32));
  const scriptOf = scriptBy(script, random, seed);
  const chance = seededRandom(seed ?? 'jitter');
  const links: ProxiedLink[] = [];
  const waits = createWaits(() => `${links.length} connections have come.`);
  let refusing = false;
  /** Of a function of scripts: nobody awaits it when a connection comes, so whoever closes the proxy is told. */
  const failures: unknown[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    try {
      const faults: Script = refusing ? [{ fault: 'refuse' }] : checkScript(scriptOf(links.length));
      links.push(createLink(client, new URL(proxy.target), faults, chance));
    } catch (error) {
      failures.push(error);
      client.destroy();
    }
    waits.look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  if (seed !== undefined) {
    // biome-ignore lint/suspicious/noConsole: a seed that nobody sees replays nothing
    const { print = console.log } = options;
    print(`flakyProxy: seed ${JSON.stringify(seed)}`);
  }
  async function close(): Promise<void> {
    waits.end();
    const closed = new Promise((resolve) => server.close(resolve));
    for (const link of links) link.end();
    await Promise.all([closed, ...links.map((link) => link.closed)]);
    if (failures.length > 0) throw failures[0];
  }
  const proxy: FlakyProxy = {
    url: url.href,
    target: String(target),
    seed,
    links,
    link: (connection, wait) => waits.until(`connection ${connection}`, () => links[connection], wait),
    apply(fault) {
      checkLateFault(fault);
      for (const link of links) if (link.open) link.apply(fault);
    },
    refuse() {
      refusing = true;
    },
    admit() {
      refusing = false;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return proxy;
}

function scriptBy(
  script: FlakyProxyOptions['script'],
  random: RandomFaults | undefined,
  seed: number | string | undefined,
): (connection: number) => Script {
  if (typeof script === 'function') return script;
  if (script !== undefined && !Array.isArray(script)) {
    throw testKitError('OPTION_INVALID', 'The script of flakyProxy is a list of scripts, or a function.');
  }
  for (const one of script ?? []) checkScript(one);
  if (!random || seed === undefined) return (connection) => script?.[connection] ?? [];
  const { connections = 10 } = random;
  return (connection) => (connection < connections ? randomScript(seed, connection) : []);
}

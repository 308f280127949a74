// One run: a fresh server process, a fresh generator process, orders to both.
import { generateKeyPairSync } from 'node:crypto';
import type { Generator } from '../bench-generator.js';
import type { Server } from '../bench-server.js';
import type { Peer, ServeOptions } from '../peers/peer.js';
import { ordersTo } from './orders.js';
import { endProgram, startProgram } from './programs.js';

/** What a scenario measures with. */
export interface Rig {
  readonly server: Server;
  readonly generator: Generator;
  readonly size: number;
  /** How long what is measured lasts, and what is done before so that it is compiled. */
  readonly seconds: number;
  readonly warmupSeconds: number;
}

/** How a run is set up. */
export interface RigOptions extends Pick<Rig, 'size' | 'seconds' | 'warmupSeconds'> {
  readonly programs: URL;
  readonly peer: Peer;
  readonly tls?: ServeOptions['tls'];
  /** Whether tokens are signed and verified. */
  readonly verified: boolean;
  /** More flags of Node for the server, such as those of a profile. */
  readonly serverFlags?: readonly string[];
}

/** What was signed for beyond those who are counted: the warm-up. */
export const warmupUsers = 100;

/** Runs one measurement; both processes have ended when it resolves. */
export async function withRig<T>(options: RigOptions, measure: (rig: Rig) => Promise<T>): Promise<T> {
  const { programs, peer, tls, verified, size, seconds, warmupSeconds, serverFlags = [] } = options;
  const serverProcess = startProgram(programs, 'bench-server', ['--expose-gc', ...serverFlags]);
  const generatorProcess = startProgram(programs, 'bench-generator', []);
  try {
    const server: Server = ordersTo(serverProcess);
    const generator: Generator = ordersTo(generatorProcess);
    const keys = verified ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : undefined;
    const port = await server.start(peer.name, {
      ...(tls && { tls }),
      ...(keys && { publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }) as string }),
    });
    await generator.setup(peer.name, port, tls !== undefined);
    if (keys) {
      const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
      await generator.sign(privateKey, size + warmupUsers);
    }
    return await measure({ server, generator, size, seconds, warmupSeconds });
  } finally {
    await Promise.all([endProgram(serverProcess), endProgram(generatorProcess)]);
  }
}

// The peers, in the order in which tables show them.
import { floor } from './floor.js';
import type { Peer } from './peer.js';
import { plainWs } from './plain-ws.js';
import { socketIo } from './socket-io.js';
import { socketIoRecovery } from './socket-io-recovery.js';
import { sse } from './sse.js';
import { throughline } from './throughline.js';

export const peers: readonly Peer[] = [throughline, plainWs, socketIo, socketIoRecovery, sse, floor];

/** @throws when no peer has this name */
export function peerOf(name: string): Peer {
  const peer = peers.find((one) => one.name === name);
  if (peer) return peer;
  throw new Error(`There is no peer ${JSON.stringify(name)}. There are: ${peers.map((one) => one.name).join(', ')}.`);
}

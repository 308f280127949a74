// Socket.IO with its connection state recovery in memory: packets of two minutes are kept for those who come back.
import { socketIoWire } from '../wires/socket-io-wire.js';
import type { Peer } from './peer.js';
import { serveSocketIo } from './socket-io.js';

export const socketIoRecovery: Peer = {
  name: 'socket.io+recovery',
  title: 'Socket.IO, recovery',
  packages: ['socket.io', 'engine.io', 'jose'],
  resumes: true,
  wire: socketIoWire,
  serve: (options) => serveSocketIo(options, true),
};

// The two that the gate compares, each with the same users over sinks.
import { createServer } from 'node:http';
import { getWebSocketManager, memoryLog, startWebSocketService } from '@throughline/core';
import { type WebSocket, WebSocketServer } from 'ws';
import { agentName, envelope, eventType, placeOf } from '../peers/envelope.js';
import type { Speaker } from '../peers/peer.js';
import { Sink, upgradeOver, type Written } from './sink.js';

export const subjects = ['throughline', 'ws'] as const;

export type Subject = (typeof subjects)[number];

/** Opens users over sinks; resolves when each can be spoken to. */
type Open = (users: readonly string[], written: Written) => Promise<readonly Speaker[]>;

const ample = { burst: 1_000_000, perSecond: 1_000_000 };

/** Small, so that a log is full soon and what is measured is what goes on for hours. */
const bytesPerUser = 262_144;

const openThroughline: Open = async (users, written) => {
  const server = createServer();
  const service = await startWebSocketService({
    server,
    authenticate: ({ token }) => ({ user_id: token }),
    log: memoryLog({ bytesPerUser }),
    handshakesPerAddress: ample,
  });
  const speakers: Speaker[] = [];
  for (const user of users) {
    const sink = new Sink(written);
    server.emit('upgrade', upgradeOver(sink, user), sink, Buffer.alloc(0));
    const userContext = await service.authenticate({ token: user });
    const run = await getWebSocketManager(userContext).startRun({ agent_name: agentName, ...placeOf(user) });
    speakers.push({ say: (data) => run.send(eventType, data) });
  }
  while (service.health().sessions < users.length) await new Promise((resolve) => setImmediate(resolve));
  return speakers;
};

const openWs: Open = (users, written) => {
  const server = new WebSocketServer({ noServer: true });
  const speakers = users.map((user): Speaker => {
    const sink = new Sink(written);
    const sockets: WebSocket[] = [];
    server.handleUpgrade(upgradeOver(sink, user), sink, Buffer.alloc(0), (webSocket) => sockets.push(webSocket));
    const eventOf = envelope(user);
    return {
      say(data) {
        const text = JSON.stringify(eventOf(data));
        for (const webSocket of sockets) webSocket.send(text);
        return undefined;
      },
    };
  });
  return Promise.resolve(speakers);
};

export const open: Readonly<Record<Subject, Open>> = { throughline: openThroughline, ws: openWs };

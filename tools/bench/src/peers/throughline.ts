// Throughline as its README recommends. Retention is on, because there is no other way; clients acknowledge.
//
// Limits by address and user are lifted: all load comes from one machine. Custom events are sent, which are never joined:
// each event is a frame, as with every peer.
import { throughlineWire } from '../wires/throughline-wire.js';
import { audience, issuer } from './authentication.js';
import { agentName, eventType, placeOf } from './envelope.js';
import { httpServer, listen } from './listening.js';
import type { Peer } from './peer.js';

const ample = { burst: 1_000_000_000, perSecond: 1_000_000_000 };

export const throughline: Peer = {
  name: 'throughline',
  title: 'Throughline',
  packages: ['@throughline/core', 'ws', 'jose'],
  resumes: true,
  wire: throughlineWire,
  async serve(options) {
    const { getWebSocketManager, startWebSocketService } = await import('@throughline/core');
    const { publicKey } = options;
    let handled = 0;
    const server = httpServer(options);
    const authenticate =
      publicKey === undefined
        ? ({ token }: { readonly token: string }) => ({ user_id: token })
        : (await import('@throughline/core/auth')).jwtAuthenticator({ publicKey, issuer, audience });
    const service = await startWebSocketService({
      server,
      authenticate,
      onMessage: () => {
        handled += 1;
      },
      handshakesPerAddress: ample,
      refusalsPerAddress: ample,
      framesPerSession: ample,
      messagesPerUser: ample,
      maxSessionsPerUser: 10_000,
      maxSessions: 100_000,
      maxHandshakes: 65_536,
    });
    return {
      port: await listen(server),
      get handled() {
        return handled;
      },
      async speaker(user) {
        const userContext = await service.authenticate({ token: user });
        const run = await getWebSocketManager(userContext).startRun({ agent_name: agentName, ...placeOf(user) });
        return { say: (data) => run.send(eventType, data) };
      },
    };
  },
};

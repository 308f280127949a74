// A service whose agent answers by itself, at the pace of a model: what the mission is sent out to.
import { createServer } from 'node:http';
import { setTimeout as later } from 'node:timers/promises';
import { getWebSocketManager, startWebSocketService } from '@throughline/core';
import { jwtAuthenticator } from '@throughline/core/auth';
import { ISSUER, serve } from './consumer-control.js';

const pieces = 40;
const paceMs = 8;
const server = createServer();
await startWebSocketService({
  server,
  // A mission waits for one.
  heartbeatMs: 1_000,
  authenticate: jwtAuthenticator(ISSUER),
  onMessage: async ({ id, thread_id, data }, userContext) => {
    const { text } = data as { readonly text: string };
    const options = { agent_name: 'echo', thread_id, message_id: id };
    await getWebSocketManager(userContext).run(options, async (run) => {
      await run.thinking({ reasoning: `Somebody says: ${text}` });
      const tool = await run.toolExecuting({ tool_name: 'echo', parameters: { text } });
      await tool.completed({ results: { text } });
      for (let piece = 0; piece < pieces; piece += 1) {
        run.text(`${piece} ${text} `);
        await later(paceMs);
      }
      return { final_response: text };
    });
  },
});
await serve(server);

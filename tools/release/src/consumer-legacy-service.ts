// A service that still speaks through legacy names. What it uses of them, and nothing else, must be warned of.

import { WebSocketManager } from '@throughline/compat/websocket-manager';
import { startWebSocketService } from '@throughline/core';
import { jwtAuthenticator } from '@throughline/core/auth';
import { createControl, ISSUER, PARTS, serve } from './consumer-control.js';

process.on('warning', (warning) => {
  const { name, code } = warning as Error & { code?: string };
  process.stdout.write(`${JSON.stringify({ warning: name, code })}\n`);
});

const { server, turn } = createControl();
await startWebSocketService({
  server,
  authenticate: jwtAuthenticator(ISSUER),
  onMessage: async ({ id, thread_id }, userContext) => {
    const manager = new WebSocketManager(userContext);
    await manager.emitAgentStarted({ agent_name: 'researcher', thread_id, message_id: id });
    await manager.emitAgentThinking({ thread_id, reasoning: 'Looking at last quarter.' });
    await manager.emitToolExecuting({ thread_id, tool_name: 'sql', parameters: { quarter: 3 } });
    await manager.emitToolCompleted({ thread_id, tool_name: 'sql', results: 12 });
    for (const part of PARTS) {
      const { over } = await turn();
      await manager.sendToThread(thread_id, { type: 'partial_result', data: { text: part } });
      over();
    }
    await manager.emitAgentCompleted({ thread_id, final_response: PARTS.join('') });
  },
});
await serve(server);

// A service as a consumer writes it, on what the registry gave. The rehearsal compiles and runs it in a folder of its own.
import { getWebSocketManager, startWebSocketService } from '@throughline/core';
import { jwtAuthenticator } from '@throughline/core/auth';
import { createControl, ISSUER, PARTS, serve } from './consumer-control.js';

const { server, turn } = createControl();
await startWebSocketService({
  server,
  authenticate: jwtAuthenticator(ISSUER),
  onMessage: async ({ id, thread_id }, userContext) => {
    const manager = getWebSocketManager(userContext);
    await manager.run({ agent_name: 'researcher', thread_id, message_id: id }, async (run) => {
      await run.thinking({ reasoning: 'Looking at last quarter.' });
      const tool = await run.toolExecuting({ tool_name: 'sql', parameters: { quarter: 3 } });
      await tool.completed({ results: 12 });
      for (const part of PARTS) {
        const { over } = await turn();
        run.text(part);
        await run.flushed();
        over();
      }
      return { final_response: PARTS.join('') };
    });
  },
});
await serve(server);

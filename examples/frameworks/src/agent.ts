// A tiny agent: it thinks, uses a tool and answers. Yours takes its place.
import { getWebSocketManager, type IncomingMessage, type UserContext } from '@throughline/core';

/** Answers a message in a run: all five events in a few lines. */
export async function answer(message: IncomingMessage, userContext: UserContext): Promise<void> {
  const manager = getWebSocketManager(userContext);
  await manager.run({ agent_name: 'greeter', thread_id: message.thread_id, message_id: message.id }, async (run) => {
    await run.thinking({ reasoning: 'Somebody is there. What time is it?' });
    const tool = await run.toolExecuting({ tool_name: 'clock' });
    const hour = new Date().getHours();
    await tool.completed({ results: { hour } });
    run.text(hour < 12 ? 'Good morning, ' : 'Hello, ');
    run.text(`${manager.user_id}.`);
    return { final_response: `Greeted ${manager.user_id}.` };
  });
}

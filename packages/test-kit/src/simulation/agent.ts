// The agent that answers unless a team brings its own: it thinks, uses tools, says things of all lengths, and sometimes fails.
import { getWebSocketManager, type IncomingMessage, type Run, type UserContext } from '@throughline/core';
import type { Random } from './random.js';

/** What an agent in a simulation has beside its message. */
export interface AgentSurroundings {
  /** Waits for virtual ms. So does a `setTimeout` of the global object; one of `node:timers` would wait for real. */
  sleep(ms: number): Promise<void>;
  /** Chance from the seed. */
  readonly random: Random;
}

/** Handles what a user says: `onMessage` of the service under simulation. Whatever it waits for must be virtual. */
export type SimulatedAgent = (
  message: IncomingMessage,
  userContext: UserContext,
  surroundings: AgentSurroundings,
) => unknown;

/** What every word of the default agent begins with: it names whom it is for. */
function whisper(user_id: string): string {
  return `whisper:${user_id}.`;
}

export async function defaultAgent(
  { id, thread_id }: IncomingMessage,
  userContext: UserContext,
  { sleep, random }: AgentSurroundings,
): Promise<void> {
  const words = whisper(userContext.user_id);
  const work = (run: Run) => answer(run, words, sleep, random);
  try {
    const manager = getWebSocketManager(userContext);
    if (random.chance(0.1)) await manager.send('simulation.noted', { words }, { thread_id });
    await manager.run({ agent_name: random.pick(['writer', 'researcher']), thread_id, message_id: id }, work);
  } catch {
    // How it ended is in the log: failed, cancelled, interrupted. Or the log fails, or the service has closed meanwhile.
  }
}

async function answer(run: Run, words: string, sleep: (ms: number) => Promise<void>, random: Random) {
  const pause = () => sleep(random.wait(400));
  let said = '';
  void run.thinking({ reasoning: words, step_number: 1 });
  await pause();
  for (let rounds = random.int(0, 2); rounds > 0; rounds--) {
    const tool = await run.toolExecuting({ tool_name: 'search', parameters: { words } });
    await pause();
    if (random.chance(0.8)) void tool.completed({ results: { words } });
    else if (random.chance(0.5)) void tool.failed({ code: 'TOOL_BROKE', message: words });
  }
  if (random.chance(0.05)) throw new Error(words);
  // Some answers are a burst without a pause, larger than any buffer on the way.
  const isBurst = random.chance(0.08);
  for (let pieces = isBurst ? random.int(20, 60) : random.int(1, 12); pieces > 0; pieces--) {
    if (run.signal.aborted) break;
    const text = `${words}${'.'.repeat(isBurst ? random.int(0, 6_000) : random.int(0, 60))} `;
    run.text(text);
    said += text;
    if (isBurst) await run.flushed();
    else await pause();
    if (random.chance(0.05)) void run.send('simulation.noted', { words });
  }
  return { final_response: { words, length: said.length } };
}

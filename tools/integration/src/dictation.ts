// An answer that a test dictates, a few words and a tool at a time.
import type { Run } from '@throughline/core';
import type { TestService } from './test-service.js';

export interface Dictation {
  readonly run: Run;
  readonly run_id: string;
  /** The text so far. */
  readonly said: string;
  /** Says five words and uses a tool; resolves when all of it is stored. */
  say(): Promise<void>;
  /** Ends the run as `succeeded`, with the text as its final response. */
  end(): Promise<void>;
}

export async function startDictation(service: TestService, user: string): Promise<Dictation> {
  const run = await (await service.managerOf(user)).startRun({ agent_name: 'writer', thread_id: 't-1' });
  let said = '';
  let words = 0;
  return {
    run,
    run_id: run.run_id,
    get said() {
      return said;
    },
    async say() {
      for (let count = 0; count < 5; count++) {
        const word = `${words++} `;
        said += word;
        run.text(word);
        await run.flushed();
      }
      const tool = await run.toolExecuting({ tool_name: 'look', parameters: { at: words } });
      await tool.completed({ results: words });
    },
    async end() {
      await run.completed({ final_response: said });
    },
  };
}

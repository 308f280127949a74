// Somebody else, whose answer streams all the while: whatever happens next door, it arrives whole.
import type { Run } from '@throughline/core';
import { parsePosition } from '@throughline/events/protocol';
import type { RawClient } from './raw-client.js';
import { expectDense, recordOf } from './run-record.js';
import type { TestService } from './test-service.js';

export interface Neighbour {
  /** Hears another word, unless the answer has ended. */
  hears(): Promise<void>;
  /** Waits for all that was said so far. @throws unless it came once and in order, in legal frames */
  mustHaveAll(): Promise<void>;
  /** Ends the answer; how it arrived. */
  ends(): Promise<string | undefined>;
}

export async function startNeighbour(service: TestService, user: string): Promise<Neighbour> {
  const client: RawClient = await service.open(user);
  const manager = await service.managerOf(user);
  const run: Run = await manager.startRun({ agent_name: 'neighbour', thread_id: 'next-door' });
  let said = '';
  let words = 0;
  let ended = false;
  return {
    async hears() {
      if (ended) return;
      const text = `word ${words++}, `;
      said += text;
      run.text(text);
      await run.flushed();
    },
    async mustHaveAll() {
      const offset = parsePosition(await run.flushed())?.offset as number;
      await client.next((frame) => 'offset' in frame && frame.offset >= offset);
      const events = client.events();
      expectDense(events);
      if (recordOf(events, run.run_id).text !== said) throw new Error('The text of the neighbour is another.');
      if (client.violations.length > 0) throw new Error(client.violations.join(', '));
    },
    async ends() {
      ended = true;
      await run.completed({ final_response: said });
      await client.next('agent_completed');
      return recordOf(client.events(), run.run_id).outcome;
    },
  };
}

import { createServer } from 'node:http';
import { getWebSocketManager, startWebSocketService, type TelemetryEvent } from '@throughline/core';
import { expect, it, onTestFinished } from 'vitest';
import type { Researcher } from '../src/agent/researcher.js';
import { toolError } from '../src/agent/tool-error.js';
import { createChat } from '../src/chat.js';
import { openDatabase } from '../src/database.js';
import type { FinishedRun } from '../src/history.js';
import { createRecords } from '../src/records.js';
import { temporaryFolder } from './folder.js';
import { addPerson } from './people.js';

/** Waits for the signal, as every agent that can be stopped does. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

/** A real service and a real database around an agent of the test's own. */
async function chatWith(researcher: Researcher, options: { readonly maxRunMs?: number } = {}) {
  const database = openDatabase(await temporaryFolder());
  const user_id = addPerson(database, 'ada');
  const records = createRecords(database);
  /** What the database held at the moment each end was in the log. */
  const recordedAtEnd: (FinishedRun | undefined)[] = [];
  const telemetry = (event: TelemetryEvent): void => {
    if (event.kind === 'run_ended')
      recordedAtEnd.push(records.finishedRuns(user_id).find(({ run_id }) => run_id === event.run_id));
  };
  const service = await startWebSocketService({
    server: createServer(),
    authenticate: () => ({ user_id }),
    telemetry,
    ...options,
  });
  onTestFinished(async () => {
    await service.close();
    database.close();
  });
  const userContext = await service.authenticate({ token: 'any' });
  const handle = createChat({ researcher, records });
  const ask = (text: string, id = 'message-1'): Promise<void> =>
    handle({ id, thread_id: 'thread-1', data: { text } }, userContext);
  return { ask, records, recordedAtEnd, service, userContext, user_id };
}

it('S8: a finished run is in the database, whole, before its end is in the log', async () => {
  const { ask, recordedAtEnd } = await chatWith({
    async answer(_question, voice) {
      await voice.think('I ', 1, 0);
      await voice.think('look.', 1, 0.5);
      await voice.useTool('search', { query: 'run' }, () => ({ hits: [] }));
      voice.say('It is ');
      voice.say('so.');
      return 'It is so.';
    },
  });
  await ask('Is it so?');
  expect(recordedAtEnd).toEqual([
    expect.objectContaining({
      question: 'Is it so?',
      message_id: 'message-1',
      status: 'succeeded',
      text: 'It is so.',
      thoughts: [{ reasoning: 'I look.', step_number: 1, progress: 0.5 }],
      tools: [
        expect.objectContaining({
          tool_name: 'search',
          parameters: { query: 'run' },
          status: 'succeeded',
          results: { hits: [] },
        }),
      ],
    }),
  ]);
});

it('a tool that refuses ends the run as failed, with the reason, and is nothing to report', async () => {
  const { ask, recordedAtEnd } = await chatWith({
    async answer(_question, voice) {
      await voice.useTool('read_file', { path: 'x' }, () => {
        throw toolError('FILE_NOT_FOUND', 'There is no file "x".');
      });
      return '';
    },
  });
  await expect(ask('read x')).resolves.toBeUndefined();
  const error = { code: 'FILE_NOT_FOUND', message: 'There is no file "x".' };
  expect(recordedAtEnd).toEqual([
    expect.objectContaining({ status: 'failed', error, tools: [expect.objectContaining({ status: 'failed', error })] }),
  ]);
});

it('a fault of ours ends the run without telling the user our insides, and reaches whoever runs this', async () => {
  const { ask, recordedAtEnd } = await chatWith({
    async answer() {
      throw new Error('disk at 10.0.0.7 is full');
    },
  });
  await expect(ask('Why?')).rejects.toThrow('disk at 10.0.0.7 is full');
  expect(recordedAtEnd).toEqual([
    expect.objectContaining({
      status: 'failed',
      error: { code: 'AGENT_FAILED', message: expect.not.stringContaining('10.0.0.7') },
    }),
  ]);
});

it('a message is answered once, whatever the log has forgotten', async () => {
  const { ask, records, user_id } = await chatWith({ answer: async () => 'Once.' });
  await ask('How often?');
  await ask('How often?');
  expect(records.finishedRuns(user_id)).toHaveLength(1);
});

it('a run that takes too long is recorded as failed when its end is in the log', async () => {
  const { ask, recordedAtEnd } = await chatWith(
    { answer: (_question, { signal }) => untilAborted(signal) },
    { maxRunMs: 20 },
  );
  await ask('Will it end?');
  expect(recordedAtEnd).toEqual([
    expect.objectContaining({ status: 'failed', error: expect.objectContaining({ code: 'RUN_TIMED_OUT' }) }),
  ]);
});

it('a run that the service interrupts is recorded when its end is in the log', async () => {
  let begun: (() => void) | undefined;
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const { ask, recordedAtEnd, service } = await chatWith({
    answer(_question, { signal }) {
      begun?.();
      return untilAborted(signal);
    },
  });
  const asked = ask('And now?');
  await running;
  await service.close();
  await asked;
  expect(recordedAtEnd).toEqual([expect.objectContaining({ status: 'interrupted' })]);
});

it('S8: at every moment a run is behind the position or in the database', async () => {
  let go: (() => void) | undefined;
  let begun: (() => void) | undefined;
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const { ask, records, user_id, userContext } = await chatWith({
    async answer(_question, voice) {
      voice.say('Half');
      begun?.();
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      return 'Half';
    },
  });
  const manager = getWebSocketManager(userContext);
  /** As the history is made: the position first, the records second. */
  const snapshot = async () => {
    const offset = Number((await manager.position()).split('.')[1]);
    return { offset, recorded: records.finishedRuns(user_id).length };
  };
  const asked = ask('Where am I?');
  await running;
  expect(await snapshot()).toEqual({ offset: 0, recorded: 0 });
  go?.();
  await asked;
  const after = await snapshot();
  expect(after.recorded).toBe(1);
  expect(after.offset).toBeGreaterThan(0);
});

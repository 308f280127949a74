import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database.js';
import { createRecords, type RunEnd } from '../src/records.js';
import { tokenSecret } from '../src/token-secret.js';
import { temporaryFolder } from './folder.js';
import { addPerson } from './people.js';

const end: RunEnd = {
  status: 'succeeded',
  text: 'An answer. [1]',
  thoughts: [{ reasoning: 'Looking.', step_number: 1, progress: 0 }],
  tools: [
    {
      tool_call_id: 't-1',
      tool_name: 'search',
      parameters: { query: 'answer' },
      status: 'succeeded',
      results: { hits: [] },
      duration_ms: 2,
    },
  ],
  ended_at: '2026-01-01T00:00:09.000Z',
};
const begun = (number: number, thread_id = 'thread-1') => ({
  run_id: `run-${number}`,
  thread_id,
  message_id: `message-${number}`,
  agent_name: 'researcher',
  question: `Question ${number}?`,
  started_at: `2026-01-01T00:00:0${number}.000Z`,
});

function open(directory: string) {
  const database = openDatabase(directory);
  const [ada, grace] = [addPerson(database, 'ada'), addPerson(database, 'grace')];
  return { database, records: createRecords(database), ada, grace };
}

describe('records', () => {
  it('survive a restart: accounts, threads, runs with their tools and thoughts', async () => {
    const directory = await temporaryFolder();
    const before = open(directory);
    before.records.begin(before.ada, begun(1));
    before.records.end(before.ada, 'run-1', end);
    const secret = tokenSecret(directory);
    before.database.close();

    const after = open(directory);
    expect(after.ada).toBe(before.ada);
    expect(after.records.finishedRuns(after.ada)).toEqual([{ ...begun(1), ...end }]);
    expect(after.records.threads(after.ada)).toEqual([
      { thread_id: 'thread-1', title: 'Question 1?', created_at: begun(1).started_at },
    ]);
    expect(after.records.hasMessage(after.ada, 'message-1')).toBe(true);
    expect(tokenSecret(directory)).toEqual(secret);
    after.database.close();
  });

  it('hold a run that goes on, and show it when it has ended', async () => {
    const { database, records, ada } = open(await temporaryFolder());
    records.begin(ada, begun(1));
    expect(records.finishedRuns(ada)).toEqual([]);
    records.end(ada, 'run-1', {
      ...end,
      status: 'failed',
      error: { code: 'FILE_NOT_FOUND', message: 'There is no such file.' },
    });
    expect(records.finishedRuns(ada)).toEqual([
      expect.objectContaining({
        status: 'failed',
        error: { code: 'FILE_NOT_FOUND', message: 'There is no such file.' },
      }),
    ]);
    database.close();
  });

  it('end a run once: the first end stays', async () => {
    const { database, records, ada } = open(await temporaryFolder());
    records.begin(ada, begun(1));
    records.end(ada, 'run-1', { ...end, status: 'interrupted' });
    records.end(ada, 'run-1', end);
    expect(records.finishedRuns(ada)).toEqual([expect.objectContaining({ status: 'interrupted' })]);
    database.close();
  });

  it('end what a former process left unfinished', async () => {
    const { database, records, ada } = open(await temporaryFolder());
    records.begin(ada, begun(1));
    expect(records.interruptUnfinished('2026-01-02T00:00:00.000Z')).toBe(1);
    expect(records.finishedRuns(ada)).toEqual([
      expect.objectContaining({ status: 'interrupted', error: expect.objectContaining({ code: 'SERVER_STOPPED' }) }),
    ]);
    expect(records.interruptUnfinished('2026-01-02T00:00:00.000Z')).toBe(0);
    database.close();
  });

  it('take a message once', async () => {
    const { database, records, ada } = open(await temporaryFolder());
    records.begin(ada, begun(1));
    expect(() => records.begin(ada, { ...begun(1), run_id: 'run-2' })).toThrow(/UNIQUE/);
    records.end(ada, 'run-1', end);
    expect(records.finishedRuns(ada)).toHaveLength(1);
    database.close();
  });

  it('keep users apart, even where they choose the same ids', async () => {
    const { database, records, ada, grace } = open(await temporaryFolder());
    records.begin(ada, begun(1));
    records.begin(grace, { ...begun(1), run_id: 'run-9', question: 'Of Grace?' });
    records.end(grace, 'run-1', end);
    expect(records.finishedRuns(ada)).toEqual([]);
    records.end(ada, 'run-1', end);
    records.end(grace, 'run-9', end);
    expect(records.finishedRuns(ada).map(({ question }) => question)).toEqual(['Question 1?']);
    expect(records.finishedRuns(grace).map(({ question }) => question)).toEqual(['Of Grace?']);
    expect(records.threads(ada).map(({ title }) => title)).toEqual(['Question 1?']);
    database.close();
  });

  it('are readable by their owner only', async () => {
    const directory = join(await temporaryFolder(), 'data');
    const { database } = open(directory);
    tokenSecret(directory);
    const modes = await Promise.all(
      ['.', 'golden-path.sqlite', 'token-secret'].map(async (name) => (await stat(join(directory, name))).mode & 0o077),
    );
    expect(modes).toEqual([0, 0, 0]);
    database.close();
  });

  it('refuse a database of a newer version instead of harming it', async () => {
    const directory = await temporaryFolder();
    const database = openDatabase(directory);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openDatabase(directory)).toThrow(/newer version/);
  });
});

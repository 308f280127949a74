import type { Database } from './database.js';
import type { FinishedRun, Thought, ThreadRecord, ToolUse } from './history.js';

/** A run when it begins: the message, and who answers it. */
export interface BegunRun {
  readonly run_id: string;
  readonly thread_id: string;
  readonly message_id: string;
  readonly agent_name: string;
  readonly question: string;
  /** ISO 8601. */
  readonly started_at: string;
}

/** What became of it. */
export interface RunEnd {
  readonly status: FinishedRun['status'];
  readonly text: string;
  readonly thoughts: readonly Thought[];
  readonly tools: readonly ToolUse[];
  readonly error?: FinishedRun['error'];
  readonly ended_at: string;
}

/** The application's own record of conversations, each user's apart: no statement here reads without the user's id. */
export interface Records {
  hasMessage(user_id: string, message_id: string): boolean;
  begin(user_id: string, run: BegunRun): void;
  end(user_id: string, run_id: string, end: RunEnd): void;
  /** Ends what a former process left unfinished. Nobody works on it any more, and a page should not wait for it. */
  interruptUnfinished(ended_at: string): number;
  threads(user_id: string): ThreadRecord[];
  /** The newest finished runs, oldest first. */
  finishedRuns(user_id: string): FinishedRun[];
}

const mostThreads = 100;
const mostRuns = 300;
const longestTitle = 60;

const titleOf = (question: string): string =>
  question.length > longestTitle ? `${question.slice(0, longestTitle - 1).trimEnd()}…` : question;

/** A row of `runs` with the question it answers. */
interface RunRow {
  run_id: string;
  thread_id: string;
  message_id: string;
  agent_name: string;
  question: string;
  status: FinishedRun['status'];
  text: string;
  thoughts: string;
  tools: string;
  error: string | null;
  started_at: string;
  ended_at: string;
}

function runOf(row: RunRow): FinishedRun {
  const { run_id, thread_id, message_id, agent_name, question, status, text, started_at, ended_at } = row;
  return {
    ...{ run_id, thread_id, message_id, agent_name, question, status, text, started_at, ended_at },
    thoughts: JSON.parse(row.thoughts) as Thought[],
    tools: JSON.parse(row.tools) as ToolUse[],
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as NonNullable<FinishedRun['error']> }),
  };
}

export function createRecords(database: Database): Records {
  const message = database.prepare('SELECT 1 FROM messages WHERE user_id = ? AND message_id = ?');
  const addThread = database.prepare(
    'INSERT INTO threads (user_id, thread_id, title, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const addMessage = database.prepare(
    'INSERT INTO messages (user_id, message_id, thread_id, text, created_at) VALUES (?, ?, ?, ?, ?)',
  );
  const addRun = database.prepare(
    `INSERT INTO runs (run_id, user_id, message_id, agent_name, status, started_at) VALUES (?, ?, ?, ?, 'running', ?)`,
  );
  const endRun = database.prepare(
    `UPDATE runs SET status = ?, text = ?, thoughts = ?, tools = ?, error = ?, ended_at = ?
     WHERE user_id = ? AND run_id = ? AND status = 'running'`,
  );
  const interrupt = database.prepare(
    `UPDATE runs SET status = 'interrupted', error = ?, ended_at = ? WHERE status = 'running'`,
  );
  const threads = database.prepare(
    'SELECT thread_id, title, created_at FROM threads WHERE user_id = ? ORDER BY created_at DESC LIMIT ?',
  );
  const runs = database.prepare(
    `SELECT run_id, thread_id, message_id, agent_name, messages.text AS question, status, runs.text AS text, thoughts, tools, error,
       started_at, ended_at
     FROM runs JOIN messages USING (user_id, message_id)
     WHERE user_id = ? AND status <> 'running' ORDER BY started_at DESC LIMIT ?`,
  );
  const begin = database.transaction((user_id: string, run: BegunRun) => {
    addThread.run(user_id, run.thread_id, titleOf(run.question), run.started_at);
    addMessage.run(user_id, run.message_id, run.thread_id, run.question, run.started_at);
    addRun.run(run.run_id, user_id, run.message_id, run.agent_name, run.started_at);
  });

  return {
    begin,
    hasMessage: (user_id, message_id) => message.get(user_id, message_id) !== undefined,
    end(user_id, run_id, { status, text, thoughts, tools, error, ended_at }) {
      const failure = error === undefined ? null : JSON.stringify(error);
      endRun.run(status, text, JSON.stringify(thoughts), JSON.stringify(tools), failure, ended_at, user_id, run_id);
    },
    interruptUnfinished(ended_at) {
      const error = { code: 'SERVER_STOPPED', message: 'The server stopped while this was being answered.' };
      return interrupt.run(JSON.stringify(error), ended_at).changes;
    },
    threads: (user_id) =>
      (threads.all(user_id, mostThreads) as ThreadRecord[]).map(({ thread_id, title, created_at }) => ({
        thread_id,
        title,
        created_at,
      })),
    finishedRuns: (user_id) => (runs.all(user_id, mostRuns) as RunRow[]).map(runOf).reverse(),
  };
}

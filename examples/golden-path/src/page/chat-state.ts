import { createClient, type Status } from '@throughline/client';
import { createRunStore } from '@throughline/client/store';
import type { History, Question, ThreadRecord, TokenAnswer } from '../history.js';
import { createOutbox, type Pending } from './outbox.js';
import { getJson, postJson } from './requests.js';
import { createMerge, type MergedRuns, type RunView } from './runs.js';

export interface ThreadView extends ThreadRecord {
  /** ISO 8601: when something was last asked in it. */
  readonly active_at: string;
  readonly running: boolean;
}

/** Everything the chat page shows, at one moment. */
export interface ChatView {
  readonly name: string;
  readonly files: number;
  readonly status: Status;
  readonly threads: readonly ThreadView[];
  readonly runs: readonly RunView[];
  readonly pending: readonly Pending[];
  readonly shared: MergedRuns['shared'];
  /** Runs that were asked to stop and have not ended yet. */
  readonly stopping: ReadonlySet<string>;
}

export interface Chat {
  getSnapshot(): ChatView;
  subscribe(listener: () => void): () => void;
  ask(thread_id: string, text: Question['text']): void;
  askAgain(message_id: string): void;
  stop(run_id: string): void;
  reconnect(): void;
  close(): void;
}

function threadsOf(history: History, runs: readonly RunView[], pending: readonly Pending[]): ThreadView[] {
  const threads = new Map<string, ThreadView>();
  for (const thread of history.threads)
    threads.set(thread.thread_id, { ...thread, active_at: thread.created_at, running: false });
  for (const { thread_id, question, started_at, status } of runs) {
    const { title, created_at, running } = threads.get(thread_id) ?? {
      title: question,
      created_at: started_at,
      running: false,
    };
    threads.set(thread_id, {
      thread_id,
      title,
      created_at,
      active_at: started_at,
      running: running || status === 'running',
    });
  }
  for (const { thread_id, text } of pending) {
    const now = new Date().toISOString();
    if (!threads.has(thread_id))
      threads.set(thread_id, { thread_id, title: text, created_at: now, active_at: now, running: false });
  }
  return [...threads.values()].sort((a, b) => (a.active_at < b.active_at ? 1 : -1));
}

/** What ended since the page was opened is in no history it has fetched, so the page keeps it: more than a person asks in a day. */
const mostEndedRuns = 1000;

/**
 * Joins what the database had with what comes live. The client starts at the position that came with the snapshot, and both meet without a seam.
 * @param onSignedOut called once, when the log-in has ended; everything is closed by then.
 */
export function openChat(snapshot: History, onSignedOut: () => void): Chat {
  let history = snapshot;
  let merge = createMerge(history);
  let view: ChatView | undefined;
  let stopping: ReadonlySet<string> = new Set();
  const listeners = new Set<() => void>();
  const changed = (): void => {
    view = undefined;
    for (const listener of listeners) listener();
  };

  const client = createClient({
    url: '/ws',
    from: history.position,
    // The token stays in the client's memory: no storage, no URL, nothing in the page.
    async getToken() {
      const answer = await postJson<TokenAnswer>('/api/token');
      if (answer.ok && answer.value.name === snapshot.name) return answer.value.token;
      if (!answer.ok && answer.status !== 401) throw new Error(answer.title);
      // Nobody is logged in any more, or somebody else: this page is not theirs.
      signedOut();
      return null;
    },
    onFault(fault) {
      // A server that does not answer shows in the connection's state.
      if (fault.code !== 'TOKEN_FAILED') reportError(fault);
    },
  });
  const store = createRunStore(client, { endedRuns: mostEndedRuns });
  const outbox = createOutbox(client, changed);

  function close(): void {
    for (const stop of stopListening) stop();
    client.close();
    store.dispose();
    listeners.clear();
  }

  let ended = false;

  function signedOut(): void {
    if (ended) return;
    ended = true;
    close();
    onSignedOut();
  }

  /** Set while the history on the page is older than a reset. */
  let stale = false;

  async function fetchHistory(): Promise<void> {
    stale = true;
    const answer = await getJson<History>('/api/history');
    if (answer.ok) {
      stale = false;
      history = answer.value;
      merge = createMerge(history);
      changed();
    } else if (answer.status === 401) signedOut();
  }

  const stopListening = [
    store.subscribe(changed),
    client.on('status', ({ state }) => {
      if (state === 'signed_out') return signedOut();
      if (stale && state === 'live') void fetchHistory();
      changed();
    }),
    // The log could not go on from where we were. Everything folded is void; what is finished is in the database, what is not comes again.
    client.on('reset', () => void fetchHistory()),
  ];
  client.connect();

  return {
    getSnapshot() {
      if (view !== undefined) return view;
      const { runs, shared } = merge(store.getSnapshot().runs);
      const answered = new Set(runs.map(({ message_id }) => message_id));
      outbox.settle((message_id) => answered.has(message_id));
      const { pending } = outbox;
      stopping = new Set(
        runs.filter(({ run_id, status }) => status === 'running' && stopping.has(run_id)).map(({ run_id }) => run_id),
      );
      const { name, files } = history;
      view = {
        name,
        files,
        status: client.status,
        threads: threadsOf(history, runs, pending),
        runs,
        pending,
        shared,
        stopping,
      };
      return view;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ask: outbox.ask,
    askAgain: outbox.again,
    stop(run_id) {
      stopping = new Set([...stopping, run_id]);
      changed();
      // Refused means that it has ended by itself; then its end is on its way.
      client.cancel(run_id).catch(() => {
        stopping = new Set([...stopping].filter((other) => other !== run_id));
        changed();
      });
    },
    reconnect: () => client.connect(),
    close,
  };
}

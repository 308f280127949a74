// Agents as they are in the field: some answer, some throw, some forget, some do not stop.
import type { IncomingMessage, WebSocketManager } from '@throughline/core';

/** What a message asks for: which agent, and a detail that it understands. */
export interface Task {
  readonly agent: AgentName;
  readonly detail?: string;
}

export type AgentName = keyof typeof agents;

type Agent = (
  manager: WebSocketManager,
  message: IncomingMessage<{ readonly agent: string; readonly detail?: string }>,
) => unknown;

const never = new Promise<never>(() => {});

function options(message: Parameters<Agent>[1]) {
  return { agent_name: message.data.agent, thread_id: message.thread_id, message_id: message.id };
}

/** Answers that no log can store, by what is wrong with them. */
const unstorable: Readonly<Record<string, () => unknown>> = {
  'a cycle': () => {
    const cycle: Record<string, unknown> = {};
    cycle['itself'] = cycle;
    return cycle;
  },
  'a BigInt': () => 1n,
  NaN: () => ({ price: Number.NaN }),
  'a throwing toJSON': () => ({
    toJSON() {
      throw new Error('the answer of the day');
    },
  }),
  'half a megabyte': () => 'x'.repeat(524_288),
  'deeper than the stack': () => nested(100_000),
  // Deep enough for one of two walks through it to fail, whichever is the hungrier.
  ...Object.fromEntries([2_000, 4_000, 6_000, 8_000].map((depth) => [`null at depth ${depth}`, () => nested(depth)])),
};

export const unstorableAnswers: readonly string[] = Object.keys(unstorable);

function nested(depth: number): unknown {
  let value: unknown = null;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

export const agents = {
  answer: (manager, message) =>
    manager.run(options(message), async (run) => {
      await run.thinking({ reasoning: 'First I look.' });
      const tool = await run.toolExecuting({ tool_name: 'search', parameters: { query: message.data.detail } });
      await tool.completed({ results: ['found'] });
      for (const word of ['All ', 'is ', 'well.']) run.text(word);
      return { final_response: 'All is well.' };
    }),

  'throws an error': (manager, message) =>
    manager.run(options(message), () => {
      throw new Error('the database is gone');
    }),

  'throws nothing': (manager, message) => manager.run(options(message), () => Promise.reject(undefined)),

  'throws what cannot be read': (manager, message) =>
    manager.run(options(message), () => {
      throw Object.defineProperty({}, 'message', {
        get() {
          throw new Error('not even this');
        },
      });
    }),

  'throws before its run': () => {
    throw new Error('no run began');
  },

  'throws with a tool at work': (manager, message) =>
    manager.run(options(message), async (run) => {
      await run.toolExecuting({ tool_name: 'search' });
      throw new Error('the tool is still at work');
    }),

  'does not await its tool': (manager, message) =>
    manager.run(options(message), (run) => {
      // With the first on its way to a log that answers later, the others have yet to go when the run ends.
      void run.thinking({ reasoning: 'One moment.' });
      void run.toolExecuting({ tool_name: 'search' });
      const reading = run.toolExecuting({ tool_name: 'read' });
      // What comes of a promise that the agent itself makes is its own affair.
      reading.then((tool) => void tool.completed({ results: 1 })).catch(() => {});
    }),

  'has results that cannot be stored': (manager, message) =>
    manager.run(options(message), async (run) => {
      const tool = await run.toolExecuting({ tool_name: 'search' });
      void tool.completed({ results: 1n });
    }),

  'does not await what is refused': (manager, message) =>
    manager.run(options(message), (run) => {
      void run.thinking({ reasoning: 1 as unknown as string });
      void run.send('acme.cycle', unstorable['a cycle']?.());
      void run.toolExecuting({ tool_name: '', parameters: { big: 1n } });
      void run.flushed();
      void manager.send('acme.cycle', 1n, { thread_id: message.thread_id });
      void manager.send('notcustom' as 'a.b', 1, { thread_id: 'not an id' });
    }),

  'speaks after its end': async (manager, message) => {
    const run = await manager.startRun(options(message));
    void run.completed();
    void run.thinking({ reasoning: 'too late' });
    void run.toolExecuting({ tool_name: 'late' });
    void run.completed();
    void run.failed(new Error('also too late'));
    run.text('never heard');
    void run.flushed();
    void run.send('acme.late', 1);
  },

  'ends its tool twice': (manager, message) =>
    manager.run(options(message), async (run) => {
      const tool = await run.toolExecuting({ tool_name: 'search' });
      await tool.completed({ results: 1 });
      void tool.completed({ results: 2 });
      void tool.failed(new Error('no, it failed'));
    }),

  'leaves its run without an outcome': async (manager, message) => {
    await using run = await manager.startRun(options(message));
    run.text('I was about to');
  },

  'ignores its cancel': (manager, message) =>
    manager.run(options(message), async (run) => {
      run.signal.addEventListener('abort', () => {
        // It goes on as if nothing were, even when it was ended, and awaits nothing.
        setTimeout(() => void run.thinking({ reasoning: 'Still thinking.' }), 300);
      });
      run.text('I will not be stopped. ');
      await never;
    }),

  'throws on its cancel': (manager, message) =>
    manager.run(options(message), async (run) => {
      run.text('Working. ');
      run.signal.addEventListener('abort', () => run.text('Stopping. '));
      await new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason)));
    }),

  'has an answer that cannot be stored': (manager, message) =>
    manager.run(options(message), (run) => {
      run.text('It was: ');
      return { final_response: unstorable[message.data.detail ?? '']?.() };
    }),

  'says in one piece what is too large': (manager, message) =>
    manager.run(options(message), (run) => {
      run.text('x'.repeat(524_288));
    }),

  'has an answer that cannot be redacted': (manager, message) =>
    manager.run(options(message), () => ({ final_response: 'unredactable' })),

  'is never redacted': (manager, message) => manager.run(options(message), () => ({ final_response: 'secret' })),

  'says much': (manager, message) =>
    manager.run(options(message), async (run) => {
      const [count = 0, size = 0] = (message.data.detail ?? '').split('x').map(Number);
      for (let event = 0; event < count; event++) {
        await run.send('acme.row', { event, filler: '.'.repeat(size) });
      }
      await run.send('acme.said', { count });
      // It ends when its user says so.
      await new Promise<void>((resolve) => run.signal.addEventListener('abort', () => resolve()));
    }),
} satisfies Record<string, Agent>;

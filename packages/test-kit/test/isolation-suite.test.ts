// S9, R9: the suite lets honest handlers pass, and catches every way of mixing users up that we know of.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getWebSocketManager, type MessageHandler, type WebSocketManager } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { isTestKitError } from '../src/index.js';
import {
  checkIsolation,
  type IsolationError,
  type IsolationOptions,
  isIsolationError,
} from '../src/isolation-suite.js';

type Asked = Parameters<MessageHandler>[0];

const textOf = ({ data }: Asked) => (data as { readonly text: string }).text;

/** Answers in some turns of the loop, with a tool, in the name of whoever asked. */
async function answer(manager: WebSocketManager, { thread_id, id }: Asked, text: string): Promise<void> {
  await manager.run({ agent_name: 'echo', thread_id, message_id: id }, async (run) => {
    await run.thinking({ reasoning: `about ${text}` });
    const tool = await run.toolExecuting({ tool_name: 'look', parameters: { text } });
    await nextTurn();
    await tool.completed({ results: text });
    run.text(text.slice(0, 5));
    await nextTurn();
    run.text(text.slice(5));
  });
}

const honest: MessageHandler = (message, userContext) =>
  answer(getWebSocketManager(userContext), message, textOf(message));

async function leakOf(
  options: Partial<IsolationOptions> & Pick<IsolationOptions, 'handlers'>,
): Promise<IsolationError> {
  const error = await checkIsolation({ runs: 60, seed: 20, ...options }).catch((thrown: unknown) => thrown);
  if (!isIsolationError(error)) throw new Error('no leak was found', { cause: error });
  return error;
}

test('S9: a correct handler passes 200 scenarios', { timeout: 180_000 }, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const report = await checkIsolation({
    runs: 200,
    seed,
    messages: [(text) => ({ text }), (text) => ({ text, fail: true })],
    routes: {
      echo: ({ secret, user }) => `${user.user_id}: ${secret}`,
      failing: ({ secret }) => {
        throw new Error(`not this: ${secret}`);
      },
    },
    metrics: (service) => `sessions ${service.service.health().sessions}`,
    handlers: () => ({
      async onMessage(message, userContext) {
        if ((message.data as { fail?: boolean }).fail) throw new Error('The handler failed.');
        await honest(message, userContext);
      },
    }),
  });
  expect(report).toMatchObject({ runs: 200, seed });
  expect(report.handled).toBeGreaterThan(200);
});

const leaky: Readonly<Record<string, IsolationOptions['handlers']>> = {
  'a variable outside of the handler is used by whoever comes': () => {
    let text = '';
    return {
      async onMessage(message, userContext) {
        text = textOf(message);
        await nextTurn();
        await answer(getWebSocketManager(userContext), message, text);
      },
    };
  },
  'the manager of whoever came first is kept': () => {
    let manager: WebSocketManager | undefined;
    return {
      async onMessage(message, userContext) {
        manager ??= getWebSocketManager(userContext);
        await answer(manager, message, textOf(message));
      },
    };
  },
  'the context of whoever came last is used after an await': () => {
    let latest: Parameters<MessageHandler>[1] | undefined;
    return {
      async onMessage(message, userContext) {
        latest = userContext;
        await nextTurn();
        await answer(getWebSocketManager(latest), message, textOf(message));
      },
    };
  },
  'answers are cached by thread': () => {
    const cache = new Map<string, string>();
    return {
      async onMessage(message, userContext) {
        const text = cache.get(message.thread_id) ?? textOf(message);
        cache.set(message.thread_id, text);
        await answer(getWebSocketManager(userContext), message, text);
      },
    };
  },
  'what was said is kept in one list': () => {
    const said: string[] = [];
    return {
      async onMessage(message, userContext) {
        said.push(textOf(message));
        await answer(getWebSocketManager(userContext), message, said.slice(-3).join(', '));
      },
    };
  },
  'an error repeats what another has said': () => {
    let last = '';
    return {
      async onMessage(message, userContext) {
        const before = last;
        last = textOf(message);
        await getWebSocketManager(userContext)
          .run({ agent_name: 'a', thread_id: message.thread_id }, async () => {
            throw new Error(`could not follow on ${before}`);
          })
          .catch(() => {});
      },
    };
  },
  'what users say is logged': () => ({
    async onMessage(message, userContext) {
      // biome-ignore lint/suspicious/noConsole: this is the fault
      console.debug('handling', { text: textOf(message) });
      await honest(message, userContext);
    },
  }),
  'what users say is written to stderr': () => ({
    async onMessage(message, userContext) {
      process.stderr.write(`\r${encodeURIComponent(textOf(message))}\r`);
      await honest(message, userContext);
    },
  }),
  'a failure of the handler carries what was said to telemetry': () => ({
    onMessage(message) {
      throw new Error(`no idea what to do about ${textOf(message)}`);
    },
  }),
  'another’s text is passed on in base64, in the middle of something': () => {
    let last = '';
    return {
      async onMessage(message, userContext) {
        const before = last;
        last = textOf(message);
        const text = Buffer.from(`from="${before}";`).toString('base64');
        await answer(getWebSocketManager(userContext), message, `see data:text/plain;base64,${text} for more`);
      },
    };
  },
  'names of others are told': () => {
    const present = new Set<string>();
    return {
      async onMessage(message, userContext) {
        present.add(userContext.user_id);
        await answer(getWebSocketManager(userContext), message, `here are ${[...present].join(', ')}`);
      },
    };
  },
  'runs are told by another’s words in their results': () => {
    const results = new Map<string, unknown>();
    return {
      async onMessage(message, userContext) {
        // Ids of messages are the clients' own: two users may choose one.
        const result = results.get(message.id) ?? { quoted: [textOf(message)] };
        results.set(message.id, result);
        const options = { agent_name: 'a', thread_id: message.thread_id };
        await getWebSocketManager(userContext).run(options, async () => ({ final_response: result }));
      },
    };
  },
};

describe('R20: each leaky handler is caught', () => {
  test.each(Object.entries(leaky))('%s', { timeout: 60_000 }, async (_, handlers) => {
    const { leak, seed, runs, path, operations, message } = await leakOf({ handlers });
    expect(runs).toBeLessThanOrEqual(60);
    expect(leak.earlier).toBe(false);
    expect(message).toContain(`path: '${path}'`);
    expect(operations.some((operation) => operation.includes('says message'))).toBe(true);
    for (const part of [leak.where, leak.owner, leak.what, `seed: ${seed}`, ...operations])
      expect(message).toContain(part);
    expect(message).not.toMatch(/tlk[0-9a-f]{16}/);
  });

  test('a label of a metric that holds what was said', async () => {
    const labels = new Set<string>();
    const { leak } = await leakOf({
      handlers: () => ({
        async onMessage(message, userContext) {
          labels.add(textOf(message));
          await honest(message, userContext);
        },
      }),
      metrics: () => [...labels].map((label) => `messages_total{text="${label}"} 1`).join('\n'),
    });
    expect(leak.where).toBe('the metrics');
  });

  test('a route that answers with what was said before', async () => {
    let last = '';
    const { leak } = await leakOf({
      handlers: () => ({ onMessage: honest }),
      routes: {
        history({ secret }) {
          const before = last;
          last = secret;
          return { before };
        },
      },
    });
    expect(leak.where).toMatch(/^the answer of the route history of user \d$/);
    expect(leak.what).toMatch(/^what user \d said to the route history in t-\d$/);
  });
});

test('what was found is shrunk, and a seed and a path play it again', { timeout: 60_000 }, async () => {
  const handlers = leaky['answers are cached by thread'] as IsolationOptions['handlers'];
  const { seed, path, operations } = await leakOf({ handlers });
  expect(operations.length).toBeLessThanOrEqual(3);
  const again = await leakOf({ handlers, seed, path });
  expect(again).toMatchObject({ seed, runs: 1, operations });
});

test('what outlives a service is told as such', { timeout: 60_000 }, async () => {
  const cache = new Map<string, string>();
  const onMessage: MessageHandler = async (message, userContext) => {
    const text = cache.get(message.thread_id) ?? textOf(message);
    cache.set(message.thread_id, text);
    await answer(getWebSocketManager(userContext), message, text);
  };
  const { leak, message, operations } = await leakOf({ handlers: () => ({ onMessage }) });
  expect(leak.earlier).toBe(true);
  expect(operations).toHaveLength(1);
  expect(message).toContain('such as a variable of a module');
  expect(message).not.toContain('path:');
});

test('a check of nothing proves nothing', async () => {
  const nobody = checkIsolation({ handlers: () => ({}), runs: 3, seed: 1 });
  expect(isTestKitError(await nobody.catch((error: unknown) => error), 'OPTION_INVALID')).toBe(true);
  for (const wrong of [{ users: 1 }, { runs: 0 }, { operations: 1.5 }, { messages: [] }, { handlers: undefined }]) {
    const options = { handlers: () => ({ onMessage: honest }), ...wrong } as IsolationOptions;
    const error = await checkIsolation(options).catch((thrown: unknown) => thrown);
    expect(isTestKitError(error, 'OPTION_INVALID')).toBe(true);
  }
});

test.each<[string, MessageHandler]>([
  ['throws', () => Promise.reject(new Error('It is not wired up.'))],
  ['says nothing', () => {}],
])('a check of a handler that %s proves nothing', async (_, onMessage) => {
  const error = await checkIsolation({ handlers: () => ({ onMessage }), runs: 5, seed: 1 }).catch(
    (thrown: unknown) => thrown,
  );
  expect(isTestKitError(error, 'OPTION_INVALID')).toBe(true);
  expect((error as Error).message).toContain('No page was told anything of a run');
});

test('R20 options that are none are refused', async () => {
  const options = { handlers: () => ({ onMessage: honest }), route: {} } as IsolationOptions;
  await expect(checkIsolation(options)).rejects.toThrow(/no option route of checkIsolation/);
});

test('R17 no part of a secret is in a report, though what is shown is cut', async () => {
  let before = '';
  const { leak, message } = await leakOf({
    handlers: () => ({
      async onMessage({ thread_id, data }, userContext) {
        const { text } = data as { readonly text: string };
        // Where the report cuts, in the middle of the secret.
        const told = `${'.'.repeat(40)}${before}`;
        before = text;
        await getWebSocketManager(userContext).send('acme.note', told, { thread_id });
      },
    }),
  });
  expect(leak.where).toContain('‹secret of');
  expect(message).not.toMatch(/tlk[0-9a-f]/);
});

test('what a process writes is let alone afterwards', async () => {
  // biome-ignore lint/suspicious/noConsole: compared, not used
  const outputs = () => [process.stdout.write, process.stderr.write, console.log];
  const before = outputs();
  await checkIsolation({ handlers: () => ({ onMessage: honest }), runs: 2, seed: 3 });
  for (const [index, output] of outputs().entries()) expect(output).toBe(before[index]);
});

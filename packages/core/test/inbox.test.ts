import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, test } from 'vitest';
import { memoryLog } from '../src/memory-log.js';
import type { MessageHandler } from '../src/options.js';
import { getWebSocketManager } from '../src/user-manager.js';
import { type Hooks, hookedLog, promises, rejects, throws } from './hooked-log.js';
import type { RawClient } from './raw-client.js';
import { startService, turn } from './running-service.js';

/** Handlers that end when a test says so. */
function heldHandlers() {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const onMessage: MessageHandler = ({ id }) => {
    begun.push(id);
    return new Promise<void>((resolve, reject) => {
      ends.set(id, (error) => (error ? reject(error) : resolve()));
    });
  };
  return { begun, onMessage, end: (id: string, error?: Error) => ends.get(id)?.(error) };
}

const say = (client: RawClient, id: string, thread_id = 't', data: unknown = null) =>
  client.send({ type: 'message', id, thread_id, data });

const textSchema: StandardSchemaV1<unknown, { readonly text: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'
        ? { value: { text: value.text.trim() } }
        : { issues: [{ message: 'must be text', path: ['text', { key: 'deep' }] }] },
  },
};

test('a handler gets the message and who it is from, and can answer', async () => {
  const { enter } = await startService({
    messages: textSchema,
    onMessage: async ({ id, thread_id, data }, userContext) => {
      const place = { agent_name: 'echo', thread_id, message_id: id };
      await getWebSocketManager(userContext).run(place, async () => ({ final_response: data }));
    },
  });
  const client = await enter('ada');
  say(client, 'm-1', 't-1', { text: ' hello ' });
  await client.until('accepted', { id: 'm-1' });
  expect(await client.until('agent_started')).toMatchObject({ thread_id: 't-1', data: { message_id: 'm-1' } });
  expect(await client.until('agent_completed')).toMatchObject({ data: { final_response: { text: 'hello' } } });
});

describe('order', () => {
  test('messages of one thread are handled one after the other, those of others beside them', async () => {
    const { begun, onMessage, end } = heldHandlers();
    const { enter } = await startService({ onMessage });
    const client = await enter('ada');
    for (const [id, thread] of [
      ['a-1', 'a'],
      ['a-2', 'a'],
      ['b-1', 'b'],
      ['a-3', 'a'],
    ] as const)
      say(client, id, thread);
    await client.until('accepted', { id: 'a-3' });
    expect(begun).toEqual(['a-1', 'b-1']);
    end('a-1');
    await expect.poll(() => begun).toEqual(['a-1', 'b-1', 'a-2']);
    end('b-1');
    end('a-2');
    await expect.poll(() => begun.at(-1)).toBe('a-3');
  });

  test('a handler that fails holds up nothing behind it', async () => {
    const { begun, onMessage, end } = heldHandlers();
    const { enter } = await startService({ onMessage });
    const client = await enter('ada');
    say(client, 'm-1');
    say(client, 'm-2');
    await client.until('accepted', { id: 'm-2' });
    end('m-1', new Error('broken'));
    await expect.poll(() => begun).toEqual(['m-1', 'm-2']);
  });

  test('so many handlers of a user are at work at once, whatever the threads; other users have their own', async () => {
    const { begun, onMessage, end } = heldHandlers();
    const { enter } = await startService({ onMessage, maxConcurrentMessages: 2 });
    const [ada, bob] = [await enter('ada'), await enter('bob')];
    for (const name of ['a-1', 'a-2', 'a-3', 'a-4']) say(ada, name, name);
    say(bob, 'b-1');
    await ada.until('accepted', { id: 'a-4' });
    await bob.until('accepted', { id: 'b-1' });
    expect(new Set(begun)).toEqual(new Set(['a-1', 'a-2', 'b-1']));
    end('a-2');
    await expect.poll(() => begun.at(-1)).toBe('a-3');
    end('a-1', new Error('broken'));
    await expect.poll(() => begun.at(-1)).toBe('a-4');
    await turn();
    expect(begun).toHaveLength(5);
  });

  test('a store that answers with promises changes no order', async () => {
    const heard: string[] = [];
    const hooks: Hooks = { claim: promises };
    const log = hookedLog(memoryLog(), hooks);
    const { enter } = await startService({ log, onMessage: ({ id }) => void heard.push(id) });
    const client = await enter('ada');
    const ids = Array.from({ length: 20 }, (_, index) => `m-${index}`);
    for (const id of ids) say(client, id);
    await client.until('accepted', { id: 'm-19' });
    await expect.poll(() => heard).toEqual(ids);
    expect(client.frames.slice(1).map(({ id }) => id)).toEqual(ids);
  });
});

describe('S7: at most once', () => {
  test('a message that comes again is accepted again and not handled again, from any session', async () => {
    const heard: string[] = [];
    const { enter } = await startService({ onMessage: ({ id }) => void heard.push(id) });
    const [first, second] = [await enter('ada'), await enter('ada')];
    for (const client of [first, first, second]) {
      say(client, 'm-1');
      expect(await client.until('accepted')).toEqual({ type: 'accepted', id: 'm-1' });
    }
    expect(heard).toEqual(['m-1']);
  });

  test('two sessions that send it at once are one message', async () => {
    const heard: string[] = [];
    const hooks: Hooks = { claim: promises };
    const { enter } = await startService({
      log: hookedLog(memoryLog(), hooks),
      onMessage: ({ id }) => void heard.push(id),
    });
    const clients = await Promise.all([1, 2, 3].map(() => enter('ada')));
    for (const client of clients) say(client, 'm-1');
    for (const client of clients) await client.until('accepted', { id: 'm-1' });
    expect(heard).toEqual(['m-1']);
  });

  test('S9: an id belongs to its user: another may use the same', async () => {
    const heard: string[] = [];
    const { enter } = await startService({ onMessage: (_, { user_id }) => void heard.push(user_id) });
    for (const user of ['ada', 'bob']) {
      const client = await enter(user);
      say(client, 'm-1');
      await client.until('accepted');
    }
    expect(heard).toEqual(['ada', 'bob']);
  });

  test('a message that was refused may come again', async () => {
    const heard: string[] = [];
    const { enter } = await startService({ messages: textSchema, onMessage: ({ id }) => void heard.push(id) });
    const client = await enter('ada');
    say(client, 'm-1', 't', { text: 7 });
    await client.until('error', { id: 'm-1' });
    say(client, 'm-1', 't', { text: 'right' });
    await client.until('accepted', { id: 'm-1' });
    expect(heard).toEqual(['m-1']);
  });
});

describe('each refusal has its code, and the session goes on', () => {
  test('MESSAGE_UNSUPPORTED', async () => {
    const { enter } = await startService();
    const client = await enter('ada');
    say(client, 'm-1');
    expect(await client.next()).toMatchObject({ type: 'error', id: 'm-1', code: 'MESSAGE_UNSUPPORTED' });
  });

  test('MESSAGE_INVALID names the field', async () => {
    const { enter } = await startService({ messages: textSchema, onMessage: () => expect.unreachable() });
    const client = await enter('ada');
    say(client, 'm-1', 't', { text: 7 });
    expect(await client.next()).toEqual({
      type: 'error',
      id: 'm-1',
      code: 'MESSAGE_INVALID',
      message: 'data.text.deep: must be text',
    });
  });

  test.each<[string, StandardSchemaV1['~standard']['validate']]>([
    [
      'throws',
      () => {
        throw new Error('s3cret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('s3cret'))],
  ])('MESSAGE_INVALID when the schema %s, without its words', async (_, validate) => {
    const messages: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'test', validate } };
    const { enter } = await startService({ messages, onMessage: () => {} });
    const client = await enter('ada');
    say(client, 'm-1');
    const frame = await client.next();
    expect(frame).toMatchObject({ type: 'error', code: 'MESSAGE_INVALID' });
    expect(JSON.stringify(frame)).not.toContain('s3cret');
  });

  test('MESSAGE_TOO_MANY, and room again when one is done', async () => {
    const { onMessage, end } = heldHandlers();
    const { enter } = await startService({ onMessage, maxPendingMessages: 2 });
    const client = await enter('ada');
    for (const id of ['m-1', 'm-2', 'm-3']) say(client, id);
    expect(await client.until('error')).toMatchObject({ id: 'm-3', code: 'MESSAGE_TOO_MANY' });
    end('m-1');
    await turn();
    say(client, 'm-3');
    await client.until('accepted', { id: 'm-3' });
  });

  test.each([
    ['throws', throws],
    ['rejects', rejects],
  ])('STORE_UNAVAILABLE when the store %s, and later it is taken', async (_, fault) => {
    const heard: string[] = [];
    const hooks: Hooks = { claim: fault };
    const { enter } = await startService({
      log: hookedLog(memoryLog(), hooks),
      onMessage: ({ id }) => void heard.push(id),
      maxPendingMessages: 1,
    });
    const client = await enter('ada');
    for (let times = 0; times < 3; times++) {
      say(client, 'm-1');
      expect(await client.next()).toMatchObject({ type: 'error', id: 'm-1', code: 'STORE_UNAVAILABLE' });
    }
    delete hooks.claim;
    say(client, 'm-1');
    await client.until('accepted', { id: 'm-1' });
    expect(heard).toEqual(['m-1']);
  });
});

describe('a handler that fails', () => {
  test('is told to its user without its words, and to those who run the service with them', async () => {
    const onMessage = () => {
      throw new Error('s3cret detail');
    };
    const { enter, telemetry } = await startService({ onMessage });
    const client = await enter('ada');
    say(client, 'm-1');
    await client.until('accepted', { id: 'm-1' });
    const frame = await client.until('error', { id: 'm-1', code: 'HANDLER_FAILED' });
    expect(JSON.stringify(frame)).not.toContain('s3cret');
    expect(telemetry).toContainEqual({ kind: 'fault', where: 'handler', message: 's3cret detail' });
  });

  test.each([undefined, null, 'text', 7])('may throw %s', async (thrown) => {
    const { enter } = await startService({ onMessage: () => Promise.reject(thrown) });
    const client = await enter('ada');
    say(client, 'm-1');
    expect(await client.until('error')).toMatchObject({ id: 'm-1', code: 'HANDLER_FAILED' });
  });

  test('is not told twice when its run has said so', async () => {
    const { enter, telemetry } = await startService({
      onMessage: (_, userContext) =>
        getWebSocketManager(userContext).run({ agent_name: 'a', thread_id: 't' }, () => {
          throw new Error('no such table');
        }),
    });
    const client = await enter('ada');
    say(client, 'm-1');
    expect(await client.until('agent_completed')).toMatchObject({
      data: { outcome: 'failed', error: { code: 'AGENT_FAILED', message: 'no such table' } },
    });
    client.send({ type: 'ping', id: 'p-1' });
    await client.until('pong');
    expect(client.frames.some(({ type }) => type === 'error')).toBe(false);
    expect(telemetry.some(({ kind }) => kind === 'fault')).toBe(false);
  });

  test('is told when it failed after its run had succeeded', async () => {
    const { enter } = await startService({
      onMessage: async (_, userContext) => {
        await getWebSocketManager(userContext).run({ agent_name: 'a', thread_id: 't' }, async () => {});
        throw new Error('the record could not be written');
      },
    });
    const client = await enter('ada');
    say(client, 'm-1');
    await client.until('error', { id: 'm-1', code: 'HANDLER_FAILED' });
    await client.until('agent_completed');
    expect(client.frames.filter(({ type }) => type === 'accepted' || type === 'error')).toHaveLength(2);
  });
});

test('a message whose sender has gone is handled all the same: closing the tab ends nothing', async () => {
  const { begun, onMessage, end } = heldHandlers();
  const { enter, service } = await startService({ onMessage });
  const client = await enter('ada');
  say(client, 'm-1');
  say(client, 'm-2');
  await client.until('accepted', { id: 'm-2' });
  client.webSocket.terminate();
  await expect.poll(() => service.health().sessions).toBe(0);
  end('m-1', new Error('nobody is there to be told'));
  await expect.poll(() => begun).toEqual(['m-1', 'm-2']);
});

test('R11: a message that still waits when the service closes is not handed to a handler, and that is told', async () => {
  const { begun, onMessage, end } = heldHandlers();
  const { enter, service, telemetry } = await startService({ onMessage });
  const client = await enter('ada');
  say(client, 'm-1');
  say(client, 'm-2');
  await client.until('accepted', { id: 'm-2' });
  await service.close();
  end('m-1');
  const handled = () => telemetry.filter(({ kind }) => kind === 'message_handled');
  await expect.poll(handled).toMatchObject([
    { message_id: 'm-1', ok: true },
    { message_id: 'm-2', ok: false },
  ]);
  expect(begun).toEqual(['m-1']);
  expect(telemetry).toContainEqual(expect.objectContaining({ kind: 'fault', where: 'handler' }));
});

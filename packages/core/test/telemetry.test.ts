// What is told: on stderr, to the option, on the channel. Never a token, never a payload.
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ServiceOptions } from '../src/options.js';
import {
  published,
  shielded,
  type TelemetryEvent,
  type TelemetryMessage,
  telemetryChannel,
  telemetryToStderr,
} from '../src/telemetry.js';
import { getWebSocketManager } from '../src/user-manager.js';
import { place } from './running-manager.js';
import { rejectionOf, startService, turn } from './running-service.js';

afterEach(() => vi.restoreAllMocks());

const fault: TelemetryEvent = { kind: 'fault', where: 'handler', message: 'line one\nthroughline {"kind":"forged"}' };

/** Listens on the channel for as long as the test lasts. */
function listenOnChannel(listener?: (message: TelemetryMessage) => void): readonly TelemetryMessage[] {
  const messages: TelemetryMessage[] = [];
  const note = (message: unknown) => {
    messages.push(message as TelemetryMessage);
    listener?.(message as TelemetryMessage);
  };
  subscribe(telemetryChannel, note);
  onTestFinished(() => void unsubscribe(telemetryChannel, note));
  return messages;
}

test('without an option each refusal, fault and leak is one line of stderr, which nobody can forge', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const telemetry = telemetryToStderr();
  telemetry(fault);
  telemetry({ kind: 'refused', code: 'DRAINING', status: 503, path: '/ws', carrier: 'none', hint: 'x' });
  telemetry({ kind: 'leak', where: 'log', user_id: 'ada' });
  telemetry({ kind: 'reset', session_id: 's', user_id: 'ada', cause: 'lagged' });
  telemetry({ kind: 'run_started', run_id: 'r', user_id: 'ada', thread_id: 't', agent_name: 'a' });
  const lines = write.mock.calls.map(([text]) => String(text));
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(/^throughline \{[^\n]*\}\n$/);
});

test('a telemetry that throws harms nobody', () => {
  const telemetry = shielded(() => {
    throw new Error('the collector is down');
  });
  expect(() => telemetry(fault)).not.toThrow();
});

test('a telemetry that rejects harms nobody: an ignored rejection would end the process', async () => {
  const rejections: unknown[] = [];
  const listen = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', listen);
  try {
    const telemetry: () => unknown = () => Promise.reject(new Error('the collector is down'));
    shielded(telemetry)(fault);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', listen);
  }
  expect(rejections).toEqual([]);
});

describe('the channel', () => {
  test('is called as those who listen know it', () => {
    expect(telemetryChannel).toBe('throughline:telemetry');
  });

  test('gets what the option gets, in the same order, with the name of the service', async () => {
    const messages = listenOnChannel();
    const { enter, managerOf, service, telemetry } = await startService({ name: 'chat', onMessage: () => {} });
    const page = await enter('ada', { acks: true });
    page.send({ type: 'message', id: 'm-1', thread_id: 't', data: 1 });
    await page.until('accepted');
    await (await managerOf('ada')).run(place, async () => {});
    await page.until('agent_completed');
    await service.close();
    expect(telemetry.length).toBeGreaterThan(6);
    expect(messages).toEqual(telemetry.map((event) => ({ service: 'chat', event })));
  });

  test('gets everything from a service without the option, too', async () => {
    const messages = listenOnChannel();
    const { enter } = await startService({ telemetry: undefined } as unknown as ServiceOptions);
    await enter('ada');
    expect(messages.map(({ service, event }) => [service, event.kind])).toEqual([
      ['throughline', 'session_opened'],
      ['throughline', 'session_caught_up'],
    ]);
  });

  test('tells two services apart', async () => {
    const messages = listenOnChannel();
    const services = [await startService({ name: 'one' }), await startService({ name: 'two' })];
    for (const [at, { enter, managerOf }] of services.entries()) {
      await enter('ada');
      await (await managerOf('ada')).run({ ...place, run_id: `r-${at}` }, async () => {});
    }
    for (const [at, name] of ['one', 'two'].entries()) {
      const own = messages.filter(({ service }) => service === name).map(({ event }) => event);
      expect(own).toEqual(services[at]?.telemetry);
      expect(own).toContainEqual(expect.objectContaining({ kind: 'run_started', run_id: `r-${at}` }));
    }
    expect(new Set(messages.map(({ service }) => service))).toEqual(new Set(['one', 'two']));
  });

  test('costs nothing while nobody listens: nothing is published', () => {
    const report = published('chat');
    const publish = vi.spyOn(channel(telemetryChannel), 'publish');
    report(fault);
    expect(publish).not.toHaveBeenCalled();
    publish.mockRestore();
    const messages = listenOnChannel();
    report(fault);
    expect(messages).toEqual([{ service: 'chat', event: fault }]);
  });

  test('may be listened to before a service starts, while it runs, and no longer', async () => {
    const { enter } = await startService();
    const seen: string[] = [];
    const listener = (message: unknown) => void seen.push((message as TelemetryMessage).event.kind);
    await enter('ada');
    subscribe(telemetryChannel, listener);
    await enter('bob');
    unsubscribe(telemetryChannel, listener);
    await enter('carol');
    expect(seen).toEqual(['session_opened', 'session_caught_up']);
  });

  test('a listener that throws stops neither the service nor other listeners; Node says it where nobody can catch it', async () => {
    const uncaught: unknown[] = [];
    const broken = new Error('the collector is down');
    const throwing = () => {
      throw broken;
    };
    const messages = listenOnChannel();
    const { enter, managerOf, service, telemetry } = await startService();
    process.setUncaughtExceptionCaptureCallback((error) => void uncaught.push(error));
    subscribe(telemetryChannel, throwing);
    try {
      const page = await enter('ada');
      await (await managerOf('ada')).run(place, async () => {});
      await page.until('agent_completed');
      await service.close();
      await turn();
    } finally {
      unsubscribe(telemetryChannel, throwing);
      process.setUncaughtExceptionCaptureCallback(null);
    }
    expect(messages.map(({ event }) => event)).toEqual(telemetry);
    expect(telemetry.length).toBeGreaterThan(3);
    expect(uncaught).toEqual(telemetry.map(() => broken));
  });
});

test('R7 R13: in all that a busy service tells there is no token and no payload', async () => {
  const marker = 'S3CRET-marker';
  const messages = listenOnChannel();
  const schema: ServiceOptions['messages'] = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (value === `${marker} bad` ? { issues: [{ message: `not ${marker}` }] } : { value }),
    },
  };
  const running = await startService({
    authenticate: ({ token }) => (token.includes('bad') ? null : { user_id: 'ada', claims: { marker } }),
    cookieName: 'session',
    allowedOrigins: ['https://app.example'],
    messages: schema,
    undeliveredAfterMs: 1,
    onMessage: async ({ data }, userContext) => {
      await getWebSocketManager(userContext).run({ ...place, task_description: String(data) }, async (run) => {
        await run.thinking({ reasoning: marker });
        const tool = await run.toolExecuting({ tool_name: 'sql', parameters: { marker } });
        await tool.failed(new Error(marker));
        run.text(marker);
        for await (const answer of run.messages) {
          await run.send('acme.note', answer.data);
          throw new Error(marker);
        }
      });
    },
  });
  const { enter, connect, refused, managerOf, service, telemetry } = running;
  // Every carrier, good and bad.
  for (const knock of [
    { token: `${marker}-bad` },
    { protocols: ['throughline.v1', `bearer.${marker}-bad`] },
    { path: `/ws?ticket=${marker}-bad` },
    { headers: { cookie: `session=${marker}-bad`, origin: 'https://app.example' } },
  ]) {
    await (await connect(undefined, knock)).closed;
  }
  await refused({ token: marker, headers: { origin: `https://${marker}.example` } });
  const page = await enter(marker, { acks: true });
  const ticketed = await connect(undefined, {
    path: `/ws?ticket=${service.issueTicket(await service.authenticate({ token: marker })).ticket}`,
  });
  await ticketed.until('welcome');
  const say = (id: string, fields: object) =>
    page.send({ type: 'message', id, thread_id: 't-1', data: marker, ...fields });
  say('m-0', { data: `${marker} bad` });
  await page.until('error', { id: 'm-0' });
  say('m-1', {});
  const { run_id } = await page.until('partial_result');
  page.send({ type: 'token', id: 'k-1', token: `${marker}-again` });
  await page.until('refreshed');
  page.send({ type: 'ack', position: page.position, gaps: 1, duplicates: 1 });
  say('m-2', { run_id });
  await page.until('agent_completed', { run_id });
  const manager = await managerOf(marker);
  await manager.send('acme.note', { marker }, { thread_id: 't-1' });
  await rejectionOf(manager.send('acme.note', { [marker]: Number.NaN }, { thread_id: 't-1' }));
  await manager.run({ ...place, metadata: { marker } }, async () => ({ final_response: marker, usage: { tokens: 1 } }));
  page.send({ type: 'ack', position: 'no position at all' });
  await page.closed;
  await expect.poll(() => telemetry.some(({ kind }) => kind === 'run_undelivered')).toBe(true);
  await service.drain({ deadlineMs: 0 });
  const kinds = new Set(telemetry.map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual(
    [
      'client_observed',
      'draining',
      'message',
      'message_handled',
      'refused',
      'run_ended',
      'run_started',
      'run_undelivered',
      'session_caught_up',
      'session_closed',
      'session_opened',
    ].toSorted(),
  );
  expect(messages).toHaveLength(telemetry.length);
  for (const told of [...telemetry, ...messages]) expect(JSON.stringify(told)).not.toContain(marker);
});

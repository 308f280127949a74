// What pages of another dialect read and say: built once, of their own user, in order, and nothing of it in the way of others.
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UserKey, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { nativeTongue } from '../src/tongue.js';
import type { User } from '../src/user.js';
import { readTextFrames } from './frame-reader.js';
import { note, notes, received, upTo } from './notes.js';
import type { KnockOptions, RawClient } from './raw-client.js';
import { startService, turn } from './running-service.js';
import { shoutingDialect } from './shouting-dialect.js';

const place = { agent_name: 'researcher', thread_id: 't' };

async function startShouting(options: Parameters<typeof startService>[0] = {}) {
  const shouting = shoutingDialect();
  const running = await startService({ dialects: [shouting.dialect], ...options });
  const shout = async (token: string, knock: KnockOptions = {}) => {
    const page = await running.connect(token, { protocols: ['shout'], ...knock });
    await page.until('HELLO');
    return page;
  };
  const faults = () => running.telemetry.flatMap((event) => (event.kind === 'fault' ? [event] : []));
  return { ...running, ...shouting, shout, faults, memory: options.log };
}

const offsetsOf = (asked: readonly { offset: number }[]) => asked.map(({ offset }) => offset);
const fromStart = ({ position }: RawClient) => `${position.split('.')[0] ?? ''}.0.00000000`;
const left = async (page: RawClient) => {
  page.webSocket.terminate();
  await page.closed;
};

describe('S3 an event is said in a dialect', () => {
  test('once, for all sessions of its user', async () => {
    const { shout, enter, managerOf, asked } = await startShouting();
    const manager = await managerOf('ada');
    const pages = [await shout('ada'), await shout('ada'), await enter('ada'), await shout('ada')];
    await notes(manager, 50);
    for (const page of pages) expect(await received(page, 50)).toEqual(upTo(50));
    expect(offsetsOf(asked)).toEqual(upTo(50));
    expect(pages[0]?.frames.at(-1)).toEqual({ type: 'ACME.NOTE', offset: 50, user: 'ada', said: 'x' });
  });

  test('only while somebody reads it', async () => {
    const { shout, enter, managerOf, asked, service } = await startShouting();
    const manager = await managerOf('ada');
    const native = await enter('ada');
    await notes(manager, 5);
    await received(native, 5);
    expect(asked).toEqual([]);
    const page = await shout('ada');
    await notes(manager, 5);
    await received(page, 5);
    expect(offsetsOf(asked)).toEqual(upTo(10, 6));
    await left(page);
    await expect.poll(() => service.health().sessions).toBe(1);
    await notes(manager, 5);
    await received(native, 15);
    expect(offsetsOf(asked)).toEqual(upTo(10, 6));
  });

  test('again when only one is left that reads it, and not before', async () => {
    const { shout, enter, managerOf, asked, service } = await startShouting();
    const manager = await managerOf('ada');
    const from = fromStart(await enter('ada'));
    const [first, second] = [await shout('ada'), await shout('ada')];
    await notes(manager, 10);
    for (const page of [first, second]) await received(page, 10);
    const third = await shout('ada', { from });
    expect(await received(third, 10)).toEqual(upTo(10));
    expect(asked.length).toBe(10);
    await Promise.all([left(second), left(third)]);
    await expect.poll(() => service.health().sessions).toBe(2);
    expect(await received(await shout('ada', { from }), 10)).toEqual(upTo(10));
    expect(asked.length).toBe(20);
  });

  test('or left out, for good', async () => {
    const { shout, managerOf, asked } = await startShouting();
    const manager = await managerOf('ada');
    const pages = [await shout('ada'), await shout('ada')];
    for (const type of ['acme.note', 'acme.secret', 'acme.note']) {
      await manager.send(type as 'acme.note', 'x', { thread_id: 't' });
    }
    for (const page of pages) expect(await received(page, 2)).toEqual([1, 3]);
    expect(offsetsOf(asked)).toEqual([1, 2, 3]);
  });

  test('S9 of its own log: what came before an erasure is not said after it', async () => {
    const { shout, managerOf, service } = await startShouting();
    const manager = await managerOf('ada');
    const page = await shout('ada');
    await note(manager, 'old');
    await page.until('ACME.NOTE', { said: 'old' });
    await service.forget({ user_id: 'ada' });
    await page.until('RESET');
    await note(await managerOf('ada'), 'new');
    expect(await page.next()).toMatchObject({ type: 'ACME.NOTE', offset: 1, said: 'new' });
  });

  test('S1 to its own user: nothing built for one is seen by another, of the same name or not', async () => {
    const { shout, managerOf } = await startShouting();
    const tokens = ['ada', 'bob', 'ada@acme'];
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })), { maxLength: 60 });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        round += 1;
        const names = tokens.map((token) => token.replace('a', `a${round}`));
        const said = names.map(() => [] as string[]);
        const pages: { readonly of: number; readonly from: number; readonly page: RawClient }[] = [];
        for (const [who, what] of plan) {
          const token = names[who] as string;
          if (what === 0 && pages.length < 9) {
            pages.push({ of: who, from: (said[who] as string[]).length, page: await shout(token) });
          } else {
            const words = `${token} ${what}-${(said[who] as string[]).length}`;
            await note(await managerOf(token), words);
            (said[who] as string[]).push(words);
          }
        }
        for (const { of, from, page } of pages) {
          const expected = (said[of] as string[]).slice(from);
          await received(page, expected.length);
          const heard = page.frames.filter(({ type }) => type === 'ACME.NOTE').map((frame) => frame.said);
          expect(heard).toEqual(expected);
          page.webSocket.terminate();
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('S3 what is said in throughline.v1', () => {
  test('goes from the cursor to the socket as before, through nothing', () => {
    const sink = { writable: true, write: () => {} };
    expect(nativeTongue.open({ user: {} as User, session_id: 's' as never, sink }).sink).toBeUndefined();
  });

  test('is the bytes of the log, whoever reads beside it', async () => {
    const log = memoryLog();
    const { shout, enter, managerOf } = await startShouting({ log });
    const manager = await managerOf('ada');
    await shout('ada');
    const native = await enter('ada');
    const texts: string[] = [];
    native.webSocket.on('message', (data: Buffer) => texts.push(data.toString()));
    await notes(manager, 20, 'größer als {"a":1}');
    await received(native, 20);
    const stored = (await log.open({ tenant_id: 'default', user_id: 'ada' } as UserKey)) as UserLog;
    const held: string[] = [];
    while (held.length < 20) {
      const slice = await stored.read(held.length, 1_000_000);
      held.push(...readTextFrames((slice as { bytes: Buffer }).bytes));
    }
    expect(texts).toEqual(held);
    await log.close();
  });
});

describe('S7 backpressure', () => {
  test('a page that does not read costs no more than its socket, and gets everything in the end', async () => {
    const log = memoryLog({ bytesPerUser: 64_000_000 });
    const { shout, enter, managerOf, server } = await startShouting({ log });
    const sockets: Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    const manager = await managerOf('ada');
    const slow = await shout('ada');
    const neighbour = await enter('ada');
    slow.webSocket.pause();
    let most = 0;
    for (let sent = 0; sent < 150; sent++) {
      await note(manager, 'x'.repeat(100_000));
      most = Math.max(most, sockets[0]?.writableLength ?? 0);
    }
    expect(await received(neighbour, 150)).toEqual(upTo(150));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(65_536 + 110_000);
    slow.webSocket.resume();
    expect(await received(slow, 150)).toEqual(upTo(150));
  });

  test('with acks, no more than a window is under way', async () => {
    const { shout, enter, managerOf } = await startShouting();
    const manager = await managerOf('ada');
    const native = await enter('ada');
    const page = await shout('ada', { acks: true });
    await notes(manager, 1_000, 'x'.repeat(1_000));
    await received(native, 1_000);
    expect(page.offsets.length).toBeLessThan(131_072 / 1_000);
    const epoch = native.position.split('.')[0] ?? '';
    const marks = native.frames.flatMap(({ offset, mark }) => (offset === undefined ? [] : [String(mark)]));
    while (page.offsets.length < 1_000) {
      const offset = page.offsets.length;
      page.send(`ACK ${epoch}.${offset}.${marks[offset - 1] ?? ''}`);
      await received(page, offset + 1);
    }
    expect(page.offsets).toEqual(upTo(1_000));
  });

  test('neighbours joined for one reader are said to it alone; the whole text is the same', async () => {
    const { shout, enter, managerOf, asked } = await startShouting();
    const manager = await managerOf('ada');
    const from = fromStart(await enter('ada'));
    const [first] = [await shout('ada'), await shout('ada')];
    await manager.run(place, async (run) => {
      for (let part = 0; part < 40; part++) await run.thinking({ reasoning: `${part} `, step_number: 1 });
      return { final_response: 'done' };
    });
    await first.until('AGENT_COMPLETED');
    const whole = asked.length;
    const late = [await shout('ada', { from }), await shout('ada', { from })];
    for (const page of late) await page.until('AGENT_COMPLETED');
    const third = await shout('ada', { from, threads: ['t'] });
    await third.until('AGENT_COMPLETED');
    const reasoning = (page: RawClient) =>
      page.frames.flatMap(({ said }) => (said as { reasoning?: string } | undefined)?.reasoning ?? []);
    expect(reasoning(first).length).toBe(40);
    for (const page of [...late, third]) {
      expect(reasoning(page).length).toBeLessThan(40);
      expect(reasoning(page).join('')).toBe(reasoning(first).join(''));
    }
    const later = asked.slice(whole);
    const times = offsetsOf(later).map((offset) => offsetsOf(later).filter((one) => one === offset).length);
    expect(new Set(times)).toEqual(new Set([3]));
    expect(later.every(({ joined }) => joined)).toBe(true);
  });
});

describe('S14 what a page of a dialect says', () => {
  test('is a message, with a verdict in its dialect', async () => {
    const heard: unknown[] = [];
    const { shout } = await startShouting({ onMessage: (message) => void heard.push(message) });
    const page = await shout('ada');
    page.send('SAY t-1 good morning');
    await expect.poll(() => heard.length).toBe(1);
    expect(heard[0]).toMatchObject({ id: expect.any(String), thread_id: 't-1', data: 'good morning' });
  });

  test('R4 stops its own runs, all at once, and nobody else’s; one text counts once', async () => {
    const rate = { burst: 5, perSecond: 0.001 };
    const { shout, managerOf, service } = await startShouting({ framesPerSession: rate, cancelGraceMs: 0 });
    const [mine, theirs] = [await managerOf('ada'), await managerOf('bob')];
    for (let run = 0; run < 12; run++) await mine.startRun(place);
    const other = await theirs.startRun(place);
    const page = await shout('ada');
    page.send('STOP');
    await expect.poll(() => service.health().runs).toBe(1);
    expect(other.signal.aborted).toBe(false);
    page.send('PING p-1');
    await page.until('PONG', { id: 'p-1' });
  });

  test('S15 is limited also where it means nothing', async () => {
    const { shout } = await startShouting({ framesPerSession: { burst: 5, perSecond: 0.001 } });
    const page = await shout('ada');
    for (let count = 0; count < 6; count++) page.send('MUMBLE');
    expect((await page.closed).code).toBe(4429);
  });

  test.each([
    ['in the words of the dialect', 'SWEAR', 'that is no word'],
    ['in ours, where the dialect passed on what no frame may hold', `PING ${'p'.repeat(129)}`, 'ping.id must be'],
  ])('R6 is refused when it is illegal, %s', async (_, text, reason) => {
    const { shout, faults } = await startShouting();
    const page = await shout('ada');
    page.send(text);
    expect(await page.closed).toEqual({ code: 4400, reason: expect.stringContaining(reason) });
    expect(faults()).toEqual([]);
  });
});

test('S15 R6 what a page nests too deeply is illegal, and no fault of anybody here', async () => {
  const { shout, fails, faults } = await startShouting();
  fails.read = (text) => [{ type: 'message', id: 'm', thread_id: 't', data: JSON.parse(text as string) }];
  const page = await shout('ada');
  page.send('['.repeat(30_000) + ']'.repeat(30_000));
  expect(await page.closed).toEqual({ code: 4400, reason: 'this frame nests too deeply' });
  expect(faults()).toEqual([]);
});

describe('S15 a dialect that fails', () => {
  const failures: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new TypeError('S3CRET');
      },
    ],
    ['gives what JSON cannot hold', () => ({ amount: 1n })],
    ['answers later', async () => ({ type: 'LATER' })],
    ['fails later', () => Promise.reject(new Error('S3CRET'))],
  ];

  test.each(failures)('at an event (it %s): it is left out there, told, and all others come', async (_, fail) => {
    const { shout, enter, managerOf, fails, faults } = await startShouting();
    const manager = await managerOf('ada');
    const pages = [await shout('ada'), await shout('ada')];
    const native = await enter('ada');
    fails.event = (event) => ((event as { data: string }).data === 'S3CRET' ? fail() : undefined);
    const told = { kind: 'fault', where: 'dialect', message: 'shout could not say acme.note at offset 2: TypeError' };
    for (const words of ['a', 'S3CRET', 'b']) await note(manager, words);
    for (const page of pages) expect(await received(page, 2)).toEqual([1, 3]);
    expect(await received(native, 3)).toEqual([1, 2, 3]);
    expect(faults()).toEqual([told, told]);
  });

  test('at an event once: whoever reads it later gets it', async () => {
    const { shout, enter, managerOf, fails, faults } = await startShouting();
    const manager = await managerOf('ada');
    const from = fromStart(await enter('ada'));
    const pages = [await shout('ada'), await shout('ada')];
    fails.event = () => {
      throw new TypeError('not yet');
    };
    await note(manager);
    await expect.poll(() => faults().length).toBe(2);
    delete fails.event;
    expect(await received(await shout('ada', { from }), 1)).toEqual([1]);
    expect(pages.flatMap(({ offsets }) => offsets)).toEqual([]);
  });

  test.each(failures)('at a frame (it %s): it is left out', async (_, fail) => {
    const { connect, managerOf, fails, faults } = await startShouting();
    fails.frame = fail;
    const page = await connect('ada', { protocols: ['shout'] });
    await expect.poll(faults).toEqual([expect.objectContaining({ message: 'shout could not say welcome: TypeError' })]);
    await note(await managerOf('ada'));
    expect(await page.next()).toMatchObject({ type: 'ACME.NOTE' });
  });

  test.each(failures)('at what a page says (it %s): the page hears of it, instead of losing it', async (_, fail) => {
    const { shout, fails, faults, telemetry } = await startShouting();
    const page = await shout('ada');
    fails.read = () => {
      const failed = fail();
      return failed instanceof Promise ? failed : [failed];
    };
    page.send('SAY t-1 S3CRET');
    expect(await page.closed).toEqual({ code: 4400, reason: 'this frame could not be read' });
    expect(faults()).toEqual([{ kind: 'fault', where: 'dialect', message: 'shout could not read a frame: TypeError' }]);
    await turn();
    expect(JSON.stringify(telemetry)).not.toContain('S3CRET');
  });
});

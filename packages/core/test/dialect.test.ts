// Pages of another dialect at the door: who is recognised, what is selected, and that nothing else is different for them.
import { describe, expect, test } from 'vitest';
import type { Credentials } from '../src/authenticator.js';
import type { Dialect } from '../src/dialect.js';
import { fakeScheduler } from './fake-scheduler.js';
import { byName, type RunningService, startService } from './running-service.js';
import { shoutingDialect } from './shouting-dialect.js';

/** Everything that the service told anybody, as one text. */
const toldBy = ({ telemetry }: RunningService) => JSON.stringify(telemetry);

async function startShouting(options: Parameters<typeof startService>[0] = {}) {
  const seen: Credentials[] = [];
  const shouting = shoutingDialect();
  const running = await startService({
    authenticate: (credentials) => {
      seen.push(credentials);
      return byName(credentials);
    },
    dialects: [shouting.dialect],
    ...options,
  });
  return { ...running, ...shouting, seen };
}

describe('S3 R7 a page of a dialect is recognised', () => {
  test.each([
    ['by a name it is selected by', { protocols: ['shout', 'shout.ada'] }, 'shout', 'subprotocol'],
    ['wherever the name stands', { protocols: ['shout.ada', 'chat', 'whisper'] }, 'whisper', 'subprotocol'],
    [
      'by the first of its names, whatever came first',
      { protocols: ['whisper', 'shout', 'shout.ada'] },
      'shout',
      'subprotocol',
    ],
    ['by what stands in the query alone', { protocols: [], query: { shout: 'ada' } }, '', 'query'],
    ['with a credential in a header', { protocols: ['shout'], token: 'ada' }, 'shout', 'authorization'],
    [
      'with a cookie',
      { protocols: ['shout'], headers: { cookie: 'sid=ada', origin: 'http://app' } },
      'shout',
      'cookie',
    ],
  ])('%s', async (_, knock, selected, carrier) => {
    const running = await startShouting({ cookieName: 'sid', allowedOrigins: ['http://app'] });
    const page = await running.connect(undefined, knock);
    expect(await page.next()).toMatchObject({ type: 'HELLO', user: 'ada' });
    expect(page.webSocket.protocol).toBe(selected);
    expect(running.seen).toEqual([{ token: 'ada', carrier }]);
    expect(running.telemetry).toContainEqual(expect.objectContaining({ kind: 'session_opened', dialect: 'shout' }));
  });

  test('by a ticket, which is good once', async () => {
    const { connect, service } = await startShouting();
    const { ticket } = service.issueTicket(await service.authenticate({ token: 'ada' }));
    const knock = { protocols: [], query: { ticket } };
    expect(await (await connect(undefined, knock)).next()).toMatchObject({ type: 'HELLO', user: 'ada' });
    expect((await (await connect(undefined, knock)).closed).code).toBe(4401);
  });

  test('but not when it offers throughline.v1, which always wins', async () => {
    const { connect, fails, telemetry } = await startShouting();
    fails.recognise = () => expect.unreachable('it is not asked');
    const page = await connect(undefined, { protocols: ['shout', 'shout.bad', 'throughline.v1', 'bearer.ada'] });
    expect(await page.next()).toMatchObject({ type: 'welcome', user_id: 'ada' });
    expect(page.webSocket.protocol).toBe('throughline.v1');
    expect(telemetry.map(({ kind }) => kind)).not.toContain('fault');
    expect(telemetry.find(({ kind }) => kind === 'session_opened')).not.toHaveProperty('dialect');
  });

  test('by the first of several that knows it', async () => {
    const [first, second] = [shoutingDialect('loud'), shoutingDialect('shout')];
    const { connect, telemetry } = await startService({ dialects: [first.dialect, second.dialect] });
    for (const protocols of [['shout', 'shout.ada'], ['whisper'], ['loud', 'loud.ada']]) {
      await (await connect(protocols[0] === 'whisper' ? 'ada' : undefined, { protocols })).until('HELLO');
    }
    const opened = telemetry.filter((event) => event.kind === 'session_opened');
    expect(opened.map(({ dialect }) => dialect)).toEqual(['shout', 'loud', 'loud']);
  });
});

describe('R7 a token is never repeated', () => {
  test('a page that offers nothing but its token cannot be served, and hears what to offer', async () => {
    const running = await startShouting();
    const { status, body, headers } = await running.refused({ protocols: ['shout.S3CRET'] });
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect(body.detail).toContain('Offer shout or whisper too');
    expect(JSON.stringify([body, headers]) + toldBy(running)).not.toContain('S3CRET');
    expect(running.seen).toEqual([]);
  });

  test('nor by a refusal, whatever carried it', async () => {
    const running = await startShouting();
    const knocks = [
      { protocols: ['shout', 'shout.bad-S3CRET'] },
      { protocols: [], query: { shout: 'bad-S3CRET' } },
      { protocols: ['shout'], query: { ticket: 'bad-S3CRET' } },
    ];
    for (const knock of knocks) {
      const page = await running.connect(undefined, knock);
      expect(page.webSocket.protocol).not.toContain('S3CRET');
      expect(JSON.stringify(await page.closed)).not.toContain('S3CRET');
    }
    const carriers = running.telemetry.flatMap((event) => (event.kind === 'refused' ? [event.carrier] : []));
    expect(carriers).toEqual(['subprotocol', 'query', 'ticket']);
    expect(toldBy(running)).not.toContain('S3CRET');
  });
});

describe('R6 S10 what is refused is refused in every dialect', () => {
  test.each([
    ['no credential', { protocols: ['shout'] }, 4401, 'CREDENTIAL_MISSING'],
    ['a bad credential', { protocols: ['shout', 'shout.bad'] }, 4401, 'CREDENTIAL_REFUSED'],
    ['an expired one', { protocols: ['shout', 'shout.ada~1'] }, 4401, 'CREDENTIAL_REFUSED'],
    ['two of two users', { protocols: ['shout', 'shout.ada'], query: { shout: 'bob' } }, 4403, 'CREDENTIALS_DISAGREE'],
    ['a position that is none', { protocols: ['shout', 'shout.ada'], from: 'yesterday' }, 4400, 'FROM_INVALID'],
    ['a thread that is none', { protocols: ['shout', 'shout.ada'], threads: ['a b'] }, 4400, 'THREADS_INVALID'],
  ])('%s', async (_, knock, close, code) => {
    const { connect, telemetry } = await startShouting();
    const page = await connect(undefined, knock);
    expect((await page.closed).code).toBe(close);
    expect(page.webSocket.protocol).toBe('shout');
    expect(page.frames).toEqual([]);
    expect(telemetry.at(-1)).toMatchObject({ kind: 'refused', code });
  });

  test.each([
    ['a foreign origin', {}, { protocols: ['shout', 'shout.ada'], headers: { origin: 'https://evil.example' } }, 403],
    [
      'a cookie without an origin',
      { cookieName: 'sid' },
      { protocols: ['shout'], headers: { cookie: 'sid=ada' } },
      403,
    ],
    [
      'too many knocks',
      { handshakesPerAddress: { burst: 1, perSecond: 0.001 } },
      { protocols: ['shout', 'shout.ada'] },
      429,
    ],
    ['an authenticator that is down', {}, { protocols: ['shout', 'shout.down'] }, 503],
  ])('%s', async (_, options, knock, status) => {
    const running = await startShouting(options);
    if (status === 429) await running.connect('ada');
    expect((await running.refused(knock)).status).toBe(status);
  });

  test('R15 a credential that ends, ends the session', async () => {
    const scheduler = fakeScheduler();
    const { connect } = await startShouting({ scheduler, expiryGraceMs: 1_000 });
    const page = await connect(undefined, { protocols: ['shout', `shout.ada~${scheduler.now() + 5_000}`] });
    await page.until('HELLO');
    await scheduler.pass(7_000);
    expect((await page.closed).code).toBe(4401);
  });

  test('S9 a page that is signed out', async () => {
    const { connect, service } = await startShouting();
    const page = await connect(undefined, { protocols: ['shout', 'shout.ada'] });
    await page.until('HELLO');
    expect(service.revoke({ user_id: 'ada' })).toBe(1);
    expect((await page.closed).code).toBe(4401);
  });
});

describe('R7 S13 a page that brings no credential: its operator is told where it was looked', () => {
  test.each([
    ['everywhere', {}, {}, 'looked at authorization, subprotocol, ticket, query'],
    ['also for a cookie', { cookieName: 'sid' }, {}, 'looked at authorization, subprotocol, ticket, query, cookie'],
  ])('%s', async (_, options, query, hint) => {
    const { connect, telemetry } = await startShouting({ ...options });
    await (await connect(undefined, { protocols: ['shout'], query })).closed;
    expect(telemetry.at(-1)).toMatchObject({ kind: 'refused', code: 'CREDENTIAL_MISSING', hint });
  });

  test.each([
    ['a dialect that takes none from addresses', 'shout'],
    ['throughline.v1', 'throughline.v1'],
  ])('and that a token in its address is not taken, by %s', async (_, protocol) => {
    const shouting = { ...shoutingDialect().dialect, carriers: ['subprotocol', 'ticket'] } satisfies Dialect;
    const { connect, telemetry } = await startService({ dialects: [shouting] });
    await (await connect(undefined, { protocols: [protocol], query: { token: 'S3CRET' } })).closed;
    const hint = 'looked at authorization, subprotocol, ticket; tokens in a query are not taken here';
    expect(telemetry.at(-1)).toMatchObject({ kind: 'refused', code: 'CREDENTIAL_MISSING', hint });
  });
});

describe('S13 a dialect that counts', () => {
  test('is told of those that were let in, by what brought their credentials, and of nobody else', async () => {
    const admitted: unknown[] = [];
    const counting: Dialect = {
      ...shoutingDialect().dialect,
      admitted: (carriers) => void admitted.push(carriers),
    };
    const { connect, telemetry } = await startService({ dialects: [counting] });
    await (await connect(undefined, { protocols: [], query: { shout: 'bad' } })).closed;
    await (await connect(undefined, { protocols: ['shout'] })).closed;
    await (await connect('ada')).until('welcome');
    expect(admitted).toEqual([]);
    await (await connect(undefined, { protocols: ['shout', 'shout.ada'], query: { shout: 'ada' } })).until('HELLO');
    expect(admitted).toEqual([['subprotocol', 'query']]);
    expect(telemetry.map(({ kind }) => kind)).not.toContain('fault');
  });

  test.each([
    [
      'throws',
      () => {
        throw new TypeError('S3CRET');
      },
    ],
    ['fails later', () => Promise.reject(new Error('S3CRET'))],
  ])('and %s: the page is served, and nobody is told what it said', async (_, admitted) => {
    const counting: Dialect = { ...shoutingDialect().dialect, admitted: admitted as () => void };
    const running = await startService({ dialects: [counting] });
    await (await running.connect(undefined, { protocols: ['shout', 'shout.ada'] })).until('HELLO');
    const message = 'shout could not take note of a session: TypeError';
    expect(running.telemetry).toContainEqual({ kind: 'fault', where: 'dialect', message });
    expect(toldBy(running)).not.toContain('S3CRET');
  });
});

describe('S3 a service that speaks no dialect', () => {
  test.each([
    [{ protocols: ['jwt-auth', 'jwt.S3CRET'] }],
    [{ protocols: ['jwt.S3CRET'] }],
    [{ protocols: ['bearer.S3CRET'] }],
    [{ protocols: ['jwt'] }],
    [{ protocols: [], query: { token: 'S3CRET' } }],
    [{ protocols: [], query: { access_token: 'S3CRET' } }],
  ])('tells pages that look older, and its operator, what to do: %j', async (knock) => {
    const running = await startService();
    const { status, body } = await running.refused(knock);
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect(body.detail).toMatch(/throughline\.v1.*dialects.*@throughline\/compat\/legacy-dialect/);
    expect(running.telemetry).toEqual([expect.objectContaining({ kind: 'refused', hint: body.detail })]);
    expect(JSON.stringify(body) + toldBy(running)).not.toContain('S3CRET');
  });

  test.each([[{ protocols: ['graphql-ws'] }], [{ protocols: [] }], [{ protocols: ['jwtx'] }]])(
    'tells others what they always heard: %j',
    async (knock) => {
      const { refused } = await startService();
      expect((await refused(knock)).body.detail).toBe('Ask for an upgrade to websocket and offer throughline.v1.');
    },
  );

  test('nor does one that speaks another', async () => {
    const { refused } = await startShouting();
    expect((await refused({ protocols: ['jwt-auth', 'jwt.ada'] })).body.detail).toContain('legacyDialect()');
  });
});

describe('S15 a dialect that fails at the door', () => {
  test.each([
    [
      'throws',
      () => {
        throw new TypeError('S3CRET');
      },
    ],
    ['answers with something else', () => 'S3CRET'],
    ['answers with a list of nothing', () => [undefined]],
    ['answers with a token that is no text', () => [{ token: 7, carrier: 'query' }]],
    ['answers with a carrier that is none of its own', () => [{ token: 'S3CRET', carrier: 'cookie' }]],
    ['answers later', async () => []],
    ['fails later', () => Promise.reject(new Error('S3CRET'))],
  ])('%s: the next one is asked, and nobody is told what it said', async (_, fail) => {
    const [broken, sound] = [shoutingDialect('shout'), shoutingDialect('other')];
    broken.fails.recognise = fail;
    const running = await startService({ dialects: [broken.dialect, sound.dialect] });
    await (await running.connect('ada', { protocols: ['whisper'] })).until('HELLO');
    expect((await running.refused({ protocols: ['shout', 'shout.S3CRET'] })).status).toBe(400);
    expect(toldBy(running)).not.toContain('S3CRET');
    const faults = running.telemetry.filter(({ kind }) => kind === 'fault');
    expect(faults.length).toBe(2);
    expect(faults[0]).toMatchObject({
      where: 'dialect',
      message: expect.stringContaining('shout could not recognise'),
    });
  });

  test('whatever is wrong with it: the stranger is answered', async () => {
    const dialect = { ...shoutingDialect().dialect };
    const { refused, telemetry } = await startService({ dialects: [dialect] });
    Object.assign(dialect, { subprotocols: undefined });
    expect((await refused({ protocols: ['shout'] })).status).toBe(503);
    expect(telemetry).toContainEqual(expect.objectContaining({ kind: 'fault', where: 'handshake' }));
  });
});

test('S3 what a dialect says, it says at once: the compiler refuses promises', () => {
  const { dialect } = shoutingDialect();
  const later: Pick<Dialect, 'name' | 'event' | 'frame'> = {
    name: dialect.name,
    // @ts-expect-error what comes later comes out of order
    event: async () => ({ type: 'LATER' }),
    // @ts-expect-error the same
    frame: async () => undefined,
  };
  expect(later.name).toBe('shout');
});

describe('S16 the option', () => {
  const good = shoutingDialect().dialect;
  test.each([
    ['no list', good],
    ['no dialect', [undefined]],
    ['no name', [{ ...good, name: '' }]],
    ['a name of two words', [{ ...good, name: 'two words' }]],
    ['one name twice', [good, good]],
    ['no subprotocols', [{ ...good, subprotocols: undefined }]],
    ['a subprotocol that is no token', [{ ...good, subprotocols: ['a b'] }]],
    ['a version of ours', [{ ...good, subprotocols: ['throughline.v1'] }]],
    ['carriers that are none', [{ ...good, carriers: ['cookie'] }]],
    ['what cannot be told of admissions', [{ ...good, admitted: true }]],
    ['no way to read', [{ ...good, read: undefined }]],
  ])('refuses %s', async (_, dialects) => {
    const started = startService({ dialects: dialects as unknown as Dialect[] });
    await expect(started).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('dialects'),
    });
  });
});

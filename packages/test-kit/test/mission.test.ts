// S12: the command that is pointed at staging, on services that are as they should be, and its arguments.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { getWebSocketManager } from '@throughline/core';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flakyProxy, startTestService } from '../src/index.js';
import { checks } from '../src/mission/checks.js';
import { isLoopback } from '../src/mission/loopback.js';
import { cleaned } from '../src/mission/report.js';
import { startRelay } from './mission-relay.js';
import { fly, namesOf, readReport, startMissionService } from './mission-service.js';

const tokens = { THROUGHLINE_TOKEN: 'the-token-of-ada', THROUGHLINE_OTHER_TOKEN: 'the-token-of-bob' };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-mission-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file of its own with this text. */
async function fileWith(text: string): Promise<string> {
  const file = join(folder, randomBytes(6).toString('hex'));
  await writeFile(file, text);
  return file;
}

describe('S12: a mission to a service that is as it should be', () => {
  test('passes every check, and says so to people, to runners and to programs', async () => {
    await using service = await startMissionService();
    const [json, junit] = [join(folder, 'mission.json'), join(folder, 'mission.xml')];
    const usage = await fileWith(JSON.stringify({ version: 1, lines: 0, files: 0, used: [], refused: [] }));
    const args = [service.url, '--usage', usage, '--strict', '--json', json, '--junit', junit];
    const flight = await fly(args, service.environment);
    expect([flight.code, flight.error], flight.out).toEqual([0, '']);
    expect(namesOf(flight, 'passed')).toEqual(checks.map(({ name }) => name));
    const report = await readReport(json);
    expect(report).toMatchObject({ version: 1, url: service.url, verdict: 'passed' });
    expect(report.checks.map(({ name, status }) => [name, status])).toEqual(checks.map(({ name }) => [name, 'passed']));
    expect(Object.keys(report.measures).sort()).toEqual(['accepted', 'answer', 'first_event', 'recovery', 'welcome']);
    const xml = await readFile(junit, 'utf8');
    expect(xml).toContain(`tests="${checks.length}" failures="0" skipped="0"`);
    for (const token of Object.values(service.environment))
      expect(flight.out + xml + JSON.stringify(report)).not.toContain(token);
  });

  test('asks each user’s agent once, and leaves nothing open', async () => {
    let upgrades = 0;
    await using service = await startMissionService();
    service.service.server.on('upgrade', () => (upgrades += 1));
    const { code, out } = await fly([service.url], service.environment);
    expect(code, out).toBe(0);
    const handled = service.service.telemetry.filter(({ kind }) => kind === 'message_handled');
    expect(handled).toHaveLength(2);
    expect(upgrades).toBeLessThanOrEqual(40);
    await expect.poll(() => service.service.service.health().sessions).toBe(0);
  });

  test('over a slow line, too', async () => {
    await using service = await startMissionService();
    await using proxy = await flakyProxy(service.url, { script: () => [{ fault: 'latency', ms: 5, jitterMs: 5 }] });
    const { code, out } = await fly([proxy.url], service.environment);
    expect(code, out).toBe(0);
  });

  test('with an answer that is larger than all buffers on the way, which the stalled page fills', async () => {
    await using service = await startMissionService({
      async onMessage({ id, thread_id }, userContext) {
        const options = { agent_name: 'novelist', thread_id, message_id: id };
        await getWebSocketManager(userContext).run(options, async (run) => {
          await run.thinking({ reasoning: 'It was a dark and stormy night.' });
          await (await run.toolExecuting({ tool_name: 'ink', parameters: {} })).completed({ results: 'blue' });
          for (let page = 0; page < 100; page += 1) {
            run.text(`${page} ${'dark and stormy '.repeat(1_000)}`);
            await run.flushed();
          }
        });
      },
    });
    const { code, out } = await fly([service.url], service.environment);
    expect(code, out).toBe(0);
    // The second user's one is asked for: by a position of the first's.
    const resets = service.service.telemetry.flatMap((told) =>
      told.kind === 'reset' ? `${told.user_id}: ${told.cause}` : [],
    );
    expect(resets).toEqual(['bob: unknown_epoch']);
  });

  test('with agents that do not name the message, and share the work', async () => {
    await using service = await startMissionService({
      async onMessage({ thread_id }, userContext) {
        const manager = getWebSocketManager(userContext);
        await manager.run({ agent_name: 'planner', thread_id }, async (run) => {
          await run.thinking({ reasoning: 'Somebody else knows how.' });
          await manager.run({ agent_name: 'worker', thread_id, parent_run_id: run.run_id }, async (work) => {
            const tool = await work.toolExecuting({ tool_name: 'dig', parameters: {} });
            await tool.completed({ results: 'a hole' });
          });
        });
      },
    });
    const { code, out } = await fly([service.url, '--thread', 't-1'], service.environment);
    expect(code, out).toBe(0);
  });

  test('with tokens from files, a fresh one from a command, and a page’s origin', async () => {
    await using service = await startMissionService();
    const ada = await service.service.user('ada');
    const fresh = await fileWith(ada.freshToken());
    const files = Object.values(service.environment).map((token) => fileWith(`${token}\n`));
    const [first = '', second = ''] = await Promise.all(files);
    const { port } = new URL(service.url);
    const flight = await fly([
      ...[service.url, '--token-file', first, '--other-token-file', second],
      ...['--refresh-command', `cat ${fresh}`, '--origin', `http://127.0.0.1:${port}`],
    ]);
    expect([flight.code, flight.out], flight.error).toEqual([0, expect.stringMatching(/^✓ refresh$/m)]);
  });
});

test('S12: over TLS, with a certificate that it was told to trust, and not a byte to who has another', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'staging' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  await using service = await startMissionService({ server: createSecureServer({ key, cert }) });
  let requests = 0;
  service.service.server.on('upgrade', () => (requests += 1));
  const stranger = await fly([service.url], service.environment);
  expect([stranger.code, stranger.error]).toEqual([2, expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT')]);
  expect(requests).toBe(0);
  const { code, out } = await fly([service.url, '--ca', await fileWith(cert)], service.environment);
  expect(code, out).toBe(0);
  await new Promise((resolve) => service.service.server.close(resolve));
});

describe('S12: what is wrong is 1', () => {
  test('both tokens are of one user, or the service takes everybody for one (R9)', async () => {
    await using service = await startTestService({ authenticate: () => ({ user_id: 'anonymous' }) });
    const flight = await fly([service.url], tokens);
    expect([flight.code, namesOf(flight, 'failed')]).toEqual([1, ['arrival']]);
    expect(flight.out).toContain('Both tokens are welcomed as anonymous');
  });

  test('something answers, and it is no service: what it says is in the report, and nothing of a terminal', async () => {
    const server = createServer();
    server.on('upgrade', (_, socket) => {
      socket.on('error', () => {});
      const body = '\u001b[31mdown for maintenance';
      socket.end(`HTTP/1.1 503 Later\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { readonly port: number };
    const flight = await fly([`ws://127.0.0.1:${port}/ws`], tokens);
    server.close();
    expect([flight.code, namesOf(flight, 'failed')]).toEqual([1, ['arrival']]);
    expect(flight.out).toContain('503: �[31mdown for maintenance');
    expect(namesOf(flight, 'skipped')).toHaveLength(checks.length - 1);
  });

  test.each([
    { type: 'welcome' },
    { type: 'welcome', position: 7 },
    { type: 'reset', position: null },
    { type: 'agent_started', offset: {} },
  ])('frames that are not what their names say, and the mission comes home: %j', async (said) => {
    await using service = await startMissionService();
    await using relay = await startRelay(service.url, { down: () => [said] });
    const flight = await fly([relay.url, '--deadline', '2'], service.environment);
    expect([flight.code, namesOf(flight, 'failed')]).toEqual([1, ['arrival']]);
  });

  test('a first event that takes longer than it may', async () => {
    await using service = await startMissionService();
    const flight = await fly([service.url, '--first-event', '0.001'], service.environment);
    expect([flight.code, namesOf(flight, 'failed')]).toEqual([1, ['first-event']]);
  });

  test('S13: a line of the service still uses what is deprecated', async () => {
    await using service = await startMissionService();
    const use = { file: 'src/old.ts', line: 7, code: 'TL_DEP003', symbol: 'createManager', calls: 2 };
    const usage = await fileWith(JSON.stringify({ version: 1, lines: 1, files: 1, used: [use], refused: [] }));
    const server = createServer((_, response) => response.end(JSON.stringify({ version: 1, used: [use] })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { readonly port: number };
    for (const place of [usage, `http://127.0.0.1:${port}/usage`]) {
      const flight = await fly([service.url, '--usage', place], service.environment);
      expect([flight.code, namesOf(flight, 'failed')]).toEqual([1, ['deprecations']]);
      expect(flight.out).toContain('TL_DEP003 at src/old.ts:7');
    }
    const none = await fly([service.url, '--usage', await fileWith('{}')], service.environment);
    expect(namesOf(none, 'failed')).toEqual(['deprecations']);
    server.close();
  });

  test('S13: a burn-down that cannot be had: its host is named, and nothing that may be secret in its address', async () => {
    await using service = await startMissionService();
    const server = createServer((request, response) => {
      if (request.url?.startsWith('/large')) response.end(Buffer.alloc(4_000_001, ' '));
      else if (request.url?.startsWith('/moved')) response.writeHead(302, { location: '/burn-down?key=hush' }).end();
      else response.writeHead(404).end('key=hush');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { readonly port: number };
    const host = `127.0.0.1:${port}`;
    const [json, junit] = [join(folder, 'unread.json'), join(folder, 'unread.xml')];
    for (const [place, found] of [
      [`http://${host}/none?key=hush`, `at ${host} is answered with 404.`],
      [`http://${host}/large?key=hush`, `at ${host} is larger than 4000000 bytes.`],
      [`http://${host}/moved?key=hush`, `at ${host} cannot be fetched (`],
      ['http://127.0.0.1:9/burn-down?key=hush', 'at 127.0.0.1:9 cannot be fetched ('],
      [join(folder, 'hush'), 'A file of --usage cannot be read (ENOENT).'],
    ] as const) {
      const skipped = checks.flatMap(({ name, stage }) => (stage === 'stay' ? ['--skip', name] : []));
      const reports = ['--json', json, '--junit', junit];
      const flight = await fly([service.url, '--usage', place, ...skipped, ...reports], service.environment);
      expect([flight.code, namesOf(flight, 'failed')]).toEqual([1, ['deprecations']]);
      expect(flight.out).toContain(found);
      const written = [await readFile(json, 'utf8'), await readFile(junit, 'utf8')];
      expect(flight.out + flight.error + written.join('')).not.toContain('hush');
    }
    server.close();
  });

  test('a message that the service does not take', async () => {
    await using service = await startTestService({ heartbeatMs: 1_000 });
    const users = {
      THROUGHLINE_TOKEN: (await service.user('a')).token,
      THROUGHLINE_OTHER_TOKEN: (await service.user('b')).token,
    };
    const flight = await fly([service.url], users);
    expect([flight.code, flight.out]).toEqual([1, expect.stringContaining('MESSAGE_UNSUPPORTED')]);
    expect(namesOf(flight, 'failed')).toContain('golden-path');
    expect(namesOf(flight, 'skipped')).toEqual(
      expect.arrayContaining(['first-event', 'resume', 'reload', 'slow-reader']),
    );
  });

  test('an answer that never comes: the deadline ends the mission', async () => {
    await using service = await startMissionService({ onMessage: () => new Promise(() => {}) });
    const flight = await fly([service.url, '--deadline', '3'], service.environment);
    expect([flight.code, namesOf(flight, 'failed')]).toEqual([1, expect.arrayContaining(['golden-path'])]);
  });

  test('what was not checked, where that is asked for', async () => {
    await using service = await startMissionService();
    const flight = await fly([service.url, '--strict', '--skip', 'heartbeat'], service.environment);
    expect([flight.code, namesOf(flight, 'failed'), namesOf(flight, 'skipped')]).toEqual([
      1,
      [],
      ['heartbeat', 'deprecations'],
    ]);
    expect(flight.out).toContain('not checked. By --skip.');
  });
});

describe('S12: what could not be found out is 2', () => {
  const address = 'ws://127.0.0.1:1/ws';

  test('nobody is there', async () => {
    const flight = await fly([address], tokens);
    expect(flight).toEqual({
      code: 2,
      out: '',
      error: 'throughline-mission: 127.0.0.1:1 does not answer: ECONNREFUSED\n',
    });
  });

  test('somebody takes the connection and says nothing', async () => {
    await using service = await startMissionService();
    await using proxy = await flakyProxy(service.url, { script: () => [{ fault: 'black_hole' }] });
    const { code, error } = await fly([proxy.url, '--deadline', '1'], tokens);
    expect([code, error]).toEqual([2, expect.stringContaining('does not answer: Waited')]);
  });

  test.each<[what: string, args: readonly string[], error: string]>([
    ['no address', [], "missing required argument 'url'"],
    ['no address at all', ['staging'], 'The address is none'],
    ['an address of pages', ['https://staging.example/'], 'The address must begin with wss: or ws:.'],
    ['a password in the address', ['wss://ada:secret@staging.example/'], 'must hold no name and no password'],
    ['one user twice', [address, '--other-token', 'the-token-of-ada'], 'Both tokens are the same'],
    [
      'a token and its file',
      [address, '--token', 'one', '--token-file', '/none'],
      '--token and --token-file: give one',
    ],
    [
      'a token where its file should be',
      [address, '--token-file', 'eyJ.the-token-of-ada'],
      '--token-file: the file cannot be read (ENOENT)',
    ],
    ['an empty token', [address, '--token', ' '], '--token: it is empty'],
    [
      'two ways to a fresh token',
      [address, '--refresh-token', 'x', '--refresh-command', 'true'],
      'give one of the two',
    ],
    ['a message that is no JSON', [address, '--message', 'hello'], '--message: it must be JSON'],
    ['a thread that is no id', [address, '--thread', 'two words'], '--thread: 1 to 128'],
    ['an origin that is none', [address, '--origin', 'app'], '--origin: an origin'],
    ['a page for an origin', [address, '--origin', 'https://app.example/'], '--origin: an origin'],
    [
      'an origin that adds a header',
      [address, '--origin', 'https://app.example/\r\nX-Added: 1'],
      '--origin: an origin',
    ],
    ['a burn-down of no address', [address, '--usage', 'https://[x]/?key=secret'], '--usage: the address is none'],
    [
      'a burn-down of no web',
      [address, '--usage', 'ftp://host.example/?key=secret'],
      '--usage: the address must begin',
    ],
    [
      'a password in the address of a burn-down',
      [address, '--usage', 'https://ada:secret@host.example/'],
      '--usage: the address must hold no name and no password',
    ],
    ['a deadline that is none', [address, '--deadline', 'soon'], '--deadline: a number above 0'],
    ['a check that there is not', [address, '--skip', 'resum'], '--skip: there is no check resum. There are: arrival,'],
    ['a certificate for no TLS', [address, '--ca', '/none'], '--ca: only a wss: address'],
    ['an option that there is not', [address, '--tokken=secret'], "unknown option '--tokken=…'"],
  ])('%s', async (_, args, error) => {
    const flight = await fly(args, tokens);
    expect([flight.code, flight.out]).toEqual([2, '']);
    expect(flight.error).toContain(error);
    expect(flight.error).not.toMatch(/=secret|:secret|the-token-of/);
  });

  test('no token', async () => {
    expect(await fly([address])).toMatchObject({ code: 2, error: expect.stringContaining('set THROUGHLINE_TOKEN') });
    const { THROUGHLINE_TOKEN } = tokens;
    const other = await fly([address], { THROUGHLINE_TOKEN });
    expect(other).toMatchObject({ code: 2, error: expect.stringContaining('set THROUGHLINE_OTHER_TOKEN') });
  });
});

test('S12: whoever sends tokens unencrypted beyond this machine is told', async () => {
  expect((await fly(['ws://0.0.0.0:1/'], tokens)).error).toContain('ws: sends the tokens unencrypted');
  expect((await fly(['ws://127.1.2.3:1/'], tokens)).error).not.toContain('unencrypted');
  const here = ['localhost', '127.0.0.1', '127.8', '[::1]'];
  const elsewhere = ['localhost.evil.example', '127.evil.example', '127.0.0.1.evil.example', '10.0.0.1', '[::2]'];
  const isHere = (host: string) => isLoopback(new URL(`ws://${host}/`));
  expect([here.every(isHere), elsewhere.some(isHere)]).toEqual([true, false]);
});

test('S12: a token is taken out of a text in every form it may have there', () => {
  const token = 'a"b?c>d~e/the-token-of-ada';
  const forms = (['base64', 'base64url'] as const).flatMap((encoding) =>
    ['', 'x', 'xy', 'ada:'].map((before) => Buffer.from(`${before}${token}.`).toString(encoding)),
  );
  for (const form of [token, JSON.stringify(token), encodeURIComponent(token), ...forms]) {
    // Of base64, what stands around it is left.
    expect(cleaned(`says ${form}.`, [token])).toMatch(/^says .{0,6}‹token›.{0,4}\.$/);
  }
});

test('the guide lists every check, in order', async () => {
  const guide = await readFile(new URL('../../../docs/testing.md', import.meta.url), 'utf8');
  expect(guide).toContain(checks.map(({ name, why }) => `| \`${name}\` | ${why} |\n`).join(''));
});

test('the command as a process: its exit code is the verdict, --help says all of it', async () => {
  const run = promisify(execFile);
  const bin = fileURLToPath(new URL('../src/mission/bin.ts', import.meta.url));
  const node = ['--conditions=@throughline/source', '--import', 'tsx', bin];
  const { stdout } = await run(process.execPath, [...node, '--help']);
  for (const { name, why } of checks) expect(stdout).toContain(`  ${name}\n    ${why}\n`);
  await using service = await startMissionService();
  const env = { ...process.env, ...service.environment };
  await expect(run(process.execPath, [...node, service.url], { env })).resolves.toMatchObject({
    stdout: expect.stringContaining('\nPASSED: '),
    stderr: '',
  });
  await expect(run(process.execPath, [...node, service.url, '--first-event', '0.001'], { env })).rejects.toMatchObject({
    code: 1,
  });
  await expect(run(process.execPath, [...node, 'ws://127.0.0.1:1/'], { env })).rejects.toMatchObject({ code: 2 });
});

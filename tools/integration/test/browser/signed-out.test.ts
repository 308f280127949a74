// S9, S10, R6, R15: who is signed out hears it everywhere and once; and a token leaves no trace.
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createHeldPace } from '../../src/browser/held-pace.js';
import { type Person, unexplained } from '../../src/browser/person.js';
import { longQuestion } from '../../src/browser/questions.js';
import { type Stage, setStage } from '../../src/browser/stage.js';
import type { Tab } from '../../src/browser/tab.js';
import { tracesOf } from '../../src/browser/traces.js';
import { openRawClient } from '../../src/raw-client.js';

const pace = createHeldPace(60);
/** Of a token, in seconds; the service allows for clocks that differ by five more. */
const tokenLifeSeconds = 1;
const toleranceSeconds = 5;
/** What a request for a token waits for. */
let gate = Promise.resolve();
/** What this process writes. */
const lines: string[] = [];
let stage: Stage;
beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  stage = await setStage({
    pace,
    tokenLifeSeconds,
    delayToken: () => gate,
    service: { expiryGraceMs: 0 },
  });
}, 60_000);
afterAll(() => {
  vi.restoreAllMocks();
  return stage[Symbol.asyncDispose]();
});

const loginPage = (tab: Tab): Promise<void> => tab.page.getByTestId('login').waitFor();

/** Lets ten minutes go by for these tabs. */
async function tenMinutesLater(tabs: readonly Tab[]): Promise<void> {
  for (let minute = 0; minute < 10; minute += 1)
    await Promise.all(tabs.map(({ page }) => page.clock.fastForward(60_000)));
}

/** Expects that none of these tabs knocks again. */
async function expectSilence(person: Person, tabs: readonly Tab[]): Promise<void> {
  const knocks = (): number => person.requests.length + tabs.flatMap(({ sockets }) => sockets).length;
  const before = knocks();
  await tenMinutesLater(tabs);
  // What the pages asked for in that time was asked for before this.
  for (const { page } of tabs) await page.evaluate(() => fetch('/icon.svg'));
  expect(knocks()).toBe(before + tabs.length);
}

async function expectNoTrace(person: Person, tabs: readonly Tab[]): Promise<void> {
  const [login] = await person.context.cookies();
  const secrets = [...person.tokens, ...(login ? [login.value] : [])];
  expect(secrets.length).toBeGreaterThan(1);
  const traces = { ...(await tracesOf(person, tabs)), 'in a line of output': lines.join('\n') };
  for (const [place, text] of Object.entries(traces)) {
    for (const secret of secrets) expect(text.includes(secret), `a secret ${place}`).toBe(false);
    // Not even a part of one: a JSON Web Token begins with the encoding of `{"`.
    expect(/eyJ[\w-]{10,}/.exec(text), `a token ${place}`).toBeNull();
  }
}

describe('a page and its token', { timeout: 30_000 }, () => {
  test('R15: no socket is opened before there is a token, and one once there is', async () => {
    let open = (): void => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const grace = await stage.person('grace');
    const tab = await grace.openTab();
    const asked = tab.page.waitForRequest('**/api/token');
    const loggedIn = grace.logInOn(tab);
    await asked;
    await tab.shows('connecting');
    expect(tab.sockets).toHaveLength(0);
    open();
    await loggedIn;
    expect(tab.sockets).toHaveLength(1);
    expect(grace.complaints).toEqual([]);
  });

  test('S10, R6, R15: log-out in one tab closes the others with 4401; they show the log-in page and knock no more', async () => {
    const [ada, elsewhere, grace] = await Promise.all([
      stage.person('ada'),
      stage.person('ada'),
      stage.person('grace'),
    ]);
    await ada.context.clock.install();
    const [first, device, neighbour] = await Promise.all([ada.logIn(), elsewhere.logIn(), grace.logIn()]);
    pace.hold(100);
    await first.ask(longQuestion);
    await first.runIs(longQuestion, 'running');
    const second = await ada.openTab(first.page.url());
    await second.shows('live');
    const { run_id } = await second.theRun(longQuestion);
    const { closed } = await second.listenForClose();
    const [token = ''] = ada.tokens.slice(-1);

    await first.page.getByTestId('log-out').click();
    expect(await closed).toEqual({ code: 4401, reason: 'signed out' });
    await Promise.all([first, second].map(loginPage));
    expect(await second.page.getByTestId('login-notice').textContent()).toContain('logged out');
    expect(await first.page.getByTestId('login-notice').count()).toBe(0);
    await expectSilence(ada, [first, second]);

    // The token outlives the log-in and opens nothing any more.
    const raw = openRawClient({ url: stage.application.url.replace('http', 'ws').concat('ws'), token });
    expect(await raw.closed).toMatchObject({ code: 4401 });
    await expect.poll(() => lines.join(''), { timeout: 10_000 }).toContain('"status":4401');
    await expectNoTrace(ada, [first, second]);

    // Another device of hers is logged in for itself: it notices nothing, and neither does the neighbour.
    await device.shows('live');
    await device.page.getByTestId('thread').click();
    await neighbour.shows('live');
    expect([device, neighbour].map(({ sockets }) => sockets.length)).toEqual([1, 1]);

    // The run went on. Whoever logs in again finds it.
    await ada.logInOn(second);
    await second.runIs(longQuestion, 'running');
    pace.release();
    await second.runIs(longQuestion, 'succeeded');
    await device.runIs(longQuestion, 'succeeded');
    const again = await second.theRun(longQuestion);
    expect(again.run_id).toBe(run_id);
    expect(await device.theRun(longQuestion)).toEqual(again);
    expect([ada, elsewhere, grace].flatMap(({ complaints }) => unexplained(complaints))).toEqual([]);
  });
});

describe.concurrent('a token that expires', { timeout: 30_000 }, () => {
  test('S10, R14: it is refreshed in band before: the socket stays, the answer goes on', async ({
    expect,
    onTestFinished,
  }) => {
    const ada = await stage.person('ada', onTestFinished);
    const tab = await ada.logIn();
    await tab.page.getByTestId('new-thread').click();
    pace.hold(100);
    await tab.ask(longQuestion);
    await tab.runIs(longQuestion, 'running');
    // The answer outlasts the token that it began with.
    const { exp = Infinity } = decodeJwt(ada.tokens[0] ?? '');
    const isOver = (): boolean => Date.now() > (exp + toleranceSeconds) * 1_000;
    await expect.poll(isOver, { timeout: (tokenLifeSeconds + toleranceSeconds) * 2_000 }).toBe(true);
    const frames = tab.sockets.flatMap(({ received }) => received).map((text) => JSON.parse(text) as { type: string });
    expect(frames.map(({ type }) => type)).toContain('refreshed');
    pace.release();
    await tab.runIs(longQuestion, 'succeeded');
    expect(tab.sockets).toHaveLength(1);
    await expectNoTrace(ada, [tab]);
    expect(ada.complaints).toEqual([]);
  });

  test('S10, R14, R15: where it cannot be refreshed it ends with 4401: no socket without a token, then the log-in page', async ({
    onTestFinished,
  }) => {
    const grace = await stage.person('grace', onTestFinished);
    await grace.context.clock.install();
    const first = await grace.logIn();
    const second = await grace.openTab(first.page.url());
    await second.shows('live');
    const tabs = [first, second];
    const closings = await Promise.all(tabs.map((tab) => tab.listenForClose()));
    // The place that gives tokens is down.
    await grace.context.route('**/api/token', (route) => route.fulfill({ status: 503, json: { title: 'Down.' } }));
    for (const { closed } of closings) expect(await closed).toEqual({ code: 4401, reason: 'credential expired' });
    await Promise.all(tabs.map((tab) => tab.shows('offline')));
    await tenMinutesLater(tabs);
    for (const { sockets } of tabs) expect(sockets).toHaveLength(1);

    // It is back, and the log-in has ended meanwhile.
    await grace.context.clearCookies();
    await grace.context.unroute('**/api/token');
    await tenMinutesLater(tabs);
    await Promise.all(tabs.map(loginPage));
    await expectSilence(grace, tabs);
    await expectNoTrace(grace, tabs);
    expect(unexplained(grace.complaints)).toEqual([]);
  });
});

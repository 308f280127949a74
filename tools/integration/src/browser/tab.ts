// One tab, used as a person uses it: with the keyboard and the mouse, and with eyes on the page.
import type { BrowserContext, CDPSession, Locator, Page } from 'playwright-core';
import { readRuns, type ShownRun } from './shown-run.js';
import { recordSockets, type SocketRecord, wasWelcomed } from './socket-record.js';

/** What the connection indicator can show. */
export type Indicator = 'live' | 'catching_up' | 'offline' | 'connecting' | 'waiting' | 'signed_out' | 'closed';

export interface Tab {
  readonly page: Page;
  /** All sockets it ever opened. */
  readonly sockets: readonly SocketRecord[];
  /** How many of them were welcomed. */
  readonly welcomes: number;
  /** Types a question and presses Enter. */
  ask(question: string): Promise<void>;
  /** The run on the page that answers this question. */
  run(question: string): Locator;
  /** Waits until a run that answers the question has this status. */
  runIs(question: string, status: ShownRun['status']): Promise<void>;
  runs(): Promise<ShownRun[]>;
  /** The only run that answers the question. @throws when it is shown twice, or not at all */
  theRun(question: string): Promise<ShownRun>;
  /** Waits until the indicator shows this. */
  shows(state: Indicator): Promise<void>;
  /** Closes its open socket from inside the page. */
  closeSocket(): Promise<void>;
  /** Sends a frame through its open socket, beside what the page itself sends. */
  say(frame: object): Promise<void>;
  /** Resolves, once it listens, with a promise of the code and reason that the open socket will be closed with. */
  listenForClose(): Promise<{ readonly closed: Promise<{ readonly code: number; readonly reason: string }> }>;
}

/** Opens a tab at an address. */
export async function openTab(context: BrowserContext, url: string): Promise<Tab> {
  const page = await context.newPage();
  const sockets = recordSockets(page);
  await page.goto(url);
  const run = (question: string): Locator =>
    page.locator('[data-testid=run]', {
      has: page.locator('[data-testid=question]').getByText(question, { exact: true }),
    });
  const runs = (): Promise<ShownRun[]> => readRuns(page);
  let devTools: CDPSession | undefined;

  /** Runs code in the page with its open `socket`: found on the heap, so that the page runs as it is shipped. */
  async function withOpenSocket(code: string): Promise<{ readonly session: CDPSession; readonly objectId: string }> {
    devTools ??= await context.newCDPSession(page);
    const { result: prototype } = await devTools.send('Runtime.evaluate', { expression: 'WebSocket.prototype' });
    const { objects } = await devTools.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId ?? '' });
    const { result, exceptionDetails } = await devTools.send('Runtime.callFunctionOn', {
      objectId: objects.objectId ?? '',
      functionDeclaration: `function () {
        const open = this.filter(({ readyState }) => readyState === 1);
        if (open.length !== 1) throw new Error(open.length + ' sockets are open.');
        const [socket] = open;
        ${code}
      }`,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return { session: devTools, objectId: result.objectId ?? '' };
  }

  return {
    page,
    sockets,
    run,
    runs,
    get welcomes() {
      return sockets.filter(wasWelcomed).length;
    },
    async ask(question) {
      await page.getByLabel('Your question').fill(question);
      await page.keyboard.press('Enter');
    },
    runIs: (question, status) =>
      run(question)
        .and(page.locator(`[data-status=${status}]`))
        .waitFor(),
    async theRun(question) {
      const matching = (await runs()).filter((shown) => shown.question === question);
      const [only] = matching;
      if (!only || matching.length > 1) throw new Error(`"${question}" is shown ${matching.length} times.`);
      return only;
    },
    shows: (state) => page.locator(`[data-testid=connection][data-state=${state}]`).waitFor(),
    async closeSocket() {
      await withOpenSocket('socket.close();');
    },
    async say(frame) {
      await withOpenSocket(`socket.send(${JSON.stringify(JSON.stringify(frame))});`);
    },
    async listenForClose() {
      const { session, objectId } = await withOpenSocket(`
        const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
        return { outcome: closed.then(({ code, reason }) => ({ code, reason })) };`);
      const closed = session
        .send('Runtime.callFunctionOn', {
          objectId,
          functionDeclaration: 'function () { return this.outcome; }',
          awaitPromise: true,
          returnByValue: true,
        })
        .then(({ result }) => result.value as { code: number; reason: string });
      // A test that failed before it looked has closed the page.
      closed.catch(() => {});
      return { closed };
    },
  };
}

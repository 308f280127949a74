// S7, S14: the application is stopped and started again on the same data, under an open page; and where the history
// from the database meets the live log, nothing is doubled.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHeldPace } from '../../src/browser/held-pace.js';
import { comesBack } from '../../src/browser/network-returns.js';
import { unexplained } from '../../src/browser/person.js';
import { calculation, failingQuestion, longQuestion } from '../../src/browser/questions.js';
import { receivedRun } from '../../src/browser/received-run.js';
import { eventsOf } from '../../src/browser/socket-record.js';
import { type Stage, setStage } from '../../src/browser/stage.js';
import type { Tab } from '../../src/browser/tab.js';

const pace = createHeldPace(60);
let stage: Stage;
beforeAll(async () => {
  stage = await setStage({ pace });
}, 60_000);
afterAll(() => stage[Symbol.asyncDispose]());

const framesOf = (tab: Tab): string => tab.sockets.flatMap(({ received }) => received).join('\n');

const threadTitles = (tab: Tab): Promise<string[]> =>
  tab.page.locator('[data-testid=thread] .thread-title').allTextContents();

describe('a restart', { timeout: 40_000 }, () => {
  test('S7, S14: the open page recovers by itself; finished answers are there once, the interrupted one says so', async () => {
    const ada = await stage.person('ada');
    const tab = await ada.logIn();
    await tab.ask(calculation);
    await tab.runIs(calculation, 'succeeded');
    await tab.ask(failingQuestion);
    await tab.runIs(failingQuestion, 'failed');
    const finished = await tab.runs();
    pace.hold(100);
    await tab.ask(longQuestion);
    await tab.run(longQuestion).getByTestId('answer').waitFor();
    await tab.page.getByTestId('new-thread').click();
    await tab.ask(calculation);
    await tab.runIs(calculation, 'succeeded');
    const titles = await threadTitles(tab);
    await tab.page.getByTestId('thread').getByText(calculation).last().click();

    // At once, with an answer half said.
    const { running } = stage.application;
    await running.service.close();
    await running.close();
    await tab.runIs(longQuestion, 'interrupted');
    const [interrupted] = (await tab.runs()).slice(-1);
    await stage.application.startAgain();
    await comesBack(tab, 2);

    // The log is another one, and the page was told so.
    expect(framesOf(tab)).toContain('"cause":"unknown_epoch"');
    const expected = [...finished, interrupted];
    await expect.poll(() => tab.runs(), { timeout: 10_000 }).toEqual(expected);
    expect(await tab.page.locator('[data-testid=run][data-source=live]').count()).toBe(0);
    expect(await threadTitles(tab)).toEqual(titles);

    // It goes on as if nothing had been; and gently this time: what is being answered is answered. Somebody who
    // connected and never asked anything does not hold it up.
    const silent = connect(Number(new URL(stage.application.url).port), '127.0.0.1');
    await once(silent, 'connect');
    await tab.ask('How much is 7 * 6?');
    await tab.runIs('How much is 7 * 6?', 'running');
    await stage.application.running.close();
    await tab.runIs('How much is 7 * 6?', 'succeeded');
    const shown = await tab.runs();
    expect(shown.slice(0, -1)).toEqual(expected);
    await stage.application.startAgain();
    await comesBack(tab, 3);
    await expect.poll(() => tab.runs(), { timeout: 10_000 }).toEqual(shown);
    silent.destroy();
    expect(unexplained(ada.complaints)).toEqual([]);
  });

  test('S7: a question on its way when the server died is not lost in silence: the page says so and can send it again', async () => {
    const { proxy } = stage.application;
    const grace = await stage.person('grace');
    const tab = await grace.logIn(proxy.url);
    // It leaves the page and arrives nowhere.
    proxy.links.at(-1)?.swallow('up');
    await tab.ask(calculation);
    await expect.poll(() => tab.sockets.flatMap(({ sent }) => sent).join(), { timeout: 10_000 }).toContain(calculation);
    const { running } = stage.application;
    await running.service.close();
    await running.close();
    await stage.application.startAgain();
    for (const link of proxy.links) link.cut('reset');
    await comesBack(tab, 2);
    await tab.page.locator('[data-testid=pending][data-state=failed]').waitFor();
    expect(await tab.runs()).toEqual([]);
    await tab.page.getByRole('button', { name: 'Send again' }).click();
    await tab.runIs(calculation, 'succeeded');
    expect(await tab.runs()).toHaveLength(1);
    expect(await tab.page.getByTestId('pending').count()).toBe(0);
    expect(unexplained(grace.complaints)).toEqual([]);
  });

  test('S14: a run that comes from the database and from the log is shown once', async () => {
    const ada = await stage.person('ada');
    const tab = await ada.logIn();
    const { page } = tab;
    const before = 'How much is 1 + 1?';
    await page.getByTestId('new-thread').click();
    await tab.ask(before);
    await tab.runIs(before, 'succeeded');
    await page.getByTestId('new-thread').click();
    pace.hold(100);
    await tab.ask(longQuestion);
    await tab.runIs(longQuestion, 'running');
    // Begun later and ended sooner: it lies in the log behind the beginning of the long one, and in the database.
    await page.getByTestId('thread').getByText(before).click();
    await tab.ask(calculation);
    await tab.runIs(calculation, 'succeeded');
    const shown = await tab.runs();
    const loaded = tab.sockets.length;
    await page.reload();
    await tab.shows('live');
    expect(await tab.runs()).toEqual(shown);
    expect(await page.getByTestId('seam').getAttribute('data-shared')).toBe('1');
    const again = tab.sockets.slice(loaded).flatMap(eventsOf);
    expect(receivedRun(tab.sockets.slice(loaded), shown[1]?.run_id ?? '').outcome).toBe('succeeded');
    expect(again.filter(({ run_id }) => run_id === shown[0]?.run_id)).toEqual([]);
    await page.locator('[data-testid=thread]', { hasText: 'answering' }).click();
    await tab.runIs(longQuestion, 'running');
    pace.release();
    await tab.runIs(longQuestion, 'succeeded');
    await tab.theRun(longQuestion);
    expect(ada.complaints).toEqual([]);
  });
});

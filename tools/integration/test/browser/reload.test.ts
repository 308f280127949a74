// S7, S8, S14: a reload in mid-answer loses nothing and doubles nothing, and a tab opened later shows the same.
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHeldPace } from '../../src/browser/held-pace.js';
import { longestQuestion as question } from '../../src/browser/questions.js';
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

const reloads = 5;
/** In events: the first moment lies in the thinking, the last well before the words at which the run is held back. */
const lastMoment = 100;
const heldAt = 350;

const eventsAt = (tab: Tab): number => tab.sockets.flatMap(eventsOf).length;

describe('a reload in mid-answer', { timeout: 60_000 }, () => {
  test('S7, S8, S14: reloaded at random moments, and opened again beside it, the page shows the very same run', async () => {
    const [ada, elsewhere] = await Promise.all([stage.person('ada'), stage.person('ada')]);
    const [undisturbed, tab] = await Promise.all([elsewhere.logIn(), ada.logIn()]);
    const moments = Array.from({ length: reloads }, () => randomInt(1, lastMoment)).sort((a, b) => a - b);
    pace.hold(heldAt);
    await tab.ask(question);
    // The tab beside it was open before the conversation began: it finds it in its list.
    await undisturbed.page.getByTestId('thread').click();
    await tab.runIs(question, 'running');
    const { run_id } = await tab.theRun(question);

    let second: Tab | undefined;
    for (const moment of moments) {
      await expect.poll(() => eventsAt(undisturbed), { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(moment);
      const before = tab.sockets.length;
      await tab.page.reload();
      await tab.shows('live');
      const again = await tab.theRun(question);
      const where = `reloaded at events ${moments.join(', ')}; here at ${moment}`;
      expect(again, where).toMatchObject({ run_id, status: 'running' });
      // All that was said came again, from the beginning, and once.
      const life = tab.sockets.slice(before);
      expect(life.length, where).toBe(1);
      expect(receivedRun(life, run_id), where).toMatchObject({ repeated: 0 });
      expect(eventsAt(tab), where).toBeGreaterThanOrEqual(moment);
      second ??= await ada.openTab(tab.page.url());
    }
    if (!second) throw new Error('No second tab was opened.');
    expect(await second.theRun(question)).toMatchObject({ run_id, status: 'running' });

    pace.release();
    const tabs = [undisturbed, tab, second];
    await Promise.all(tabs.map((one) => one.runIs(question, 'succeeded')));
    const [whole, ...others] = await Promise.all(tabs.map((one) => one.theRun(question)));
    expect(whole?.answer.length).toBeGreaterThan(1_000);
    expect(whole?.tools.length).toBeGreaterThan(3);
    for (const other of others) expect(other).toEqual(whole);
    for (const one of tabs) expect(await one.runs()).toHaveLength(1);
    const said = receivedRun(undisturbed.sockets, run_id);
    expect(said.text).toBe(said.finalResponse);
    expect(receivedRun(tab.sockets.slice(-1), run_id)).toEqual(said);
    expect(receivedRun(second.sockets, run_id)).toEqual(said);

    // And once it is over, the database tells the same.
    await tab.page.reload();
    await tab.shows('live');
    expect(await tab.theRun(question)).toEqual(whole);
    expect(await tab.run(question).getAttribute('data-source')).toBe('history');
    expect([...ada.complaints, ...elsewhere.complaints]).toEqual([]);
  });
});

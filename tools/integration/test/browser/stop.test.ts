// S8, S14: who ends a run, and who does not. Stop does, a tool that throws does; a tab that is closed does not.
import type { TelemetryEvent } from '@throughline/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHeldPace } from '../../src/browser/held-pace.js';
import { calculation, failingQuestion, longQuestion } from '../../src/browser/questions.js';
import { receivedRun } from '../../src/browser/received-run.js';
import { type Stage, setStage } from '../../src/browser/stage.js';
import type { Tab } from '../../src/browser/tab.js';

const pace = createHeldPace(60);
const telemetry: TelemetryEvent[] = [];
let stage: Stage;
beforeAll(async () => {
  stage = await setStage({ pace, service: { telemetry: (event) => void telemetry.push(event) } });
}, 60_000);
afterAll(() => stage[Symbol.asyncDispose]());

/** One person's screens: two tabs of one browser, and another device, all at the conversation of the first. */
async function threeScreens(question: string): Promise<{ readonly tabs: readonly Tab[]; complaints(): string[] }> {
  const [here, elsewhere] = await Promise.all([stage.person('ada'), stage.person('ada')]);
  const [first, device] = await Promise.all([here.logIn(), elsewhere.logIn()]);
  await first.page.getByTestId('new-thread').click();
  await first.ask(question);
  await first.run(question).waitFor();
  const second = await here.openTab(first.page.url());
  await device.page.getByTestId('thread').getByText(question, { exact: true }).first().click();
  const tabs = [first, second, device];
  await Promise.all(tabs.map((tab) => tab.run(question).waitFor()));
  return { tabs, complaints: () => [...here.complaints, ...elsewhere.complaints] };
}

describe('the end of a run', { timeout: 30_000 }, () => {
  test('S8: Stop ends it as cancelled on every screen, whoever of them asked', async () => {
    pace.hold(100);
    const { tabs, complaints } = await threeScreens(longQuestion);
    await Promise.all(tabs.map((tab) => tab.run(longQuestion).getByTestId('answer').waitFor()));
    await tabs[1]?.page.getByTestId('stop').click();
    await Promise.all(tabs.map((tab) => tab.runIs(longQuestion, 'cancelled')));
    const [stopped, ...others] = await Promise.all(tabs.map((tab) => tab.theRun(longQuestion)));
    if (!stopped) throw new Error('There are three screens.');
    for (const other of others) expect(other).toEqual(stopped);
    for (const tab of tabs) {
      const { types, outcome } = receivedRun(tab.sockets, stopped.run_id);
      expect(types.filter((type) => type === 'agent_completed')).toHaveLength(1);
      expect(outcome).toBe('cancelled');
      expect(await tab.page.getByTestId('stop').count()).toBe(0);
    }

    // The conversation goes on, and the database holds the same.
    await tabs[0]?.ask(calculation);
    await Promise.all(tabs.map((tab) => tab.runIs(calculation, 'succeeded')));
    await tabs[2]?.page.reload();
    await tabs[2]?.shows('live');
    expect(await tabs[2]?.theRun(longQuestion)).toEqual(stopped);
    expect(complaints()).toEqual([]);
  });

  test('S8: a tool that throws ends it as failed, and every screen shows why', async () => {
    const question = failingQuestion;
    const { tabs, complaints } = await threeScreens(question);
    await Promise.all(tabs.map((tab) => tab.runIs(question, 'failed')));
    const [failed, ...others] = await Promise.all(tabs.map((tab) => tab.theRun(question)));
    expect(failed?.error).toContain('There is no file "docs/no-such-file.md"');
    expect(failed?.tools).toMatchObject([{ name: 'read_file', status: 'failed' }]);
    expect(failed?.tools[0]?.card).toContain('FILE_NOT_FOUND');
    for (const other of others) expect(other).toEqual(failed);
    await tabs[0]?.page.reload();
    await tabs[0]?.shows('live');
    expect(await tabs[0]?.theRun(question)).toEqual(failed);
    expect(complaints()).toEqual([]);
  });

  test('S8, S14: closing the only tab does not end it: back in the middle it goes on, back later it is there', async () => {
    const [grace, ada] = await Promise.all([stage.person('grace'), stage.person('ada')]);
    const [asked, undisturbed] = await Promise.all([grace.logIn(), ada.logIn()]);
    // The same question gets the same answer, whoever asks: hers is what a screen shows that stayed.
    pace.hold(100);
    await undisturbed.page.getByTestId('new-thread').click();
    await Promise.all([asked, undisturbed].map((tab) => tab.ask(longQuestion)));
    await asked.runIs(longQuestion, 'running');
    const { run_id } = await asked.theRun(longQuestion);
    const address = asked.page.url();
    await asked.page.close();
    const { service } = stage.application.running;
    await expect.poll(() => service.health().sessions, { timeout: 10_000 }).toBe(1);

    const inTheMiddle = await grace.openTab(address);
    await inTheMiddle.shows('live');
    expect(await inTheMiddle.theRun(longQuestion)).toMatchObject({ run_id, status: 'running' });
    await inTheMiddle.page.close();
    await expect.poll(() => service.health().sessions, { timeout: 10_000 }).toBe(1);

    pace.release();
    const ended = (): TelemetryEvent | undefined =>
      telemetry.find((event) => event.kind === 'run_ended' && event.run_id === run_id);
    await expect.poll(ended, { timeout: 20_000 }).toMatchObject({ outcome: 'succeeded' });
    const later = await grace.openTab(address);
    await later.shows('live');
    const whole = await later.theRun(longQuestion);
    expect(whole).toMatchObject({ run_id, status: 'succeeded' });
    await undisturbed.runIs(longQuestion, 'succeeded');
    const { answer, thoughts, tools } = await undisturbed.theRun(longQuestion);
    expect(whole).toMatchObject({ answer, thoughts, tools });
    expect([...grace.complaints, ...ada.complaints]).toEqual([]);
  });
});

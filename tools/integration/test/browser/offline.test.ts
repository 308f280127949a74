// S7: what is said while there is no connection waits, visibly, and arrives once and in order.
import type { TelemetryEvent } from '@throughline/core';
import type { MessageFrame } from '@throughline/events/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHeldPace } from '../../src/browser/held-pace.js';
import { tellNetworkIsBack } from '../../src/browser/network-returns.js';
import { unexplained } from '../../src/browser/person.js';
import { eventsOf } from '../../src/browser/socket-record.js';
import { type Stage, setStage } from '../../src/browser/stage.js';
import type { Tab } from '../../src/browser/tab.js';

const pace = createHeldPace(60);
const telemetry: TelemetryEvent[] = [];
let stage: Stage;
beforeAll(async () => {
  const service = { heartbeatMs: 1_000, telemetry: (event: TelemetryEvent) => void telemetry.push(event) };
  stage = await setStage({ pace, service });
  pace.release();
}, 60_000);
afterAll(() => stage[Symbol.asyncDispose]());

const questions = ['How much is 1 + 1?', 'How much is 2 + 2?', 'How much is 3 + 3?'];

const waiting = (tab: Tab): Promise<string[]> =>
  tab.page.locator('[data-testid=pending][data-state=waiting] .question').allTextContents();

const messagesIn = (tab: Tab): MessageFrame[] =>
  tab.sockets
    .flatMap(({ sent }) => sent)
    .map((text) => JSON.parse(text) as MessageFrame)
    .filter(({ type }) => type === 'message');

/** Expects these questions, answered once each and in this order, on the page, in the log and in the database. */
async function expectOnceInOrder(tab: Tab, asked: readonly string[]): Promise<void> {
  for (const question of asked) await tab.runIs(question, 'succeeded');
  expect((await tab.runs()).map(({ question }) => question)).toEqual(asked);
  expect(await tab.page.getByTestId('pending').count()).toBe(0);
  const begun = tab.sockets.flatMap(eventsOf).filter(({ type }) => type === 'agent_started');
  expect(begun.map(({ data }) => (data as { task_description?: string }).task_description)).toEqual(asked);
  await tab.page.reload();
  await tab.shows('live');
  expect((await tab.runs()).map(({ question }) => question)).toEqual(asked);
}

describe('without a connection', { timeout: 30_000 }, () => {
  test('S7: a network that is cut: questions wait, are shown to wait, and arrive once and in order', async () => {
    const { proxy } = stage.application;
    const ada = await stage.person('ada');
    const tab = await ada.logIn(proxy.url);
    proxy.refuse();
    for (const link of proxy.links) link.cut('reset');
    await tab.shows('offline');
    for (const question of questions) await tab.ask(question);
    expect(await waiting(tab)).toEqual(questions);
    expect(messagesIn(tab)).toEqual([]);
    proxy.admit();
    await tellNetworkIsBack(tab);
    await tab.shows('live');
    await expectOnceInOrder(tab, questions);
    expect(unexplained(ada.complaints)).toEqual([]);
  });
});

describe.concurrent('a connection that died without a word', { timeout: 30_000 }, () => {
  test('S7: a browser without network notices by itself, shows it, and catches up', async ({ onTestFinished }) => {
    const ada = await stage.person('ada', onTestFinished);
    const tab = await ada.logIn();
    await tab.page.getByTestId('new-thread').click();
    await ada.context.setOffline(true);
    await tab.shows('offline');
    for (const question of questions) await tab.ask(question);
    expect(await waiting(tab)).toEqual(questions);
    await ada.context.setOffline(false);
    await tab.shows('live');
    await expectOnceInOrder(tab, questions);
    expect(unexplained(ada.complaints)).toEqual([]);
  });

  test('S7: a question whose "accepted" was lost is sent twice and answered once', async ({
    expect,
    onTestFinished,
  }) => {
    const { proxy } = stage.application;
    const grace = await stage.person('grace', onTestFinished);
    const tab = await grace.logIn(proxy.url);
    const { user_id } = JSON.parse(tab.sockets[0]?.received[0] ?? '') as { user_id: string };
    // The socket's link is the latest. From now on the page speaks and hears nothing.
    proxy.links.at(-1)?.swallow('down');
    await tab.ask(questions[0] as string);
    const begun = (): boolean => telemetry.some((event) => event.kind === 'run_started' && event.user_id === user_id);
    await expect.poll(begun, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => tab.welcomes, { timeout: 15_000 }).toBe(2);
    const ids = (): string[] => messagesIn(tab).map(({ id }) => id);
    await expect.poll(ids, { timeout: 10_000 }).toHaveLength(2);
    expect(new Set(ids()).size).toBe(1);
    await expectOnceInOrder(tab, questions.slice(0, 1));
    expect(unexplained(grace.complaints)).toEqual([]);
  });
});

// S8, S9, S14: two people, one service. Each sees the whole of their own run, in order, and nothing of the other's.
import { randomBytes } from 'node:crypto';
import type { AgentEvent } from '@throughline/events/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHeldPace } from '../../src/browser/held-pace.js';
import { type Person, unexplained } from '../../src/browser/person.js';
import { calculation } from '../../src/browser/questions.js';
import { receivedRun } from '../../src/browser/received-run.js';
import type { ShownRun } from '../../src/browser/shown-run.js';
import { eventsOf } from '../../src/browser/socket-record.js';
import { type Stage, setStage } from '../../src/browser/stage.js';
import type { Tab } from '../../src/browser/tab.js';

const pace = createHeldPace(60);
let stage: Stage;
beforeAll(async () => {
  stage = await setStage({ pace });
}, 60_000);
afterAll(() => stage[Symbol.asyncDispose]());

/** Everything of somebody that nobody else may come to see. */
function secretsOf({ question, run_id }: ShownRun, tab: Tab, secret: string): string[] {
  const started = tab.sockets.flatMap(eventsOf).find((event) => event.run_id === run_id);
  if (started?.type !== 'agent_started') throw new Error('The run has no beginning.');
  const { user_id, thread_id, data } = started as Extract<AgentEvent, { type: 'agent_started' }>;
  return [secret, question, run_id, user_id, thread_id, data.message_id ?? ''];
}

/** Everything that somebody's browser was given. */
async function receivedBy(person: Person, tab: Tab): Promise<string> {
  const frames = tab.sockets.flatMap(({ received }) => received);
  return [...frames, ...person.answers, ...person.output, await tab.page.content()].join('\n');
}

describe('two users', { timeout: 30_000 }, () => {
  test('S8, S9, S14: both ask at once; each sees all of its own run, in order, and nothing of the other', async () => {
    const people = await Promise.all([stage.person('ada'), stage.person('grace')]);
    const tabs = await Promise.all(people.map((person) => person.logIn()));
    const secrets = people.map(({ name }) => `${name}${randomBytes(8).toString('hex')}`);
    const questions = secrets.map((secret) => `What is a cursor of ${secret}? How much is 12% of 3400?`);
    for (const [index, tab] of tabs.entries()) await tab.page.getByLabel('Your question').fill(questions[index] ?? '');
    pace.hold(10);
    await Promise.all(tabs.map((tab) => tab.page.keyboard.press('Enter')));
    await Promise.all(tabs.map((tab, index) => tab.runIs(questions[index] ?? '', 'running')));
    pace.release();
    await Promise.all(tabs.map((tab, index) => tab.runIs(questions[index] ?? '', 'succeeded')));

    const shown: ShownRun[] = [];
    for (const [index, tab] of tabs.entries()) {
      const run = await tab.theRun(questions[index] ?? '');
      shown.push(run);
      const { types, text, outcome, finalResponse, repeated } = receivedRun(tab.sockets, run.run_id);
      expect(types[0]).toBe('agent_started');
      expect(types.at(-1)).toBe('agent_completed');
      expect(new Set(types)).toEqual(
        new Set([
          'agent_started',
          'agent_thinking',
          'tool_executing',
          'tool_completed',
          'partial_result',
          'agent_completed',
        ]),
      );
      expect({ outcome, repeated }).toEqual({ outcome: 'succeeded', repeated: 0 });
      expect(text).toBe(finalResponse);
      expect(run.thoughts.length).toBeGreaterThan(0);
      expect(run.tools.map(({ name, status }) => `${name} ${status}`)).toContain('calculator succeeded');
      expect(run.tools.find(({ name }) => name === 'search')?.card).toContain(secrets[index]);
      expect(run.answer).toContain('408');
    }

    // At once: each began before the other ended.
    const times = tabs.map((tab) => tab.sockets.flatMap(eventsOf).map(({ timestamp }) => timestamp));
    expect((times[0]?.[0] ?? '') < (times[1]?.at(-1) ?? '')).toBe(true);
    expect((times[1]?.[0] ?? '') < (times[0]?.at(-1) ?? '')).toBe(true);

    // Once more from the database: the server's own record, and what comes over HTTP, which is searched as well.
    await Promise.all(tabs.map((tab) => tab.page.reload()));
    await Promise.all(tabs.map((tab) => tab.shows('live')));
    for (const [index, tab] of tabs.entries()) expect(await tab.runs()).toEqual([shown[index]]);
    for (const [own, foreign] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const [person, tab, run, other] = [people[own], tabs[own], shown[own], shown[foreign]];
      if (!person || !tab || !run || !other) throw new Error('There are two people.');
      const received = await receivedBy(person, tab);
      for (const secret of secretsOf(run, tab, secrets[own] ?? '')) expect(received).toContain(secret);
      const foreignTab = tabs[foreign] as Tab;
      for (const secret of secretsOf(other, foreignTab, secrets[foreign] ?? '')) expect(received).not.toContain(secret);
      expect(person.complaints).toEqual([]);
    }
  });

  test('S9: who logs in where somebody else has logged out sees nothing of them', async () => {
    const shared = await stage.person('ada');
    const tab = await shared.logIn();
    const secret = `ada${randomBytes(8).toString('hex')}`;
    await tab.page.getByTestId('new-thread').click();
    await tab.ask(`What is ${secret}?`);
    await tab.run(`What is ${secret}?`).getByTestId('answer').waitFor();
    const beside = await shared.openTab(tab.page.url());
    await beside.shows('live');
    await tab.page.getByTestId('log-out').click();
    await Promise.all([tab, beside].map(({ page }) => page.getByTestId('login').waitFor()));
    const [before, answered] = [tab.sockets.length, shared.answers.length];

    await shared.logInOn(tab, 'grace');
    await tab.ask(calculation);
    await tab.runIs(calculation, 'succeeded');
    await beside.page.reload();
    await beside.shows('live');
    const frames = [...tab.sockets.slice(before), ...beside.sockets.slice(-1)].flatMap(({ received }) => received);
    const shown = await Promise.all([tab, beside].map(({ page }) => page.content()));
    expect([...frames, ...shared.answers.slice(answered), ...shown].join('\n')).not.toContain(secret);
    expect(unexplained(shared.complaints)).toEqual([]);
  });
});

// R12, S7: a page reads the threads it shows, changes them while it runs, and never misses what they held.
import type { Run } from '@throughline/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPage, type Page } from '../src/page.js';
import { startTestService, type TestService } from '../src/test-service.js';

let service: TestService;
const pages: Page[] = [];

beforeEach(async () => {
  service = await startTestService();
});

afterEach(async () => {
  for (const page of pages.splice(0)) page[Symbol.dispose]();
  await service[Symbol.asyncDispose]();
});

async function open(user: string, threads?: readonly string[]): Promise<Page> {
  const page = openPage({ url: service.url, user, ...(threads && { threads }) });
  pages.push(page);
  await page.live();
  return page;
}

async function begin(user: string, thread_id: string): Promise<Run> {
  return (await service.managerOf(user)).startRun({ agent_name: 'writer', thread_id });
}

/** How a page shows a run: what a person would see of it. */
function shown(page: Page, run_id: string) {
  const run = page.run(run_id);
  return run && { status: run.status, text: run.text, thoughts: run.thoughts, truncated: run.truncated };
}

describe('a page that reads one thread', () => {
  test('is given nothing of another, and reads on when it changes', async () => {
    const page = await open('ada', ['t-1']);
    const [one, two] = await Promise.all([begin('ada', 't-1'), begin('ada', 't-2')]);
    await two.thinking({ reasoning: 'elsewhere' });
    await one.thinking({ reasoning: 'here' });
    await page.until(() => page.run(one.run_id)?.thoughts.length === 1);
    expect(page.run(two.run_id)).toBeUndefined();

    // The run of the thread that is opened now comes from its beginning; the other one goes on unseen.
    page.client.read(['t-2']);
    await page.until(() => page.run(two.run_id)?.thoughts.length === 1);
    await one.completed({ final_response: 'unseen' });
    await two.completed();
    await page.ended(two.run_id);
    expect(page.run(one.run_id)?.status).toBe('running');

    // Back again: what happened meanwhile is there, although that run has ended and "active" lies behind it.
    page.client.read(['t-1']);
    expect(await page.ended(one.run_id)).toMatchObject({ status: 'succeeded', final_response: 'unseen' });
    expect([page.resets, page.faults, page.connections]).toEqual([[], [], 1]);
  });

  test('of none is given nothing, and of all everything', async () => {
    const page = await open('ada', []);
    const run = await begin('ada', 't-1');
    await run.thinking({ reasoning: 'unseen' });
    await service.told('session_caught_up');
    page.client.read();
    await page.until(() => page.run(run.run_id)?.thoughts.length === 1);
    expect([page.resets, page.faults, page.connections]).toEqual([[], [], 1]);
  });

  test('keeps its threads over a broken socket, and its place in those it has left', async () => {
    const page = await open('ada', ['t-1']);
    const [one, two] = await Promise.all([begin('ada', 't-1'), begin('ada', 't-2')]);
    await one.thinking({ reasoning: 'before' });
    await page.until(() => page.run(one.run_id)?.thoughts.length === 1);
    page.client.read(['t-2']);
    page.breakSocket();
    await page.comeBack();
    await two.thinking({ reasoning: 'after' });
    await page.until(() => page.run(two.run_id)?.thoughts.length === 1);
    await one.completed();
    page.client.read(['t-1', 't-2']);
    await page.ended(one.run_id);
    await two.completed();
    await page.ended(two.run_id);
    expect([page.resets, page.faults, page.connections]).toEqual([[], [], 2]);
  });
});

const threads = ['t-1', 't-2', 't-3'] as const;
const operation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('say' as const), thread: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), thread: fc.nat({ max: 2 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      threads: fc.option(fc.subarray([...threads]), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('break' as const), thread: fc.constant(0) }) },
);

describe('R12, S7: any sequence of changes and cuts', () => {
  test('folds to what a page that reads everything shows', { timeout: 60_000 }, async () => {
    let user = 0;
    const property = fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 25 }), async (operations) => {
      const name = `user-${user++}`;
      const page = await open(name);
      const undisturbed = await open(name);
      const open_runs = new Map<string, Run>();
      const runs: { readonly run_id: string; readonly thread_id: string }[] = [];
      const speak = async (thread_id: string): Promise<void> => {
        const run = open_runs.get(thread_id) ?? (await begin(name, thread_id));
        if (!open_runs.has(thread_id)) runs.push({ run_id: run.run_id, thread_id });
        open_runs.set(thread_id, run);
        run.text(`${runs.length} `);
        await run.thinking({ reasoning: 'so ', step_number: 1 });
      };
      let wanted: readonly string[] | undefined;
      for (const step of operations) {
        if (step.kind === 'say') await speak(threads[step.thread] as string);
        else if (step.kind === 'break') page.breakSocket();
        else if (step.kind === 'read') {
          wanted = step.threads;
          page.client.read(wanted);
        } else {
          await open_runs.get(threads[step.thread] as string)?.completed();
          open_runs.delete(threads[step.thread] as string);
        }
      }
      for (const run of open_runs.values()) await run.completed();
      if (page.client.status.state === 'offline') await page.comeBack();
      for (const { run_id, thread_id } of runs) {
        await undisturbed.ended(run_id);
        if (wanted && !wanted.includes(thread_id)) continue;
        await page.ended(run_id);
        expect(shown(page, run_id)).toEqual(shown(undisturbed, run_id));
      }
      expect([page.resets, page.faults]).toEqual([[], []]);
    });
    await fc.assert(property, { numRuns: 40, endOnFailure: true });
  });
});

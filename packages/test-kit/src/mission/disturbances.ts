// What happens to pages: cut in mid-answer, reloaded, stalled. All of it while one answer is given.
import type { RawClient } from '../raw-client.js';
import type { Clock } from './clock.js';
import { isEndOf, isOf, type Question } from './question.js';
import type { Settings } from './settings.js';
import type { Visits } from './visits.js';

/** A page whose socket broke, and the connections it had, in order. */
export interface CutPage {
  readonly connections: readonly RawClient[];
  /** How long the longest way back took, from the cut to `welcome`, in milliseconds. */
  readonly recoveryMs: number;
}

/** What was done to the first user's pages. */
export interface Disturbances {
  readonly cut: Promise<CutPage>;
  readonly reloaded: Promise<RawClient>;
  readonly stalled: Promise<RawClient>;
}

/** So often a page is cut, if the answer is long enough for it. */
const mostCuts = 3;

/**
 * A stalled page answers no pings either, and after three intervals without an answer it would be given up (PROTOCOL.md, section 8): it may be
 * still for so many.
 */
const stalledIntervals = 1.5;

interface Tools {
  readonly settings: Settings;
  readonly visits: Visits;
  readonly clock: Clock;
}

/** Opens the pages, welcomed, before anything is asked: `disturb` is called once it was. */
export async function prepareDisturbances(tools: Tools): Promise<(question: Question) => Disturbances> {
  const { visits } = tools;
  const page = visits.open('first');
  const still = visits.open('first');
  const [{ heartbeat_ms }] = await Promise.all([still.welcomed(), page.welcomed()]);
  return (question) => {
    const disturbances = {
      cut: cutAgainAndAgain(page, question, tools),
      reloaded: reload(question, tools),
      stalled: stall(still, heartbeat_ms, question, tools),
    };
    for (const promise of Object.values(disturbances)) promise.catch(() => {});
    return disturbances;
  };
}

async function cutAgainAndAgain(first: RawClient, question: Question, tools: Tools): Promise<CutPage> {
  const { visits, clock, settings } = tools;
  const { run_id } = await question.begun;
  const connections = [first];
  const wait = () => ({ deadlineMs: clock.left(settings.answerMs) });
  let page = first;
  let recoveryMs = 0;
  for (let cuts = 0; cuts < mostCuts; cuts += 1) {
    await page.next(isOf(run_id), wait());
    if (page.frames.some(isEndOf(run_id))) break;
    const { position = 'active' } = page;
    const begun = clock.elapsed();
    await visits.cut(page);
    page = visits.open('first', { from: position });
    connections.push(page);
    await page.welcomed();
    recoveryMs = Math.max(recoveryMs, clock.elapsed() - begun);
  }
  if (!page.frames.some(isEndOf(run_id))) await page.find(isEndOf(run_id), wait());
  return { connections, recoveryMs };
}

/**
 * As early as can be: once the answer has ended, a reload is told nothing of it. The page says again what was said, as a page does that has not
 * heard whether it was accepted.
 */
async function reload(question: Question, { visits }: Tools): Promise<RawClient> {
  await question.begun;
  const page = visits.open('first', { from: 'active' });
  await page.welcomed();
  page.send(question.message);
  return page;
}

async function stall(page: RawClient, heartbeatMs: number, question: Question, tools: Tools): Promise<RawClient> {
  const { clock, settings } = tools;
  page.pause();
  const { run_id } = await question.begun;
  const most = clock.left(stalledIntervals * heartbeatMs);
  await question.watcher.find(isEndOf(run_id), { deadlineMs: most }).catch(() => {});
  page.resume();
  await page.find(isEndOf(run_id), { deadlineMs: clock.left(settings.answerMs) });
  return page;
}

// What becomes of an answer on pages that are cut, reloaded or stalled.
import { type Frame, isEvent } from '../../frame.js';
import { history } from '../../history.js';
import type { Connection } from '../../history-source.js';
import type { RawClient } from '../../raw-client.js';
import { answered } from '../answered.js';
import type { Check } from '../check.js';
import type { Journey } from '../journey.js';
import { isEndOf, isOf } from '../question.js';
import { notChecked } from '../verdict.js';

/** So many places of an answer are resumed from when it has ended. */
const mostReplays = 4;

export const resume: Check = {
  name: 'resume',
  why: 'A socket that breaks in mid-answer, or anywhere else, costs nothing: no event is lost, comes twice or overtakes another.',
  stage: 'stay',
  async run(journey) {
    const { conversation, begun } = await answered(journey);
    const { watcher } = conversation.first;
    const { connections, recoveryMs } = await conversation.disturbances.cut;
    const cuts = connections.length - 1;
    if (cuts > 0) journey.measures.set('recovery', recoveryMs);
    compare(connections, watcher, begun.run_id);
    const replays = await replay(watcher, begun.run_id, journey);
    return `cut ${cuts} times in mid-answer, and resumed from ${replays} places of it afterwards`;
  },
};

export const reload: Check = {
  name: 'reload',
  why: 'A page that is reloaded in mid-answer, and remembers nothing, sees the whole answer from its beginning.',
  stage: 'stay',
  async run(journey) {
    const { conversation, begun } = await answered(journey);
    const { watcher } = conversation.first;
    const page = await conversation.disturbances.reloaded;
    const end = watcher.frames.find(isEndOf(begun.run_id));
    const { head } = await page.welcomed();
    if (end && isEvent(end) && head >= end.offset) {
      throw notChecked('The answer had ended before the reload. Give a --message whose answer takes longer.');
    }
    await page.find(isEndOf(begun.run_id));
    compare([page], watcher, begun.run_id);
    return undefined;
  },
};

export const slowReader: Check = {
  name: 'slow-reader',
  why: 'A page that does not read for a while is neither closed nor given less, and nobody waits for it.',
  stage: 'stay',
  async run(journey) {
    const { conversation, begun } = await answered(journey);
    compare([await conversation.disturbances.stalled], conversation.first.watcher, begun.run_id);
    return undefined;
  },
};

/** Whatever else the user's agents do meanwhile is not judged here. */
function onlyOf(run_id: string, { frames, options }: Connection): Connection {
  const isJudged = (frame: Frame) => !isEvent(frame) || frame.run_id === run_id;
  return { frames: frames.filter(isJudged), options: { ...options, threads: [] } };
}

/** Everything in order and once, and the run what it is for who watched it undisturbed. */
function compare(pages: readonly Connection[], watcher: RawClient, run_id: string): void {
  history(pages).exactlyOnceInOrder();
  history(pages.map((page) => onlyOf(run_id, page))).equalsUndisturbed(onlyOf(run_id, watcher));
}

/** Reads on from places of an answer, as pages do that have seen so much of it. */
async function replay(watcher: RawClient, run_id: string, { visits }: Journey): Promise<number> {
  const { frames, options } = watcher;
  const places = frames.flatMap((frame, index) => (isOf(run_id)(frame) ? index : [])).slice(0, -1);
  const step = Math.max(1, Math.ceil(places.length / mostReplays));
  const taken = places.filter((_, place) => place % step === 0);
  for (const place of taken) {
    const seen = frames.slice(0, place + 1);
    const page = visits.open('first', { from: positionBehind(seen) });
    await page.find(isEndOf(run_id));
    const before: Connection = { frames: seen, options };
    compare([before, page], watcher, run_id);
    await visits.cut(page);
  }
  return taken.length;
}

function positionBehind(frames: readonly Frame[]): string {
  const opening = frames.findLast(({ type }) => type === 'welcome' || type === 'reading' || type === 'reset');
  const [epoch] = (opening as { readonly position: string }).position.split('.');
  const event = frames.at(-1) as { readonly offset: number; readonly mark: string };
  return `${epoch}.${event.offset}.${event.mark}`;
}

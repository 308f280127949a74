// The answer itself.
import type { AgentCompletedData } from '@throughline/events';
import { type Frame, isEvent } from '../../frame.js';
import { history } from '../../history.js';
import { answered, begunAnswer } from '../answered.js';
import type { Check } from '../check.js';
import { isEndOf, isOf, type Question } from '../question.js';
import { must, notChecked } from '../verdict.js';

/** In which an agent's work is told: PROTOCOL.md, section 4. */
const goldenTypes = ['agent_started', 'agent_thinking', 'tool_executing', 'tool_completed', 'agent_completed'];

export const goldenPath: Check = {
  name: 'golden-path',
  why: 'A message makes the agent work, and its page sees all five events, in order, once, in pairs, with one end.',
  stage: 'stay',
  async run(journey) {
    const { first } = await journey.conversation();
    const { run_id } = await first.begun;
    const took = await first.ended;
    journey.measures.set('answer', took);
    // What comes behind the end would be wrong: a ping's answer is behind whatever was there.
    first.watcher.send({ type: 'ping', id: 'behind-the-end' });
    await first.watcher.find((frame) => frame.type === 'pong' && frame.id === 'behind-the-end');
    const told = history(first.watcher).exactlyOnceInOrder();
    // Agents may share the work: together they tell all five, and each run is whole by itself.
    const runs = told.frames.filter((frame) => isEvent(frame) && frame.thread_id === first.thread_id);
    const absent = goldenTypes.filter((type) => !runs.some((frame) => frame.type === type));
    must(
      absent.length === 0,
      `The answer has no ${absent.join(', no ')}. Give a --message that the agent uses a tool for.`,
    );
    told.followsTheGoldenPath({ run_id, types: [] });
    mustHaveSucceeded(told.events.findLast(isEndOf(run_id)));
    return `${runs.length} events in ${Math.round(took)} ms`;
  },
};

/** An agent that fails ends its answers in order too. */
function mustHaveSucceeded(end: Frame | undefined): void {
  const { outcome, error } = (end as { readonly data?: Partial<AgentCompletedData> } | undefined)?.data ?? {};
  const why = error ? `${error.code}: ${error.message}` : 'It gave no reason.';
  must(outcome === 'succeeded', `The answer ended as ${outcome}: ${why}`);
}

export const firstEvent: Check = {
  name: 'first-event',
  why: 'How long a user looks at nothing: from the message to the first event of its answer.',
  stage: 'stay',
  async run(journey) {
    const { measures } = await begunAnswer(journey);
    journey.measures.set('accepted', measures.accepted);
    journey.measures.set('first_event', measures.firstEvent);
    const { firstEventMs: most } = journey.settings;
    must(
      most === undefined || measures.firstEvent <= most,
      `It took ${Math.round(measures.firstEvent)} ms, not ${most}.`,
    );
    return `${Math.round(measures.firstEvent)} ms${most === undefined ? ', measured and not judged: give --first-event' : ''}`;
  },
};

/** Judged at the end: what is handled twice is handled when the first answer has ended. */
export const messageOnce: Check = {
  name: 'message-once',
  why: 'A message that is sent again, under its id, is accepted again and answered once.',
  stage: 'departure',
  async run(journey) {
    const { conversation } = await answered(journey);
    const { message } = conversation.first;
    const page = await conversation.disturbances.reloaded;
    const answer = await page.find((frame) => 'id' in frame && frame.id === message.id);
    must(answer.type === 'accepted', `The second time it is answered by ${answer.type}, not by accepted.`);
    // Some agents answer in several runs: how many, the second user's message tells, which was sent once.
    await conversation.second.ended.catch(() => {
      throw notChecked('There is no whole answer of the second user to compare with.');
    });
    const [twice, once] = [await countRuns(conversation.first), await countRuns(conversation.second)];
    must(twice <= once, `It is answered by ${twice} runs, the second user's, which was sent once, by ${once}.`);
    return undefined;
  },
};

/** How many runs began with this answer or later, that are no part of another. */
async function countRuns({ watcher: { frames }, begun, thread_id }: Question): Promise<number> {
  const { run_id } = await begun;
  return frames.slice(frames.findIndex(isOf(run_id))).filter((frame) => {
    if (!isEvent(frame) || frame.type !== 'agent_started' || frame.thread_id !== thread_id) return false;
    return (frame.data as { readonly parent_run_id?: string }).parent_run_id === undefined;
  }).length;
}

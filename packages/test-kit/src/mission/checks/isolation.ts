// Nothing of one user is ever with the other.
import { type Frame, isEvent } from '../../frame.js';
import { history } from '../../history.js';
import type { Owner } from '../../history-source.js';
import type { Check } from '../check.js';
import type { Journey } from '../journey.js';
import type { Question } from '../question.js';
import { must } from '../verdict.js';
import type { Visitor } from '../visits.js';

export const isolation: Check = {
  name: 'isolation',
  why: 'Two users ask at once, each with a random secret: no byte that one is sent holds anything of the other.',
  stage: 'departure',
  async run(journey) {
    const { first, second } = await journey.conversation();
    // An answer that does not end is the golden path's fault; what has come is judged here.
    await Promise.allSettled([first.ended, second.ended]);
    const owners = { first: await ownerOf(first), second: await ownerOf(second) };
    keepApart('first', { own: owners.first, question: second, stranger: owners.second }, journey);
    keepApart('second', { own: owners.second, question: first, stranger: owners.first }, journey);
    await second.ended;
    history(second.watcher).exactlyOnceInOrder();
    return journey.settings.plantsSecret ? undefined : 'The secrets were in ids alone: put {secret} into --message.';
  },
};

export const foreignPosition: Check = {
  name: 'foreign-position',
  why: 'Who resumes from a position of another user is told that it is none, and given nothing.',
  stage: 'stay',
  async run(journey) {
    const { first } = await journey.conversation();
    await first.begun;
    const { position = '' } = first.watcher;
    const client = journey.visits.open('second', { from: position });
    const { cause } = await client.find('reset');
    must(cause === 'unknown_epoch', `The cause of the reset is ${cause}: the other user's log is known here.`);
    await journey.visits.cut(client);
    return undefined;
  },
};

export const foreignCancel: Check = {
  name: 'foreign-cancel',
  why: 'Nobody stops another user’s answer, or learns that there is one.',
  stage: 'stay',
  async run(journey) {
    const { first, second } = await journey.conversation();
    const { run_id } = await first.begun;
    second.watcher.send({ type: 'cancel', id: 'foreign-cancel', run_id });
    const answer = await second.watcher.find((frame) => 'id' in frame && frame.id === 'foreign-cancel');
    must(
      answer.type === 'error' && answer.code === 'RUN_UNKNOWN',
      `The cancel of another user's run is answered by ${answer.type}, not by RUN_UNKNOWN.`,
    );
    return undefined;
  },
};

/** Everything that one user's connections were sent, against everything that is the other's. */
function keepApart(
  visitor: Visitor,
  { own, question, stranger }: { readonly own: Owner; readonly question: Question; readonly stranger: Owner },
  { visits, settings }: Journey,
): void {
  const token = visitor === 'first' ? settings.secondToken : settings.firstToken;
  for (const visit of visits.all) {
    // An answer that has not begun leaves nothing to be judged but the texts.
    if (visit.visitor !== visitor) continue;
    const others = [{ ...stranger, token }, ...question.secrets, history(question.watcher)];
    history(visit.client, { user: own }).isolatedFrom(others);
  }
}

async function ownerOf({ watcher, begun, thread_id, secrets }: Question): Promise<Owner> {
  const { user_id } = await watcher.welcomed();
  const own = watcher.frames.find((frame) => isOwn(frame, thread_id, secrets));
  const tenant_id = own && isEvent(own) ? own.tenant_id : undefined;
  return begun.then(({ owner }) => owner).catch(() => ({ user_id, ...(tenant_id !== undefined && { tenant_id }) }));
}

function isOwn(frame: Frame, thread_id: string, secrets: readonly string[]): boolean {
  return isEvent(frame) && frame.thread_id === thread_id && secrets.some((secret) => thread_id.includes(secret));
}

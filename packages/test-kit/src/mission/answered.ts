// For checks that judge an answer: that there is none is the fault of one of them alone.
import type { Conversation, Journey } from './journey.js';
import type { Begun } from './question.js';
import { notChecked } from './verdict.js';

/** The answer, once it has begun. */
export async function begunAnswer(journey: Journey): Promise<Begun> {
  try {
    const { first } = await journey.conversation();
    return await first.begun;
  } catch {
    throw notChecked('There is no answer to judge: see golden-path.');
  }
}

/** The conversation, once there is a whole answer in it. */
export async function answered(
  journey: Journey,
): Promise<{ readonly conversation: Conversation; readonly begun: Begun }> {
  try {
    const conversation = await journey.conversation();
    await conversation.first.ended;
    return { conversation, begun: await conversation.first.begun };
  } catch {
    throw notChecked('There is no whole answer to judge: see golden-path.');
  }
}

// A user asks, and a page that nothing happens to reads the answer.
import { randomBytes } from 'node:crypto';
import type { AgentEvent, MessageFrame } from '@throughline/events/protocol';
import { type Frame, isEvent } from '../frame.js';
import type { Owner } from '../history-source.js';
import type { RawClient } from '../raw-client.js';
import type { Clock } from './clock.js';
import type { Settings } from './settings.js';
import { must } from './verdict.js';
import type { Visitor, Visits } from './visits.js';

/** What a mission measures, in milliseconds from the moment the message was sent. */
export interface Measures {
  readonly accepted: number;
  readonly firstEvent: number;
}

/** An answer that has begun. */
export interface Begun {
  readonly run_id: string;
  readonly owner: Owner;
  readonly measures: Measures;
}

export interface Question {
  readonly visitor: Visitor;
  /** The page that asked. Nothing is done to it. */
  readonly watcher: RawClient;
  readonly thread_id: string;
  /** What was said, as it was sent. */
  readonly message: MessageFrame;
  /** Random texts that are this user's alone: in the ids, and in what is said where there is room for it. */
  readonly secrets: readonly string[];
  readonly begun: Promise<Begun>;
  /** Resolves to how long the answer took, in milliseconds. */
  readonly ended: Promise<number>;
}

/** Whether a frame is an event of a run. */
export function isOf(run_id: string): (frame: Frame) => frame is AgentEvent {
  return (frame): frame is AgentEvent => isEvent(frame) && frame.run_id === run_id;
}

/** Whether a frame ends a run. */
export function isEndOf(run_id: string): (frame: Frame) => boolean {
  const isOfRun = isOf(run_id);
  return (frame) => isOfRun(frame) && frame.type === 'agent_completed';
}

/** Opens the page that asks. */
export async function ask(visitor: Visitor, settings: Settings, visits: Visits, clock: Clock): Promise<Question> {
  const secret = `mission-${randomBytes(12).toString('hex')}`;
  const id = `${secret}-message`;
  const thread_id = settings.thread ?? `${secret}-thread`;
  const watcher = visits.open(visitor);
  const { user_id } = await watcher.welcomed();
  const sent = clock.elapsed();
  const message: MessageFrame = { type: 'message', id, thread_id, data: settings.message(secret) };
  watcher.send(message);

  async function begin(): Promise<Begun> {
    const isAnswer = (frame: Frame) => 'id' in frame && frame.id === id;
    refuse(await watcher.find(isAnswer));
    const accepted = clock.elapsed() - sent;
    const isFailure = (frame: Frame) => isAnswer(frame) && frame.type === 'error';
    const first = await watcher.find((frame) => isBeginning(frame, message) || isFailure(frame), {
      deadlineMs: clock.left(settings.answerMs),
    });
    refuse(first);
    const { run_id = '', tenant_id } = first as AgentEvent;
    const owner = { user_id, ...(tenant_id !== undefined && { tenant_id }) };
    return { run_id, owner, measures: { accepted, firstEvent: clock.elapsed() - sent } };
  }
  async function end(): Promise<number> {
    const { run_id } = await begun;
    await watcher.find(isEndOf(run_id), { deadlineMs: clock.left(settings.answerMs) });
    return clock.elapsed() - sent;
  }
  const begun = begin();
  const ended = end();
  // Whoever needs them awaits them; until then a failure is nobody's.
  for (const promise of [begun, ended]) promise.catch(() => {});
  return { visitor, watcher, thread_id, message, secrets: [secret], begun, ended };
}

/** Whether an answer to this message begins. The message is named by most agents, not by all. */
function isBeginning(frame: Frame, { id, thread_id }: MessageFrame): boolean {
  if (!isEvent(frame) || frame.type !== 'agent_started' || frame.thread_id !== thread_id) return false;
  const data = frame.data as { readonly message_id?: string; readonly parent_run_id?: string };
  return data.message_id === undefined ? data.parent_run_id === undefined : data.message_id === id;
}

function refuse(frame: Frame): void {
  if (frame.type !== 'error') return;
  const { code, message } = frame as { readonly code?: string; readonly message?: string };
  must(false, `The message was refused: ${code}: ${message} Give a --message that this service takes.`);
}

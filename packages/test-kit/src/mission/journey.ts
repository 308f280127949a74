// What all checks share: the connections, and one conversation of each user. Nothing is asked twice.
import { type Clock, startClock } from './clock.js';
import { type Disturbances, prepareDisturbances } from './disturbances.js';
import { ask, type Question } from './question.js';
import type { Settings } from './settings.js';
import { createVisits, type Visits } from './visits.js';

/** Both users have asked, at the same time. */
export interface Conversation {
  readonly first: Question;
  readonly second: Question;
  /** Of the first user's other pages. */
  readonly disturbances: Disturbances;
}

export interface Journey {
  readonly settings: Settings;
  readonly visits: Visits;
  readonly clock: Clock;
  /** What was measured so far, in milliseconds by name. */
  readonly measures: Map<string, number>;
  /** Texts that must be in no report and in nothing that a service says. */
  readonly tokens: Set<string>;
  /** Begins with whoever asks first. */
  conversation(): Promise<Conversation>;
}

export function beginJourney(settings: Settings, now: () => number): Journey {
  const clock = startClock(now, settings.deadlineMs);
  const visits = createVisits(settings, clock);
  let conversation: Promise<Conversation> | undefined;

  async function converse(): Promise<Conversation> {
    const disturb = await prepareDisturbances({ settings, visits, clock });
    const [first, second] = await Promise.all([
      ask('first', settings, visits, clock),
      ask('second', settings, visits, clock),
    ]);
    return { first, second, disturbances: disturb(first) };
  }
  return {
    settings,
    visits,
    clock,
    measures: new Map(),
    tokens: new Set([settings.firstToken, settings.secondToken]),
    conversation() {
      conversation ??= converse();
      return conversation;
    },
  };
}

// Assertions on what a reader was told, as a whole: plain functions, for any test runner or none.
import type { AgentEvent, ResetFrame } from '@throughline/events/protocol';
import { difference } from './equality.js';
import { type Frame, isEvent } from './frame.js';
import { type GoldenPathOptions, goldenPathFault } from './golden-path.js';
import { type Finding, historyError } from './history-error.js';
import { checkSource, type HistorySource, type Owner, readSource } from './history-source.js';
import { foreignFinding, redacted, type Stranger } from './isolation.js';
import { checkNames } from './option-names.js';
import { type FoldedRun, foldRun } from './run-fold.js';
import { type Walk, walk } from './walk.js';

export interface HistoryOptions {
  /** What was random was played from: printed with each failure. */
  readonly seed?: number | string;
  /** Whose history it is. Default: who the source says; for a list of frames, whom the first welcome or event names. */
  readonly user?: Owner;
}

/**
 * What one reader was told, from first to last. Live: each look and each check takes everything that has come by then.
 *
 * Each check throws a {@link HistoryError}, whose message has the seed (if one was given), the first wrong event and its neighbours;
 * otherwise it returns the history, for the next check.
 */
export interface History {
  /** All frames of all connections, in order: what `index` of an error is of. */
  readonly frames: readonly Frame[];
  /** The events that were news, since the last reset. */
  readonly events: readonly AgentEvent[];
  readonly resets: readonly ResetFrame[];
  /** The runs, by id, as the events since the last reset fold: for assertions of your own. */
  readonly runs: ReadonlyMap<string, FoldedRun>;
  readonly seed: number | string | undefined;
  /**
   * Nothing came twice, nothing is missing, nothing overtook: each run's `seq` is dense, offsets rise, and on a connection that reads all
   * threads none is missing. What a resumed reading legally repeats is no duplicate if it says the same, what a reset announced is no gap,
   * and an event that joins several counts as those.
   */
  exactlyOnceInOrder(): History;
  /**
   * Nothing of anybody else: every event is this user's and tenant's, and no frame names a stranger, holds a token or secret of theirs, or
   * an id of what they have read.
   *
   * @param others users (by ids, or as `service.user()` gives them), their histories, and texts that must be nowhere in what came
   */
  isolatedFrom(others: readonly (Stranger | History | string)[]): History;
  /**
   * Each run has all five types, begins with `agent_started`, answers each `tool_executing` by one `tool_completed`, and ends with one
   * `agent_completed` and nothing behind it.
   */
  followsTheGoldenPath(options?: GoldenPathOptions): History;
  /** What it comes to is what it comes to for another reader of the same log, whom nothing disturbed. */
  equalsUndisturbed(other: History | HistorySource): History;
}

/** Walks behind the histories, for those that are compared with each other. */
const read: unique symbol = Symbol('read');

interface Readable extends History {
  [read](): Walk;
}

/**
 * Makes the history of a reader.
 *
 * @param source a client of `user.client()`, a raw client, the raw clients of one page in the order in which they connected, or a list
 *   of frames
 * @throws OPTION_INVALID for what is none of these
 */
export function history(source: HistorySource, options: HistoryOptions = {}): History {
  checkNames('history', options, ['seed', 'user']);
  checkSource(source);
  const { seed } = options;
  const readNow = () => walk(readSource(source));
  const owner = (): Owner | undefined => options.user ?? readSource(source).owner ?? namedFirst(readNow().frames);

  function fail(check: string, finding: Finding | undefined, redact = (text: string) => text): History {
    if (!finding) return self;
    const user = owner();
    const { frames } = readNow();
    throw historyError(check, finding, { frames, redact, ...(user && { user }), ...(seed !== undefined && { seed }) });
  }

  const self: Readable = {
    [read]: readNow,
    seed,
    get frames() {
      return readNow().frames;
    },
    get events() {
      return readNow().events;
    },
    get resets() {
      return readNow().resets;
    },
    get runs() {
      return new Map([...readNow().runs].map(([run_id, run]) => [run_id, foldRun(run)]));
    },
    exactlyOnceInOrder() {
      const { findings, frames } = readNow();
      const nothing: Finding = { code: 'EMPTY', what: 'No event came.' };
      return fail('exactlyOnceInOrder', frames.some(isEvent) ? findings[0] : nothing);
    },
    isolatedFrom(others) {
      const user = owner();
      const histories = others.filter(isReadable);
      const texts = others.filter((other) => typeof other === 'string');
      const strangers = others.filter((other) => typeof other === 'object' && !isReadable(other)) as Stranger[];
      if (!user) return fail('isolatedFrom', { code: 'EMPTY', what: 'Nothing says whose history it is.' });
      const foreign = { strangers, secrets: texts, walks: histories.map((other) => other[read]()) };
      const secrets = [...texts, ...strangers.flatMap(({ token }) => token ?? [])];
      const finding = foreignFinding(readNow(), readSource(source).connections, user, foreign);
      return fail('isolatedFrom', finding, (text) => redacted(text, secrets));
    },
    followsTheGoldenPath: (golden = {}) => fail('followsTheGoldenPath', goldenPathFault(readNow(), golden)),
    equalsUndisturbed(other) {
      const undisturbed = isReadable(other) ? other[read]() : walk(readSource(checkSource(other as HistorySource)));
      return fail('equalsUndisturbed', difference(readNow(), undisturbed));
    },
  };
  return self;
}

function isReadable(value: unknown): value is Readable {
  return typeof value === 'object' && value !== null && read in value;
}

/** Whom the first welcome or event names; the tenant is in events alone. */
function namedFirst(frames: readonly Frame[]): Owner | undefined {
  const welcome = frames.find(({ type }) => type === 'welcome') as Owner | undefined;
  const event = frames.find(isEvent);
  const user_id = welcome?.user_id ?? event?.user_id;
  if (user_id === undefined) return undefined;
  return { user_id, ...(event?.tenant_id !== undefined && { tenant_id: event.tenant_id }) };
}

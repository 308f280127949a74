// From what an agent says to what the log stores: validation and the one serialisation.
import { findDataFault, isBuiltInEventType, isCustomEventType } from '@throughline/events';
import { isThroughlineError, throughlineError } from './errors.js';

/** What a redaction sees: an event about to be stored, without its place in the log. */
export interface EventDraft {
  readonly type: string;
  readonly thread_id: string;
  readonly run_id?: string;
  readonly agent_name?: string;
  readonly data: unknown;
}

/** What an event has to pass before it is stored. */
export interface EventRules {
  /** The most bytes of data. */
  readonly maxEventBytes: number;
  readonly redact?: (draft: EventDraft) => unknown;
}

/**
 * Validates the data of an event and serialises it.
 *
 * @param isKnown whether an event of this type was serialised before
 * @throws EVENT_INVALID, EVENT_TOO_LARGE. The message names fields, never values.
 */
export function serialiseData(draft: EventDraft, rules: EventRules, isKnown = false): string {
  const data = redacted(draft, rules);
  const { type } = draft;
  let json: string;
  try {
    json = checkedJson(type, data, isKnown);
  } catch (error) {
    if (isThroughlineError(error)) throw error;
    // Getters and toJSON are the application's code, and a walk through what is too deep ends in a RangeError.
    const detail = `${type}: data is not JSON (a cycle, a BigInt, too deep, or a getter or toJSON that throws).`;
    throw throughlineError('EVENT_INVALID', detail, error);
  }
  checkSize(type, json, rules);
  return json;
}

function checkedJson(type: string, data: unknown, isKnown: boolean): string {
  if (isBuiltInEventType(type)) {
    const fault = findDataFault(type, data);
    if (fault) throw throughlineError('EVENT_INVALID', `${type}: ${fault}.`);
  } else if (!isKnown && !isCustomEventType(type)) {
    throw throughlineError('EVENT_INVALID', 'A custom event type is two to four lower-case words joined by dots.');
  }
  const json = JSON.stringify(data) as string | undefined;
  if (json === undefined)
    throw throughlineError('EVENT_INVALID', `${type}: data is not JSON (undefined or a function).`);
  // JSON.stringify turns NaN and the infinities into null without a word.
  if (json.includes('null') && holdsNonFinite(data)) {
    throw throughlineError('EVENT_INVALID', `${type}: data holds a number that is not finite.`);
  }
  return json;
}

/** The data of a `partial_result`, whose shape is known. */
export function serialiseText(draft: EventDraft, rules: EventRules): string {
  if (rules.redact) return serialiseData(draft, rules);
  const json = `{"text":${JSON.stringify((draft.data as { text: string }).text)}}`;
  checkSize(draft.type, json, rules);
  return json;
}

function redacted(draft: EventDraft, rules: EventRules): unknown {
  if (!rules.redact) return draft.data;
  try {
    return rules.redact(draft);
  } catch (error) {
    throw throughlineError('EVENT_INVALID', `${draft.type}: the redaction failed, so the event is not stored.`, error);
  }
}

function checkSize(type: string, json: string, { maxEventBytes }: EventRules): void {
  if (json.length * 3 <= maxEventBytes) return;
  const bytes = Buffer.byteLength(json);
  if (bytes <= maxEventBytes) return;
  throw throughlineError(
    'EVENT_TOO_LARGE',
    `${type}: data is ${bytes} bytes, more than the ${maxEventBytes} of maxEventBytes.`,
  );
}

function holdsNonFinite(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsNonFinite);
}

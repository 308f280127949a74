// What is wrong with a history, shown so that one look is enough: the seed, the first wrong event, its neighbours.
import { describeFrame, type Frame } from './frame.js';

/**
 * What was found.
 *
 * - `DUPLICATE`: an event came that was there already, and no reading began anew
 * - `GAP`: events are missing and no reset said so
 * - `ORDER`: an event came before one that it follows in the log
 * - `CHANGED`: an event came again and says something else
 * - `PROTOCOL`: an event before `welcome`, or of a position that was asked for and not honoured
 * - `FOREIGN`: something of another user
 * - `PATH`: a run that breaks what is promised of each run
 * - `DIFFERENT`: what was read comes to something else than what another read
 * - `EMPTY`: there is nothing to judge
 */
export type Wrong = 'DUPLICATE' | 'GAP' | 'ORDER' | 'CHANGED' | 'PROTOCOL' | 'FOREIGN' | 'PATH' | 'DIFFERENT' | 'EMPTY';

/** What a check of a history throws. */
export interface HistoryError extends Error {
  readonly name: 'HistoryError';
  readonly code: Wrong;
  /** Of what was played, when it was random: the same seed plays the same again. */
  readonly seed?: number | string;
  /** Where in `history.frames` the wrong event is; absent when what is wrong is an absence. */
  readonly index?: number;
}

/** Something wrong, and where. */
export interface Finding {
  readonly code: Wrong;
  readonly index?: number;
  /** What is wrong, as a sentence. */
  readonly what: string;
}

/** What is known beside the finding. */
export interface Circumstances {
  readonly frames: readonly Frame[];
  readonly user?: { readonly user_id: string; readonly tenant_id?: string };
  readonly seed?: number | string;
  /** Takes out what must not be in a report. */
  readonly redact?: (text: string) => string;
}

/** How many neighbours are shown on either side. */
const neighbours = 3;

export function historyError(check: string, finding: Finding, circumstances: Circumstances): HistoryError {
  const { code, index, what } = finding;
  const { frames, user, seed, redact = (text: string) => text } = circumstances;
  const lines = [`${check}: ${code}. ${what}`];
  const whose = user && `user ${user.user_id}${user.tenant_id === undefined ? '' : ` of ${user.tenant_id}`}`;
  const heading = [whose, seed === undefined ? undefined : `seed ${seed}`].filter((part) => part !== undefined);
  if (heading.length > 0) lines.push(`  ${heading.join(' · ')}`);
  const at = index ?? frames.length;
  const from = Math.max(0, at - neighbours);
  for (const [place, frame] of frames.slice(from, at + neighbours + 1).entries()) {
    const number = from + place;
    lines.push(`  ${number === index ? '→' : ' '} ${String(number).padStart(4)}  ${describeFrame(frame, redact)}`);
  }
  if (frames.length === 0) lines.push('  nothing came');
  return Object.assign(new Error(redact(lines.join('\n'))), {
    name: 'HistoryError' as const,
    code,
    ...(seed !== undefined && { seed }),
    ...(index !== undefined && { index }),
  });
}

/** Whether a value is what a check of a history throws, for one reason if one is given. */
export function isHistoryError(value: unknown, code?: Wrong): value is HistoryError {
  if (!(value instanceof Error) || value.name !== 'HistoryError') return false;
  return code === undefined || (value as HistoryError).code === code;
}

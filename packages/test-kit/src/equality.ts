// Whether two histories come to the same, however each was cut, joined, repeated on the wire and resumed.
import { isDeepStrictEqual } from 'node:util';
import { type Piece, saysTheSame } from './event-pieces.js';
import { short } from './frame.js';
import type { Finding } from './history-error.js';
import { foldRun } from './run-fold.js';
import type { ReadRun, Walk } from './walk.js';

/** The first thing in which a history differs from one that nothing disturbed. */
export function difference(walk: Walk, undisturbed: Walk): Finding | undefined {
  if (undisturbed.runs.size === 0 && asides(undisturbed).length === 0) {
    return { code: 'EMPTY', what: 'The undisturbed history holds no event.' };
  }
  for (const [run_id, wanted] of undisturbed.runs) {
    const run = walk.runs.get(run_id);
    if (!run) return { code: 'DIFFERENT', what: `Run ${run_id} is missing.` };
    const finding = runDifference(run, wanted);
    if (finding) return finding;
  }
  for (const [run_id, { pieces }] of walk.runs) {
    const [first] = pieces.values();
    if (undisturbed.runs.has(run_id)) continue;
    return { code: 'DIFFERENT', what: `There should be no run ${run_id}.`, ...(first && { index: first.index }) };
  }
  return isDeepStrictEqual(asides(walk), asides(undisturbed))
    ? undefined
    : { code: 'DIFFERENT', what: 'Events outside of runs differ.' };
}

/** What was said outside of runs, by thread: only within a thread is the order that of the log. */
function asides({ events }: Walk): unknown[] {
  return events
    .filter(({ run_id }) => run_id === undefined)
    .map(({ thread_id, offset, type, data, timestamp }) => ({ thread_id, offset, type, data, timestamp }))
    .sort((one, other) => one.offset - other.offset);
}

function runDifference(run: ReadRun, wanted: ReadRun): Finding | undefined {
  const different = (what: string, piece?: Piece): Finding => ({
    code: 'DIFFERENT',
    what: `Run ${run.run_id}: ${what}`,
    ...(piece && { index: piece.index }),
  });
  for (const [seq, piece] of wanted.pieces) {
    const own = run.pieces.get(seq);
    if (!own) return different(`seq ${seq} is missing: ${piece.type} ${short(piece.data)}`, after(run, seq));
    if (!saysTheSame(own, piece)) {
      return different(`seq ${seq} is ${short(own.data)} where ${short(piece.data)} should be.`, own);
    }
  }
  for (const [seq, piece] of run.pieces) {
    if (!wanted.pieces.has(seq)) return different(`there should be no seq ${seq}.`, piece);
  }
  const [have, want] = [foldRun(run), foldRun(wanted)];
  if (isDeepStrictEqual(have, want)) return undefined;
  const field = (Object.keys(want) as (keyof typeof want)[]).find((name) => !isDeepStrictEqual(have[name], want[name]));
  const shown = field === undefined ? '' : ` is ${short(have[field])} where ${short(want[field])} should be.`;
  return different(`${field}${shown}`, [...run.pieces.values()].at(-1));
}

/** The first piece behind a hole. */
function after(run: ReadRun, seq: number): Piece | undefined {
  return [...run.pieces.values()].find((piece) => piece.seq > seq);
}

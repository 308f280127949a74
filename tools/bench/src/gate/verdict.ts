// What the gate lets pass.
import type { GateSample } from '../gate-process.js';
import type { Subject } from './subjects.js';

/** A load, and what Throughline may cost in it. */
export interface Load {
  readonly name: string;
  /** Events to each user in a turn. */
  readonly burst: number;
  /** Turns of a sample: about 10 ms of work. */
  readonly turns: number;
  /** The ratio of its CPU per event to that of plain `ws`, as it was when this was last set. Lower it when it has become faster. */
  readonly ratio: number;
  /** Calls of the network per event: exact, so no more than this. */
  readonly writes: number;
}

/** So much above its ratio a load fails: above what noise was seen to do, below a loss of 20 %. */
export const tolerance = 1.15;

export interface LoadVerdict {
  readonly ratio: number;
  readonly writes: number;
  readonly reasons: readonly string[];
}

/**
 * The least CPU time of many short samples: whatever else a machine does only adds to it.
 *
 * @param samples of both subjects, taken by turns
 */
export function judge(load: Load, samples: Readonly<Record<Subject, readonly GateSample[]>>): LoadVerdict {
  const least = (subject: Subject) => Math.min(...samples[subject].map(({ cpu }) => cpu));
  const ratio = least('throughline') / least('ws');
  const writes = Math.min(...samples.throughline.map((sample) => sample.writes));
  const reasons: string[] = [];
  if (!(ratio <= load.ratio * tolerance)) {
    const allowed = (load.ratio * tolerance).toFixed(3);
    reasons.push(
      `${load.name}: CPU per event is ${ratio.toFixed(3)}× that of plain ws; at most ${allowed}× is allowed.`,
    );
  }
  if (!(writes <= load.writes)) {
    reasons.push(`${load.name}: ${writes.toFixed(3)} writes per event; at most ${load.writes} are allowed.`);
  }
  return { ratio, writes, reasons };
}

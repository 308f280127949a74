// The report: what became of the planted bugs, and whether that is good enough. Pure.
import type { Verdict } from './proof.js';

/** The part of the planted bugs that tests have to notice. */
const demanded = 0.95;

/** Whether a test noticed a bug. */
function isKilled({ fate }: Verdict): boolean {
  return fate === 'killed' || fate === 'killed by timeout';
}

/** One line about a bug. */
export function lineOf({ bug, fate, by, asExpected, seconds }: Verdict): string {
  const unexpected = asExpected || !fate.startsWith('killed') ? '' : '(not by the tests that the list names) ';
  return `${fate.padEnd(17)} ${bug.name.padEnd(44)} ${seconds.toFixed(1).padStart(6)} s  ${unexpected}${brief(by)}`;
}

/** What there is to say at the end, and whether it is a pass. */
export function summarise(verdicts: readonly Verdict[]): {
  readonly lines: readonly string[];
  readonly passed: boolean;
} {
  const killed = verdicts.filter(isKilled);
  const survivors = verdicts.filter(({ fate }) => fate === 'survived');
  const late = verdicts.filter(({ fate }) => fate === 'killed by timeout');
  const useless = verdicts.filter(({ fate }) => fate === 'invalid' || fate === 'stale');
  const share = verdicts.length === 0 ? 0 : killed.length / verdicts.length;
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  return {
    passed: share >= demanded && useless.length === 0,
    lines: [
      `${killed.length} of ${verdicts.length} planted bugs were noticed: ${percent(share)}, of ${percent(demanded)} demanded.`,
      ...late.map(({ bug, by }) => `Noticed only by waiting in vain: ${bug.name}, ${brief(by)}`),
      ...survivors.map(({ bug }) => `Survived: ${bug.name}. ${bug.accepted ?? `Unexplained. ${bug.harm}`}`),
      ...useless.map(({ bug, fate, by }) => `Proves nothing (${fate}): ${bug.name}. ${by}`),
      ...killed.filter(({ bug }) => bug.accepted).map(({ bug }) => `Is noticed by now, though accepted: ${bug.name}.`),
    ],
  };
}

function brief(text: string): string {
  const line = text.split('\n', 1)[0] as string;
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

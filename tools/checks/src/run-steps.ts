import type { Step, StepContext, StepOutcome } from './step.js';

/** Test cases and steps together, as the last line of the check counts them. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** What the runner needs from outside. */
export interface RunSettings extends StepContext {
  /** Prints one line. */
  readonly print: (line: string) => void;
  /** Milliseconds that never go backwards. */
  readonly now: () => number;
}

/**
 * Runs the steps one after another: the tools in them use all cores by themselves, and two at a time were measured to
 * gain nothing. A failed step stops nothing, so that one run shows everything.
 */
export async function runSteps(steps: readonly Step[], settings: RunSettings): Promise<Tally> {
  const outcomes = new Map<string, StepOutcome>();
  for (const step of steps) {
    const started = settings.now();
    const outcome = await outcomeOf(step, settings, outcomes);
    outcomes.set(step.name, outcome);
    report(step.name, outcome, (settings.now() - started) / 1000, settings.print);
  }
  const broken = [...outcomes].filter(([, outcome]) => !outcome.ok).map(([name]) => name);
  if (broken.length > 0) settings.print(`\nfailed: ${broken.join(', ')}`);
  // An empty run has checked nothing, and must not look like a good one.
  return steps.length === 0 ? { passed: 0, failed: 1 } : countOutcomes([...outcomes.values()]);
}

async function outcomeOf(
  step: Step,
  { root, signal }: StepContext,
  outcomes: ReadonlyMap<string, StepOutcome>,
): Promise<StepOutcome> {
  if (signal.aborted) return { ok: false, detail: 'not run: interrupted' };
  const missing = (step.needs ?? []).find((name) => outcomes.get(name)?.ok !== true);
  if (missing !== undefined && !step.runsAnyway) return { ok: false, detail: `not run: ${missing} failed` };
  try {
    return await step.run({ root, signal });
  } catch (error) {
    return {
      ok: false,
      detail: 'threw',
      output: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

function report(name: string, { ok, detail, output }: StepOutcome, seconds: number, print: RunSettings['print']): void {
  const line = `${ok ? 'ok    ' : 'failed'}  ${name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s  ${detail ?? ''}`;
  print(line.trimEnd());
  if (!ok && output) print(indent(output));
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`.trimEnd())
    .join('\n');
}

function countOutcomes(outcomes: readonly StepOutcome[]): Tally {
  return outcomes.reduce(
    (sum, { ok, cases }) => ({
      passed: sum.passed + (cases?.passed ?? 0) + (ok ? 1 : 0),
      failed: sum.failed + (cases?.failed ?? 0) + (ok ? 0 : 1),
    }),
    { passed: 0, failed: 0 },
  );
}

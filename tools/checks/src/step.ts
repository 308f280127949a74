/** What a step of the check is handed. */
export interface StepContext {
  /** Absolute path of the repository (or of a planted one, in tests). */
  readonly root: string;
  /** Aborted when the run is interrupted: whatever a step started must end then. */
  readonly signal: AbortSignal;
}

/** What a step found. */
export interface StepOutcome {
  readonly ok: boolean;
  /** A few words for the step's line, such as a size or a count. */
  readonly detail?: string;
  /** What a person needs in order to mend a failure. Printed only when the step failed. */
  readonly output?: string;
  /** Test cases that the step ran. They are counted beside the step itself. */
  readonly cases?: { readonly passed: number; readonly failed: number };
}

/** One thing that `npm test` checks. */
export interface Step {
  readonly name: string;
  /** Names of earlier steps whose result this one builds on. They run too when this one is asked for by name. */
  readonly needs?: readonly string[];
  /** Run although something in `needs` failed: this step shows more even then. */
  readonly runsAnyway?: boolean;
  /** A throw counts as a failure whose output is the error. */
  run(context: StepContext): Promise<StepOutcome>;
}

/** A step's good end. */
export function passed(detail: string): StepOutcome {
  return { ok: true, detail };
}

/** A step's bad end: `output` says what is wrong and what to do. */
export function failed(detail: string, output: string): StepOutcome {
  return { ok: false, detail, output };
}

/** {@link failed} with the problems one by one, or {@link passed} when there are none. */
export function verdict(problems: readonly string[], detail: string): StepOutcome {
  if (problems.length === 0) return passed(detail);
  return failed(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`, problems.join('\n'));
}

import type { Verdict } from '../check.js';

/** A verdict for programs: what {@link Verdict} has, with its format's version and the exit code. */
export function jsonReport(
  { violations, problems, gone, all, files, imports, rules }: Verdict,
  exitCode: number,
): string {
  const known = all.length - violations.length;
  const complete = problems.length === 0;
  return `${JSON.stringify({ version: 1, exitCode, complete, violations, problems, gone, known, files, imports, rules }, null, 2)}\n`;
}

import { runCommand } from './command.js';
import { failed, passed, type StepContext, type StepOutcome } from './step.js';

/** What an event costs beside what it costs plain `ws`, in this run: a ratio of the least of many samples, which noise does not move. */
export async function checkSpeed({ root, signal }: StepContext): Promise<StepOutcome> {
  const { ok, output } = await runCommand('npm', ['run', '--silent', 'gate', '-w', 'tools/bench'], {
    cwd: root,
    signal,
  });
  const figures = [...output.matchAll(/^(\w+): ([\d.]+× plain ws)/gm)].map(([, load, ratio]) => `${load} ${ratio}`);
  if (ok && figures.length > 0) return passed(figures.join(', '));
  return failed(figures.join(', ') || 'not measured', output);
}

import { runCommand } from './command.js';
import { failed, type StepContext, type StepOutcome, verdict } from './step.js';

const BUDGETS = 'tools/checks/size-limit.json';

/** What `size-limit --json` says of one entry: bytes, minified and gzipped, with all that it imports. */
interface Weighed {
  readonly name: string;
  readonly size?: number;
  readonly sizeLimit?: number;
  readonly passed?: boolean;
}

/** Weighs what a page pays for the client, and fails above the budget. The figures are printed either way. */
export async function checkClientSize({ root, signal }: StepContext): Promise<StepOutcome> {
  const { stdout, output } = await runCommand('size-limit', ['--json', '--config', BUDGETS], { cwd: root, signal });
  const weighed = parse(stdout);
  if (weighed === undefined) return failed('not weighed', output);
  const figures = weighed.map(({ name, size, sizeLimit }) => `${name} ${size} B${sizeLimit ? ` of ${sizeLimit}` : ''}`);
  const problems = weighed.filter((one) => !one.size || one.passed === false).map(explain);
  if (!weighed.some(({ sizeLimit }) => sizeLimit)) problems.push(`${BUDGETS} sets no limit.`);
  return problems.length === 0 ? verdict([], figures.join(', ')) : failed(figures.join(', '), problems.join('\n'));
}

function explain({ name, size, sizeLimit }: Weighed): string {
  if (!size) return `${name} was not found in its built form. Run: npm run build`;
  return `${name} is ${size - (sizeLimit ?? 0)} B above its budget. Move what not every page needs to another entry.`;
}

function parse(json: string): Weighed[] | undefined {
  try {
    const value = JSON.parse(json) as Weighed[];
    return Array.isArray(value) && value.length > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

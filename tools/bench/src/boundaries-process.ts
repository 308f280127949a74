import { checkBoundaries } from '@throughline/boundaries';

// Two checks in one process, as a line of JSON for the bench that started it.
const [root = ''] = process.argv.slice(2);
const times: number[] = [];
const started = performance.now();
const first = await checkBoundaries({ root, cached: true });
times.push(performance.now() - started);
const again = performance.now();
const { files, imports, violations, problems } = await checkBoundaries({ root, cached: true });
times.push(performance.now() - again);
const faults = [first.violations, first.problems, violations, problems].reduce((sum, list) => sum + list.length, 0);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const cpu = (userCPUTime + systemCPUTime) / 1_000;
process.stdout.write(`${JSON.stringify({ files, imports, faults, times, cpu, megabytes: maxRSS / 1024 })}\n`);

// For people.
import { countOf, type MissionReport } from '../report.js';

const marks = { passed: '✓', failed: '✗', skipped: '–' } as const;

export function textReport(report: MissionReport): string {
  const width = Math.max(...report.checks.map(({ name }) => name.length));
  const lines = [`Mission to ${report.url}, ${report.started_at}`, ''];
  for (const { name, why, status, detail } of report.checks) {
    const [first = '', ...rest] = (detail ?? '').split('\n');
    const said = status === 'skipped' ? `not checked. ${first}` : first;
    lines.push(`${marks[status]} ${name.padEnd(width)}  ${said}`.trimEnd());
    for (const line of rest) lines.push(`    ${line}`);
    if (status === 'failed') lines.push(`    promised: ${why}`);
  }
  const measured = Object.entries(report.measures).map(
    ([name, ms]) => `${name.replaceAll('_', ' ')} ${Math.round(ms)} ms`,
  );
  if (measured.length > 0) lines.push('', `measured: ${measured.join(' · ')}`);
  const counts = (['passed', 'failed', 'skipped'] as const).map((status) => `${countOf(report, status)} ${status}`);
  const took = `${report.connections} connections, ${(report.duration_ms / 1000).toFixed(1)} s`;
  lines.push('', `${report.verdict.toUpperCase()}: ${counts.join(', ')} (${took})`, '');
  return lines.join('\n');
}

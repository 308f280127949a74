// For the runners that read JUnit's XML.
import { type CheckResult, countOf, type MissionReport } from '../report.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

export function junitReport(report: MissionReport): string {
  const { url, started_at, checks } = report;
  const counts = `tests="${checks.length}" failures="${countOf(report, 'failed')}" skipped="${countOf(report, 'skipped')}" errors="0"`;
  const times = `time="${seconds(report.duration_ms)}" timestamp="${escaped(started_at.slice(0, 19))}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="throughline-mission ${escaped(url)}" ${counts} ${times}>`,
    ...checks.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ name, status, detail = '', why, duration_ms }: CheckResult): string {
  const opening = `    <testcase classname="throughline-mission" name="${name}" time="${seconds(duration_ms)}"`;
  if (status === 'failed') {
    return `${opening}><failure message="${escaped(detail)}">${escaped(why)}</failure></testcase>`;
  }
  if (status === 'skipped') return `${opening}><skipped message="${escaped(detail)}"/></testcase>`;
  return `${opening}/>`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function escaped(text: string): string {
  return text.replace(/[&<>"\n]/g, (character) => entities[character] ?? '');
}

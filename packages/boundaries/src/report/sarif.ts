import { createHash } from 'node:crypto';
import type { Verdict } from '../check.js';
import type { RuleDescription } from '../rules.js';
import type { Violation } from '../violation.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** A verdict as SARIF 2.1.0, for code scanning. Known violations are in it, suppressed. */
export function sarifReport(verdict: Verdict, rules: readonly RuleDescription[], version: string): string {
  const { violations, all, problems, gone } = verdict;
  const open = new Set(violations);
  const report = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'throughline-boundaries',
            semanticVersion: version,
            rules: rules.map(({ name, why }) => ({
              id: name,
              shortDescription: { text: why },
              defaultConfiguration: { level: 'error' },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'The folder in which the check ran.' } } },
        invocations: [
          {
            executionSuccessful: problems.length === 0,
            toolExecutionNotifications: problems.map((text) => ({ level: 'error', message: { text } })),
          },
        ],
        results: [
          ...all.map((violation) => result(violation, rules, !open.has(violation))),
          ...gone.map(({ file, rule }) => ({
            ...ruleOf(rule, rules),
            level: 'error',
            message: {
              text: 'The baseline has this violation, and it occurs no longer: take it out with --write-baseline.',
            },
            locations: [{ physicalLocation: { artifactLocation: artifact(file) } }],
          })),
        ],
      },
    ],
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function result(violation: Violation, rules: readonly RuleDescription[], isKnown: boolean): object {
  const { rule, file, line, column, to = '', message, why, instead } = violation;
  const region = line === undefined ? {} : { region: { startLine: line, startColumn: column ?? 1 } };
  const fingerprint = createHash('sha256').update(`${rule}\0${file}\0${to}`).digest('hex');
  return {
    ...ruleOf(rule, rules),
    level: 'error',
    message: { text: `${message} ${why} ${instead}` },
    locations: [{ physicalLocation: { artifactLocation: artifact(file), ...region } }],
    partialFingerprints: { 'violation/v1': fingerprint },
    ...(isKnown ? { suppressions: [{ kind: 'external', justification: 'It is in the baseline.' }] } : {}),
  };
}

function ruleOf(name: string, rules: readonly RuleDescription[]): object {
  const ruleIndex = rules.findIndex((rule) => rule.name === name);
  return { ruleId: name, ...(ruleIndex === -1 ? {} : { ruleIndex }) };
}

function artifact(file: string): object {
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' };
}

// What a mission comes to, for programs; its forms for people and runners are in report/.
import { formsOf } from './token-forms.js';

export interface CheckResult {
  readonly name: string;
  readonly why: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was found, or why it could not be checked. */
  readonly detail?: string;
  readonly duration_ms: number;
}

export interface MissionReport {
  readonly version: 1;
  /** Without its query. */
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly duration_ms: number;
  readonly verdict: 'passed' | 'failed';
  readonly connections: number;
  readonly checks: readonly CheckResult[];
  /** Milliseconds by name. */
  readonly measures: Readonly<Record<string, number>>;
}

export function countOf({ checks }: MissionReport, status: CheckResult['status']): number {
  return checks.filter((check) => check.status === status).length;
}

/** A text of a service that may be shown: without tokens, and without what would speak to a terminal or break XML. */
export function cleaned(text: string, secrets: Iterable<string>): string {
  let clean = text;
  const forms = [...secrets].flatMap(formsOf).toSorted((one, other) => other.length - one.length);
  for (const form of forms) clean = clean.replaceAll(form, '‹token›');
  return clean.replace(/[^\P{C}\n]/gu, '�');
}

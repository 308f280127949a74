// What every event log promises, whatever it stores in: the contract of `@throughline/core/log`, as data.
import type { ContractCase } from './contracts/contract.js';
import { answering } from './contracts/log-answers.js';
import { appending } from './contracts/log-append.js';
import { knowing } from './contracts/log-knowing.js';
import { lives } from './contracts/log-lives.js';
import { owning } from './contracts/log-owners.js';
import { reading } from './contracts/log-reading.js';
import { caseOf, type LogSubject } from './contracts/log-seat.js';
import { checkNames } from './option-names.js';

export {
  type ContractCase,
  type ContractResult,
  type RunContractOptions,
  runContract,
} from './contracts/contract.js';
export type { LogSubject, Outage } from './contracts/log-seat.js';

const known: readonly (keyof LogSubject)[] = ['open', 'again', 'bounded', 'joins', 'elapse', 'outage', 'atOnce'];

/**
 * The contract of an event log.
 *
 * @param subject how the store is opened, and what else can be done with it: cases that need more are skipped, and say so
 * @throws OPTION_INVALID for what a subject cannot say: a misspelt one would skip cases
 * @returns the cases, each opening and closing what it needs, in no order that matters
 */
export function logContract(subject: LogSubject): readonly ContractCase[] {
  checkNames('logContract', subject, known);
  return [...appending, ...reading, ...knowing, ...owning, ...lives, ...answering].map((rule) => caseOf(rule, subject));
}

// What every server promises that speaks `throughline.v1`: PROTOCOL.md of `@throughline/events`, as data.
import type { ContractCase } from './contracts/contract.js';
import { choosing } from './contracts/protocol-choosing.js';
import { connecting } from './contracts/protocol-connecting.js';
import { framing } from './contracts/protocol-framing.js';
import { living } from './contracts/protocol-living.js';
import { reading } from './contracts/protocol-reading.js';
import { caseOf, type ProtocolSubject } from './contracts/protocol-seat.js';
import { speaking } from './contracts/protocol-speaking.js';
import { checkNames } from './option-names.js';

export {
  type ContractCase,
  type ContractResult,
  type RunContractOptions,
  runContract,
} from './contracts/contract.js';
export type {
  AgentControl,
  ExpendableSubject,
  HeardMessage,
  LedRun,
  ProtocolSubject,
} from './contracts/protocol-seat.js';

const known: readonly (keyof ProtocolSubject)[] = [
  ...(['url', 'token', 'agent', 'ticket', 'signOut', 'erase', 'cookieName', 'invalidData', 'failingData'] as const),
  ...(['heartbeatMs', 'expiryGraceMs', 'sessionsPerUser', 'framesAtOnce', 'forgetful', 'expendable'] as const),
];

/**
 * The contract of a server.
 *
 * @param subject where it is, who may come in, and what happens behind it: cases that need more are skipped, and say so
 * @throws OPTION_INVALID for what a subject cannot say: a misspelt one would skip cases
 * @returns the cases, each with users of its own, in no order that matters
 */
export function protocolContract(subject: ProtocolSubject): readonly ContractCase[] {
  checkNames('protocolContract', subject, known);
  return [...connecting, ...framing, ...reading, ...choosing, ...speaking, ...living].map((rule) =>
    caseOf(rule, subject),
  );
}

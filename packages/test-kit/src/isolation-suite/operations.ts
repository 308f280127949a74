// What users do, by chance: plain data, so that a failure can be shrunk and shown.
import fc from 'fast-check';

/** What can be done, and how often it is chosen. */
const acts = {
  message: 12,
  rest: 4,
  tool: 3,
  fail: 2,
  note: 2,
  cancel: 2,
  route: 3,
  threads: 2,
  reload: 2,
  cut: 2,
  refresh: 1,
  narrow: 1,
  sign_out: 1,
  cancel_foreign: 1,
  resume_foreign: 1,
} as const;

/** What is done. */
export type Act = keyof typeof acts;

/** One thing that one user does. Numbers are folded into what there is. */
export interface Operation {
  readonly act: Act;
  readonly user: number;
  readonly session: number;
  readonly thread: number;
  /** Which of several: messages, routes. */
  readonly choice: number;
}

/** How many threads users speak in: the same ids for all of them. */
export const threadCount = 3;

/** Lists of at most so many operations. Shrinks towards fewer, towards messages, and towards the first of everything. */
export function anyOperations(most: number, users: number, sessions: number): fc.Arbitrary<readonly Operation[]> {
  const [first, ...others] = Object.entries(acts).map(([act, weight]) => ({
    arbitrary: fc.constant(act as Act),
    weight,
  }));
  const operation = fc.record<Operation>({
    act: fc.oneof({ withCrossShrink: true }, first as { arbitrary: fc.Arbitrary<Act>; weight: number }, ...others),
    user: fc.nat(users - 1),
    session: fc.nat(sessions - 1),
    thread: fc.nat(threadCount - 1),
    choice: fc.nat(11),
  });
  return fc.array(operation, { minLength: 1, maxLength: most, size: 'max' });
}

const words: Readonly<Record<Act, (operation: Operation) => string>> = {
  message: ({ session, thread, choice }) => `says message ${choice} in t-${thread}, on session ${session + 1}`,
  rest: () => 'waits until nothing is under way',
  tool: ({ thread }) => `is answered by an agent with a tool, in t-${thread}`,
  fail: ({ thread }) => `is answered by an agent that fails, in t-${thread}`,
  note: ({ thread }) => `is told something outside of runs, in t-${thread}`,
  cancel: ({ session }) => `cancels the run seen last, on session ${session + 1}`,
  route: ({ choice }) => `calls route ${choice}`,
  threads: ({ session, thread }) => `reads t-0 and t-${thread} alone, on session ${session + 1}`,
  reload: ({ session }) => `reloads session ${session + 1}`,
  cut: ({ session }) => `loses the socket of session ${session + 1}`,
  refresh: ({ session }) => `sends a fresh token on session ${session + 1}`,
  narrow: ({ thread }) => `is told something in the name of a context narrowed to t-${thread}`,
  sign_out: () => 'signs out, and in again',
  cancel_foreign: ({ session }) => `cancels somebody else’s run, on session ${session + 1}`,
  resume_foreign: ({ session }) => `resumes at somebody else’s position, on session ${session + 1}`,
};

/** An operation in one line. */
export function describeOperation(operation: Operation): string {
  return `user ${operation.user + 1} ${words[operation.act](operation)}`;
}

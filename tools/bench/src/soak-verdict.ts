// Whether a soak was passed. Pure: what it judges was measured elsewhere.

/** The service's process at one moment. */
export interface Sample {
  /** Bytes in use after a forced collection: the heap, and what it holds outside of it. */
  readonly heapBytes: number;
  /** The part of it that is compiled code: it grows for as long as the compiler finds something to do. */
  readonly codeBytes: number;
  /** What keeps the process alive, counted by kind, as `process.getActiveResourcesInfo()` names it. */
  readonly handles: Readonly<Record<string, number>>;
  readonly sessions: number;
  readonly runs: number;
}

/** What became of what was asked, and what was done meanwhile. */
export interface Account {
  /** Answers that were to be seen: one for each question and page. */
  readonly expected: number;
  /** Of these, how many came whole, once and in order, or ended as their user's stop ended them. */
  readonly whole: number;
  /** What was wrong with the others, and everything a page should never notice: resets, faults. */
  readonly wrong: readonly string[];
  /** How often each thing was done. */
  readonly deeds: Readonly<Record<string, number>>;
}

export interface Measured {
  /** Before the service was started. */
  readonly before: Sample;
  /** After the warm-up: everybody had come and gone. */
  readonly warm: Sample;
  /** At the end: everybody has gone. */
  readonly left: Sample;
  /** After the service was closed. */
  readonly closed: Sample;
  readonly account: Account;
}

/** How much more than after the warm-up the heap may hold at the end. */
const heapGrowth = 0.05;

/** Why a soak was not passed: a sentence for each reason, none when it was. */
export function judge({ before, warm, left, closed, account }: Measured): readonly string[] {
  const reasons: string[] = [];
  const growth = left.heapBytes / warm.heapBytes - 1;
  // Written so that what is no number fails too.
  if (!(growth <= heapGrowth)) {
    reasons.push(`The heap grew by ${percent(growth)} since the warm-up; ${percent(heapGrowth)} are allowed.`);
  }
  if (left.sessions !== 0) reasons.push(`${left.sessions} sessions are left, and all clients have gone.`);
  if (left.runs !== 0) reasons.push(`${left.runs} runs are left, and all agents have ended.`);
  reasons.push(...beyond(left, warm).map((what) => `With all clients gone, ${what} more than after the warm-up.`));
  reasons.push(...beyond(closed, before).map((what) => `After the close, ${what} more than before the start.`));
  if (account.expected === 0) reasons.push('Nothing was asked.');
  if (account.whole !== account.expected) {
    reasons.push(`${account.whole} of ${account.expected} answers came whole.`);
  }
  for (const [deed, times] of Object.entries(account.deeds)) {
    if (times === 0) reasons.push(`"${deed}" never happened: nothing is known of it.`);
  }
  return [...reasons, ...account.wrong];
}

function beyond(now: Sample, then: Sample): readonly string[] {
  return Object.entries(now.handles).flatMap(([kind, count]) => {
    const more = count - (then.handles[kind] ?? 0);
    return more > 0 ? [`${more} ${kind}`] : [];
  });
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

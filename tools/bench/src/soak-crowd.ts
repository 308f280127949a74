// The people of the soak: they come, open pages, begin threads, ask, stop, reload, and go.
import { openSoakPage, type SoakPage, type Trouble, troubles } from './soak-page.js';
import { answerTo, type Question, questions } from './soak-question.js';
import type { Account } from './soak-verdict.js';

export interface SoakCrowd {
  /** What happened so far. */
  readonly account: Account;
  /** How many pages are open now. */
  readonly pages: number;
  /** Something happens to somebody's network. */
  trouble(): void;
  /** Notes what was done to the crowd by others. */
  note(deed: string): void;
  /** Lets nobody come any more; resolves when everybody has gone. */
  leave(): Promise<void>;
}

const deeds = [
  'person came',
  'person came back',
  'page opened',
  'page reloaded',
  'thread begun',
  'question asked',
  'long question asked',
  'run stopped',
  'token refreshed',
  'token forgotten',
  'client cut',
  'client reset',
  'client stalled',
  'service cut',
  'service reset',
] as const;

const done: Readonly<Record<Trouble, (typeof deeds)[number]>> = {
  cut: 'client cut',
  reset: 'client reset',
  stall: 'client stalled',
};

/** @param size how many people there are at once */
export function startSoakCrowd(url: string, size: number): SoakCrowd {
  const counts: Record<string, number> = Object.fromEntries(deeds.map((deed) => [deed, 0]));
  const wrong: string[] = [];
  const pages = new Set<SoakPage>();
  /** Who was here and has gone. */
  const gone: string[] = [];
  let expected = 0;
  let whole = 0;
  let people = 0;
  let leaving = false;

  function note(deed: string): void {
    counts[deed] = (counts[deed] ?? 0) + 1;
  }

  function open(user: string): SoakPage {
    const page = openSoakPage(url, user);
    pages.add(page);
    note('page opened');
    return page;
  }

  function leave(page: SoakPage): void {
    page.leave();
    pages.delete(page);
    wrong.push(...page.complaints);
    counts['token refreshed'] = (counts['token refreshed'] ?? 0) + page.tokens.refreshed;
    counts['token forgotten'] = (counts['token forgotten'] ?? 0) + page.tokens.forgotten;
  }

  /** Asks on the first page; looks at the answer on all of them. */
  async function ask(user: string, mine: readonly SoakPage[], thread_id: string): Promise<void> {
    const [page] = mine as [SoakPage];
    const name = pick(['short', 'short', 'usual', 'usual', 'usual', 'long'] as const);
    const question: Question = questions[name];
    expected += mine.length;
    note('question asked');
    if (name === 'long') note('long question asked');
    const { id, accepted } = page.client.send({ thread_id, data: { ...question } });
    accepted.catch((error: Error) => wrong.push(`${user}: ${id} was not accepted: ${error.message}`));
    const stops = Math.random() < 0.1;
    if (stops) {
      await page.until(() => page.answerTo(id) !== undefined);
      const run_id = page.answerTo(id)?.run_id ?? '';
      // Refused when it was over already.
      const stopped = await page.client.cancel(run_id).then(
        () => true,
        () => false,
      );
      if (stopped) note('run stopped');
    }
    for (const seen of mine) {
      const ended = await seen.until(() => (seen.answerTo(id)?.status ?? 'running') !== 'running');
      const fault = ended ? faultOf(seen, id, question, stops) : 'did not come to its end';
      if (fault === undefined) whole += 1;
      else wrong.push(`${user}: ${id} ${fault}`);
    }
  }

  async function live(user: string): Promise<void> {
    const mine = Array.from({ length: 1 + Math.floor(Math.random() * 3) }, () => open(user));
    let thread = 0;
    for (let left = 3 + Math.floor(Math.random() * 12); left > 0 && !leaving; left--) {
      for (const page of mine) await page.until(() => page.client.status.state === 'live');
      if (thread === 0 || Math.random() < 0.5) {
        thread += 1;
        note('thread begun');
      }
      await ask(user, mine, `t-${thread}`);
      if (Math.random() < 0.2) {
        leave(mine.pop() as SoakPage);
        mine.push(open(user));
        note('page reloaded');
      }
    }
    for (const page of mine) leave(page);
    gone.push(user);
  }

  async function seat(): Promise<void> {
    while (!leaving) {
      const back = gone.length > size && Math.random() < 0.3 ? gone.shift() : undefined;
      note(back === undefined ? 'person came' : 'person came back');
      await live(back ?? `user-${++people}`);
    }
  }

  const seats = Array.from({ length: size }, () => seat());
  return {
    get account() {
      return { expected, whole, wrong, deeds: counts };
    },
    get pages() {
      return pages.size;
    },
    trouble() {
      const trouble = pick(troubles);
      const page = pick([...pages]);
      if (!page) return;
      page.suffer(trouble);
      note(done[trouble]);
    },
    note,
    async leave() {
      leaving = true;
      await Promise.all(seats);
    },
  };
}

/** What is wrong with how a page shows an answer that has ended. */
function faultOf(page: SoakPage, id: string, question: Question, stopped: boolean): string | undefined {
  const run = page.answerTo(id);
  const right = answerTo(id, question);
  if (run?.truncated) return 'lacks its beginning';
  if (stopped && (run?.status === 'cancelled' || run?.status === 'succeeded')) {
    return right.startsWith(run.text) ? undefined : 'was stopped, and is no beginning of the answer';
  }
  if (run?.status !== 'succeeded') return `ended as ${run?.status}`;
  if (run.text !== right) return `has ${run.text.length} characters, not ${right.length}, or others`;
  return run.tools.length === 1 && run.thoughts.length === 1 ? undefined : 'has not its one thought and its one tool';
}

function pick<Item>(items: readonly [Item, ...Item[]]): Item;
function pick<Item>(items: readonly Item[]): Item | undefined;
function pick<Item>(items: readonly Item[]): Item | undefined {
  return items[Math.floor(Math.random() * items.length)];
}

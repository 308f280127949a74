// What a server says to its users: at a steady rate, or as much as it can.
import type { EventData, PeerServer, Speaker } from '../peers/peer.js';

/** One event per user every so many ms, in turns of so many. */
export interface Stream {
  /** Users are `u<number>`, from the first up to, and without, the last. */
  readonly from: number;
  readonly to: number;
  readonly everyMs: number;
  /** Events said in one turn, so many times as seldom. */
  readonly burst: number;
  readonly seconds: number;
}

/** What became of it. */
export interface Produced {
  /** Events said to each user since the server began. */
  readonly perUser: number;
  /** How much of the rate was kept up, 0 to 1. */
  readonly kept: number;
}

/** As long as tokens are: 6 to 20 characters. */
const words = [
  'Costs ', 'fell by ', 'twelve ', 'percent, ', 'mainly because ', 'the contract ', 'with our carrier ', 'was renewed ',
  'in February; ', 'see table ', 'three for ', 'the breakdown ', 'by region and ', 'quarter. ', 'Shall I draft ', 'an answer to her? ',
]; // biome-ignore format: a text, not a list

/** A turn makes up for no more than this, in ms, or a period: input must be read in between. */
const mostPerTurnMs = 20;

export class Production {
  readonly #server: PeerServer;
  readonly #now: () => number;
  readonly #speakers = new Map<number, { readonly speaker: Speaker; said: number }>();
  /** Streams whose number is below this end with their period. */
  #stopped = 0;
  #streams = 0;

  constructor(server: PeerServer, now: () => number) {
    this.#server = server;
    this.#now = now;
  }

  /** Makes the handles of users, before anything is measured. */
  async prepare(from: number, to: number): Promise<void> {
    for (let user = from; user < to; user++) {
      if (this.#speakers.has(user)) continue;
      this.#speakers.set(user, { speaker: await this.#server.speaker(`u${user}`), said: 0 });
    }
  }

  /** How many events a user was sent. */
  said(user: number): number {
    return this.#speakers.get(user)?.said ?? 0;
  }

  /** All users have been sent as many when it resolves, whatever the rate came to. */
  stream({ from, to, everyMs, burst, seconds }: Stream): Promise<Produced> {
    const periodMs = Math.round(everyMs * burst);
    const periods = Math.max(1, Math.round((seconds * 1_000) / periodMs));
    // Users are spread over the period, as those of different agents are: one slot a ms.
    const slots = Array.from({ length: periodMs }, (_, slot) => {
      const users: number[] = [];
      for (let user = from + slot; user < to; user += periodMs) users.push(user);
      return users;
    });
    const started = performance.now();
    const number = this.#streams;
    this.#streams += 1;
    let done = 0;
    let all = periods * periodMs;
    return new Promise((resolve) => {
      const turn = () => {
        const elapsed = performance.now() - started;
        if (number < this.#stopped) all = Math.min(all, Math.ceil(done / periodMs) * periodMs);
        const due = Math.min(Math.floor(elapsed) + 1, all, done + Math.max(periodMs, mostPerTurnMs));
        for (; done < due; done++) for (const user of slots[done % periodMs] as number[]) this.#say(user, burst);
        if (done < all) setTimeout(turn, 1);
        else resolve({ perUser: this.said(from), kept: Math.min(1, all / (performance.now() - started)) });
      };
      turn();
    });
  }

  /** Ends the streams that are under way. */
  stop(): void {
    this.#stopped = this.#streams;
  }

  /** So many events to each user, as fast as the peer wants them. */
  async flood(from: number, to: number, events: number, bytes: number): Promise<void> {
    const text = 'x'.repeat(bytes);
    for (let round = 0; round < events; round++) {
      const slower: Promise<unknown>[] = [];
      for (let user = from; user < to; user++) {
        const verdict = this.#tell(user, text);
        if (verdict) slower.push(verdict);
      }
      await Promise.all(slower);
      // Others have their turn, as they do behind the next token of a model.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #say(user: number, burst: number): void {
    for (let count = 0; count < burst; count++) void this.#tell(user, undefined);
  }

  #tell(user: number, text: string | undefined): Promise<unknown> | undefined {
    const handle = this.#speakers.get(user);
    if (!handle) throw new Error(`Nobody prepared u${user}.`);
    const n = handle.said;
    handle.said += 1;
    const data: EventData = { n, at: this.#now(), text: text ?? (words[n & 15] as string) };
    return handle.speaker.say(data);
  }
}

// A page of the soak: a client whose socket can be cut and held up, and the runs it shows.
import { connect as connectTcp, type Socket } from 'node:net';
import { createClient, type ThroughlineClient } from '@throughline/client';
import { createRunStore, type RunState } from '@throughline/client/store';
import { WebSocket } from 'ws';

/** What the network does to a page. */
export const troubles = ['cut', 'reset', 'stall'] as const;
export type Trouble = (typeof troubles)[number];

export interface SoakPage {
  readonly client: ThroughlineClient;
  /** What it noticed and never should: resets, faults. */
  readonly complaints: readonly string[];
  /** How many tokens it brought in time, and how many too late. */
  readonly tokens: { refreshed: number; forgotten: number };
  /** The run that answers a message. */
  answerTo(message_id: string): RunState | undefined;
  /** Resolves with true when something holds; looked at whenever anything comes. False when it takes too long. */
  until(holds: () => boolean): Promise<boolean>;
  suffer(trouble: Trouble): void;
  leave(): void;
}

/** Shorter than most visits: a client replaces its token after four fifths of this. */
const tokenMs = 4_000;
const stallMs = 3_000;
/** Longer than any answer, any stall and any refusal together. */
const patienceMs = 60_000;
/** A person who sees that a page is offline does not wait for its backoff. */
const impatienceMs = 500;

export function openSoakPage(url: string, user: string): SoakPage {
  let tcp: Socket | undefined;
  const webSockets: WebSocket[] = [];
  class HeldWebSocket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      const { hostname, port } = new URL(address);
      super(address, protocols, {
        perMessageDeflate: false,
        createConnection: () => {
          tcp = connectTcp({ host: hostname, port: Number(port) });
          return tcp;
        },
      });
      webSockets.push(this);
    }
  }
  const complaints: string[] = [];
  const tokens = { refreshed: 0, forgotten: 0 };
  const looks = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();

  function later(ms: number, task: () => void): () => void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      task();
    }, ms);
    timers.add(timer);
    return () => {
      clearTimeout(timer);
      timers.delete(timer);
    };
  }

  const client = createClient({
    url,
    webSocket: HeldWebSocket,
    getToken(reason) {
      if (reason === 'expiring') {
        const forgets = Math.random() < 0.2;
        tokens[forgets ? 'forgotten' : 'refreshed'] += 1;
        if (forgets) return null;
      }
      return `${user}~${Date.now() + tokenMs}`;
    },
  });
  const store = createRunStore(client);
  client.on('reset', ({ cause }) => complaints.push(`${user}: reset, ${cause}`));
  client.on('fault', ({ code }) => complaints.push(`${user}: fault, ${code}`));
  client.on('status', ({ state, code }) => {
    if (state === 'offline') later(impatienceMs * Math.random(), () => client.connect());
    if (state === 'signed_out' || (state === 'closed' && code !== undefined)) {
      complaints.push(`${user}: ${state}, ${code}`);
    }
  });
  for (const occasion of ['event', 'status', 'reset'] as const) {
    client.on(occasion, () => {
      for (const look of looks) look();
    });
  }
  client.connect();

  return {
    client,
    complaints,
    tokens,
    answerTo: (message_id) => [...store.getSnapshot().runs.values()].find((run) => run.message_id === message_id),
    until(holds) {
      return new Promise((resolve) => {
        const done = (verdict: boolean) => {
          looks.delete(look);
          giveUp();
          resolve(verdict);
        };
        const look = () => {
          if (holds()) done(true);
        };
        const giveUp = later(patienceMs, () => done(false));
        looks.add(look);
        look();
      });
    },
    suffer(trouble) {
      const held = webSockets.at(-1);
      if (trouble === 'cut') held?.terminate();
      // Behind an end that its peer has yet to take, Node loses the handle of a socket that is reset.
      if (trouble === 'reset' && !tcp?.writableEnded) tcp?.resetAndDestroy();
      if (trouble !== 'stall' || held?.readyState !== WebSocket.OPEN) return;
      held.pause();
      later(stallMs * Math.random(), () => held.resume());
    },
    leave() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      webSockets.at(-1)?.resume();
      client.close();
      store.dispose();
    },
  };
}

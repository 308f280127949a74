// Many pages of many users behind a load balancer: each new socket goes to the service that is in charge by then.
import { createClient, type Status, type ThroughlineClient } from '@throughline/client';
import { createRunStore, type RunState } from '@throughline/client/store';
import { WebSocket } from 'ws';
import { tokenOf } from './tokens.js';

/** One page of somebody. */
export interface Spectator {
  readonly user: string;
  readonly client: ThroughlineClient;
  /** Resets, faults: what a page should never notice of a deploy. */
  readonly complaints: readonly string[];
  /** How long it waits after each close with 1012 before it comes back, in ms. */
  readonly waits: readonly number[];
  run(run_id: string): RunState | undefined;
  /** Breaks the socket in use, as a train does that enters a tunnel. */
  breakSocket(): void;
}

export interface Audience extends Disposable {
  readonly spectators: readonly Spectator[];
  /** Where new sockets go: `ws://…`. */
  target: string;
  /** Resolves when something holds of every spectator; looked at whenever something comes to any of them. */
  every(holds: (spectator: Spectator) => boolean): Promise<void>;
  [Symbol.dispose](): void;
}

export function openAudience(target: string, users: readonly string[], pagesEach: number): Audience {
  const looks = new Set<() => void>();
  const ends: (() => void)[] = [];
  const spectators = users.flatMap((user) => Array.from({ length: pagesEach }, () => seat(user)));
  const audience: Audience = {
    spectators,
    target,
    every(holds) {
      // Whoever has satisfied it once is asked again only at the end: hundreds of pages take a thousand steps each.
      const left = new Set(spectators);
      return new Promise((resolve) => {
        const look = () => {
          for (const spectator of left) {
            if (!holds(spectator)) return;
            left.delete(spectator);
          }
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      });
    },
    [Symbol.dispose]() {
      for (const end of ends) end();
    },
  };

  function seat(user: string): Spectator {
    const sockets: WebSocket[] = [];
    class BalancedWebSocket extends WebSocket {
      constructor(address: string, protocols: string[]) {
        const { search } = new URL(address);
        super(`${audience.target}${search}`, protocols, { perMessageDeflate: false });
        sockets.push(this);
      }
    }
    const complaints: string[] = [];
    const waits: number[] = [];
    const client = createClient({ url: target, getToken: () => tokenOf(user), webSocket: BalancedWebSocket });
    const store = createRunStore(client);
    client.on('reset', ({ cause }) => complaints.push(`reset: ${cause}`));
    client.on('fault', ({ code }) => complaints.push(`fault: ${code}`));
    client.on('status', ({ state, code, retry_in_ms = 0 }: Status) => {
      if (state === 'offline' && code === 1012) waits.push(retry_in_ms);
    });
    for (const occasion of ['event', 'status'] as const) {
      client.on(occasion, () => {
        for (const look of looks) look();
      });
    }
    ends.push(() => {
      client.close();
      store.dispose();
      sockets.at(-1)?.terminate();
    });
    // When all have their seats: an audience that is not there yet cannot say where to go.
    queueMicrotask(() => client.connect());
    return {
      user,
      client,
      complaints,
      waits,
      run: (run_id) => store.getSnapshot().runs.get(run_id),
      breakSocket: () => sockets.at(-1)?.terminate(),
    };
  }
  return audience;
}

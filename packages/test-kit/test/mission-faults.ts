// What can be wrong with a deployed service, each planted alone, and the check that is there for it.
import { setInterval } from 'node:timers';
import { WebSocket } from 'ws';
import type { Carried, RelayFault, Said } from './mission-relay.js';

/** Of the two users. */
export interface Tokens {
  readonly first: string;
  readonly second: string;
}

export interface PlantedFault {
  readonly name: string;
  /** Makes the fault for one mission. */
  readonly plant: (tokens: Tokens) => RelayFault;
  /** The check that must find it. */
  readonly finds: string;
  /** What else it breaks, of necessity. */
  readonly also?: readonly string[];
  /** What its report must say. */
  readonly says?: string;
}

const isEvent = (frame: Said) => 'offset' in frame;
const isResumed = ({ from }: Carried) => /^[^,]+\.\d+\./.test(from);
const carrier = 'sec-websocket-protocol';

/** Does something to the first event on connections that resume. */
const onResume = (change: (frame: Said, link: Carried) => readonly Said[]): RelayFault => ({
  down(frame, link) {
    if (!isEvent(frame) || !isResumed(link) || link.count++ > 0) return undefined;
    return change(frame, link);
  },
});

/** Answers a client's frame of one type instead of the service. */
const answering = (type: string, answer: (id: unknown) => Said): RelayFault => ({
  up(frame, link) {
    if (frame.type !== type) return undefined;
    link.say(answer(frame['id']));
    return [];
  },
});

/** Once a run has ended, on the page that asked. */
const behindTheEnd = (act: (link: Carried, end: Said) => void): RelayFault => ({
  up(frame, link) {
    if (frame.type === 'message') link.count += 1;
    return undefined;
  },
  down(frame, link) {
    if (frame.type !== 'agent_completed' || link.count === 0) return undefined;
    link.say(frame);
    act(link, frame);
    return [];
  },
});

const halves = (text: string) => [text.slice(0, text.length / 2), text.slice(text.length / 2)];

export const plantedFaults: readonly PlantedFault[] = [
  { name: 'loses an event on resume', finds: 'resume', plant: () => onResume(() => []) },
  { name: 'sends an event twice on resume', finds: 'resume', plant: () => onResume((frame) => [frame, frame]) },
  {
    name: 'sends another text on resume',
    finds: 'resume',
    plant: () => ({
      down(frame, link) {
        if (frame.type !== 'partial_result' || !isResumed(link)) return undefined;
        const { text } = frame['data'] as { readonly text: string };
        return [{ ...frame, data: { text: text.toUpperCase() } }];
      },
    }),
  },
  {
    name: 'changes the order of two events',
    finds: 'golden-path',
    also: ['resume', 'reload', 'slow-reader', 'isolation'],
    plant: () => ({
      down(frame, link) {
        if (frame['seq'] === 3) {
          link.held = frame;
          return [];
        }
        if (frame['seq'] !== 4 || !link.held) return undefined;
        return [frame, link.held];
      },
    }),
  },
  {
    name: 'ends an answer as failed',
    finds: 'golden-path',
    plant: () => ({
      down: (frame) =>
        frame.type === 'agent_completed'
          ? [
              {
                ...frame,
                data: {
                  outcome: 'failed',
                  duration_ms: 1,
                  error: { code: 'AGENT_FAILED', message: 'No model answers.' },
                },
              },
            ]
          : undefined,
    }),
    says: 'The answer ended as failed: AGENT_FAILED: No model answers.',
  },
  {
    name: 'never ends an answer',
    finds: 'golden-path',
    also: ['isolation'],
    plant: () => ({ down: (frame) => (frame.type === 'agent_completed' ? [] : undefined) }),
  },
  {
    name: 'ends an answer twice',
    finds: 'golden-path',
    // Whoever acknowledges what the service has not said is closed with 4400.
    also: ['resume', 'reload', 'slow-reader', 'connections-stay'],
    plant: () =>
      behindTheEnd((link, end) => {
        link.say({ ...end, offset: Number(end['offset']) + 1, seq: Number(end['seq']) + 1 });
      }),
  },
  {
    name: 'begins a tool and ends none',
    finds: 'golden-path',
    plant: () => ({
      down: (frame) =>
        frame.type === 'tool_completed'
          ? [{ ...frame, type: 'agent_thinking', data: { reasoning: 'What was I doing?' } }]
          : undefined,
    }),
  },
  {
    name: 'shows a reloaded page nothing of what was before',
    finds: 'reload',
    plant: () => ({
      down(frame, link) {
        if (frame.type === 'welcome') link.count = Number(frame['head']);
        return isEvent(frame) && link.from === 'active' && Number(frame['offset']) <= link.count ? [] : undefined;
      },
    }),
  },
  {
    name: 'answers a message each time it is sent',
    finds: 'message-once',
    // What begins anew while pages come and go is not on all of them.
    also: ['resume', 'reload', 'slow-reader', 'golden-path'],
    plant: () => {
      const known = new Set<unknown>();
      return {
        up(frame, link) {
          if (frame.type !== 'message') return undefined;
          if (!known.has(frame['id'])) {
            known.add(frame['id']);
            return undefined;
          }
          link.say({ type: 'accepted', id: frame['id'] });
          return [{ ...frame, id: 'again' }];
        },
      };
    },
  },
  {
    name: 'sends everybody one user’s events',
    finds: 'isolation',
    also: ['connections-stay'],
    plant: () => ({
      down(frame, link, links) {
        if (frame.type !== 'tool_executing' || link.user_id !== 'ada' || link.count++ > 0) return undefined;
        for (const other of links) if (other.user_id === 'bob') other.say(frame);
        return undefined;
      },
    }),
  },
  {
    name: 'tells one user a text of the other in a frame that is no event',
    finds: 'isolation',
    plant: () => ({
      down(frame, link, links) {
        if (frame.type !== 'tool_executing' || link.user_id !== 'bob') return undefined;
        const seen = { type: 'debug', last_tool: JSON.stringify(frame['data']) };
        for (const other of links) if (other.user_id === 'ada') other.say(seen);
        return undefined;
      },
    }),
  },
  {
    name: 'opens a log for whoever has a position of it',
    finds: 'foreign-position',
    also: ['isolation'],
    plant: ({ first, second }) => ({
      upgrade({ headers, url }) {
        const { [carrier]: protocols = '' } = headers;
        if (!protocols.includes(second) || !url.searchParams.get('from')?.includes('.')) return;
        headers[carrier] = protocols.replace(second, first);
      },
    }),
  },
  {
    name: 'says nothing of a position that is none',
    finds: 'foreign-position',
    plant: () => ({ down: (frame) => (frame.type === 'reset' ? [] : undefined) }),
  },
  {
    name: 'says that it stops another user’s run',
    finds: 'foreign-cancel',
    plant: () => answering('cancel', (id) => ({ type: 'accepted', id })),
  },
  {
    name: 'ends with 1011 where 4401 should be',
    finds: 'no-1011',
    also: ['missing-credential', 'wrong-credentials', 'wrong-refresh'],
    plant: () => ({ close: (code) => (code === 4401 ? 1011 : code) }),
  },
  {
    name: 'ends with 1011 once an answer has ended',
    finds: 'no-1011',
    also: ['golden-path', 'connections-stay'],
    plant: () => behindTheEnd(({ client }) => client.close(1011)),
  },
  {
    name: 'loses a silent connection',
    finds: 'connections-stay',
    plant: () => ({
      down(frame, link) {
        if (frame.type === 'pong') link.client.terminate();
        return undefined;
      },
    }),
    also: ['golden-path', 'refresh'],
  },
  {
    name: 'lets anybody in',
    finds: 'wrong-credentials',
    also: ['missing-credential'],
    plant: ({ first }) => ({
      upgrade({ headers }) {
        if (!headers[carrier]?.includes('test.')) headers[carrier] = `throughline.v1, bearer.${first}`;
      },
    }),
  },
  {
    name: 'lets in who has no token',
    finds: 'missing-credential',
    plant: ({ first }) => ({
      upgrade({ headers }) {
        if (headers[carrier] !== 'throughline.v1' || headers.authorization) return;
        headers[carrier] = `throughline.v1, bearer.${first}`;
      },
    }),
  },
  {
    name: 'takes the Authorization header out',
    finds: 'authorization-header',
    plant: () => ({
      upgrade({ headers }) {
        delete headers.authorization;
      },
    }),
  },
  {
    name: 'lets in pages of any site',
    finds: 'foreign-origin',
    plant: () => ({
      upgrade({ headers }) {
        delete headers.origin;
      },
    }),
  },
  {
    name: 'is silent for ever',
    finds: 'heartbeat',
    plant: () => ({ down: (frame) => (frame.type === 'heartbeat' ? [] : undefined) }),
  },
  {
    name: 'takes no fresh token',
    finds: 'refresh',
    also: ['wrong-refresh', 'foreign-refresh'],
    plant: () => answering('token', (id) => ({ type: 'error', id, code: 'TOKEN_EXPIRED', message: 'No.' })),
  },
  {
    name: 'takes any fresh token',
    finds: 'wrong-refresh',
    also: ['foreign-refresh'],
    plant: () => answering('token', (id) => ({ type: 'refreshed', id, expires_in_ms: null })),
  },
  {
    name: 'makes a connection another user’s',
    finds: 'foreign-refresh',
    plant: ({ second }) => ({
      up(frame, link) {
        if (frame.type !== 'token' || frame['token'] !== second) return undefined;
        link.say({ type: 'refreshed', id: frame['id'], expires_in_ms: null });
        return [];
      },
    }),
  },
  {
    name: 'gives up who does not read',
    finds: 'slow-reader',
    also: ['connections-stay'],
    plant: () => ({
      opened({ client }) {
        let answered = true;
        client.on('pong', () => (answered = true));
        const timer = setInterval(() => {
          if (!answered || client.readyState !== WebSocket.OPEN) {
            clearInterval(timer);
            client.terminate();
          }
          answered = false;
          client.ping();
        }, 100);
      },
    }),
  },
  {
    name: 'tells a token',
    finds: 'tokens-stay-secret',
    plant: ({ first }) => ({
      down: (frame) => (frame.type === 'welcome' ? [frame, { type: 'debug', authorization: first }] : undefined),
    }),
    also: ['isolation'],
  },
  {
    name: 'tells a token, encoded as pages send it, over two fragments',
    finds: 'tokens-stay-secret',
    plant: ({ first }) => ({
      down(frame, link) {
        if (frame.type !== 'welcome') return undefined;
        link.say(frame);
        const [before, behind] = halves(Buffer.from(first).toString('base64url'));
        link.client.send(`{"type":"debug","offered":"bearer64.${before}`, { fin: false });
        link.client.send(`${behind}"}`, { fin: true });
        return [];
      },
    }),
  },
  {
    name: 'tells a token in base64, behind a name',
    finds: 'tokens-stay-secret',
    plant: ({ first }) => ({
      down(frame) {
        if (frame.type !== 'welcome') return undefined;
        return [frame, { type: 'debug', basic: Buffer.from(`ada:${first}`).toString('base64') }];
      },
    }),
  },
  {
    name: 'sends binary frames',
    finds: 'clean-frames',
    plant: () => ({
      down(frame, link) {
        if (frame.type === 'welcome') setImmediate(() => link.client.send(Buffer.from('{}'), { binary: true }));
        return undefined;
      },
    }),
  },
];

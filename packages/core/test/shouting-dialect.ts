// A dialect invented for tests: it shouts. It counts what it was asked, and can be made to fail.
import { type AgentEvent, FrameError, type ServerFrame } from '@throughline/events/protocol';
import type { Dialect, Hearing, Offer } from '../src/dialect.js';

export interface ShoutingDialect {
  readonly dialect: Dialect;
  /** The events it was asked about, in order: whose, and where they stand. */
  readonly asked: readonly { readonly user_id: string; readonly offset: number; readonly joined: boolean }[];
  /** What it meets instead of doing its work, by what it is asked. */
  readonly fails: Partial<Record<'recognise' | 'frame' | 'event' | 'read', (given: unknown) => unknown>>;
}

/** Offered as `shout` or `whisper`; a token comes as `shout.<token>` or as the query's `shout` or `ticket`. */
export function shoutingDialect(name = 'shout'): ShoutingDialect {
  const asked: { user_id: string; offset: number; joined: boolean }[] = [];
  const fails: ShoutingDialect['fails'] = {};
  const tried = <Answer>(what: keyof typeof fails, given: unknown, answer: () => Answer): Answer => {
    const fail = fails[what];
    return fail ? ((fail(given) ?? answer()) as Answer) : answer();
  };
  const dialect: Dialect = {
    name,
    subprotocols: [name, 'whisper'],
    recognise: (offer) => tried('recognise', offer, () => recognise(offer, name)),
    frame: (frame) => tried('frame', frame, () => shoutFrame(frame)),
    event: (event) => {
      asked.push({ user_id: event.user_id, offset: event.offset, joined: 'first_seq' in event });
      return tried('event', event, () => shoutEvent(event));
    },
    read: (text, hearing) => tried('read', text, () => read(text, hearing)),
  };
  return { dialect, asked, fails };
}

function recognise({ subprotocols, query }: Offer, name: string) {
  const item = subprotocols.find((one) => one.startsWith(`${name}.`));
  const loud = query.get('shout');
  const ticket = query.get('ticket');
  if (!item && loud === null && ticket === null && !subprotocols.some((one) => one === name || one === 'whisper')) {
    return undefined;
  }
  return [
    ...(loud === null ? [] : [{ token: loud, carrier: 'query' as const }]),
    ...(ticket === null ? [] : [{ token: ticket, carrier: 'ticket' as const }]),
    ...(item ? [{ token: item.slice(name.length + 1), carrier: 'subprotocol' as const }] : []),
  ];
}

function shoutFrame(frame: ServerFrame): object | undefined {
  if (frame.type === 'welcome') return { type: 'HELLO', session: frame.session_id, user: frame.user_id };
  if (frame.type === 'pong') return { type: 'PONG', id: frame.id };
  if (frame.type === 'error') return { type: 'ERROR', code: frame.code };
  return frame.type === 'reset' ? { type: 'RESET' } : undefined;
}

/** Custom events named `…secret` are left out. */
function shoutEvent(event: AgentEvent): object | undefined {
  if (event.type.endsWith('secret')) return undefined;
  return { type: event.type.toUpperCase(), offset: event.offset, user: event.user_id, said: event.data };
}

function read(text: string, { runs, id }: Hearing): ReturnType<Dialect['read']> {
  const [word = '', first = '', ...rest] = text.split(' ');
  if (word === 'PING') return [{ type: 'ping', id: first }];
  if (word === 'STOP') return runs.map(({ run_id }) => ({ type: 'cancel', id: id(), run_id }));
  if (word === 'SAY') return [{ type: 'message', id: id(), thread_id: first as never, data: rest.join(' ') }];
  if (word === 'ACK') return [{ type: 'ack', position: first }];
  if (word === 'SWEAR') throw new FrameError('that is no word');
  return [];
}

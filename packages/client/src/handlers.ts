// Who listens, and to what. A handler that throws harms nobody but itself.
import type { AgentEvent, BuiltInEvent, BuiltInEventType, CustomEvent, CustomEventType } from '@throughline/events';
import type { DegradedFrame } from '@throughline/events/protocol';
import { type ClientError, clientError } from './errors.js';
import type { Reset } from './reader.js';
import type { Status } from './status.js';

/** What can be listened to beside events by their type. */
export interface Occasions {
  /** Every event. */
  readonly event: AgentEvent;
  /** The connection stands otherwise than before. */
  readonly status: Status;
  /** Everything folded so far is void. */
  readonly reset: Reset;
  /** The service works better or worse than it did. */
  readonly degraded: DegradedFrame['level'];
  /** Something went wrong and was dealt with. Without a handler it goes to `console.error`. */
  readonly fault: ClientError;
}

/** What a handler of `type` is called with. */
export type Occasion<type extends string> = type extends keyof Occasions
  ? Occasions[type]
  : type extends BuiltInEventType
    ? Extract<BuiltInEvent, { readonly type: type }>
    : CustomEvent & { readonly type: type };

/** The types that can be listened to. */
export type Listenable = keyof Occasions | BuiltInEventType | CustomEventType;

export interface Handlers {
  on<type extends Listenable>(type: type, handler: (value: Occasion<type>) => unknown): () => void;
  emit<type extends keyof Occasions>(type: type, value: Occasions[type]): void;
  /** Calls the handlers of the event's type, then those of every event. */
  deliver(event: AgentEvent): void;
}

type Handler = (value: never) => unknown;

export function createHandlers(): Handlers {
  const handlers = new Set<{ readonly type: string; readonly handler: Handler }>();

  function emit(type: string, value: unknown) {
    let heard = false;
    for (const one of [...handlers]) {
      if (one.type !== type) continue;
      heard = true;
      const threw = (cause: unknown) => {
        // A fault's own handler has nobody to tell.
        if (type !== 'fault') emit('fault', clientError('HANDLER_THREW', type, { cause }));
      };
      try {
        const result = one.handler(value as never);
        if (result instanceof Promise) result.catch(threw);
      } catch (cause) {
        threw(cause);
      }
    }
    // biome-ignore lint/suspicious/noConsole: a fault that nobody listens for must not vanish
    if (type === 'fault' && !heard) console.error(value);
  }
  return {
    emit,
    on(type, handler) {
      const own = { type, handler };
      handlers.add(own);
      return () => void handlers.delete(own);
    },
    deliver(event) {
      // Whatever a service may call its events one day: they never reach the handlers of something else.
      if (/[._]/.test(event.type)) emit(event.type, event);
      emit('event', event);
    },
  };
}

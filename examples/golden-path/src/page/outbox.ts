import type { ThroughlineClient } from '@throughline/client';

/** A question on its way: `waiting` for the service to take it, `accepted` by it, or `failed` with a reason. */
export interface Pending {
  readonly message_id: string;
  readonly thread_id: string;
  readonly text: string;
  readonly state: 'waiting' | 'accepted' | 'failed';
  readonly reason?: string;
}

export interface Outbox {
  /** In the order they were asked. */
  readonly pending: readonly Pending[];
  ask(thread_id: string, text: string): void;
  /** Sends a failed one again, as a new message. */
  again(message_id: string): void;
  /** Takes out what a run answers by now. */
  settle(answered: (message_id: string) => boolean): void;
}

function reasonFor(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'FATE_UNKNOWN')
    return 'The server started anew meanwhile: whether this arrived is not known.';
  return error instanceof Error ? error.message : 'It could not be sent.';
}

/** What was asked and has no run yet. The client keeps sending until a message is accepted; this only shows it. */
export function createOutbox(client: ThroughlineClient, changed: () => void): Outbox {
  let pending: readonly Pending[] = [];

  function replace(message_id: string, change: Partial<Pending>): void {
    pending = pending.map((item) => (item.message_id === message_id ? { ...item, ...change } : item));
    changed();
  }

  function ask(thread_id: string, text: string): void {
    const { id, accepted } = client.send({ thread_id, data: { text } });
    pending = [...pending, { message_id: id, thread_id, text, state: 'waiting' }];
    changed();
    accepted.then(
      () => replace(id, { state: 'accepted' }),
      (error: unknown) => replace(id, { state: 'failed', reason: reasonFor(error) }),
    );
  }

  return {
    get pending() {
      return pending;
    },
    ask,
    again(message_id) {
      const item = pending.find((candidate) => candidate.message_id === message_id);
      if (item?.state !== 'failed') return;
      pending = pending.filter((candidate) => candidate !== item);
      ask(item.thread_id, item.text);
    },
    settle(answered) {
      const left = pending.filter(({ message_id }) => !answered(message_id));
      if (left.length !== pending.length) pending = left;
    },
  };
}

import type { Status } from '@throughline/client';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** The states a person needs to tell apart, in words; the dot beside them only repeats it. */
function wordsFor(status: Status, seconds: number | undefined): string {
  switch (status.state) {
    case 'live':
      return 'Live';
    case 'catching_up':
      return 'Catching up';
    case 'offline':
      if (status.retry_in_ms === undefined) return 'Offline · click to reconnect';
      return seconds !== undefined && seconds > 0 ? `Offline · trying again in ${seconds} s` : 'Offline · trying again';
    case 'signed_out':
      return 'Signed out';
    case 'closed':
      return 'Disconnected';
    case 'idle':
    case 'waiting':
    case 'connecting':
      return 'Connecting';
  }
}

/** Counts down to the next attempt; undefined when none is planned. */
function useCountdown(status: Status): number | undefined {
  const [seconds, setSeconds] = useState<number>();
  const { retry_in_ms } = status;
  useEffect(() => {
    if (retry_in_ms === undefined) return setSeconds(undefined);
    const due = performance.now() + retry_in_ms;
    const show = (): void => setSeconds(Math.max(0, Math.ceil((due - performance.now()) / 1000)));
    show();
    const timer = setInterval(show, 500);
    return () => clearInterval(timer);
  }, [status, retry_in_ms]);
  return seconds;
}

export interface ConnectionProps {
  readonly status: Status;
  readonly onReconnect: () => void;
}

export function Connection({ status, onReconnect }: ConnectionProps): JSX.Element {
  const seconds = useCountdown(status);
  const stuck = status.state === 'closed' || (status.state === 'offline' && status.retry_in_ms === undefined);
  return (
    <div class="connection" role="status" data-testid="connection" data-state={status.state}>
      <span class="dot" aria-hidden="true" />
      <span>{wordsFor(status, seconds)}</span>
      {stuck ? (
        <button type="button" class="link" onClick={onReconnect}>
          Reconnect
        </button>
      ) : null}
    </div>
  );
}

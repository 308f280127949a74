// Acknowledgements as PROTOCOL.md, section 5, asks for them.
import { clearTimeout, setTimeout } from 'node:timers';
import { type AckFrame, parsePosition } from '@throughline/events/protocol';
import { type Frame, isEvent } from './frame.js';

/** PROTOCOL.md, section 5: whichever is first. */
const ackBytes = 16_384;
const ackMs = 1_000;

export interface RawAcks {
  /** Where the reading stands: behind the last event, or where it opened. */
  readonly position: string | undefined;
  heard(frame: Frame, bytes: number): void;
  /** The client asked for other threads: no ack until the new reading has brought something. */
  asked(): void;
  stop(): void;
}

/** @param send sends an ack; none when none were promised */
export function createRawAcks(send: ((frame: AckFrame) => void) | undefined): RawAcks {
  let position: string | undefined;
  let epoch = '';
  let unacked = 0;
  let asking = 0;
  let due = false;
  let timer: NodeJS.Timeout | undefined;

  function stop() {
    clearTimeout(timer);
    timer = undefined;
    unacked = 0;
    due = false;
  }
  function acknowledge() {
    if (!send || !due || asking > 0 || position === undefined) return;
    stop();
    send({ type: 'ack', position });
  }
  function processed(bytes: number, now: boolean) {
    if (!send) return;
    due = true;
    unacked += bytes;
    if (now || unacked >= ackBytes) acknowledge();
    else timer ??= setTimeout(acknowledge, ackMs).unref();
  }
  return {
    stop,
    get position() {
      return position;
    },
    asked() {
      asking += 1;
      stop();
    },
    heard(frame, bytes) {
      if (isEvent(frame)) {
        position = `${epoch}.${frame.offset}.${frame.mark}`;
        processed(bytes, frame.type === 'agent_completed');
        return;
      }
      if (frame.type === 'reading') asking = Math.max(0, asking - 1);
      if (frame.type === 'welcome' || frame.type === 'reading' || frame.type === 'reset') {
        stop();
        ({ position } = frame);
        epoch = parsePosition(position)?.epoch ?? '';
      }
      if (frame.type === 'heartbeat') ({ position } = frame);
    },
  };
}

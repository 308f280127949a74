// JSON, a line each, over a bare socket.
import { isAcceptance } from './plain-wire.js';
import { Lines, messageText, type WireFactory } from './wire.js';

export const lineWire: WireFactory = ({ token, events }) => {
  const lines = new Lines();
  let open = false;
  const take = (bytes: Buffer, start: number, end: number) => {
    if (!open) {
      open = true;
      events.opened();
    } else if (isAcceptance(bytes, start, end)) events.accepted();
    else events.event(bytes, start, end);
  };
  return {
    hello: () => `${JSON.stringify({ token })}\n`,
    feed: (bytes) => lines.each(bytes, take),
    message: (id) => `${JSON.stringify({ type: 'message', id, data: { text: messageText } })}\n`,
  };
};

// A WebSocket whose every text is an event, or says that a message was accepted.
import { clientFrame, upgradeRequest, WebSocketFraming } from './web-socket-framing.js';
import { messageText, type WireFactory } from './wire.js';

const accepted = Buffer.from('{"type":"accepted"');

/** Whether these bytes answer a message. */
export function isAcceptance(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start >= accepted.length && bytes.compare(accepted, 0, accepted.length, start, start + accepted.length) === 0
  );
}

export const webSocketWire: WireFactory = ({ token, events }) => {
  const framing = new WebSocketFraming({
    upgraded: () => events.opened(),
    text: (bytes, start, end) => {
      if (isAcceptance(bytes, start, end)) events.accepted();
      else events.event(bytes, start, end);
    },
    send: (bytes) => events.send(bytes),
    failed: (reason) => events.failed(reason),
  });
  return {
    hello: () => upgradeRequest('/ws', { Authorization: `Bearer ${token}` }),
    feed: (bytes) => framing.feed(bytes),
    message: (id) => clientFrame(JSON.stringify({ type: 'message', id, data: { text: messageText } })),
  };
};

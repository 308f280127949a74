// Bugs of the wire: what positions, frames and close codes mean on both sides.
import type { PlantedBug } from '../planted-bug.js';

export const wireBugs: readonly PlantedBug[] = [
  {
    name: 'evicted-page-comes-back-by-a-timer',
    file: 'packages/events/src/close-codes.ts',
    find: "4409: 'on_user_act',",
    replace: "4409: 'backoff',",
    harm: 'Two tabs throw each other out for ever.',
    killedBy: ['packages/events/test/close-codes.test.ts'],
  },
  {
    name: 'refused-token-is-final',
    file: 'packages/events/src/close-codes.ts',
    find: "4401: 'refresh',",
    replace: "4401: 'never',",
    harm: 'A page that slept until its token had expired stays dead, though a fresh token is there for the asking.',
    killedBy: ['packages/events/test/close-codes.test.ts'],
  },
  {
    name: 'unknown-close-code-is-final',
    file: 'packages/events/src/close-codes.ts',
    find: "return rules[code] ?? 'backoff';",
    replace: "return rules[code] ?? 'never';",
    harm: 'A cut in a tunnel ends the page for good.',
    killedBy: ['packages/events/test/close-codes.test.ts'],
  },
  {
    name: 'position-of-another-form',
    file: 'packages/events/src/position.ts',
    find: '\\.(0|[1-9][0-9]{0,14})\\.',
    replace: '\\.([0-9]{1,3})\\.',
    harm: 'After the thousandth event of a user no page can resume.',
    killedBy: ['packages/events/test/position.test.ts'],
  },
  {
    name: 'resume-forgets-the-position',
    file: 'packages/events/src/position.ts',
    find: 'return form.test(position) ? { active, position: position as Position } : undefined;',
    replace: 'return form.test(position) ? { active: active || true } : undefined;',
    harm: 'Each reload shows only what is at work now; what ended meanwhile is missing.',
    killedBy: ['packages/events/test/position.test.ts'],
  },
  {
    name: 'error-quotes-what-came',
    file: 'packages/events/src/codec.ts',
    find: 'if (!fits(content)) throw new FrameError(',
    replace: 'if (!fits(content)) throw new FrameError(String(content) +',
    harm: 'Tokens and messages of users stand in close reasons, and in the logs of proxies.',
    killedBy: ['packages/events/test/codec.test.ts'],
  },
  {
    name: 'unknown-frame-ends-the-page',
    file: 'packages/events/src/codec.ts',
    find: 'return knownServerFrames.includes(value.type) ? (value as unknown as ServerFrame) : undefined;',
    replace:
      "if (knownServerFrames.includes(value.type)) return value as unknown as ServerFrame;\n  throw new FrameError('unknown frame');",
    harm: 'A service that says one thing more cuts off every page that was loaded before.',
    killedBy: ['packages/events/test/codec.test.ts'],
  },
  {
    name: 'id-with-anything-in-it',
    file: 'packages/events/src/id.ts',
    find: '/^[!-~]{1,128}$/',
    replace: '/^[^]{1,128}$/',
    harm: 'What is no id names a user: line breaks in logs, keys of other users in stores.',
    killedBy: ['packages/events/test/id.test.ts'],
  },
];

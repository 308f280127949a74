// Bugs of dialects: what old pages are taken to mean, and what a dialect that fails may cost others.
import type { PlantedBug } from '../planted-bug.js';

export const dialectBugs: readonly PlantedBug[] = [
  {
    name: 'dialect-that-answers-nonsense',
    file: 'packages/core/src/translated-tongue.ts',
    find: "if (typeof found.token === 'string' && this.carriers.includes(found.carrier)) return found;",
    replace: 'if (found !== undefined) return found;',
    harm: 'What a dialect makes of the offer of a stranger reaches the authenticator, whatever it is.',
    real: true,
    killedBy: ['packages/core/test/dialect.test.ts'],
  },
  {
    name: 'what-failed-once-is-left-out-for-all',
    file: 'packages/core/src/translated-tongue.ts',
    find: 'if (text === undefined) return nothing;',
    replace:
      'if (text === undefined) this.#frames.put(offset, entry.length, nothing);\n    if (text === undefined) return nothing;',
    harm: 'An event that could not be said to one tab is missing in every other, also after a reload.',
    real: true,
    killedBy: ['packages/core/test/dialect-events.test.ts'],
  },
  {
    name: 'stop-of-something-unclear-stops-everything',
    file: 'packages/compat/src/legacy-hearing.ts',
    find: "if (isUnclear || said['value'] !== undefined) return [];",
    replace: "if (isUnclear && said['value'] !== undefined) return [];",
    harm: 'Who stops one run, by a name that an old page got wrong, stops all work in all conversations.',
    real: true,
    killedBy: ['packages/compat/test/legacy-dialect.test.ts'],
  },
  {
    name: 'number-of-a-page-is-the-id-of-a-message',
    file: 'packages/compat/src/legacy-hearing.ts',
    find: "const messageNames: readonly string[] = ['message_id', 'messageId'];",
    replace: "const messageNames: readonly string[] = ['message_id', 'messageId', 'id'];",
    harm: 'An old page that counts from one after each reload says something, and it is taken for what was said before.',
    real: true,
    killedBy: ['packages/compat/test/legacy-dialect.test.ts'],
  },
  {
    name: 'strangers-warn',
    file: 'packages/compat/src/legacy-dialect.ts',
    find: 'const found = findLegacyCredentials(offer);',
    replace:
      "const found = findLegacyCredentials(offer);\n      if (found?.some(({ carrier }) => carrier === 'query')) deprecate('TL_DEP0052', legacyDialect);",
    harm: 'Anybody who knocks with a token in the address ends a process that runs with --throw-deprecation.',
    real: true,
    killedBy: ['packages/compat/test/process.test.ts', 'packages/compat/test/legacy-dialect.test.ts'],
  },
];

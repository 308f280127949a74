// Questions to the example's researcher. The same question always gets the same answer.

/** Answered at once: thinking, one tool, a line. */
export const calculation = 'How much is 12% of 3400?';

/** Some 300 words: enough to do something in the middle. */
export const longQuestion =
  'Read docs/architecture.md and read packages/events/PROTOCOL.md and what happens to a slow reader?';

/** Some 500 words, five tools. */
export const longestQuestion =
  'Read docs/architecture.md and read docs/requirements.md and read packages/events/PROTOCOL.md and what happens to a slow reader?';

/** Asks for a file that is not there: the tool throws, and the run fails. */
export const failingQuestion = 'Read docs/no-such-file.md';

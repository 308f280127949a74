import { describe, expect, it } from 'vitest';
import { planFor } from '../src/agent/plan.js';

describe('the plan for a question', () => {
  it.each([
    ['How much is 12% of 3400?', '12% * 3400'],
    ['how much is 12 percent of 3,400', '12% * 3400'],
    ['calculate 12 / banana', '12 / banana'],
    ['2+2', '2+2'],
    ['What is 3 × (4 − 1)?', '3 * (4 - 1)'],
    ['What is the square root of 2 plus 1?', 'sqrt(2) + 1'],
    ['What is 7 squared?', '7^2'],
    ['what is 10 divided by 4', '10 / 4'],
  ])('works out %j', (question, expression) => {
    expect(planFor(question)).toEqual([{ kind: 'calculate', expression }]);
  });

  it.each(['What is a cursor?', 'What is 4401?', 'How many sessions may a user have?', 'Why is 1011 a bug?'])(
    'researches %j, which has nothing to work out',
    (question) => {
      expect(planFor(question)).toEqual([{ kind: 'research', question }]);
    },
  );

  it('reads a file that is named', () => {
    expect(planFor('read docs/glossary.md')).toEqual([{ kind: 'read', path: 'docs/glossary.md' }]);
    expect(planFor('Please open the file `README.md`.')).toEqual([{ kind: 'read', path: 'README.md' }]);
    expect(planFor('read ../../etc/passwd')).toEqual([{ kind: 'read', path: '../../etc/passwd' }]);
  });

  it('answers from one file when asked to', () => {
    const step = { kind: 'read', path: 'docs/glossary.md', question: 'what is a mark' };
    expect(planFor('In docs/glossary.md, what is a mark?')).toEqual([step]);
  });

  it('takes several wishes apart', () => {
    expect(planFor('What is a session, and how much is 3 * 4?')).toEqual([
      { kind: 'research', question: 'What is a session' },
      { kind: 'calculate', expression: '3 * 4' },
    ]);
  });

  it('does not let one message start an endless list', () => {
    expect(planFor(Array.from({ length: 40 }, () => 'What is a run?').join(' '))).toHaveLength(4);
  });

  it('introduces itself to who only greets', () => {
    expect(planFor('Hello!')).toEqual([{ kind: 'introduce' }]);
  });
});

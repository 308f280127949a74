import { describe, expect, it } from 'vitest';
import { createCalculator } from '../src/agent/calculator.js';

const calculator = createCalculator();

describe('the calculator', () => {
  it.each([
    ['12% * 3400', 408, '408'],
    ['0.1 + 0.2', 0.30000000000000004, '0.3'],
    ['2^10', 1024, '1024'],
    ['sqrt(2)', Math.SQRT2, '1.41421356237'],
    ['(2 + 3) * -4', -20, '-20'],
    ['5!', 120, '120'],
    ['max(3, 7) mod 4', 3, '3'],
    ['2 pi', 2 * Math.PI, '6.28318530718'],
  ])('works out %s', (expression, result, formatted) => {
    expect(calculator.calculate(expression)).toEqual({ expression, result, formatted });
  });

  it.each([
    ['12 / banana', 'UNKNOWN_NAME', 'banana'],
    ['import(1)', 'UNKNOWN_NAME', 'import'],
    ['evaluate(1)', 'UNKNOWN_NAME', 'evaluate'],
    ['createUnit(1)', 'UNKNOWN_NAME', 'createUnit'],
    ['sqrt.constructor', 'NOT_ARITHMETIC', 'plain numbers'],
    ['cos = 3', 'NOT_ARITHMETIC', 'plain numbers'],
    ['f(x) = x', 'NOT_ARITHMETIC', 'plain numbers'],
    ['1; 2', 'NOT_ARITHMETIC', 'plain numbers'],
    ['[1, 2]', 'NOT_ARITHMETIC', 'plain numbers'],
    ['1:1000000000', 'NOT_ARITHMETIC', 'plain numbers'],
    ['ones(100000, 100000)', 'UNKNOWN_NAME', 'ones'],
    ['"text"', 'NOT_ARITHMETIC', 'plain numbers'],
    ['1 > 2', 'NOT_ARITHMETIC', 'plain numbers'],
    ['2 +', 'NOT_ARITHMETIC', 'cannot be read'],
    ['', 'NOT_ARITHMETIC', 'plain numbers'],
    ['1 / 0', 'NO_RESULT', 'divides by zero'],
    ['sqrt(-1)', 'NO_RESULT', 'no finite result'],
    ['9^9^9^9', 'NO_RESULT', 'no finite result'],
    ['1+'.repeat(150), 'EXPRESSION_TOO_LONG', '200 characters'],
    [
      `${'('.repeat(60)}1${')'.repeat(60)}`.replace('1', '1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1'),
      'EXPRESSION_TOO_LONG',
      'too many parts',
    ],
  ])('refuses %j with %s', (expression, code, words) => {
    expect(() => calculator.calculate(expression)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(words) }),
    );
  });
});

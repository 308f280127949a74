import { describe, expect, it } from 'vitest';
import { createFileReader } from '../src/agent/file-reader.js';

const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
const files = new Map([
  ['README.md', { path: 'README.md', lines }],
  ['docs/glossary.md', { path: 'docs/glossary.md', lines: ['one', 'two', 'three'] }],
  ['docs/long.md', { path: 'docs/long.md', lines: Array.from({ length: 1000 }, () => 'x'.repeat(99)) }],
]);
const reader = createFileReader({ files });

describe('reading a file', () => {
  it('gives the lines asked for, and says which they are', () => {
    expect(reader.read('README.md', { first: 3, last: 4 })).toEqual({
      path: 'README.md',
      first_line: 3,
      last_line: 4,
      total_lines: 40,
      text: 'line 3\nline 4',
    });
  });

  it('takes a path as people write it', () => {
    expect(reader.read('./docs//glossary.md').path).toBe('docs/glossary.md');
    expect(reader.read('docs\\glossary.md').path).toBe('docs/glossary.md');
  });

  it('cuts a long file at a whole line', () => {
    const { text, last_line, total_lines } = reader.read('docs/long.md');
    expect(text.length).toBeLessThanOrEqual(16_000);
    expect(text.split('\n')).toHaveLength(last_line);
    expect(last_line).toBeLessThan(total_lines);
  });

  it.each([
    '../../etc/passwd',
    '/etc/passwd',
    'docs/../../etc/passwd',
    '..\\..\\windows\\win.ini',
    'C:\\windows\\win.ini',
    'docs/\0/etc/passwd',
    '..',
  ])('refuses %j: it leads out', (path) => {
    expect(() => reader.read(path)).toThrow(expect.objectContaining({ code: 'PATH_OUTSIDE' }));
  });

  it.each([
    'package.json',
    '.git/config',
    'data/golden-path.sqlite',
    'data/token-secret',
    '%2e%2e/secret',
    'README.md/',
    '__proto__',
  ])('knows no %j: what is not in the corpus is not there', (path) => {
    expect(() => reader.read(path)).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }));
  });

  it('names the nearest file when there is one', () => {
    expect(() => reader.read('glossary.md')).toThrow('Did you mean docs/glossary.md?');
  });
});

import { describe, expect, test } from 'vitest';
import { callSite, siteIn } from '../src/call-site.js';

/** A shim for tests: tells who called it. */
function shim() {
  return callSite(shim);
}

/** The line of this file on which `mark` is called. */
function lineHere(): number {
  return Number(/test\.ts:(\d+)/.exec(new Error('here').stack?.split('\n')[2] ?? '')?.[1]);
}

describe('the calling line', () => {
  test('is the line that calls, not that of the shim', () => {
    const [line, site] = [lineHere(), shim()];
    expect(site).toEqual({ file: import.meta.filename, line });
  });

  test('is found behind what the runtime calls in between', () => {
    const [line, [site]] = [lineHere(), [0].map(shim)];
    expect(site).toEqual({ file: import.meta.filename, line });
  });

  test('of a constructor is where something is constructed', () => {
    class Legacy {
      readonly site;

      constructor() {
        this.site = callSite(new.target);
      }
    }
    const [line, { site }] = [lineHere(), new Legacy()];
    expect(site).toEqual({ file: import.meta.filename, line });
  });

  test('is found however few frames the process keeps, and leaves that setting alone', () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    const site = shim();
    const left = Error.stackTraceLimit;
    Error.stackTraceLimit = stackTraceLimit;
    expect(left).toBe(0);
    expect(site.file).toBe(import.meta.filename);
  });
});

describe('a stack', () => {
  test.each([
    ['    at handle (/srv/app.js:10:5)', '/srv/app.js', 10],
    ['    at file:///srv/app.js:10:5', '/srv/app.js', 10],
    ['    at async file:///srv/a%20b.js:10:5', '/srv/a b.js', 10],
    ['    at async Promise.all (index 0)\n    at handle (/srv/app.js:10:5)', '/srv/app.js', 10],
    ['    at handle (/srv/a (old)/app.js:10:5)', '/srv/a (old)/app.js', 10],
    ['    at Array.forEach (<anonymous>)\n    at /srv/app.js:3:1', '/srv/app.js', 3],
    ['    at process.processTicks (node:internal/process:1:1)\n    at /srv/app.js:3:1', '/srv/app.js', 3],
    ['    at eval (eval at run (/srv/app.js:1:1), <anonymous>:1:1)\n    at run (/srv/app.js:1:1)', '/srv/app.js', 1],
    ['    at new Page (C:\\srv\\app.js:10:5)', 'C:\\srv\\app.js', 10],
    ['', '(unknown)', 0],
  ])('%j', (frames, file, line) => {
    expect(siteIn(`Error\n${frames}`)).toEqual({ file, line });
  });

  test('that a tool made something else of tells nothing', () => {
    expect(siteIn([{}])).toEqual({ file: '(unknown)', line: 0 });
  });
});

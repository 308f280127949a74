// Which line calls a shim. A module is evaluated once, so that only the stack of a call can tell who uses it.
import { fileURLToPath } from 'node:url';

/** Anything that stands in a stack. */
export type Callable = ((...given: never) => unknown) | (abstract new (...given: never) => unknown);

/** A line of the code that uses a shim. */
export interface CallSite {
  /** Absolute path. `(unknown)` when the stack does not tell. */
  readonly file: string;
  readonly line: number;
}

/** How many frames to look through: the caller is the first that lies in a file, behind those of the runtime. */
const frames = 10;

/** `at name (/a/file.ts:1:2)`, `at file:///a/file.ts:1:2`; not `node:…`, not `<anonymous>`. */
const frameInFile = /^\s*at (?:async )?(?:.*? \()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).+?):(\d+):\d+\)?$/;

/** The line that called `below`, which must be under way. */
export function callSite(below: Callable): CallSite {
  const holder: { stack?: unknown } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = frames;
  try {
    Error.captureStackTrace(holder, below);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return siteIn(holder.stack);
}

/** The first line in a file that a stack names. A tool that formats stacks its own way may leave something else than text. */
export function siteIn(stack: unknown): CallSite {
  if (typeof stack === 'string') {
    for (const frame of stack.split('\n').slice(1)) {
      // Code from text has no line of its own that anybody could mend.
      const [, file, line] = frame.includes('at eval (') ? [] : (frameInFile.exec(frame) ?? []);
      if (file !== undefined)
        return { file: file.startsWith('file:') ? fileURLToPath(file) : file, line: Number(line) };
    }
  }
  return { file: '(unknown)', line: 0 };
}

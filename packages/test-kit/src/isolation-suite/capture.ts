// What a process says while something runs: stdout, stderr, and the console, which test runners take elsewhere.
import { format } from 'node:util';

export interface Capture {
  /** What was said so far, by where. */
  readonly said: readonly { readonly where: string; readonly text: string }[];
  /** Forgets what was said. */
  clear(): void;
  end(): void;
}

const methods = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

/** Listens until it is ended. Everything is passed on. */
export function captureOutput(): Capture {
  const said: { where: string; text: string }[] = [];
  const ends: (() => void)[] = [];
  for (const where of ['stdout', 'stderr'] as const) {
    const stream = process[where];
    const original = stream.write;
    stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
      said.push({ where, text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
      return original.call(stream, chunk, ...rest);
    }) as typeof stream.write;
    ends.push(() => {
      stream.write = original;
    });
  }
  for (const method of methods) {
    // biome-ignore lint/suspicious/noConsole: what a process says is what is looked into
    const original = console[method];
    console[method] = (...parts: unknown[]) => {
      said.push({ where: `console.${method}`, text: format(...parts) });
      original.apply(console, parts);
    };
    ends.push(() => {
      console[method] = original;
    });
  }
  return {
    said,
    clear() {
      said.length = 0;
    },
    end() {
      for (const end of ends) end();
    },
  };
}

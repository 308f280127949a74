// Orders between processes: a call goes over IPC, and is answered by what the handler returns.
import type { ChildProcess } from 'node:child_process';

/** What a process does for another: named functions of plain data. */
// biome-ignore lint/suspicious/noExplicitAny: the parameters are those of the concrete handlers
export type Handlers = Readonly<Record<string, (...parameters: any[]) => unknown>>;

/** The same functions from the other side: they answer with promises. */
export type Orders<H extends Handlers> = {
  readonly [Name in keyof H]: (...parameters: Parameters<H[Name]>) => Promise<Awaited<ReturnType<H[Name]>>>;
};

interface Call {
  readonly id: number;
  readonly name: string;
  readonly parameters: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Obeys whoever started this process, and ends with it. */
export function obey(handlers: Handlers): void {
  const answer = async ({ id, name, parameters }: Call): Promise<Answer> => {
    try {
      return { id, result: await handlers[name]?.(...parameters) };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  process.on('message', (call: Call) => void answer(call).then((result) => process.send?.(result)));
  process.once('disconnect', () => process.exit());
}

/** Gives orders to a process that was forked. They are rejected when it ends. */
export function ordersTo<H extends Handlers>(child: ChildProcess): Orders<H> {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  child.on('message', ({ id, result, error }: Answer) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`The process ended with ${signal ?? code}.`));
    waiting.clear();
  });
  const order =
    (name: string) =>
    (...parameters: unknown[]) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject });
        child.send({ id: last, name, parameters } satisfies Call, (error) => error && reject(error));
      });
  return new Proxy({} as Orders<H>, { get: (_, name) => (name === 'then' ? undefined : order(String(name))) });
}

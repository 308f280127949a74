// Virtual time: what waits, in its order, and nothing in between.
//
// What is due at the same millisecond comes in an order drawn from the seed: that is where the turns of a real machine
// differ from one day to the next. Turns (`setImmediate`) come before everything that has to be waited for.
import type { Random } from './random.js';

/** Whom a task belongs to: a process, a page. */
export interface Owner {
  /** How many tasks of it wait. */
  waiting: number;
  /** Nothing of it runs any more. */
  killed: boolean;
}

interface Task {
  readonly at: number;
  readonly tie: number;
  readonly owner: Owner;
  /** None: it has run, or was called off. */
  run: (() => void) | undefined;
}

/** Calls off what it was given for. */
export type CallOff = () => void;

export interface Timeline {
  /** Milliseconds since the beginning. Never goes back. */
  readonly elapsed: number;
  /** Milliseconds since the epoch, as the wall clock has it. */
  now(): number;
  /** Sets the wall clock back. What waits is not put off: timers run on another clock. */
  setBack(ms: number): void;
  after(ms: number, run: () => void, owner?: Owner): CallOff;
  turn(run: () => void, owner?: Owner): CallOff;
  /** Runs the next task. Says whether there was one. */
  step(): boolean;
}

/** @param start what the wall clock says at the beginning, ms since the epoch */
export function createTimeline(random: Random, start: number): Timeline {
  /** A binary heap: each task is not before its parent, which is at half its index. */
  const heap: Task[] = [];
  const turns: Task[] = [];
  let elapsed = 0;
  let offset = start;

  const isBefore = (one: Task, other: Task) => one.at < other.at || (one.at === other.at && one.tie < other.tie);

  function put(task: Task): void {
    let index = heap.push(task) - 1;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (!isBefore(task, heap[parent] as Task)) break;
      heap[index] = heap[parent] as Task;
      index = parent;
    }
    heap[index] = task;
  }

  function take(): Task | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child += 1;
      if (!isBefore(heap[child] as Task, last)) break;
      heap[index] = heap[child] as Task;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  const nobody: Owner = { waiting: 0, killed: false };

  function planned(task: Task): CallOff {
    task.owner.waiting += 1;
    return () => void begun(task);
  }

  /** What a task is to run, once; nothing when it was called off or its owner is gone. */
  function begun(task: Task): (() => void) | undefined {
    const { run, owner } = task;
    if (!run) return undefined;
    task.run = undefined;
    owner.waiting -= 1;
    return owner.killed ? undefined : run;
  }

  return {
    get elapsed() {
      return elapsed;
    },
    now: () => offset + elapsed,
    setBack(ms) {
      offset -= ms;
    },
    after(ms, run, owner = nobody) {
      const task: Task = { at: elapsed + Math.max(0, Math.ceil(ms)), tie: random.bits(), owner, run };
      put(task);
      return planned(task);
    },
    turn(run, owner = nobody) {
      const task: Task = { at: elapsed, tie: 0, owner, run };
      turns.push(task);
      return planned(task);
    },
    step() {
      while (turns.length > 0) {
        const [task] = turns.length === 1 ? [turns.pop()] : turns.splice(random.int(0, turns.length - 1), 1);
        const run = begun(task as Task);
        if (!run) continue;
        run();
        return true;
      }
      for (let task = take(); task; task = take()) {
        const run = begun(task);
        if (!run) continue;
        elapsed = task.at;
        run();
        return true;
      }
      return false;
    },
  };
}

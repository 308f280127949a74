// A run that legacy code speaks through event by event: what it says goes out in the order in which it was said.
import type { Run, RunOptions, ToolCall, WebSocketManager } from '@throughline/core';
import type { EventDataByType } from '@throughline/events';
import { errorOf, type Fields } from './legacy-event.js';

interface Stepped {
  /** In an object, so that the next step need not wait for it. */
  readonly verdict: Promise<unknown>;
}

interface OpenTool {
  readonly tool_call_id: unknown;
  readonly tool_name: unknown;
  readonly call: Promise<ToolCall>;
}

export class OpenRun {
  readonly options: RunOptions;
  /** Its end was said: what names no run is not for this one. */
  ending = false;
  readonly #run: Promise<Run>;
  readonly #tools: OpenTool[] = [];
  #end: () => void = () => {};
  #tail: Promise<unknown>;
  run_id: string | undefined;

  /** @param over called when it has ended, however it did */
  constructor(manager: WebSocketManager, options: RunOptions, over: () => void) {
    this.options = options;
    this.run_id = options.run_id;
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    this.#run = new Promise((resolve, reject) => {
      const whole = manager.run(options, (run) => {
        this.run_id = run.run_id;
        resolve(run);
        return ended;
      });
      // Beyond its beginning, whatever it ends with was the verdict of a send.
      whole.catch(reject).finally(over);
    });
    this.#tail = this.#run.catch(() => {});
  }

  /** Resolves once it has begun. */
  begun(): Promise<unknown> {
    return this.#run;
  }

  /** Appends an event. Resolves when it is stored, rejects when it is not. */
  append(type: string, fields: Fields): Promise<unknown> {
    if (type === 'agent_completed') this.ending = true;
    const stepped = this.#tail.then(async (): Promise<Stepped> => this.#step(await this.#run, type, fields));
    this.#tail = stepped.catch(() => {});
    return stepped.then(({ verdict }) => verdict);
  }

  async #step(run: Run, type: string, fields: Fields): Promise<Stepped> {
    switch (type) {
      case 'agent_thinking':
        return { verdict: run.thinking(pick<Thought>(fields, ['reasoning', 'step_number', 'progress'])) };
      case 'partial_result':
        run.text(fields['text'] as string);
        return { verdict: run.flushed() };
      case 'tool_executing':
        return { verdict: this.#beginTool(run, fields).call };
      case 'tool_completed':
        return this.#endTool(run, fields);
      case 'agent_completed':
        return this.#complete(run, fields);
      default:
        return { verdict: run.send(type as 'a.b', fields) };
    }
  }

  #beginTool(run: Run, fields: Fields): OpenTool {
    const { tool_call_id, tool_name } = fields;
    const tool = pick<Tool>(fields, ['tool_call_id', 'tool_name', 'parameters']);
    const begun = { tool_call_id, tool_name, call: run.toolExecuting(tool) };
    this.#tools.push(begun);
    return begun;
  }

  /** Ends the tool of this id, else the oldest open one of this name. One that nobody said began, begins here. */
  async #endTool(run: Run, fields: Fields): Promise<Stepped> {
    const { tool_call_id, tool_name, success, error, results } = fields;
    const known = this.#tools.find((one) =>
      tool_call_id === undefined ? one.tool_name === tool_name : one.tool_call_id === tool_call_id,
    );
    const tool = known ?? this.#beginTool(run, fields);
    this.#tools.splice(this.#tools.indexOf(tool), 1);
    const call = await tool.call;
    const well = success !== false && (error === undefined || error === null);
    return { verdict: well ? call.completed({ results }) : call.failed(errorOf(fields)) };
  }

  #complete(run: Run, fields: Fields): Stepped {
    const { final_response, duration_ms } = fields;
    const verdict =
      fields['outcome'] === 'failed'
        ? run.failed(errorOf(fields))
        : run.completed({ final_response, ...(typeof duration_ms === 'number' && { usage: { duration_ms } }) });
    this.#end();
    return { verdict };
  }
}

type Thought = EventDataByType['agent_thinking'];
type Tool = Parameters<Run['toolExecuting']>[0];

/** These fields, as legacy code gave them: core checks each and names what is wrong. */
function pick<Shape>(fields: Fields, names: readonly (keyof Shape & string)[]): Shape {
  return Object.fromEntries(
    names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]),
  ) as Shape;
}

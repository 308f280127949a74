// What is promised of each run: PROTOCOL.md, section 4.

import type { Piece } from './event-pieces.js';
import type { Finding } from './history-error.js';
import type { ReadRun, Walk } from './walk.js';

/** The five types in which an agent's work is told. */
const goldenTypes: readonly string[] = [
  'agent_started',
  'agent_thinking',
  'tool_executing',
  'tool_completed',
  'agent_completed',
];

export interface GoldenPathOptions {
  /** Judges this run alone. Default: every run that is there. */
  readonly run_id?: string;
  /** The types that each run must have. Default: all five. `[]`: only what is promised of every run. */
  readonly types?: readonly string[];
}

/** The first thing that is wrong with the runs of a history. A run whose beginning is not in it is judged by its end alone. */
export function goldenPathFault({ runs }: Walk, options: GoldenPathOptions): Finding | undefined {
  const { run_id, types = goldenTypes } = options;
  const judged = [...runs.values()].filter((run) => run_id === undefined || run.run_id === run_id);
  if (judged.length === 0) {
    return { code: 'EMPTY', what: run_id === undefined ? 'There is no run.' : `There is no run ${run_id}.` };
  }
  for (const run of judged) {
    const fault = runFault(run, types);
    if (fault) return fault;
  }
  return undefined;
}

function runFault(run: ReadRun, types: readonly string[]): Finding | undefined {
  const { run_id, truncated } = run;
  const tools = new Map<string, Piece>();
  let end: Piece | undefined;
  const wrong = (what: string, piece?: Piece): Finding => ({
    code: 'PATH',
    what: `Run ${run_id}: ${what}`,
    ...(piece && { index: piece.index }),
  });
  for (const piece of run.pieces.values()) {
    const { seq, type } = piece;
    const { tool_call_id = '' } = (piece.data ?? {}) as { readonly tool_call_id?: string };
    if (end) return wrong(`${type} follows agent_completed.`, piece);
    if ((type === 'agent_started') !== (seq === 1)) return wrong(`${type} is its seq ${seq}.`, piece);
    if (type === 'tool_executing') {
      if (tools.has(tool_call_id)) return wrong(`tool_executing of ${tool_call_id}, which is at work.`, piece);
      tools.set(tool_call_id, piece);
    }
    if (type === 'tool_completed' && !tools.delete(tool_call_id) && !truncated) {
      return wrong(`tool_completed of ${tool_call_id}, which is not at work.`, piece);
    }
    if (type === 'agent_completed') end = piece;
  }
  const [open] = tools;
  if (open) return wrong(`no tool_completed follows tool_executing of ${open[0]}.`, open[1]);
  if (!end) return wrong('it has no agent_completed.', [...run.pieces.values()].at(-1));
  const present = new Set([...run.pieces.values()].map(({ type }) => type));
  const absent = types.filter((type) => !present.has(type));
  if (absent.length > 0 && !truncated) return wrong(`it has no ${absent.join(', no ')}.`, end);
  return undefined;
}

/** What the server tells the page over HTTP; both sides are compiled against this file. */

export interface Thought {
  readonly reasoning: string;
  readonly step_number?: number;
  readonly progress?: number;
}

export interface ToolUse {
  readonly tool_call_id: string;
  readonly tool_name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly status: 'succeeded' | 'failed';
  readonly results?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly duration_ms?: number;
}

export interface ThreadRecord {
  readonly thread_id: string;
  readonly title: string;
  readonly created_at: string;
}

/** A run as the database keeps it: only finished ones. What is unfinished comes live. */
export interface FinishedRun {
  readonly run_id: string;
  readonly thread_id: string;
  readonly message_id: string;
  readonly agent_name: string;
  readonly question: string;
  readonly status: 'succeeded' | 'failed' | 'cancelled' | 'interrupted';
  readonly text: string;
  readonly thoughts: readonly Thought[];
  readonly tools: readonly ToolUse[];
  readonly error?: { readonly code: string; readonly message: string };
  /** ISO 8601. */
  readonly started_at: string;
  readonly ended_at: string;
}

/**
 * `GET /api/history`. The position was read before the records: a run that ended in between is in both, and recognised by its `run_id`;
 * none is in neither.
 */
export interface History {
  readonly name: string;
  readonly position: string;
  readonly threads: readonly ThreadRecord[];
  readonly runs: readonly FinishedRun[];
  /** How many files the researcher knows. */
  readonly files: number;
}

/** `GET /api/login`: who this browser is logged in as, if anyone. */
export interface WhoAmI {
  readonly name: string | null;
}

/** `POST /api/token`. */
export interface TokenAnswer {
  readonly token: string;
  /** Whom it is for: the browser may have been logged in as somebody else since. */
  readonly name: string;
}

/** What goes wrong over HTTP, as RFC 9457 problem details. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly code: string;
}

/** What the page sends through the socket. */
export interface Question {
  readonly text: string;
}

/** What an agent needs in order to be heard: a run, seen from inside. Tests bring one of their own. */
export interface Voice {
  /** Aborts when the person pressed stop, or when there is no time left. */
  readonly signal: AbortSignal;
  think(reasoning: string, step: number, progress: number): Promise<void>;
  /** Does the work between "executing" and "completed". What it throws is reported as the tool's failure and thrown again. */
  useTool<Results>(name: string, parameters: Readonly<Record<string, unknown>>, work: () => Results): Promise<Results>;
  /** A piece of the answer. */
  say(text: string): void;
}

/** What the command needs of its process. */
export interface CommandPorts {
  readonly cwd: string;
  readonly version: string;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly isTerminal: boolean;
  readonly now: () => number;
}

/** What the command ends with: 0 clean, 1 violations, 2 could not run or the verdict is not complete. */
export type ExitCode = 0 | 1 | 2;

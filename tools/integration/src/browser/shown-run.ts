// What a person sees of the runs on the example's page: read off the elements, never off the page's variables.
import type { Page } from 'playwright-core';

export interface ShownTool {
  readonly name: string;
  readonly status: string;
  /** Everything on its card but the time it took: parameters and results, whether it is open or not. */
  readonly card: string;
}

export interface ShownRun {
  readonly run_id: string;
  readonly status: string;
  readonly question: string;
  readonly answer: string;
  readonly thoughts: readonly string[];
  readonly tools: readonly ShownTool[];
  readonly error: string;
}

/** The runs of the open conversation, from the top. */
export function readRuns(page: Page): Promise<ShownRun[]> {
  return page.locator('[data-testid=run]').evaluateAll((runs) =>
    runs.map((run) => {
      const textOf = (id: string): string => run.querySelector(`[data-testid=${id}]`)?.textContent ?? '';
      const tools = [...run.querySelectorAll<HTMLElement>('[data-testid=tool]')];
      return {
        run_id: run.getAttribute('data-run-id') ?? '',
        status: run.getAttribute('data-status') ?? '',
        question: textOf('question'),
        answer: textOf('answer'),
        thoughts: [...run.querySelectorAll('[data-testid=thinking] li')].map((thought) => thought.textContent ?? ''),
        tools: tools.map(({ dataset, textContent }) => ({
          name: dataset['toolName'] ?? '',
          status: dataset['status'] ?? '',
          // Who measures is not the same for the log and for the record.
          card: (textContent ?? '').replace(/took \d+ ms$/, ''),
        })),
        error: textOf('run-error'),
      };
    }),
  );
}

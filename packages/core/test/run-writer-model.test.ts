import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Run } from '../src/run.js';
import { type Hooks, promises, rejects, storesThenRejects, storesThenThrows, throws } from './hooked-log.js';
import { place, startManager } from './running-manager.js';
import { turn } from './running-service.js';
import { expectWholeRun } from './stored-events.js';

describe('S8: a run is a run, whatever its agent does and whatever its store does', () => {
  const actions = fc.array(
    fc.record({
      what: fc.constantFrom('think', 'text', 'tool', 'endTool', 'failTool', 'note', 'turn', 'invalid'),
      awaited: fc.boolean(),
    }),
    { maxLength: 25 },
  );
  const weather = fc.array(
    fc.constantFrom(
      'answers',
      'answers',
      'answers',
      'promises',
      'throws',
      'rejects',
      'storesThenThrows',
      'storesThenRejects',
    ),
    { maxLength: 40 },
  );
  const hookOf: Record<string, NonNullable<Hooks['append']>> = {
    answers: (answer) => answer(),
    promises,
    throws,
    rejects,
    storesThenThrows,
    storesThenRejects,
  };
  const endings = fc.constantFrom('completed', 'failed', 'left', 'too large');

  test('sends and faults in any order', async () => {
    const hooks: Hooks = {};
    const { manager, events, scheduler } = await startManager({ maxEventBytes: 2_048 }, hooks);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(actions, weather, endings, async (actions, weather, ending) => {
        const run_id = `r-${++runs}`;
        const days = weather.values();
        let faults = 0;
        hooks.append = (answer) => {
          const day = days.next().value ?? 'answers';
          if (day !== 'answers' && day !== 'promises') faults += 1;
          return (hookOf[day] as NonNullable<Hooks['append']>)(answer);
        };
        const stored = new Map<string, string>();
        const tools: Awaited<ReturnType<Run['toolExecuting']>>[] = [];
        const run = await manager.startRun({ ...place, run_id }).catch(() => undefined);
        let failed = run === undefined;
        for (const [index, { what, awaited }] of actions.entries()) {
          if (!run) break;
          const note = `${run_id}/${index}`;
          let verdict: Promise<unknown> = Promise.resolve();
          if (what === 'think') verdict = run.thinking({ reasoning: note }).then((place) => stored.set(place, note));
          else if (what === 'note') verdict = run.send('acme.note', note).then((place) => stored.set(place, note));
          else if (what === 'text') run.text(note);
          else if (what === 'tool') verdict = run.toolExecuting({ tool_name: 't' }).then((tool) => tools.push(tool));
          else if (what === 'endTool') verdict = tools.pop()?.completed({ results: note }) ?? verdict;
          else if (what === 'failTool') verdict = tools.pop()?.failed(new Error(note)) ?? verdict;
          else if (what === 'invalid' && index > 15) verdict = run.send('acme.note', Number.NaN);
          else verdict = turn();
          verdict = verdict.catch(() => {
            failed = true;
          });
          if (awaited) await verdict;
        }
        const end =
          ending === 'completed'
            ? run?.completed()
            : ending === 'failed'
              ? run?.failed(new Error('x'))
              : ending === 'left'
                ? run?.[Symbol.asyncDispose]()
                : run?.completed({ final_response: 'x'.repeat(3_000) });
        await scheduler.pass(1_000_000);
        await end;
        const own = events().filter((event) => event.run_id === run_id);
        const { data } = expectWholeRun(own, run_id);
        // A piece of text has no verdict: that it was not stored is seen only by how the run ended.
        const unseen = faults > 0 ? ['failed', 'succeeded'] : ['succeeded'];
        expect(ending !== 'completed' || failed ? ['failed'] : unseen).toContain(data.outcome);
        // Every verdict that resolved names the place where the event is.
        for (const [position, note] of stored) {
          const event = own.find(({ offset }) => offset === Number(position.split('.')[1]));
          expect(JSON.stringify(event?.data)).toContain(note);
        }
      }),
      { numRuns: 300 },
    );
  });
});

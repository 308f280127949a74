// S12, family "concurrent multi-user isolation" (S9, R4, R9): whatever users do, with whatever ids and positions of each
// other they get hold of, nobody receives anything of anybody else's. Random operations; a failure prints the seed that repeats it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crowdSize, operations, type Step, startCrowd } from '../src/crowd.js';

const steps = fc.array(
  fc.record<Step>({
    operation: fc.constantFrom(...operations),
    actor: fc.nat(crowdSize - 1),
    distance: fc.integer({ min: 1, max: crowdSize - 1 }),
    choice: fc.nat(99),
  }),
  { minLength: 30, maxLength: 80 },
);

test('S9, S12 concurrent multi-user isolation: four users in two tenants, any operations: no frame holds what is another’s', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      await using crowd = await startCrowd();
      for (const step of taken) await crowd.take(step);
      expect(await crowd.account()).toEqual({ leaks: [], lost: [], handled: crowd.said, violations: [] });
    }),
    // What waits for a frame that never comes has failed too.
    { numRuns: 25, timeout: 3_000, interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true },
  );
});

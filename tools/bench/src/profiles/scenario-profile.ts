// A run of a scenario whose server is profiled.
import { type Rig, type RigOptions, withRig } from '../harness/rig.js';
import type { Figures, Scenario } from '../scenarios/scenario.js';
import type { Span } from './call-tree.js';
import { type Done, type Picture, pictureOf, profileFlags, type Subject } from './picture.js';

const nowMicros = () => Number(process.hrtime.bigint() / 1_000n);

/** The window that counts, and the CPU time in it. */
interface Window {
  readonly span?: Span;
  readonly cpuMicros: number;
}

/** Notes when the server is measured: the last window, which is no warm-up. The clock is one for all processes. */
function watch(rig: Rig): { readonly rig: Rig; readonly window: () => Window } {
  let window: Window = { cpuMicros: 0 };
  let from = 0;
  const { server } = rig;
  const orders: Partial<Rig['server']> = {
    async stream(stream) {
      from = nowMicros();
      const produced = await server.stream(stream);
      window = { span: { from, to: nowMicros() }, cpuMicros: produced.cpuMicros };
      return produced;
    },
    async beginWindow() {
      await server.beginWindow();
      from = nowMicros();
    },
    async endWindow() {
      const to = nowMicros();
      const sample = await server.endWindow();
      window = { span: { from, to }, cpuMicros: sample.cpuMicros };
      return sample;
    },
  };
  const watched: Rig['server'] = Object.assign(Object.create(server), orders);
  return { rig: { ...rig, server: watched }, window: () => window };
}

/** Scenarios that tell CPU time tell that of one event, connection or message. */
function doneOf(scenario: Scenario, figures: Figures, cpuMicros: number): Done | undefined {
  const title = scenario.metrics['cpu']?.title;
  const cpu = figures['cpu'];
  return title === undefined || cpu === undefined ? undefined : { title, cpu, count: cpuMicros / cpu };
}

/**
 * Measures a scenario while its server is profiled. The picture is of the window that counts.
 *
 * @throws when an event was lost, doubled or out of order: there is no picture then
 */
export async function profileScenario(
  scenario: Scenario,
  options: RigOptions,
  subject: Subject,
): Promise<{ readonly figures: Figures; readonly picture: Picture }> {
  const serverFlags = [...(options.serverFlags ?? []), ...profileFlags(subject.name)];
  const { figures, window } = await withRig({ ...options, serverFlags }, async (rig) => {
    const watched = watch(rig);
    return { figures: await scenario.measure(watched.rig), window: watched.window() };
  });
  const done = doneOf(scenario, figures, window.cpuMicros);
  return { figures, picture: pictureOf(subject, options.programs, window.span, done) };
}

// The proof: each bug planted alone, and whether a test noticed it.
import { createCompiler } from './compiler.js';
import { type PlantedBug, plant } from './planted-bug.js';
import { runTests, type Selection, type TestRun } from './test-run.js';
import { createWorkplace, type Workplace } from './workplace.js';

/** What became of a planted bug. Noticed by a test that waited in vain is noticed, but worth a look. */
export type Fate = 'killed' | 'killed by timeout' | 'survived' | 'invalid' | 'stale';

export interface Verdict {
  readonly bug: PlantedBug;
  readonly fate: Fate;
  /** The test that noticed it, or why there is none. */
  readonly by: string;
  /** One of the tests that the list names noticed it. */
  readonly asExpected: boolean;
  readonly seconds: number;
}

export interface ProofOptions {
  /** The repository. */
  readonly root: string;
  readonly bugs: readonly PlantedBug[];
  /** Where a bug is looked for that its own tests did not notice. */
  readonly projects: readonly string[];
  /** How many bugs are worked on at once, each in a copy of its own. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Told of each verdict as it falls, and of what is going on. */
  readonly onVerdict: (verdict: Verdict) => void;
  readonly onNote: (note: string) => void;
}

/** How long the tests of one bug may take, and those of whole projects, in ms. */
const targetedMs = 90_000;
const wholeMs = 900_000;

/**
 * Plants each bug and looks for a test that fails.
 *
 * @throws Error when the tests fail without any bug: then nothing would be proved
 */
export async function prove(options: ProofOptions): Promise<readonly Verdict[]> {
  const { bugs, projects, root, jobs, signal, onNote, onVerdict } = options;
  const places: Workplace[] = [];
  try {
    for (let job = 0; job < Math.min(jobs, bugs.length); job++) places.push(await createWorkplace(root));
    const [first] = places;
    if (!first) return [];
    const targets = selectionOf(bugs.flatMap(({ killedBy }) => killedBy));
    onNote(`Without a bug: ${targets.files.length} test files.`);
    await demandGreen(first, targets, signal);
    let sound: Promise<void> | undefined;
    /** All tests of the projects, once somebody needs them: they too must pass without a bug. */
    const demandSound = () => {
      onNote(`Without a bug: all of ${projects.join(', ')}.`);
      return withCopy(root, (place) => demandGreen(place, { projects, files: [] }, signal));
    };
    const waiting = bugs.values();
    const verdicts: Verdict[] = [];
    await Promise.all(
      places.map(async (place) => {
        const compiler = createCompiler(place.folder);
        for (const bug of waiting) {
          const started = performance.now();
          const run = (selection: Selection, ms: number) => runTests(place.folder, selection, ms, signal);
          const search = async () => {
            sound ??= demandSound();
            await sound;
            return { projects, files: [] };
          };
          const judged = await judge(bug, place, compiler.faultsOf, run, search);
          const verdict = { bug, ...judged, seconds: (performance.now() - started) / 1_000 };
          verdicts.push(verdict);
          onVerdict(verdict);
        }
      }),
    );
    return verdicts;
  } finally {
    await Promise.all(places.map((place) => place.remove()));
  }
}

/** Which tests these are, and of which projects: a project is named after its folder. */
function selectionOf(files: readonly string[]): Selection {
  const unique = [...new Set(files)];
  return { files: unique, projects: [...new Set(unique.map((file) => file.split('/')[1] as string))] };
}

async function withCopy(root: string, work: (place: Workplace) => Promise<void>): Promise<void> {
  const place = await createWorkplace(root);
  try {
    await work(place);
  } finally {
    await place.remove();
  }
}

/** A failure is believed when it comes twice: what a busy machine makes of a test is none. */
async function demandGreen({ folder }: Workplace, selection: Selection, signal: AbortSignal): Promise<void> {
  const { status } = await runTests(folder, selection, wholeMs, signal);
  if (status === 'passed') return;
  const again = await runTests(folder, selection, wholeMs, signal);
  if (again.status === 'passed') return;
  throw new Error(`Without any bug the tests fail, so nothing can be proved: ${again.what}`);
}

type Judgement = Pick<Verdict, 'fate' | 'by' | 'asExpected'>;

async function judge(
  bug: PlantedBug,
  place: Workplace,
  faultsOf: (file: string) => readonly string[],
  run: (selection: Selection, timeoutMs: number) => Promise<TestRun>,
  search: () => Promise<Selection>,
): Promise<Judgement> {
  const text = await place.read(bug.file).catch(() => '');
  try {
    await place.write(bug.file, plant(text, bug));
  } catch (error) {
    return { fate: 'stale', by: (error as Error).message, asExpected: false };
  }
  try {
    const [fault] = faultsOf(bug.file);
    if (fault !== undefined) return { fate: 'invalid', by: `does not compile: ${fault}`, asExpected: false };
    const first = judgementOf(await run(selectionOf(bug.killedBy), targetedMs), true);
    if (first) return first;
    const everything = await search();
    const found = await run(everything, wholeMs);
    // What nobody expected is seen twice before it is believed: a busy machine lets tests fail that need no bug.
    const seen = judgementOf(found, false);
    if (!seen || found.file === undefined) return seen ?? survived;
    return judgementOf(await run(selectionOf([found.file]), targetedMs), false) ?? survived;
  } finally {
    await place.write(bug.file, text);
  }
}

const survived: Judgement = { fate: 'survived', by: 'no test failed', asExpected: false };

/** `undefined`: no test has failed. */
function judgementOf({ status, what }: TestRun, asExpected: boolean): Judgement | undefined {
  if (status === 'passed') return undefined;
  if (status === 'broken') return { fate: 'invalid', by: `does not run: ${what}`, asExpected: false };
  return { fate: status === 'failed' ? 'killed' : 'killed by timeout', by: what, asExpected };
}

// Looks for planted secrets where they do not belong.
import { inspect } from 'node:util';
import { describeFrame, type Frame, isEvent } from '../frame.js';
import type { TestService } from '../test-service.js';
import type { Actor, Page } from './actor.js';
import type { Sighting, Vault } from './vault.js';

/** A secret where it does not belong. */
export interface Leak {
  /** Whose it is, such as `user 1`. */
  readonly owner: string;
  /** What it is, such as `what user 1 said in t-0`. */
  readonly what: string;
  /** Where it was found. */
  readonly where: string;
  /** How it was written there. */
  readonly form: string;
  /** Whether it was said in a scenario before this one, to another service: handlers hold what outlives their options. */
  readonly earlier: boolean;
}

/** A text, and who may read what is in it. */
interface Place {
  /** @param redact takes secrets out, before anything is cut */
  readonly where: (redact: (text: string) => string) => string;
  readonly text: string;
  readonly accepts: (sighting: Sighting) => boolean;
}

/** What those read who run the service: names, and nothing that anybody said. */
const forOperators = ({ kind }: Sighting) => kind === 'name';

export function* placesOf(actors: readonly Actor[]): Generator<Place> {
  for (const actor of actors) {
    const accepts = ({ owner, kind, earlier }: Sighting) => owner === actor.name && !earlier && kind !== 'credential';
    for (const page of actor.all) {
      for (const [index, frame] of page.frames.entries()) {
        yield {
          where: (redact) => `frame ${index} of ${page.name}: ${describeFrame(frame, redact)}`,
          text: JSON.stringify(frame),
          accepts,
        };
      }
      for (const [run_id, text] of foldedTexts(page)) {
        yield { where: () => `the joined text of run ${run_id} on ${page.name}`, text, accepts };
      }
      yield { where: () => `what ${page.name} was told outside of frames`, text: page.heard(), accepts };
    }
    for (const { where, text } of actor.answers) yield { where: () => `${where} of ${actor.name}`, text, accepts };
    yield { where: () => `the receipts of ${actor.name}`, text: receiptsOf(actor), accepts };
  }
}

export function* placesForOperators(
  service: TestService,
  metrics: string,
  output: readonly { readonly where: string; readonly text: string }[],
): Generator<Place> {
  for (const event of service.telemetry) {
    yield { where: () => `telemetry of the kind ${event.kind}`, text: shown(event), accepts: forOperators };
  }
  yield { where: () => 'the health of the service', text: shown(service.service.health()), accepts: forOperators };
  yield { where: () => 'the metrics', text: metrics, accepts: forOperators };
  for (const { where, text } of output) yield { where: () => where, text, accepts: forOperators };
}

/** The first secret that is where it does not belong. */
export function findLeak(vault: Vault, places: Iterable<Place>): Leak | undefined {
  for (const { where, text, accepts } of places) {
    const foreign = vault.find(text).find((sighting) => !accepts(sighting));
    if (!foreign) continue;
    const { owner, what, form, earlier } = foreign;
    return { owner, what, form, earlier, where: vault.redact(where(vault.redact)) };
  }
  return undefined;
}

/** An answer comes in pieces, and a secret may be cut into some. */
function foldedTexts({ frames }: Page): Map<string, string> {
  const texts = new Map<string, string>();
  for (const frame of frames) {
    const piece = isEvent(frame) ? pieceOf(frame) : undefined;
    if (piece !== undefined && 'run_id' in frame)
      texts.set(String(frame.run_id), (texts.get(String(frame.run_id)) ?? '') + piece);
  }
  return texts;
}

function pieceOf({ type, data }: Extract<Frame, { readonly offset: number }>): string | undefined {
  if (type === 'partial_result') return data.text;
  return type === 'agent_thinking' ? data.reasoning : undefined;
}

function receiptsOf({ user }: Actor): string {
  return shown(user.manager.receipts());
}

function shown(value: unknown): string {
  return inspect(value, {
    depth: 10,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: null,
    maxArrayLength: null,
  });
}

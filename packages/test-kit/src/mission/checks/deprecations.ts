// Requirement S13: nothing deployed still takes a deprecated way.
import { readFile } from 'node:fs/promises';
import type { Check } from '../check.js';
import type { Clock } from '../clock.js';
import { must, notChecked } from '../verdict.js';

/** A burn-down, as `reportUsage` of `@throughline/compat` writes it; what is judged of it. */
interface BurnDown {
  readonly version: 1;
  readonly used: readonly { readonly file: string; readonly line: number; readonly code: string }[];
}

/** How many lines a report names. */
const mostNamed = 10;
const fetchMs = 15_000;

export const deprecations: Check = {
  name: 'deprecations',
  why: 'No line of what is deployed uses a deprecated way: its burn-down is empty.',
  // Once the agents have worked: a line that was not called is in no burn-down.
  stage: 'departure',
  async run({ settings, clock }) {
    if (settings.usage.length === 0) {
      throw notChecked('What a service uses inside is not seen from outside: give its burn-down with --usage.');
    }
    const burnDowns = await Promise.all(settings.usage.map((place) => readBurnDown(place, clock)));
    const used = burnDowns.flatMap((burnDown) => burnDown.used);
    const named = used.slice(0, mostNamed).map(({ code, file, line }) => `\n${code} at ${file}:${line}`);
    must(used.length === 0, `${used.length} uses of what is deprecated:${named.join('')}`);
    return `${burnDowns.length} burn-down${burnDowns.length === 1 ? '' : 's'}, all empty`;
  },
};

async function readBurnDown(place: string, clock: Clock): Promise<BurnDown> {
  let text: string;
  if (/^https?:/.test(place)) {
    const response = await fetch(place, { redirect: 'error', signal: AbortSignal.timeout(clock.left(fetchMs)) });
    must(response.ok, `The burn-down at ${new URL(place).host} is answered with ${response.status}.`);
    text = await response.text();
  } else {
    text = await readFile(place, 'utf8');
  }
  let found: Partial<BurnDown> | undefined;
  try {
    found = JSON.parse(text) as Partial<BurnDown>;
  } catch {
    // Said below: it is none.
  }
  must(
    found?.version === 1 && Array.isArray(found.used),
    `What --usage names is no burn-down of @throughline/compat (version 1): ${text.length} characters.`,
  );
  return found as BurnDown;
}

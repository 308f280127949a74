// Everywhere a secret might have left a trace.
import type { Person } from './person.js';
import type { Tab } from './tab.js';

/** What a page shows, stores and holds in its address. */
async function tracesOnPage({ page }: Tab): Promise<string[]> {
  const stored = await page.evaluate(() =>
    JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]),
  );
  return [await page.content(), page.url(), stored];
}

/** Client frames that carry a token, because that is what they are for. */
const carriesToken = (frame: string): boolean => (JSON.parse(frame) as { type: string }).type === 'token';

/**
 * Collects, by place, what a person's browser showed, stored, asked for, received, sent and wrote; answers of
 * `/api/token` and frames of type `token` apart, whose business tokens are.
 */
export async function tracesOf(person: Person, tabs: readonly Tab[]): Promise<Readonly<Record<string, string>>> {
  const sockets = tabs.flatMap((tab) => tab.sockets);
  const pages = await Promise.all(tabs.map(tracesOnPage));
  const places = {
    'on the page or in its storage': pages.flat(),
    'in a URL': [...person.requests, ...sockets.map(({ url }) => url)],
    'in an answer': person.answers,
    'in a frame of the service': sockets.flatMap(({ received }) => received),
    'in a frame of the page': sockets.flatMap(({ sent }) => sent).filter((frame) => !carriesToken(frame)),
    'on the console': person.output,
  };
  return Object.fromEntries(Object.entries(places).map(([place, texts]) => [place, texts.join('\n')]));
}

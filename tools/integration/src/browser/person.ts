// A person with a browser of their own: their cookies, their tabs, and a record of all that their browser saw.
import type { Browser, BrowserContext, Response } from 'playwright-core';
import { openTab, type Tab } from './tab.js';

export interface Person {
  readonly name: string;
  readonly context: BrowserContext;
  /** What the browser complained of: errors on the console, exceptions, unhandled rejections, violated policies. */
  readonly complaints: readonly string[];
  /** Everything that was written to the console. */
  readonly output: readonly string[];
  /** The address of every request. */
  readonly requests: readonly string[];
  /** The body of every answer of the application's own API, tokens apart. */
  readonly answers: readonly string[];
  /** Every token that a page of theirs was given. */
  readonly tokens: readonly string[];
  /** Opens a tab, at the front page unless told otherwise. */
  openTab(url?: string): Promise<Tab>;
  /** Opens a tab and logs in there. */
  logIn(url?: string): Promise<Tab>;
  /** Logs in where the log-in page is shown, by typing; under another name if told so. Waits until the page is live. */
  logInOn(tab: Tab, as?: string): Promise<void>;
}

export async function createPerson(browser: Browser, name: string, password: string, home: string): Promise<Person> {
  const context = await browser.newContext();
  const complaints: string[] = [];
  const output: string[] = [];
  const requests: string[] = [];
  const answers: string[] = [];
  const tokens: string[] = [];
  context.on('console', (message) => {
    output.push(message.text());
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  context.on('weberror', (error) => void complaints.push(String(error.error())));
  context.on('request', (request) => void requests.push(request.url()));
  context.on('response', (response) => void keep(response));

  async function keep(response: Response): Promise<void> {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith('/api/') || response.status() === 204) return;
    // A page that is reloaded or closed takes the body with it.
    const body = await response.text().catch(() => '');
    const token = pathname === '/api/token' && response.ok() ? /"token":"([^"]+)"/.exec(body)?.[1] : undefined;
    if (token === undefined) answers.push(body);
    else tokens.push(token);
  }

  async function logInOn(tab: Tab, as = name): Promise<void> {
    await tab.page.getByLabel('Name').fill(as);
    await tab.page.getByLabel('Password').fill(password);
    await tab.page.getByRole('button', { name: 'Log in' }).click();
    await tab.shows('live');
  }

  return {
    name,
    context,
    complaints,
    output,
    requests,
    answers,
    tokens,
    openTab: (url = home) => openTab(context, url),
    async logIn(url = home) {
      const tab = await openTab(context, url);
      await logInOn(tab);
      return tab;
    },
    logInOn,
  };
}

/** What a browser says when a network or a server that it needs is gone, or when it was told that nobody is logged in. */
const expectedOfNetworks = /net::ERR_|WebSocket connection to '\S+' failed|status of (?:401|503)/;

/** The complaints that no cut connection explains. */
export function unexplained(complaints: readonly string[]): string[] {
  return complaints.filter((complaint) => !expectedOfNetworks.test(complaint));
}

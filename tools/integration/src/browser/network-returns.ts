import { expect } from 'vitest';
import type { Tab } from './tab.js';

/** Tells the page that the network is back, as a browser does: no backoff to sit out. */
export async function tellNetworkIsBack({ page }: Tab): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event('online')));
}

/** Waits for a tab to be welcomed so often and to be live; tells it that the network is back whenever it shows that it is offline. */
export async function comesBack(tab: Tab, welcomes: number, after = ''): Promise<void> {
  const indicator = tab.page.getByTestId('connection');
  const look = async (): Promise<boolean> => {
    const state = await indicator.getAttribute('data-state');
    if (state === 'offline') await tellNetworkIsBack(tab);
    return state === 'live' && tab.welcomes >= welcomes;
  };
  await expect.poll(look, { timeout: 20_000, interval: 20, message: `comes back ${after}` }).toBe(true);
}

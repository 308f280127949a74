import { type Browser, chromium } from 'playwright-core';

/** Where Debian and Ubuntu put it; the environment's CHROMIUM names another. */
const usualPath = '/usr/bin/chromium';

/** No sandbox, because containers run as root; nothing that goes on in the background. */
const args: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Starts a real browser without a window. Whoever starts it closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? usualPath, args: [...args] });
}

// R14, R15: a page whose credential ends asks for a fresh one; without one it stays out, and never loops.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPage, type Page, type PageOptions } from '../src/page.js';
import { startTestService, type TestService } from '../src/test-service.js';
import { tokenFor, tokenOf } from '../src/tokens.js';

let service: TestService;
const pages: Page[] = [];

beforeEach(async () => {
  service = await startTestService();
});

afterEach(async () => {
  for (const page of pages.splice(0)) page[Symbol.dispose]();
  await service[Symbol.asyncDispose]();
});

function open(getToken: NonNullable<PageOptions['getToken']>): Page {
  const page = openPage({ url: service.url, user: 'ada', getToken });
  pages.push(page);
  return page;
}

/** How often somebody knocked: let in or not. */
const handshakes = () => service.telemetry.filter(({ kind }) => kind === 'session_opened' || kind === 'refused').length;

describe('log-out', () => {
  test('closes every tab with 4401; each asks once more for a token, is given none, and stays out', async () => {
    const reasons: string[] = [];
    let loggedIn = true;
    const getToken = (reason: string) => {
      reasons.push(reason);
      return loggedIn ? tokenOf('ada') : null;
    };
    const tabs = [open(getToken), open(getToken)];
    await Promise.all(tabs.map((page) => page.live()));
    loggedIn = false;
    service.service.revoke(await service.contextOf('ada'));
    for (const page of tabs) {
      await page.until(() => page.client.status.state === 'signed_out');
      expect(page.statuses.map(({ code }) => code)).toContain(4401);
      expect(page.connections).toBe(1);
    }
    expect(reasons).toEqual(['connect', 'connect', 'refused', 'refused']);
    expect(handshakes()).toBe(2);

    loggedIn = true;
    for (const page of tabs) {
      page.client.connect();
      await page.live();
    }
  });

  test('a token that is refused, and its successor too, is final: two knocks and no more', async () => {
    const page = open(() => 'not-a-token');
    await page.until(() => page.client.status.state === 'signed_out');
    expect(page.client.status.code).toBe(4401);
    expect(handshakes()).toBe(2);
  });

  test('without a token nobody knocks', async () => {
    const page = open(() => null);
    await page.until(() => page.client.status.state === 'waiting');
    expect(page.connections).toBe(0);
    expect(handshakes()).toBe(0);
  });
});

describe('expiry', () => {
  test('a token that ends soon is replaced in band: one connection, nothing missed', async () => {
    const reasons: string[] = [];
    const page = open((reason) => {
      reasons.push(reason);
      return tokenFor('ada', reason === 'connect' ? 2 : 600);
    });
    await page.live();
    const run = await (await service.managerOf('ada')).startRun({ agent_name: 'writer', thread_id: 't-1' });
    // Until the first token has ended.
    await expect
      .poll(() => Date.now() > Date.parse(page.events[0]?.timestamp ?? '') + 2_000, { timeout: 4_000 })
      .toBe(true);
    run.text('still here');
    await run.completed();
    expect(await page.ended(run.run_id)).toMatchObject({ text: 'still here', status: 'succeeded' });
    expect(page.connections).toBe(1);
    expect(reasons).toEqual(['connect', 'expiring']);
  });

  test('a token that could not be replaced in time: 4401 after the grace, then on with a fresh one, whole', async () => {
    await using strict = await startTestService({ expiryGraceMs: 0 });
    const reasons: string[] = [];
    const page = openPage({
      url: strict.url,
      user: 'ada',
      getToken: (reason) => {
        reasons.push(reason);
        return reason === 'expiring' ? null : tokenFor('ada', reason === 'connect' ? 2 : 600);
      },
    });
    pages.push(page);
    await page.live();
    const run = await (await strict.managerOf('ada')).startRun({ agent_name: 'writer', thread_id: 't-1' });
    run.text('before, ');
    await run.flushed();
    await page.until(() => page.client.status.state === 'offline');
    expect(page.client.status.code).toBe(4401);
    run.text('after');
    await run.completed();
    expect(await page.ended(run.run_id)).toMatchObject({ text: 'before, after', truncated: false });
    expect(reasons).toEqual(['connect', 'expiring', 'refused']);
    expect(page.resets).toEqual([]);
  });

  test('a user who signs in as somebody else gets a page of their own: the old one gives nothing of theirs', async () => {
    const page = open((reason) => tokenOf(reason === 'refused' ? 'bob' : 'ada'));
    await page.live();
    service.service.revoke(await service.contextOf('ada'));
    await page.until(() => page.client.status.state === 'closed');
    expect(page.faults.map(({ code }) => code)).toContain('FOREIGN_USER');
  });
});

// S7, S8: a socket cut again and again during one answer costs nothing: whoever cuts it, and however it dies.
import type { TelemetryEvent } from '@throughline/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHeldPace } from '../../src/browser/held-pace.js';
import { comesBack, tellNetworkIsBack } from '../../src/browser/network-returns.js';
import { unexplained } from '../../src/browser/person.js';
import { longestQuestion as question } from '../../src/browser/questions.js';
import { receivedRun } from '../../src/browser/received-run.js';
import { type Stage, setStage } from '../../src/browser/stage.js';
import type { Tab } from '../../src/browser/tab.js';
import type { Link } from '../../src/tcp-proxy.js';

const pace = createHeldPace(25);
const telemetry: TelemetryEvent[] = [];
let stage: Stage;
beforeAll(async () => {
  stage = await setStage({
    pace,
    service: { heartbeatMs: 1_000, telemetry: (event) => void telemetry.push(event) },
  });
}, 60_000);
afterAll(() => stage[Symbol.asyncDispose]());

interface Cut {
  readonly how: string;
  readonly act: (tab: Tab, links: readonly Link[]) => unknown;
}

/** Ways for a socket to die. What was on its way is lost, acknowledgements too. */
const ways: readonly Cut[] = [
  { how: 'the page closed it', act: (tab) => tab.closeSocket() },
  { how: 'the service closed it', act: (tab) => tab.say({ type: 'token', id: 'bad', token: 'no token at all' }) },
  { how: 'the network reset it', act: (_, links) => links.map((link) => link.cut('reset')) },
  { how: 'the network ended it', act: (_, links) => links.map((link) => link.cut('fin')) },
  { how: 'the network tore a frame', act: (_, links) => links.map((link) => link.cutAfter('down', 700, 'reset')) },
];

/** Nothing arrives any more, in neither direction, and nobody is told: only asking finds out. */
async function blackHole(tab: Tab, links: readonly Link[]): Promise<void> {
  for (const link of links) {
    link.swallow('down');
    link.swallow('up');
  }
  await tellNetworkIsBack(tab);
}

/** Twenty. The slowest is the last: there the page's requests for a token vanish as well, and it has to give one up. */
const cuts: readonly Cut[] = [
  ...ways,
  ...ways,
  { how: 'its socket was half-open', act: (tab, links) => blackHole(tab, links.slice(-1)) },
  ...ways,
  ...ways.slice(0, 3),
  { how: 'everything was half-open', act: (tab, links) => blackHole(tab, links) },
];

describe('a socket that is cut', { timeout: 90_000 }, () => {
  test('S7, S8: 20 times during one answer, by the page, the service and the network: the answer is whole', async () => {
    const [ada, elsewhere] = await Promise.all([stage.person('ada'), stage.person('ada')]);
    const [undisturbed, tab] = await Promise.all([elsewhere.logIn(), ada.logIn(stage.application.proxy.url)]);
    pace.hold(300);
    await tab.ask(question);
    await undisturbed.page.getByTestId('thread').click();
    await tab.runIs(question, 'running');
    const { run_id } = await tab.theRun(question);

    for (const { how, act } of cuts) {
      const { welcomes } = tab;
      expect(await tab.theRun(question), `before ${how}`).toMatchObject({ run_id, status: 'running' });
      await act(tab, stage.application.proxy.links);
      await comesBack(tab, welcomes + 1, `after ${how}`);
    }
    expect(cuts).toHaveLength(20);
    pace.release();

    await Promise.all([undisturbed, tab].map((one) => one.runIs(question, 'succeeded')));
    const whole = await undisturbed.theRun(question);
    expect(whole.answer.length).toBeGreaterThan(1_000);
    expect(await tab.theRun(question)).toEqual(whole);
    expect(await tab.runs()).toHaveLength(1);

    const said = receivedRun(undisturbed.sockets, run_id);
    expect(said.text).toBe(said.finalResponse);
    expect(receivedRun(tab.sockets, run_id)).toMatchObject({ types: said.types, text: said.text });
    // So says the record that the server wrote.
    await tab.page.reload();
    await tab.shows('live');
    expect(await tab.theRun(question)).toEqual(whole);
    // Each connection resumed at a position: none began anew.
    expect(tab.sockets.filter(({ url }) => url.includes('from=active'))).toEqual([]);
    expect(telemetry.filter(({ kind }) => kind === 'reset')).toEqual([]);
    expect([...unexplained(ada.complaints), ...elsewhere.complaints]).toEqual([]);
  });
});

// The page of the latency measurement: notes, for each event, how old it is when its handler runs.
import { createClient } from '@throughline/client';

declare global {
  interface Window {
    latency: { live: boolean; done: boolean; samples: number[] };
  }
}

window.latency = { live: false, done: false, samples: [] };
const now = () => performance.timeOrigin + performance.now();

/** How far the page's clock is ahead of the service's, in ms: from the fastest of 50 round trips. */
async function clockOffset(): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  let offset = 0;
  for (let trip = 0; trip < 50; trip++) {
    const left = now();
    const theirs = Number(await (await fetch('/clock')).text());
    const took = now() - left;
    if (took >= best) continue;
    best = took;
    offset = left + took / 2 - theirs;
  }
  return offset;
}

const offset = clockOffset();
const client = createClient({ url: '/ws', getToken: () => 'ada' });
client.on('status', ({ state }) => {
  if (state === 'live') void offset.then(() => (window.latency.live = true));
});
client.on('agent_thinking', (event) => {
  const arrived = now();
  void offset.then((ahead) => window.latency.samples.push(arrived - ahead - Number(event.data.reasoning)));
});
client.on('agent_completed', () => void offset.then(() => (window.latency.done = true)));
client.connect();

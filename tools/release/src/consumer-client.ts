// A client as a consumer writes it: asks, watches the answer, loses its socket in the middle, is reloaded, misses nothing.
import { createClient, type ThroughlineClient } from '@throughline/client';
import { createRunStore, type RunState } from '@throughline/client/store';
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { ISSUER, PARTS } from './consumer-control.js';

const port = process.argv[2];
const speak = async (): Promise<void> => {
  const { status } = await fetch(`http://127.0.0.1:${port}/speak`, { method: 'POST' });
  if (status !== 204) throw new Error(`The agent did not speak: ${status}`);
};
const token = await new SignJWT({ sub: 'ada' })
  .setProtectedHeader({ alg: 'HS256' })
  .setIssuer(ISSUER.issuer)
  .setAudience(ISSUER.audience)
  .setIssuedAt()
  .setExpirationTime('10m')
  .sign(new TextEncoder().encode(ISSUER.secret));

interface Page {
  readonly client: ThroughlineClient;
  readonly types: readonly string[];
  /** Whatever should not happen. */
  readonly troubles: readonly string[];
  /** Resolves when the one run that there is has come so far. */
  until(holds: (run: RunState) => boolean): Promise<RunState>;
  /** Loses the socket; the next connection waits for what `meanwhile` does. */
  cut(meanwhile: () => Promise<void>): Promise<void>;
}

function openPage(): Page {
  const sockets: WebSocket[] = [];
  class NotedWebSocket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  }
  let away: Promise<void> = Promise.resolve();
  const client = createClient({
    url: `ws://127.0.0.1:${port}/ws`,
    getToken: () => away.then(() => token),
    webSocket: NotedWebSocket,
  });
  const store = createRunStore(client);
  const types: string[] = [];
  const troubles: string[] = [];
  client.on('event', ({ type }) => types.push(type));
  client.on('reset', ({ cause }) => troubles.push(`reset: ${cause}`));
  client.on('fault', ({ code }) => troubles.push(`fault: ${code}`));
  client.connect();
  return {
    client,
    types,
    troubles,
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          const [run] = store.getSnapshot().runs.values();
          if (run === undefined || !holds(run)) return;
          stop();
          resolve(run);
        };
        const stop = store.subscribe(look);
        look();
      }),
    async cut(meanwhile) {
      const lost = new Promise<void>((resolve) => {
        const stop = client.on('status', ({ state }) => {
          if (state !== 'offline') return;
          stop();
          resolve();
        });
      });
      let back = (): void => undefined;
      away = new Promise((resolve) => {
        back = resolve;
      });
      sockets.at(-1)?.terminate();
      await lost;
      await meanwhile();
      back();
    },
  };
}

const said = (parts: number): string => PARTS.slice(0, parts).join('');
const page = openPage();
await page.client.send({ thread_id: 't-1', data: { text: 'Why did costs fall?' } }).accepted;
await speak();
await page.until(({ text }) => text === said(1));
await page.cut(speak);
await page.until(({ text }) => text === said(2));
const reloaded = openPage();
await reloaded.until(({ text }) => text === said(2));
await speak();
const shown = await Promise.all([page, reloaded].map((one) => one.until(({ status }) => status !== 'running')));
const report = [page, reloaded].map(({ types, troubles }, index) => {
  const { status, text, final_response, truncated, tools } = shown[index] as RunState;
  return { status, text, final_response, truncated, tools: tools.map(({ tool_name }) => tool_name), types, troubles };
});
for (const { client } of [page, reloaded]) client.close();
process.stdout.write(`${JSON.stringify(report)}\n`);

// Pages, tools and repositories with several packages.
import { manifest } from '../syntax/planted.js';
import type { CleanProject } from './services.js';

const reactPage: CleanProject = {
  name: 'a React page that listens with the client',
  installs: ['react', 'react-dom', '@throughline/client', '@throughline/events'],
  files: {
    'src/main.tsx': `
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { Chat } from './chat.js';
const Settings = lazy(() => import('./settings.js'));
createRoot(document.body).render(<StrictMode><Chat url="/ws" /><Suspense><Settings /></Suspense></StrictMode>);
`,
    'src/chat.tsx': `
import { createClient } from '@throughline/client';
import type { PartialResult } from '@throughline/events';
import { useEffect, useMemo, useState } from 'react';
export function Chat({ url }: { url: string }) {
  const client = useMemo(() => createClient({ url, getToken: () => fetch('/token').then((answer) => answer.text()) }), [url]);
  const [text, setText] = useState('');
  useEffect(() => {
    const off = client.on('partial_result', (event: { data: PartialResult }) => setText((before) => before + event.data.text));
    client.connect();
    return () => { off(); client.close(); };
  }, [client]);
  return <form onSubmit={() => client.send({ thread_id: 'thread-1', data: { text } })}>{text}</form>;
}
export function useWebSocketManager(url: string) { return useMemo(() => createClient({ url, getToken: async () => '' }), [url]); }
`,
    'src/settings.tsx': `
import { useState } from 'react';
const languages: Record<string, () => Promise<{ default: Record<string, string> }>> = { de: () => import('./texts/de.js'), en: () => import('./texts/en.js') };
export default function Settings() {
  const [texts, setTexts] = useState<Record<string, string>>({});
  const choose = async (language: string) => setTexts((await (languages[language] ?? languages['en'])?.())?.default ?? {});
  return <button type="button" onClick={() => choose('de')}>{texts['language']}</button>;
}
`,
    'src/texts/de.ts': `export default { language: 'Sprache' };\n`,
    'src/texts/en.ts': `export default { language: 'Language' };\n`,
    'vite.config.ts': `import { fileURLToPath } from 'node:url';\nexport default { resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } } };\n`,
    'tsconfig.json': `{ "compilerOptions": { "jsx": "react-jsx", "paths": { "@/*": ["./src/*"] } } }\n`,
  },
};

const monorepo: CleanProject = {
  name: 'a repository of several packages with the test-kit in its tests',
  installs: ['@throughline/core', '@throughline/test-kit', 'vitest', 'zod'],
  files: {
    'package.json': manifest('acme', [], {
      workspaces: ['packages/*'],
      devDependencies: { vitest: '1.0.0', '@throughline/test-kit': '1.0.0' },
    }),
    'packages/domain/package.json': manifest('@acme/domain', ['zod'], { exports: { '.': './src/index.ts' } }),
    'packages/domain/src/index.ts': `export { type Order, parseOrder } from './order.js';\n`,
    'packages/domain/src/order.ts': `
import { z } from 'zod';
const order = z.object({ id: z.string(), userId: z.string() });
export interface Order { id: string; userId: string; }
export const parseOrder = (value: unknown): Order => order.parse(value);
`,
    'packages/service/package.json': manifest('@acme/service', ['@acme/domain', '@throughline/core'], {
      exports: { '.': './src/index.ts' },
      devDependencies: { '@throughline/test-kit': '1.0.0', vitest: '1.0.0' },
    }),
    'packages/service/src/index.ts': `
import { parseOrder } from '@acme/domain';
import { getWebSocketManager, type UserContext } from '@throughline/core';
export async function orderPaid(userContext: UserContext, value: unknown) {
  const order = parseOrder(value);
  await getWebSocketManager(userContext).send('acme.order_paid', { order: order.id });
}
`,
    'packages/service/test/order-paid.test.ts': `
import { recordingManager } from '@throughline/test-kit';
import { expect, test, vi } from 'vitest';
import { orderPaid } from '../src/index.js';
vi.mock('@throughline/core', async (original) => ({ ...(await original()) as object, getWebSocketManager: recordingManager }));
test('tells the user', async () => { await expect(orderPaid({} as never, { id: '1', userId: 'u' })).resolves.toBeUndefined(); });
`,
    'packages/service/test/sockets.ts': `export const sockets = new Map<string, WebSocket>();\nexport const sendToUser = (userId: string, text: string) => sockets.get(userId)?.send(text);\n`,
    'node_modules/@acme/domain/package.json': manifest('@acme/domain', ['zod'], { exports: { '.': './index.js' } }),
    'node_modules/@acme/domain/index.js': 'export {};\n',
  },
};

const browserSocket: CleanProject = {
  name: 'a page that uses the WebSocket of the browser for something else',
  installs: [],
  files: {
    'src/ticker.ts': `
/** Prices of an exchange, which speaks a protocol of its own. */
export function priceTicker(symbols: readonly string[], onPrice: (symbol: string, price: number) => void) {
  const socket = new WebSocket('wss://stream.exchange.example/v1');
  const listeners = new Set<(price: number) => void>();
  socket.addEventListener('open', () => socket.send(JSON.stringify({ subscribe: symbols })));
  socket.addEventListener('message', ({ data }) => {
    const { symbol, price } = JSON.parse(data as string) as { symbol: string; price: number };
    onPrice(symbol, price);
    for (const listener of listeners) listener(price);
  });
  return { listen: (listener: (price: number) => void) => listeners.add(listener), close: () => socket.close() };
}
`,
    'src/main.ts': `
import { priceTicker } from './ticker.js';
const list = document.querySelector('ul');
const worker = new Worker(new URL('./chart.worker.js', import.meta.url), { type: 'module' });
priceTicker(['ACME'], (symbol, price) => {
  worker.postMessage({ symbol, price });
  list?.append(symbol + ' ' + price);
});
`,
    'src/chart.worker.ts': `self.addEventListener('message', (event: MessageEvent) => self.postMessage({ points: [event.data] }));\n`,
    'scripts/reload.ts': `import { createServer } from 'node:http';\nexport const reload = createServer();\n`,
  },
};

const commandLine: CleanProject = {
  name: 'a program whose commands are loaded by a table',
  installs: ['commander', 'chalk'],
  files: {
    'src/main.ts': `
#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Command } from 'commander';
const require = createRequire(import.meta.url);
const { version } = require('../package.json') as { version: string };
const commands = { build: './commands/build.js', serve: './commands/serve.js' } as const;
const loaders = { check: () => import('./commands/check.js') };
const program = new Command('acme').version(version);
for (const name of Object.keys(commands) as (keyof typeof commands)[]) {
  program.command(name).action(async (...values) => (await import(commands[name])).run(...values));
}
program.command('check').action(async () => (await loaders.check()).run());
program.command('texts').action(async (language: string) => {
  const texts = await import(\`./texts/\${language}.js\`);
  const template = readFileSync(join(import.meta.dirname, 'template.txt'), 'utf8');
  spawn('git', ['commit', '-m', template.replace('x', texts.default)], { stdio: 'inherit' });
});
const typescript = require.resolve('commander');
console.log(typescript, new Function('return this')());
await program.parseAsync();
`.trimStart(),
    'src/commands/build.ts': `import chalk from 'chalk';\nexport const run = () => console.log(chalk.green('built'));\n`,
    'src/commands/serve.ts': `import { createServer } from 'node:http';\nexport const run = () => createServer((_request, response) => response.writeHead(200).end('ok')).listen(0);\n`,
    'src/commands/check.ts': `export const run = () => setTimeout(() => console.log('checked'), 10);\n`,
    'src/texts/en.ts': `export default 'text';\n`,
  },
};

export const programs: readonly CleanProject[] = [reactPage, monorepo, browserSocket, commandLine];

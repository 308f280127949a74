// The example application as somebody runs it: on a free port, with a folder of its own, stopped and started again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GoldenPath, type GoldenPathOptions, startGoldenPath } from '@throughline-examples/golden-path';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js';
import { buildPage } from './page-build.js';

export interface Application extends AsyncDisposable {
  /** The same before and after a restart. */
  readonly url: string;
  /** A way to it that can be cut. `proxy.url` is the address of the same pages. */
  readonly proxy: TcpProxy;
  /** What runs now. */
  readonly running: GoldenPath;
  /** Starts it again on the same port and the same data, after `running.close()`. */
  startAgain(): Promise<void>;
}

/** What tests choose; port and folders are given. */
export type ApplicationOptions = Pick<GoldenPathOptions, 'pace' | 'tokenLifeSeconds' | 'delayToken' | 'service'>;

export async function startApplication(options: ApplicationOptions = {}): Promise<Application> {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-browser-'));
  const pageDirectory = join(directory, 'page');
  await buildPage(pageDirectory);
  const start = (port: number): Promise<GoldenPath> =>
    startGoldenPath({ ...options, port, pageDirectory, dataDirectory: join(directory, 'data') });
  let running = await start(0);
  const { url } = running;
  const proxy = await startTcpProxy(url);
  return {
    url,
    proxy,
    get running() {
      return running;
    },
    async startAgain() {
      running = await start(Number(new URL(url).port));
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      // At once: a test that ends with a run under way shall not wait for it.
      await running.service.close();
      await running.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

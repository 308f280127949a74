import { describe, expect, it } from 'vitest';
import { startGoldenPath } from '../src/app.js';
import { demoPassword, type GoldenPathOptions } from '../src/options.js';
import { pageFolder, temporaryFolder } from './folder.js';

describe('options', { timeout: 30_000 }, () => {
  it.each<[GoldenPathOptions, RegExp]>([
    [{ port: 65536 }, /^port: expected an integer from 0 to 65535, got 65536\.$/],
    [{ port: 1.5 }, /^port: /],
    [{ host: '' }, /^host: /],
    [{ tokensPerSecond: 0 }, /^tokensPerSecond: expected a number above 0, got 0\.$/],
    [{ tokenLifeSeconds: 0 }, /^tokenLifeSeconds: /],
    [{ password: 'short' }, /^password: expected 8 characters or more, got "5 characters"\.$/],
    [{ host: '0.0.0.0', password: demoPassword }, /^password: 0\.0\.0\.0 can be reached by others/],
  ])('names what is wrong with %j', async (options, message) => {
    await expect(startGoldenPath(options)).rejects.toThrow(message);
  });

  it('says how to build the page when it is missing', async () => {
    await expect(startGoldenPath({ pageDirectory: await temporaryFolder() })).rejects.toThrow(
      /npm run build --workspace examples\/golden-path/,
    );
  });

  it('takes a free port, says which, and leaves nothing behind when it closes', async () => {
    const app = await startGoldenPath({
      port: 0,
      dataDirectory: await temporaryFolder(),
      pageDirectory: await pageFolder(),
    });
    expect(new URL(app.url).port).not.toBe('0');
    expect((await fetch(app.url)).status).toBe(200);
    await Promise.all([app.close(), app.close()]);
    await expect(fetch(app.url)).rejects.toThrow('fetch failed');
  });

  it('fails when the port is taken, and leaves the database closed', async () => {
    const folders = { dataDirectory: await temporaryFolder(), pageDirectory: await pageFolder() };
    const app = await startGoldenPath({ port: 0, ...folders });
    await expect(startGoldenPath({ ...folders, port: Number(new URL(app.url).port) })).rejects.toThrow(/EADDRINUSE/);
    await app.close();
  });
});

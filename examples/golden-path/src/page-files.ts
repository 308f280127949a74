import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Hono } from 'hono';
import { etag } from 'hono/etag';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
};

/**
 * Serves the built page, read once at the start: six small files, and no path of a request ever reaches the file system.
 * @throws when the page was not built.
 */
export function pageFiles(directory: string): Hono {
  if (!existsSync(join(directory, 'index.html'))) {
    throw new Error(
      `pageDirectory: there is no page in ${directory}. Build it: npm run build --workspace examples/golden-path`,
    );
  }
  const pages = new Hono();
  pages.use(etag());
  for (const name of readdirSync(directory)) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const body = new Uint8Array(readFileSync(join(directory, name)));
    pages.get(name === 'index.html' ? '/' : `/${name}`, (context) =>
      context.body(body, 200, { 'Content-Type': type, 'Cache-Control': 'no-cache' }),
    );
  }
  return pages;
}

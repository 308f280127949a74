// Which service serves which path of a server, and what becomes of upgrades that nobody serves.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { throughlineError } from './errors.js';
import { refuseWithHttp } from './refusal.js';

type Upgrade = (request: IncomingMessage, duplex: Duplex, head: Buffer) => void;

/** Kept on the server itself, under a name that all copies of this package share. */
const pathsKey = Symbol.for('throughline.paths');

interface SharedServer extends Server {
  [pathsKey]?: Map<string, { readonly name: string; readonly serve: Upgrade }>;
}

/**
 * Serves the upgrades of one path.
 *
 * Upgrade handlers of others on the same server keep working; a path that nobody handles is answered with 404.
 *
 * @returns what gives the path back
 * @throws PATH_TAKEN
 */
export function claimPath(server: Server, path: string, name: string, serve: Upgrade): () => void {
  const shared = server as SharedServer;
  const paths: NonNullable<SharedServer[typeof pathsKey]> = shared[pathsKey] ?? new Map();
  const other = paths.get(path);
  if (other) {
    const names = `Service ${JSON.stringify(name)} cannot serve ${path}: service ${JSON.stringify(other.name)}`;
    throw throughlineError('PATH_TAKEN', `${names} does so on this server.`);
  }
  if (paths.size === 0) {
    shared[pathsKey] = paths;
    server.on('upgrade', route);
  }
  paths.set(path, { name, serve });
  return () => {
    paths.delete(path);
    if (paths.size > 0) return;
    server.off('upgrade', route);
    delete shared[pathsKey];
  };
}

function route(this: Server, request: IncomingMessage, duplex: Duplex, head: Buffer): void {
  const served = (this as SharedServer)[pathsKey]?.get(request.url?.split('?')[0] ?? '');
  if (served) {
    served.serve(request, duplex, head);
  } else if (this.listenerCount('upgrade') === 1) {
    duplex.on('error', () => duplex.destroy());
    refuseWithHttp(duplex, { status: 404, code: 'NOT_FOUND', detail: 'Nothing is served at this path.' });
  }
}

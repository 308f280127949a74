import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';

/** An application that is listening. */
export interface Mounted {
  readonly server: Server | SecureServer;
  /** Lets everybody go, gently, then stops listening. */
  close(): Promise<void>;
}

// Run by a plain `node` child process: imports one module and writes to descriptor 3 what that import alone did.
// Nothing here may disturb what it measures, so it writes synchronously and opens no channel of its own.
// What Node's own modules leave is nobody else's: assertions ask stderr whether it has colours, and since Node 22 the
// module for HTTP brings the global dispatcher of `fetch`.
import 'node:assert';
import 'node:http';
import { writeSync } from 'node:fs';

const [specifier, ownFolder] = process.argv.slice(2);
const warnings = [];
const environment = new Set();

process.on('warning', (warning) => warnings.push(`${warning.name}: ${warning.message}`));

/** What a read of the environment by the package's own code is called, or nothing when a library it uses reads. */
function recordRead(name) {
  const reader = new Error('read').stack
    ?.split('\n')
    .find((line) => /file:|\/.*\.[cm]?js/.test(line) && !line.includes(import.meta.url));
  if (reader?.includes(ownFolder)) environment.add(String(name));
}

const traps = {
  get(target, name) {
    recordRead(name);
    return target[name];
  },
  has(target, name) {
    recordRead(name);
    return name in target;
  },
  getOwnPropertyDescriptor(target, name) {
    recordRead(name);
    return Reflect.getOwnPropertyDescriptor(target, name);
  },
  ownKeys(target) {
    recordRead('*');
    return Reflect.ownKeys(target);
  },
};
process.env = new Proxy(process.env, traps);

/** Everything that an import could leave behind, in a comparable form. */
function traces() {
  return {
    resources: process.getActiveResourcesInfo().sort(),
    globals: Reflect.ownKeys(globalThis).map(String).sort(),
    listeners: process
      .eventNames()
      .map((name) => `${String(name)} ${process.listenerCount(name)}`)
      .sort(),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

await turn();
const before = traces();
await import(specifier);
await turn();
const after = traces();
writeSync(3, JSON.stringify({ before, after, warnings, environment: [...environment] }));

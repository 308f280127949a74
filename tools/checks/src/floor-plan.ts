import { type FloorPlan, floorPlan, type Layer } from '@throughline/boundaries';

/** A published package: what it may import of the others, downward only, `core/log` being that entry alone. */
const published = (name: string, imports: readonly string[], more: Partial<Layer> = {}): Layer => ({
  name,
  files: [`packages/${name}/**`],
  imports,
  ...more,
});

/** Tests, benchmarks and scripts of a workspace: they are not published. */
const TESTS = ['{packages,tools,examples}/*/{test,bench,scripts}/**'];

/** The floor plan of this repository, from the lowest layer to the highest. Every published package has a row. */
export const FLOOR_PLAN: FloorPlan = floorPlan({
  layers: [
    published('events', [], { browser: true }),
    published('core', ['events']),
    published('client', ['events/protocol'], { types: ['events'], browser: true, libraries: false }),
    published('telemetry', ['core']),
    published('redis', ['core/log', 'events/protocol']),
    published('durable', ['core/log', 'events/protocol']),
    published('test-kit', ['core', 'client', 'events']),
    published('compat', ['core', 'events']),
    published('boundaries', ['compat/deprecations']),
    published('migrate', ['compat/deprecations']),
  ],
  owners: [
    {
      dependency: 'ws',
      files: ['packages/core/src/socket.ts'],
      within: ['{packages,examples}/*/src/**'],
      why: 'One file owns the WebSocket library, so that no second way to a live socket can grow.',
      instead: 'Take a socket from the port in packages/core/src/socket.ts.',
    },
    {
      dependency: 'jose',
      files: ['packages/core/src/auth*', 'packages/core/src/auth*/**'],
      within: ['packages/*/src/**'],
      why: 'Tokens are judged in one place.',
      instead: 'Use the authenticator of @throughline/core/auth, or extend packages/core/src/auth*.',
    },
  ],
  production: { files: ['{packages,examples}/*/src/**'], except: TESTS },
  cyclesOfTypes: true,
  reachable: {
    files: ['packages/*/src/**', 'tools/*/src/**', 'examples/*/src/**'],
    // What the command line, a worker or another process starts; what is published is reached through its entries.
    from: ['{tools,examples}/*/src/*', 'examples/*/src/page/*', '{tools,examples}/*/test/**'],
  },
  standalone: [
    {
      files: ['packages/events/src/protocol.ts'],
      why: 'Every client carries the protocol, so nothing that it imports, however far away, may be a library.',
      instead: 'Move the part that needs one to another entry.',
    },
  ],
  leaves: [{ folders: ['tools/*', 'examples/*'], except: ['tools/integration/**'] }],
  sideEffectFree: ['@throughline/*'],
  conditions: ['@throughline/source'],
});

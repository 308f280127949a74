import { deprecations } from '@throughline/compat/deprecations';
import { insteadOf } from './deprecation-rows.js';
import type { FloorPlan } from './floor-plan.js';

/** Libraries that open WebSockets to users: one place owns them all, or the next competing manager begins here. */
const SOCKET_LIBRARIES = ['ws', 'socket.io', 'uWebSockets.js', 'sockjs', 'faye-websocket', 'engine.io'];

/** What holds without any configuration, and below every configuration: rows of a plan are added to it. */
export const DEFAULT_PLAN: FloorPlan = {
  layers: [],
  owners: SOCKET_LIBRARIES.map((dependency) => ({
    dependency,
    package: '@throughline/core',
    why: 'A second way to a live socket is where events begin to reach the wrong user, twice, or nobody.',
    instead:
      "Start the service with startWebSocketService and speak to users through getWebSocketManager(userContext): import { getWebSocketManager, startWebSocketService } from '@throughline/core'.",
  })),
  entries: [{ package: '@throughline/*', closed: ['src/**', 'dist/**', 'test/**', 'src', 'dist', 'test'] }],
  deleted: [
    {
      module: 'websocket-manager-factory',
      // The words of the factory's tombstone: what its first call says at run time.
      instead: `${insteadOf(deprecations.TL_DEP0003)} Import it: import { getWebSocketManager } from '@throughline/core'.`,
    },
  ],
  deprecated: [
    {
      package: '@throughline/compat',
      instead: "Import what replaces it from '@throughline/core': the warning of each shim names it.",
    },
  ],
  production: {
    except: [
      '**/{test,tests,__tests__,__mocks__,__fixtures__,fixtures,e2e,cypress,testing}/**',
      '**/*.{test,tests,spec,e2e,bench,stories,fixture,mock}.*',
      '**/*.config.{js,cjs,mjs,ts,cts,mts}',
      '**/*.{setup,workspace}.{js,cjs,mjs,ts,cts,mts}',
    ],
    testPackages: ['@throughline/test-kit', 'vitest', 'jest', '@jest/globals', 'mocha'],
  },
  reachable: { files: [], from: [] },
  standalone: [],
  cyclesOfTypes: false,
  leaves: [],
  sideEffectFree: [],
  unresolved: [],
  conditions: [],
};

/** Folders of a package that hold no production code, where the plan does not say which files are. */
export const ASIDE = '{examples,example,scripts,tools,bench,benchmark,benchmarks,docs,demo,.storybook}';

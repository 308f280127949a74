import type { GraphRule } from '../rule.js';
import type { ManifestRule, SyntaxRule } from '../syntax-rule.js';
import { noForbiddenAlias, noForbiddenAliasInConfiguration } from './alias.js';
import { noCodeFromText } from './code-from-text.js';
import { noComputedImport } from './computed-import.js';
import { noDeletedName } from './deleted-name.js';
import { noGlobalSocketOnServers } from './global-socket.js';
import { noHandWrittenUpgrade } from './hand-written-upgrade.js';
import { noHiddenImport } from './hidden-import.js';
import { noLaunderedSymbol } from './laundering.js';
import { noSecondManager } from './socket-manager.js';
import { noSocketRegistry } from './socket-registry.js';
import { noSecondSocketServer } from './socket-server.js';
import { noUntargetedSend } from './untargeted-send.js';

/** All rules of the syntax tree. */
export const syntaxRules: readonly SyntaxRule[] = [
  noSecondManager,
  noSocketRegistry,
  noSecondSocketServer,
  noHandWrittenUpgrade,
  noGlobalSocketOnServers,
  noUntargetedSend,
  noDeletedName,
  noHiddenImport,
  noComputedImport,
  noCodeFromText,
  noForbiddenAliasInConfiguration,
];

/** Rules of manifests that imports cannot show: names that lead to an owned or deleted module. */
export const manifestRules: readonly ManifestRule[] = [noForbiddenAlias];

/** Rules of the graph that must read what each module exports. */
export const symbolRules: readonly GraphRule[] = [noLaunderedSymbol];

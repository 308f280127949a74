import type { Layer } from '../floor-plan.js';
import { expressionOf } from '../pattern.js';
import { productionPaths } from '../production.js';
import type { Forbidden, GraphRule, Site } from '../rule.js';

/** Code that runs in browsers knows nothing of Node. */
export const noNodeInBrowserCode: GraphRule = {
  name: 'no-node-in-browser-code',
  why: 'This code runs in browsers, where Node does not exist.',
  forbid: (site) => rows(site, ({ browser }) => browser === true, { dependencyTypes: ['core'] }),
  explain: ({ specifier }) => ({
    message: `Browser code imports '${specifier}' of Node.`,
    instead: 'Use what browsers and Node share, or take it as an argument.',
  }),
};

/** A layer that brings no library along. */
export const noLibraryInLayer: GraphRule = {
  name: 'no-library-in-layer',
  why: 'Whoever imports this layer carries all that it imports.',
  forbid: (site) => rows(site, ({ libraries }) => libraries === false, { path: ['(^|/)node_modules/'] }),
  explain: ({ specifier }) => ({
    message: `'${specifier}' is a library, and this layer brings none along.`,
    instead: 'Write the few lines that are needed, or do this in a layer above.',
  }),
};

function rows(site: Site, isMeant: (layer: Layer) => boolean, to: Forbidden['to']): Forbidden[] {
  const { pathNot } = productionPaths(site.plan, site.workspaces);
  return site.plan.layers
    .filter(isMeant)
    .map(({ files }) => ({ from: { path: files.map(expressionOf), pathNot: pathNot }, to }) as Forbidden);
}

import { matcher } from '../pattern.js';
import type { ManifestRule } from '../syntax-rule.js';

/** Packages say in their manifest that an import of them has no effect. */
export const packagesFreeOfSideEffects: ManifestRule = {
  name: 'packages-free-of-side-effects',
  why: 'What happens at import happens in an order that nobody chose; and without the promise bundlers keep what nobody uses.',
  check: ({ name, manifest, manifestPath }, { plan }) =>
    !matcher(plan.sideEffectFree)(name) || manifest['sideEffects'] === false
      ? []
      : [
          {
            file: manifestPath,
            message: `${name} does not promise that importing it has no effect.`,
            instead: 'Write "sideEffects": false, and keep every effect inside a function.',
          },
        ],
};

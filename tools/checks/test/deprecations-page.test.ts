import { expect, test } from 'vitest';
import { readDeprecations } from '../src/deprecation-rows.js';
import { deprecationsPage } from '../src/deprecations-page.js';
import { plantDocumented } from './planted-deprecations.js';

test('S15 the page of deprecations has a line and a section for each row', () => {
  const page = deprecationsPage(readDeprecations(plantDocumented()));
  expect(page).toContain('| [TL_DEP0001](#tl_dep0001) | `make` | 2.0.0 | Use `take()`. |');
  expect(page).toContain(`## TL_DEP0001

\`make\` of \`@throughline/compat\`, a function. Deprecated since 1.0.0, to be removed in 2.0.0.

One way is enough.

Use \`take()\`. The codemod \`manager-getter\` will do it.

\`\`\`ts
take();
\`\`\`
`);
  expect(page).toContain(
    '`Tomb` of `@throughline/compat/tomb`, a class. Removed in 1.0.0: it keeps its types and fails',
  );
  expect(page).toContain('`shout` of every legacy manager.');
  expect(page).toContain('By hand: [docs/migration.md#shouting](migration.md#shouting).');
  expect(page).toContain('It warns only under `NODE_PENDING_DEPRECATION=1`.');
  expect(page).toContain(
    'Retired codes, never used again:\n\n- TL_DEP0009: `gone` of `@throughline/compat`, gone since 1.0.0.\n',
  );
  expect(page).not.toContain('## TL_DEP0009');
});

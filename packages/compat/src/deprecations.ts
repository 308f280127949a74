import { retiredDeprecations } from './generated/deprecations.js';

export type { Deprecation } from './deprecation.js';
export { type DeprecationCode, deprecations, retiredDeprecations } from './generated/deprecations.js';
export { deprecatedText, nameOf, wayOf } from './wording.js';

/** Codes of what is gone: never used again. */
export const retiredCodes: readonly string[] = /* @__PURE__ */ retiredDeprecations.map(({ code }) => code);

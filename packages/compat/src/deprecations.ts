export type { Deprecation } from './deprecation.js';
export { type DeprecationCode, deprecations, retiredCodes } from './generated/deprecations.js';
export { deprecatedText } from './wording.js';

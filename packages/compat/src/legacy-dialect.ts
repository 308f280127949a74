// The dialect of pages that were written for a legacy manager, for the option `dialects` of core.
import type { Dialect, Offer } from '@throughline/core';
import { countUseAt, deprecate, warnAhead } from './deprecate.js';
import { compatError } from './errors.js';
import { findLegacyCredentials, legacySubprotocols } from './legacy-credentials.js';
import { hearLegacy } from './legacy-hearing.js';
import { type LegacySaying, sayLegacyEvent, sayLegacyFrame } from './legacy-saying.js';

/** How pages of a service differ from others of their kind. */
interface LegacyDialectOptions extends Partial<LegacySaying> {
  /** Takes tokens from the query (`token`, `jwt`, `access_token`), where proxies write them down. Default true. */
  readonly queryTokens?: boolean;
}

/**
 * Lets pages of a legacy manager keep working against this service until they are migrated.
 *
 * @param options `body`: where pages look for the data of an event, `data`, `payload` or (the default) `both`; `types`: event types that
 *   they read under another name, such as `{ partial_result: 'stream_chunk' }`; `queryTokens`: `false` refuses tokens in addresses
 * @throws OPTION_INVALID
 * @deprecated TL_DEP0051: Let each page speak `throughline.v1`, as `@throughline/client` does, and delete the option `dialects`. To be removed in 2.0.0.
 */
export function legacyDialect(options: LegacyDialectOptions = {}): Dialect {
  deprecate('TL_DEP0051', legacyDialect);
  const { body = 'both', types = {}, queryTokens = true } = checked(options);
  const saying = { body, types };
  // Nobody's code puts the token there: what is warned of, and counted, is the line that lets it in.
  const site = queryTokens ? warnAhead('TL_DEP0052', legacyDialect) : undefined;
  return {
    name: 'legacy',
    subprotocols: legacySubprotocols,
    carriers: queryTokens ? ['subprotocol', 'ticket', 'query'] : ['subprotocol', 'ticket'],
    recognise(offer: Offer) {
      const found = findLegacyCredentials(offer);
      return queryTokens ? found : found?.filter(({ carrier }) => carrier !== 'query');
    },
    admitted(carriers) {
      if (site && carriers.includes('query')) countUseAt('TL_DEP0052', site);
    },
    frame: (frame) => sayLegacyFrame(frame, saying),
    event: (event) => sayLegacyEvent(event, saying),
    read: hearLegacy,
  };
}

function checked(options: LegacyDialectOptions): LegacyDialectOptions {
  const isObject = typeof options === 'object' && options !== null;
  if (!isObject) throw compatError('OPTION_INVALID', 'The options of legacyDialect are an object.');
  const unknown = Object.keys(options).find((name) => !['body', 'types', 'queryTokens'].includes(name));
  if (unknown !== undefined) throw compatError('OPTION_INVALID', `Option ${unknown} is none of legacyDialect.`);
  const { body = 'both', types = {}, queryTokens = true } = options;
  if (!['data', 'payload', 'both'].includes(body)) {
    throw compatError('OPTION_INVALID', 'Option body must be data, payload or both.');
  }
  const isNames =
    typeof types === 'object' && types !== null && Object.values(types).every((name) => typeof name === 'string');
  if (!isNames) throw compatError('OPTION_INVALID', 'Option types must be an object of texts by event type.');
  if (typeof queryTokens !== 'boolean')
    throw compatError('OPTION_INVALID', 'Option queryTokens must be true or false.');
  return options;
}

// The list of planted bugs, room by room. Whoever fixes a real bug plants it here.
import { clientBugs } from './planted/client.js';
import { dialectBugs } from './planted/dialects.js';
import { doorBugs } from './planted/door.js';
import { logBugs } from './planted/log.js';
import { readingBugs } from './planted/reading.js';
import { runBugs } from './planted/runs.js';
import { sessionBugs } from './planted/sessions.js';
import { wireBugs } from './planted/wire.js';
import type { PlantedBug } from './planted-bug.js';

/** Every planted bug. */
export const plantedBugs: readonly PlantedBug[] = [
  ...logBugs,
  ...readingBugs,
  ...doorBugs,
  ...sessionBugs,
  ...runBugs,
  ...clientBugs,
  ...wireBugs,
  ...dialectBugs,
];

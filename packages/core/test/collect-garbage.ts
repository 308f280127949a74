// The garbage collector, for tests of what is let go.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Collects all that nobody holds. What a `WeakRef` was asked for in the code that runs now is held until that has ended. */
export const collectGarbage = runInNewContext('gc') as () => void;

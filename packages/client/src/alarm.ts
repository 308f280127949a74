// One timer at a time: setting it again forgets the one before.
import type { After } from './surroundings.js';

export interface Alarm {
  set(ms: number, ring: () => void): void;
  clear(): void;
}

export function createAlarm(after: After): Alarm {
  let callOff = () => {};
  return {
    clear: () => callOff(),
    set(ms, ring) {
      callOff();
      callOff = after(ms, ring);
    },
  };
}

// The time of events, as text.

/**
 * Tells the time as it stands in events: ISO 8601, UTC, milliseconds.
 *
 * The text of a millisecond is made once: it costs as much as the rest of a small event, and turns hold many.
 */
export function createTimestamps(now: () => number): () => string {
  let last = Number.NaN;
  let text = '';
  return () => {
    const time = now();
    if (time !== last) {
      text = new Date(time).toISOString();
      // Only now: a time that is none throws, and must do so each time it is told.
      last = time;
    }
    return text;
  };
}

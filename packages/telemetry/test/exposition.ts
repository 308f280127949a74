// Reads Prometheus text back: what a scraper would see.

/** The value of each series by its name and labels, sorted: `name{code="1000",service="chat"}`. */
export function seriesOf(page: string): Map<string, number> {
  const series = new Map<string, number>();
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === '') throw new Error(`No line of Prometheus text: ${line}`);
    const sorted = [...labels.matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([label]) => label).sort();
    series.set(`${name}{${sorted.join(',')}}`, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value));
  }
  return series;
}

/** The series that have another value than before, with the difference. */
export function movedSince(before: Map<string, number>, after: Map<string, number>): Map<string, number> {
  const moved = new Map<string, number>();
  for (const [name, value] of after) {
    const difference = value - (before.get(name) ?? 0);
    if (difference !== 0) moved.set(name, difference);
  }
  return moved;
}

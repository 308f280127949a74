import type { JSX } from 'preact';

/** Where the database's history ends and the live tail begins. One line, because nothing is lost or doubled there. */
export function Seam({ shared }: { readonly shared: number }): JSX.Element {
  const both =
    shared === 0 ? '' : shared === 1 ? ' · 1 came both ways, shown once' : ` · ${shared} came both ways, shown once`;
  return (
    <div
      class="seam"
      data-testid="seam"
      data-shared={shared}
      title="Above: read from the database, at a position in the log. Below: read from the log, from that position on. An answer that is in both is recognised by its run."
    >
      <span>history from the database</span>
      <span aria-hidden="true" class="seam-knot" />
      <span>live from here{both}</span>
    </div>
  );
}

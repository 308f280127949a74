// What the comparison asks of a scenario. A scenario is one file in this folder and one line in `all.ts`.
import type { Rig } from '../harness/rig.js';
import type { Peer } from '../peers/peer.js';

/** A figure of a scenario. Less is better, unless it says otherwise. */
export interface Metric {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly moreIsBetter?: boolean;
}

/** What Throughline wants to reach: a figure of at most so many times that of a peer. */
export interface Aim {
  readonly metric: string;
  /** Name of the peer. Absent: the figure itself is the ratio. */
  readonly against?: string;
  readonly atMost: number;
}

export type Figures = Readonly<Record<string, number>>;

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What its size counts. */
  readonly counts: string;
  /** Four, each about twice the one before, to see how cost grows. */
  readonly sizes: readonly [number, number, number, number];
  /** The one that is compared. */
  readonly size: number;
  /** The same for development: to see that it works, not what it costs. */
  readonly quickSizes: readonly [number, number, number, number];
  readonly metrics: Readonly<Record<string, Metric>>;
  /** The metric that charts show and ratios are told of. */
  readonly primary: string;
  readonly aims: readonly Aim[];
  /** What grows with the size: linear growth has the exponent 1. */
  readonly growth: { readonly title: string; readonly of: (figures: Figures, size: number) => number };
  /** Whether tokens are signed and verified. */
  readonly verified?: boolean;
  takesPart(peer: Peer): boolean;
  /** @throws when an event was lost, doubled or out of order */
  measure(rig: Rig): Promise<Figures>;
}

export const mebibyte = 1_048_576;

export const everybody = (): boolean => true;

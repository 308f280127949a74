// The results of a run as they are kept: types and their JSON Schema.

/** Where it was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Load averages over 1, 5 and 15 minutes. */
  readonly load: readonly number[];
}

/** A figure over all rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** One peer in one scenario at one size. */
export interface Measurement {
  readonly scenario: string;
  readonly peer: string;
  readonly size: number;
  readonly rounds: number;
  readonly figures: Readonly<Record<string, Spread>>;
  /** Why runs have no figure: what the check of events found, or what broke. */
  readonly failures: readonly string[];
}

/** How the cost of a peer grows in a scenario. */
export interface Growth {
  readonly scenario: string;
  readonly peer: string;
  readonly sizes: readonly number[];
  readonly values: readonly number[];
  /** `null` where no line can be fitted. */
  readonly exponent: number | null;
  readonly flagged: boolean;
}

/** One aim, and what came of it. */
export interface AimVerdict {
  readonly scenario: string;
  readonly metric: string;
  readonly against: string | null;
  readonly atMost: number;
  /** `null` when it was not measured. */
  readonly ratio: number | null;
  readonly met: boolean;
}

export interface Results {
  readonly date: string;
  readonly commit: string;
  readonly machine: { readonly before: Machine; readonly after: Machine };
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: {
    readonly seconds: number;
    readonly rounds: number;
    readonly quick: boolean;
    readonly tls: boolean;
  };
  readonly measurements: readonly Measurement[];
  readonly growth: readonly Growth[];
  readonly aims: readonly AimVerdict[];
}

const text = { type: 'string', minLength: 1 };
const number = { type: 'number' };
const numbers = { type: 'array', items: number };
const orNull = (schema: { readonly type: string }) => ({ type: [schema.type, 'null'] });
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});
const recordOf = (values: unknown) => ({ type: 'object', additionalProperties: values });
const list = (items: unknown) => ({ type: 'array', items });

const machineSchema = object({ cpu: text, cores: number, memoryGiB: number, kernel: text, node: text, load: numbers });
const spreadSchema = object({ median: number, least: number, most: number });

/** JSON Schema of {@link Results}. */
export const resultsSchema = object({
  date: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT' },
  commit: text,
  machine: object({ before: machineSchema, after: machineSchema }),
  versions: recordOf(text),
  settings: object({
    seconds: number,
    rounds: number,
    quick: { type: 'boolean' },
    tls: { type: 'boolean' },
  }),
  measurements: list(
    object({
      scenario: text,
      peer: text,
      size: number,
      rounds: { type: 'integer', minimum: 0 },
      figures: recordOf(spreadSchema),
      failures: list(text),
    }),
  ),
  growth: list(
    object({
      scenario: text,
      peer: text,
      sizes: numbers,
      values: numbers,
      exponent: orNull(number),
      flagged: { type: 'boolean' },
    }),
  ),
  aims: list(
    object({
      scenario: text,
      metric: text,
      against: orNull(text),
      atMost: number,
      ratio: orNull(number),
      met: { type: 'boolean' },
    }),
  ),
});

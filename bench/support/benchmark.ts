import type { BenchServer, StartBenchServer } from './server.ts';

export type EngineKind = 'sqlite' | 'postgres';

/** What a benchmark is given for one run. */
export interface BenchContext {
  /** Small numbers that show that the benchmark works; the figures say nothing. */
  readonly quick: boolean;
  readonly engine: EngineKind;
  /** Starts a server process on an empty database of this run's engine. */
  readonly startServer: StartBenchServer;
  /** Says what is under way, on stderr. */
  note(text: string): void;
}

/** What a ratio has to reach: its limit, and which side of it is good. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** One line of the table. Figures are of one run on one machine; only what was measured side by side can be compared. */
export interface Row {
  readonly what: string;
  /** As it was measured, with its unit. */
  readonly measured?: string;
  /** The number that the goal is about: a ratio within this run unless `unit` says otherwise. */
  readonly value?: number;
  /** Of `value`; nothing for a ratio. */
  readonly unit?: string;
  readonly goal?: Goal;
  /** What bounds the figure, as far as this run has measured it; shown where a goal is missed. */
  readonly bound?: string;
}

export interface Benchmark {
  /** One word, for the command line. */
  readonly name: string;
  /** The question that it answers. */
  readonly question: string;
  /** On which databases it is run; `sqlite` alone where the database makes no difference. */
  readonly engines: readonly EngineKind[];
  run(context: BenchContext): Promise<readonly Row[]>;
}

/** Figures of one benchmark on one database. */
export interface Result {
  readonly name: string;
  readonly question: string;
  readonly engine: EngineKind;
  readonly seconds: number;
  readonly rows: readonly Row[];
}

export type Verdict = 'met' | 'missed';

/** @returns nothing for a row that is told for its figure alone */
export function verdictOf({ value, goal }: Row): Verdict | undefined {
  if (goal === undefined || value === undefined) return undefined;
  const met = 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
  return met ? 'met' : 'missed';
}

/** The row that every benchmark of a server ends with: how much memory it ever held. */
export async function peakMemory(server: BenchServer, of = 'the server'): Promise<Row[]> {
  const peak = await server.peakRss();
  return peak === undefined ? [] : [{ what: `memory of ${of}, peak`, measured: `${Math.round(peak / 2 ** 20)} MiB` }];
}

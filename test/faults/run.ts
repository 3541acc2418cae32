import { parseArgs } from 'node:util';
import type { PostgresServer } from '../support/postgres-server.ts';
import { type EngineName, ownServer } from './database.ts';
import type { Outcome } from './finish.ts';
import type { Phase } from './kills.ts';
import { type Ground, KILLS_A_ROUND, kills, SCENARIOS } from './scenarios.ts';

const SHORT_KILLS = 2;
const LONG_KILLS = 300;
/** Sentences shown of each check. */
const FEW = 5;

interface Line {
  readonly what: string;
  readonly engine: EngineName;
  readonly kills: number;
  readonly checks: number;
  readonly broken: readonly string[];
  readonly seconds: number;
}

/** `npm run test:faults`: the short form, or with `--long` the long one. Returns the exit code. */
export async function runFaults(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      long: { type: 'boolean', default: false },
      kills: { type: 'string' },
      engine: { type: 'string', default: 'both' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
    },
  });
  const { long, seed } = values;
  const wanted = Number(values.kills ?? (long ? LONG_KILLS : SHORT_KILLS));
  const engines = (['pglite', 'postgres'] as const).filter((one) => values.engine === 'both' || values.engine === one);
  if (engines.length === 0 || !Number.isInteger(wanted)) {
    console.error(
      'usage: npm run test:faults -- [--long] [--kills N] [--engine pglite|postgres|both] [--seed S] [--only word]',
    );
    return 2;
  }
  const matches = (name: string) => values.only === undefined || name.includes(values.only);
  const lines: Line[] = [];
  // Side by side: an embedded engine and a server use a core each.
  await Promise.all(
    engines.map(async (engine) => {
      const server = engine === 'postgres' ? await ownServer() : undefined;
      if (server === null) return console.log('postgres: not run, npm has no PostgreSQL for this platform');
      try {
        await runOn(engine, server);
      } finally {
        await server?.stop();
      }
    }),
  );
  print(lines);
  const sum = (of: (line: Line) => number) => lines.reduce((total, line) => total + of(line), 0);
  const broken = sum((line) => line.broken.length);
  console.log(
    `\nseed ${seed}\n${sum((line) => line.kills)} kills, ${sum((line) => line.checks)} checks, ${broken} broken`,
  );
  return broken === 0 && lines.length > 0 ? 0 : 1;

  async function runOn(engine: EngineName, server: PostgresServer | undefined): Promise<void> {
    const ground: Ground = { engine, seed, long, ...(server === undefined ? {} : { server }) };
    for (const scenario of SCENARIOS) {
      if (!scenario.engines.includes(engine) || (!long && !scenario.short.includes(engine)) || !matches(scenario.name))
        continue;
      const missing = scenario.missing?.() ?? null;
      if (missing !== null) console.log(`${engine}: ${scenario.name}: not run, ${missing}`);
      else await one(engine, scenario.name, () => scenario.run(ground));
    }
    // In the short form `npm test` has a kill on the embedded engine already.
    if (!matches('kill -9') || (!long && engine === 'pglite' && values.engine === 'both')) return;
    for (let left = wanted, round = 1; left > 0; left -= KILLS_A_ROUND, round += 1) {
      await one(engine, `kill -9, round ${round}`, () => kills(ground, round, Math.min(left, KILLS_A_ROUND)));
    }
  }

  /** A scenario that cannot be played to its end is broken too: somebody had to wait for ever. */
  async function one(
    engine: EngineName,
    what: string,
    run: () => Promise<Outcome & { readonly kills?: Readonly<Record<Phase, number>> }>,
  ): Promise<void> {
    const began = Date.now();
    const outcome = await run().catch((error: unknown) => ({
      checks: 1,
      broken: [error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error)],
      kills: undefined,
    }));
    const killed = Object.values(outcome.kills ?? {}).reduce((total, n) => total + n, 0);
    const seconds = Math.round((Date.now() - began) / 1000);
    lines.push({ what, engine, kills: killed, checks: outcome.checks, broken: outcome.broken, seconds });
    const phases =
      outcome.kills === undefined
        ? ''
        : ` (${Object.entries(outcome.kills)
            .map(([phase, n]) => `${phase} ${n}`)
            .join(', ')})`;
    console.log(
      `${engine}: ${what}${phases}: ${outcome.broken.length === 0 ? 'whole' : `${outcome.broken.length} broken`}, ${seconds} s`,
    );
    for (const sentence of fewOfEach(outcome.broken)) console.log(`    ${sentence}`);
  }
}

/** The first of each check: one cause may break thousands of the same. */
function fewOfEach(broken: readonly string[]): string[] {
  const told = new Map<string, number>();
  return broken.filter((sentence) => {
    const check = sentence.split(':')[0] ?? '';
    told.set(check, (told.get(check) ?? 0) + 1);
    return (told.get(check) ?? 0) <= FEW;
  });
}

function print(lines: readonly Line[]): void {
  const rows = [
    ['fault', 'engine', 'kills', 'checks', 'broken', 's'],
    ...lines.map(({ what, engine, kills: killed, checks, broken, seconds }) =>
      [what, engine, killed, checks, broken.length, seconds].map(String),
    ),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  console.log('');
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

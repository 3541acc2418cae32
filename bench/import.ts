import type { BenchOptions } from './all.ts';
import { lineOf, openImportBench, roundsFor } from './import-run.ts';
import { type BenchLine, say } from './line.ts';

/** A file of `n` positions, from its bytes to debts with their notice numbers; how far memory rises above idle, too. */
export async function bench(options: BenchOptions): Promise<BenchLine[]> {
  const n = options.n ?? 100_000;
  const imports = await openImportBench(options.engine);
  try {
    say(imports.version);
    const { runs, peakRssMb } = await imports.run(n, roundsFor(n));
    const line = lineOf('import', n, runs, peakRssMb);
    return [{ ...line, bench: 'import, memory above idle', rssMb: peakRssMb - imports.idleRssMb }, line];
  } finally {
    await imports.stop();
  }
}

import type { BenchOptions } from './all.ts';
import { type ImportBench, type ImportRun, lineOf, openImportBench, roundsFor } from './import-run.ts';
import { type BenchLine, median, say } from './line.ts';

const SIZES = [10_000, 100_000, 1_000_000];

/**
 * What one row more costs as files and tables grow: imports of ten thousand, a hundred thousand and a million positions
 * (as far as `n`, and `n` itself), each into an empty body. The last line's `ratio` is the program's cost per row at the
 * largest over that at the smallest, divided by the same of the reference: 1.3 at most (issue 4).
 */
export async function bench(options: BenchOptions): Promise<BenchLine[]> {
  const largest = options.n ?? 1_000_000;
  const sizes = [...new Set([...SIZES.filter((size) => size <= largest), largest])];
  const imports = await openImportBench(options.engine);
  try {
    say(imports.version);
    const lines: BenchLine[] = [];
    const measured: { readonly n: number; readonly runs: readonly ImportRun[] }[] = [];
    for (const n of sizes) {
      const { runs, line } = await measure(imports, n);
      measured.push({ n, runs });
      lines.push(line);
    }
    const cost = (at: number, which: keyof ImportRun) => {
      const one = measured.at(at);
      return one === undefined ? 0 : median(one.runs.map((run) => run[which])) / one.n;
    };
    const growth = (which: keyof ImportRun) => cost(-1, which) / cost(0, which);
    const last = lines.at(-1);
    if (last === undefined) return lines;
    const name = `growth, ${sizes[0]} to ${largest}: cost per row times ${growth('program').toFixed(2)}`;
    const reference = `${last.reference}, times ${growth('reference').toFixed(2)}`;
    const ratio = Math.round((100 * growth('program')) / growth('reference')) / 100;
    return [...lines, { ...last, bench: name, reference, ratio }];
  } finally {
    await imports.stop();
  }
}

async function measure(imports: ImportBench, n: number): Promise<{ runs: ImportRun[]; line: BenchLine }> {
  const { runs, peakRssMb } = await imports.run(n, roundsFor(n));
  return { runs, line: lineOf(`growth ${n}`, n, runs, peakRssMb) };
}

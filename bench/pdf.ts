import { availableParallelism } from 'node:os';
import { openNoticeRenderer } from '../src/adapters/documents/typst/index.ts';
import { noticeInput } from '../src/adapters/documents/typst/notice-data.ts';
import { makePrintable } from '../src/adapters/documents/typst/printable.ts';
import { openTypst, readTextFonts } from '../src/adapters/documents/typst/typst-compiler.ts';
import { makeNotice, type NoticeDocument } from '../src/modules/payments/document/notice-document.ts';
import { creditor, noticeFacts, payment, postalAccount } from '../test/support/payment-notices.ts';
import type { BenchOptions } from './all.ts';
import { type BenchLine, median, ownRssMb, percentile, say, tenth, timings } from './line.ts';

/** Notices in one file: a mass print is cut into these. */
const PER_FILE = 50;
const ROUNDS = 5;
const ALONE = 40;

/**
 * Pages a second of payment notices, a page each with QR code and postal slip: all of our work, from the data of a notice
 * to the bytes, by one thread and by one for each core. The reference is bare Typst in this thread, in the same files,
 * from data and symbols made ready before.
 */
export async function bench(options: BenchOptions): Promise<BenchLine[]> {
  const n = options.n ?? 400;
  const documents = Array.from({ length: n }, (_, i) => notice(i));
  const files = Array.from({ length: Math.ceil(n / PER_FILE) }, (_, i) =>
    documents.slice(i * PER_FILE, (i + 1) * PER_FILE),
  );
  const printable = makePrintable(readTextFonts());
  const ready = files.map((file) => noticeInput(file, printable));
  const typst = openTypst();
  const alone = openNoticeRenderer({ threads: 1 });
  const together = openNoticeRenderer({ threads: availableParallelism() });
  const rate = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return (1000 * n) / (performance.now() - began);
  };
  try {
    const bare: number[] = [];
    const one: number[] = [];
    const all: number[] = [];
    say(`${n} notices, ${PER_FILE} a file, on ${availableParallelism()} cores`);
    for (let round = 0; round <= ROUNDS; round += 1) {
      const rates = [
        await rate(async () => ready.map((file) => typst.pdf(file))),
        await rate(() => Promise.all(files.map((file) => alone.renderNotices(file)))),
        await rate(() => Promise.all(files.map((file) => together.renderNotices(file)))),
      ];
      // The first round warms up.
      if (round > 0) for (const [i, into] of [bare, one, all].entries()) into.push(rates[i] ?? 0);
    }
    const ms = await timings(ALONE, async () => {
      await alone.renderNotice(documents[0] ?? notice(0));
    });
    const line = (bench: string, rates: readonly number[]): BenchLine => ({
      bench,
      n,
      unit: 'pages',
      perSecond: tenth(median(rates)),
      reference: 'bare Typst, one thread, data and symbols ready',
      referencePerSecond: tenth(median(bare)),
      ratio: Math.round((100 * median(rates)) / median(bare)) / 100,
      p50Ms: percentile(ms, 0.5),
      p99Ms: percentile(ms, 0.99),
      rssMb: ownRssMb(),
    });
    return [line('pdf, one thread', one), line('pdf', all)];
  } finally {
    await Promise.all([alone.close(), together.close()]);
  }
}

const notice = (i: number): NoticeDocument =>
  makeNotice(
    noticeFacts({
      subject: `TARI 2026, utenza ${i}`,
      addressee: {
        fiscalCode: 'RSSMRA80A01H501U',
        name: `Maria Rossi ${i}`,
        address: `Vicolo Corto ${i}, 00000 Esempio (EX)`,
      },
      creditor: creditor({ postal: postalAccount }),
      choice: { kind: 'single', payment: payment(i + 1) },
    }),
  );

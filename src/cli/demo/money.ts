import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bonario } from '../../compose.ts';
import type { SimulatedClock } from '../../kernel/clocks.ts';
import { formatEuro } from '../../kernel/money.ts';
import { paymentFigures, type ReconciliationSummary, reconciliationSummary } from '../../modules/payments/index.ts';
import type { DemoEvents } from './demo-types.ts';
import { give } from './desk.ts';
import { type Office, officeFor } from './offices.ts';
import { SAMPLE_BODIES } from './sample-bodies.ts';
import type { SandboxProcess } from './sandbox-process.ts';

/** What became of the money of a story, all bodies together. */
export interface MoneyReport {
  readonly rail: 'pagopa';
  readonly payments: number;
  readonly receipts: Readonly<Record<string, number>>;
  readonly remittances: number;
  readonly unreconciledCents: number;
  readonly anomalies: Readonly<Record<string, { readonly count: number; readonly cents: number }>>;
}

/** The last payments are in the flows and on the account by then, feasts included (pagopa §12). */
const DAYS_AFTER = 10;
const DAY_MS = 86_400_000;

/** Some days after the story: the office fetches the flows, loads what the bank wrote, and looks at what does not match. */
export async function countMoney(
  app: Bonario,
  sandbox: SandboxProcess,
  offices: readonly Office[],
  folder: string,
  clock: SimulatedClock,
  events: DemoEvents,
): Promise<MoneyReport> {
  const { journals } = await sandbox.post<{ journals: { slug: string; xml: string }[] }>('/journals', {
    days: DAYS_AFTER,
  });
  clock.advanceTo(clock.now() + DAYS_AFTER * DAY_MS);
  const summaries: ReconciliationSummary[] = [];
  const totals = { payments: 0, receipts: {} as Record<string, number>, remittances: 0 };
  for (const { slug, enteId } of SAMPLE_BODIES) {
    const { clerkKey } = officeFor(offices, slug);
    const { output } = await give(app, clerkKey, folder, ['remittance', 'pull']);
    totals.remittances += (output as { loaded: number }).loaded;
    for (const [n, { xml }] of journals.filter((one) => one.slug === slug).entries()) {
      const path = join(folder, `${slug}-giornale-${n + 1}.xml`);
      writeFileSync(path, xml, { mode: 0o600 });
      await give(app, clerkKey, folder, ['treasury', 'import', path]);
    }
    await give(app, clerkKey, folder, ['reconcile']);
    await app.db.tenant(enteId, async (tx) => {
      summaries.push(await reconciliationSummary(tx, await app.reconcileTerms(tx)));
      for (const { channel, count } of await paymentFigures(tx)) {
        totals.payments += count;
        totals.receipts[channel] = (totals.receipts[channel] ?? 0) + count;
      }
    });
  }
  const unreconciledCents = summaries.reduce((sum, one) => sum + one.unreconciledCents, 0);
  const matched = summaries.reduce((sum, one) => sum + one.sides.credits.matched.cents, 0);
  events.step(
    'Riconciliazione',
    `${totals.remittances} flussi pagoPA e ${journals.length} giornali di cassa: ${formatEuro(matched)} abbinati, ${formatEuro(unreconciledCents)} da abbinare`,
  );
  return { rail: 'pagopa', ...totals, unreconciledCents, anomalies: anomaliesOf(summaries) };
}

function anomaliesOf(summaries: readonly ReconciliationSummary[]): MoneyReport['anomalies'] {
  const found: Record<string, { count: number; cents: number }> = {};
  for (const { side, kind, count, cents } of summaries.flatMap((one) => one.anomalies)) {
    const name = `${side}:${kind}`;
    const known = found[name] ?? { count: 0, cents: 0 };
    found[name] = { count: known.count + count, cents: known.cents + cents };
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { createReadStream } from 'node:fs';
import { readFlowXml } from '../../adapters/payments/pagopa/fdr/index.ts';
import { readJournalXml } from '../../adapters/payments/treasury/index.ts';
import { CodedError } from '../../kernel/errors.ts';
import { formatEuro } from '../../kernel/money.ts';
import { requireRole } from '../../modules/operators/index.ts';
import { loadRemittance, loadTreasury, reconciliationSummary } from '../../modules/payments/index.ts';
import { actingOperator, type CliCommand, done, pathFrom, table } from '../command.ts';
import { bucketText, moneyReason, sideText } from '../reasons.ts';

export const paymentCommands: readonly CliCommand[] = [
  {
    usage: 'remittance import <file>',
    what: 'legge un flusso di rendicontazione pagoPA in XML',
    async run(ctx, [file = '']) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'import');
      const flow = await readFlowXml(createReadStream(pathFrom(ctx, file)));
      const loaded = await ctx.app.db.tenant(enteId, (tx) =>
        loadRemittance(tx, flow, `operator:${operator.operatorId}`, ctx.app.now()),
      );
      return done({ flow: flow.flowId, ...loaded }, `Flusso ${flow.flowId}: ${flow.lines.length} righe.`);
    },
  },
  {
    usage: 'remittance pull',
    what: 'prende da pagoPA i flussi pubblicati dall’ultima volta',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'import');
      const pulled = await ctx.app.pullRemittances(enteId);
      if (pulled === null) throw new CodedError('FDR_MISSING', 'no address of the FdR API is configured');
      const failed = pulled.failed.map(({ flowId, code }) => `\nNon letto ${flowId}: ${code}`).join('');
      return done(pulled, `${pulled.loaded} flussi nuovi.${failed}`);
    },
  },
  {
    usage: 'treasury import <file>',
    what: 'legge un giornale di cassa del tesoriere (OPI, XML)',
    async run(ctx, [file = '']) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'import');
      const journal = await readJournalXml(createReadStream(pathFrom(ctx, file)));
      const { db, now, vaultOf } = ctx.app;
      const loaded = await db.tenant(enteId, (tx) =>
        loadTreasury(tx, vaultOf(enteId), journal, `operator:${operator.operatorId}`, now()),
      );
      const text = `Giornale ${journal.journalId}: ${journal.movements.length} movimenti, ${loaded.fresh} nuovi.`;
      return done({ journal: journal.journalId, ...loaded }, text);
    },
  },
  {
    usage: 'reconcile',
    what: 'mette a confronto ricevute, flussi e tesoreria; dice che cosa non torna',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      await ctx.app.reconcile(enteId);
      const summary = await ctx.app.db.tenant(enteId, async (tx) =>
        reconciliationSummary(tx, await ctx.app.reconcileTerms(tx)),
      );
      const buckets = ['matched', 'open', 'anomaly', 'elsewhere', 'reversed'] as const;
      const rows = Object.entries(summary.sides).map(([side, sums]) => [
        sideText(side),
        ...buckets.map((bucket) => `${sums[bucket].count} · ${formatEuro(sums[bucket].cents)}`),
      ]);
      const wrong = summary.anomalies.map((one) => [
        sideText(one.side),
        moneyReason(one.kind),
        String(one.count),
        formatEuro(one.cents),
      ]);
      const sums = table(['', ...buckets.map(bucketText)], rows);
      const list = wrong.length === 0 ? 'Nessuna anomalia.' : table(['dove', 'che cosa', 'quante', 'importo'], wrong);
      return done(summary, `${sums}\n\n${list}`);
    },
  },
];

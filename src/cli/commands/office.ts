import { formatDate } from '../../kernel/civil-date.ts';
import { readExportedSeals, verifyAudit } from '../../modules/audit/index.ts';
import { answerDispute } from '../../modules/campaigns/index.ts';
import { ledgerMismatches } from '../../modules/debts/index.ts';
import { resolveUncertain, uncertainOf } from '../../modules/deliveries/index.ts';
import { listDisputes } from '../../modules/disputes/index.ts';
import { summarize } from '../../modules/insight/index.ts';
import { requireRole } from '../../modules/operators/index.ts';
import { quarantinedReceipts } from '../../modules/payments/index.ts';
import { actingOperator, type CliCommand, done, optionText, refused, table } from '../command.ts';
import { disputeText } from '../reasons.ts';

const answering = (verb: 'accept' | 'reject', what: string, sentence: string): CliCommand => ({
  usage: `dispute ${verb} <id>`,
  what,
  options: [['--answer <text>', 'la risposta per il cittadino']],
  async run(ctx, [id], options) {
    const { enteId, operator } = await actingOperator(ctx);
    const { db, vaultOf, now } = ctx.app;
    const input = { disputeId: id ?? '', accept: verb === 'accept', answer: optionText(options, 'answer') ?? '' };
    const { relieved } = await answerDispute({ db, vaultOf, now }, enteId, input, operator);
    return done({ dispute: id, decided: verb, relieved }, sentence);
  },
});

const resolving = (verb: string, what: string, outcome: 'handedOver' | 'failed'): CliCommand => ({
  usage: `delivery ${verb} <id>`,
  what,
  async run(ctx, [id = '']) {
    const { enteId, operator } = await actingOperator(ctx);
    requireRole(operator, 'decide');
    await ctx.app.db.tenant(enteId, (tx) => resolveUncertain(tx, id, outcome, operator.operatorId, ctx.app.now()));
    return done({ delivery: id, outcome }, 'Esito registrato.');
  },
});

export const officeCommands: readonly CliCommand[] = [
  {
    usage: 'dispute list',
    what: 'le segnalazioni aperte, prima le più vicine al termine',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const disputes = await ctx.app.db.tenant(enteId, (tx) => listDisputes(tx, ctx.app.vaultOf(enteId), 'open', 500));
      // One credit type is what a clerk filters by; a message may be about several.
      const list = disputes.map((d) => ({ ...d, creditType: d.creditTypes[0] ?? null }));
      const rows = disputes.map((d) => [
        d.number,
        disputeText(d.kind),
        d.debtorName,
        d.creditTypes.join(', '),
        formatDate(d.deadline),
        d.statement.replace(/\s+/g, ' ').slice(0, 60),
        d.id,
      ]);
      return done(
        { disputes: list },
        table(['numero', 'motivo', 'chi', 'credito', 'risposta entro', 'che cosa scrive', 'id'], rows),
      );
    },
  },
  answering(
    'accept',
    'dà ragione al cittadino: quanto contestato non è più dovuto',
    'Accolta: quanto contestato non è più dovuto.',
  ),
  answering('reject', 'risponde che l’importo resta dovuto', 'Risposta registrata: l’importo resta dovuto.'),
  {
    usage: 'delivery uncertain',
    what: 'gli invii di cui non si sa se sono arrivati al gestore; non vengono mai ripetuti da soli',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const list = await ctx.app.db.tenant(enteId, (tx) => uncertainOf(tx, 500));
      return done(
        { uncertain: list },
        table(
          ['invio', 'perché'],
          list.map((d) => [d.deliveryId, d.reason ?? '']),
        ),
      );
    },
  },
  resolving('delivered', 'dice che il gestore ha il messaggio, dopo averglielo chiesto', 'handedOver'),
  resolving('failed', 'dice che il gestore non l’ha mai avuto, dopo averglielo chiesto', 'failed'),
  {
    usage: 'receipt quarantined',
    what: 'le ricevute per avvisi che qui nessuno conosce',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const list = await ctx.app.db.tenant(enteId, (tx) => quarantinedReceipts(tx));
      return done(
        { receipts: list },
        table(
          ['ricevuta', 'numero avviso'],
          list.map((r) => [r.receiptId, r.noticeNumber]),
        ),
      );
    },
  },
  {
    usage: 'summary',
    what: 'persone, invii e denaro di un ente',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const summary = await ctx.app.db.tenant(enteId, (tx) => summarize(tx));
      return done(summary, JSON.stringify(summary, null, 2));
    },
  },
  {
    usage: 'verify',
    what: 'ricalcola tutto il registro e lo confronta con i sigilli esportati',
    async run(ctx) {
      const reports = [];
      for (const { enteId, slug } of await ctx.app.tenants()) {
        const exported = readExportedSeals(ctx.app.config.sealsDir, slug);
        const report = await ctx.app.db.tenant(enteId, (tx) => verifyAudit(tx, exported));
        const ledger = await ctx.app.db.tenant(enteId, (tx) => ledgerMismatches(tx));
        reports.push({ ente: slug, ...report, ledgerMismatches: ledger.length });
      }
      const valid = reports.every((r) => r.valid && r.ledgerMismatches === 0);
      const rows = reports.map((r) => [
        r.ente,
        String(r.events),
        String(r.seals),
        String(r.unsealed),
        r.valid ? 'integro' : `ALTERATO: ${r.faults[0]}`,
        r.ledgerMismatches === 0 ? 'quadra' : `${r.ledgerMismatches} posizioni non quadrano`,
      ]);
      const text = table(['ente', 'fatti', 'sigilli', 'da sigillare', 'registro', 'conti'], rows);
      return valid ? done({ valid, enti: reports }, text) : refused({ valid, enti: reports }, text);
    },
  },
];

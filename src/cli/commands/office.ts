import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { formatDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { readExportedSeals, verifyAudit } from '../../modules/audit/index.ts';
import { answerDispute } from '../../modules/campaigns/index.ts';
import { createEnte, type Ente, loadEnte } from '../../modules/creditors/index.ts';
import { erasePerson, findDebtor } from '../../modules/debtors/index.ts';
import { ledgerMismatches } from '../../modules/debts/index.ts';
import { uncertainOf } from '../../modules/deliveries/index.ts';
import { listDisputes } from '../../modules/disputes/index.ts';
import { summarize } from '../../modules/insight/index.ts';
import {
  API_ROLES,
  type ApiRole,
  createApiKey,
  createOperator,
  listOperators,
  ROLES,
  type Role,
  requireRole,
  withdrawApiKey,
  withdrawOperator,
} from '../../modules/operators/index.ts';
import { advanceCounter, quarantinedReceipts } from '../../modules/payments/index.ts';
import type { Tx } from '../../platform/db/index.ts';
import { actingOperator, type CliCommand, done, optionText, pathFrom, refused, table } from '../command.ts';

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

const withdrawing = (group: string, what: string, withdraw: (tx: Tx, id: string) => Promise<boolean>): CliCommand => ({
  usage: `${group} withdraw <id>`,
  what,
  async run(ctx, [id]) {
    const { enteId, operator } = await actingOperator(ctx);
    requireRole(operator, 'manage');
    const withdrawn = await ctx.app.db.tenant(enteId, (tx) => withdraw(tx, id ?? ''));
    if (!withdrawn) return refused({ withdrawn }, 'Nessuna chiave attiva con questo identificativo.');
    return done({ withdrawn, id }, 'La chiave non vale più.');
  },
});

export const officeCommands: readonly CliCommand[] = [
  {
    usage: 'ente create <file>',
    what: 'crea un ente da un documento YAML, con il primo operatore; stampa la sua chiave una volta sola',
    options: [['--manager <name>', 'nome del primo operatore']],
    async run(ctx, [file], options) {
      const ente = parse(readFileSync(pathFrom(ctx, file ?? ''), 'utf8'), { maxAliasCount: 0 }) as Ente;
      const name = optionText(options, 'manager') ?? 'Responsabile';
      const { enteId } = ente;
      const created = await ctx.app.db.tenant(enteId, async (tx) => {
        await createEnte(tx, ente);
        return createOperator(tx, ctx.app.vaultOf(enteId), { name, roles: [...ROLES] });
      });
      return done({ enteId, ...created }, `Creato ${ente.name}. Chiave di ${name}, da conservare: ${created.key}`);
    },
  },
  {
    usage: 'operator add <name>',
    what: 'aggiunge un operatore; stampa la sua chiave una volta sola',
    options: [['--roles <list>', `ruoli separati da virgola: ${ROLES.join(', ')}`]],
    async run(ctx, [name], options) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'manage');
      const roles = split<Role>(optionText(options, 'roles'), ROLES);
      const made = await ctx.app.db.tenant(enteId, (tx) =>
        createOperator(tx, ctx.app.vaultOf(enteId), { name: name ?? '', roles }),
      );
      return done(made, `Aggiunto ${name}. Chiave, da conservare: ${made.key}`);
    },
  },
  {
    usage: 'operator list',
    what: 'gli operatori e i loro ruoli',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'manage');
      const operators = await ctx.app.db.tenant(enteId, (tx) => listOperators(tx));
      return done(
        { operators },
        table(
          ['nome', 'ruoli', 'attivo'],
          operators.map((o) => [o.name, o.roles.join(', '), o.active ? 'sì' : 'no']),
        ),
      );
    },
  },
  withdrawing('operator', 'toglie la chiave a un operatore', withdrawOperator),
  withdrawing('api-key', 'toglie la chiave a un programma', withdrawApiKey),
  {
    usage: 'api-key add <label>',
    what: 'crea una chiave per un programma; la stampa una volta sola',
    options: [['--roles <list>', `ruoli separati da virgola: ${API_ROLES.join(', ')}`]],
    async run(ctx, [label], options) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'manage');
      const roles = split<ApiRole>(optionText(options, 'roles'), API_ROLES);
      const made = await ctx.app.db.tenant(enteId, (tx) =>
        createApiKey(tx, ctx.app.vaultOf(enteId), { label: label ?? '', roles }),
      );
      return done(made, `Chiave per «${label}», da conservare: ${made.key}`);
    },
  },
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
        d.kind,
        d.debtorName,
        d.creditTypes.join(', '),
        formatDate(d.deadline),
        d.id,
      ]);
      return done({ disputes: list }, table(['numero', 'motivo', 'chi', 'credito', 'risposta entro', 'id'], rows));
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
    usage: 'person erase <codiceFiscale>',
    what: 'distrugge la chiave di una persona: i suoi dati non si possono più leggere',
    async run(ctx, [codiceFiscale]) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'manage');
      const erased = await ctx.app.db.tenant(enteId, async (tx) => {
        const id = await findDebtor(tx, ctx.app.vaultOf(enteId), codiceFiscale ?? '');
        return id !== null && (await erasePerson(tx, id));
      });
      return erased
        ? done({ erased }, 'Dati cancellati.')
        : refused({ erased }, 'Nessuna persona con questo codice fiscale.');
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
  {
    usage: 'notice-counter advance',
    what: 'dopo un ripristino: sposta i numeri avviso oltre quelli già dati',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'manage');
      const next = await ctx.app.db.tenant(enteId, async (tx) => {
        const code = (await loadEnte(tx)).segregationCode;
        if (code === null) throw new CodedError('NO_SEGREGATION_CODE', 'this body has no segregation code');
        return advanceCounter(tx, code, ctx.app.highWater);
      });
      return done({ next }, `Il prossimo numero avviso parte da ${next}.`);
    },
  },
];

function split<T extends string>(list: string | null, known: readonly T[]): T[] {
  const wanted = (list ?? '').split(',').map((one) => one.trim());
  const found = known.filter((role) => wanted.includes(role));
  if (found.length !== wanted.length) throw new CodedError('OPTION', `roles are: ${known.join(', ')}`);
  return found;
}

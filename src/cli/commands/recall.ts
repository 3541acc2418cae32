import { readFileSync } from 'node:fs';
import { CodedError } from '../../kernel/errors.ts';
import {
  approveRecall,
  channelOutcomes,
  findRecall,
  listRecalls,
  previewRecall,
  type RecallCause,
  type RecallCounts,
  reasonWords,
  recallTexts,
  refuseRecall,
  requestRecall,
} from '../../modules/campaigns/index.ts';
import { requireRole } from '../../modules/operators/index.ts';
import { actingOperator, type CliCommand, type CommandContext, done, optionText, pathFrom, table } from '../command.ts';
import { correctionText, recallStateText } from '../reasons.ts';

const CAUSE: CliCommand['options'] = [
  ['--campaign <code>', 'era sbagliata la campagna'],
  ['--import <id>', 'era sbagliato il file'],
  ['--text <code:version>', 'era sbagliato questo testo'],
  ['--debts <file>', 'erano sbagliate queste posizioni: un identificativo per riga'],
  ['--credit-type <code>', 'il tipo di credito delle posizioni'],
];

type Options = Readonly<Record<string, unknown>>;

export const recallCommands: readonly CliCommand[] = [
  {
    usage: 'recall request',
    what: 'chiede di rettificare messaggi sbagliati già mandati; nulla si muove finché non approva un’altra persona',
    options: [
      ...CAUSE,
      ['--note <text>', 'che cosa era sbagliato, per chi approva'],
      ['--email-text <code>', 'testo della rettifica per e-mail (di solito «rettifica»)'],
      ['--sms-text <code>', 'testo della rettifica per SMS (di solito «sms-rettifica»)'],
      ['--dry-run', 'mostra soltanto chi è coinvolto'],
    ],
    async run(ctx, _args, options) {
      const { enteId, operator } = await actingOperator(ctx);
      const input = { cause: causeOf(ctx, options), texts: textsOf(options), note: optionText(options, 'note') ?? '' };
      if (options.dryRun === true) {
        const { counts, texts } = await previewRecall(ctx.app.campaigns, enteId, input, operator);
        return done({ counts, texts }, countsText(counts));
      }
      const { code, counts, texts } = await requestRecall(ctx.app.campaigns, enteId, input, operator);
      const next = `Chiesta: «${code}». Ora serve l’approvazione di una seconda persona.`;
      return done({ recall: code, counts, texts }, `${countsText(counts)}\n\n${next}`);
    },
  },
  {
    usage: 'recall approve <code>',
    what: 'approva una rettifica: quello che aspetta è annullato e la correzione parte subito',
    async run(ctx, [code = '']) {
      const { enteId, operator } = await actingOperator(ctx);
      const { counts, queued } = await approveRecall(ctx.app.campaigns, enteId, code, operator);
      return done({ recall: code, counts, queued }, `${countsText(counts)}\n\nApprovata: ${queued} messaggi in coda.`);
    },
  },
  {
    usage: 'recall refuse <code>',
    what: 'respinge una rettifica chiesta',
    options: [['--reason <text>', 'perché']],
    async run(ctx, [code = ''], options) {
      const { enteId, operator } = await actingOperator(ctx);
      await refuseRecall(ctx.app.campaigns, enteId, code, optionText(options, 'reason') ?? '', operator);
      return done({ recall: code, done: 'refuse' }, 'Respinta: nessuno è stato contattato.');
    },
  },
  {
    usage: 'recall show <code>',
    what: 'mostra una rettifica e i suoi esiti, canale per canale',
    async run(ctx, [code = '']) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const found = await ctx.app.db.tenant(enteId, async (tx) => {
        const recall = await findRecall(tx, code);
        const { recallId } = recall;
        return { recall, texts: await recallTexts(tx, recallId), outcomes: await channelOutcomes(tx, recallId) };
      });
      const rows = found.outcomes.map((one) => [
        one.channel,
        correctionText(one.outcome),
        one.reason === null ? '' : reasonWords(one.reason),
        String(one.addresses),
      ]);
      const text = [
        `${code}: ${recallStateText(found.recall.state)}. ${found.recall.note}`,
        countsText(found.recall.shown),
        ...(rows.length === 0 ? [] : ['', table(['canale', 'esito', 'motivo', 'recapiti'], rows)]),
      ].join('\n');
      return done(found, text);
    },
  },
  {
    usage: 'recall list',
    what: 'le rettifiche e il loro stato',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const recalls = await ctx.app.db.tenant(enteId, (tx) => listRecalls(tx));
      const rows = recalls.map((one) => [one.code, recallStateText(one.state), String(one.shown.people)]);
      return done({ recalls }, table(['codice', 'stato', 'persone'], rows));
    },
  },
];

function causeOf(ctx: CommandContext, options: Options): RecallCause {
  const [campaign, importId, text, debts] = ['campaign', 'import', 'text', 'debts'].map((name) =>
    optionText(options, name),
  );
  if (campaign !== null && campaign !== undefined) return { kind: 'campaign', code: campaign };
  if (importId !== null && importId !== undefined) return { kind: 'import', importId };
  if (text !== null && text !== undefined) {
    const match = /^([a-z0-9-]+):(\d{1,9})$/.exec(text);
    if (match === null)
      throw new CodedError('OPTION_VALUE', 'not a text', { option: '--text', allowed: 'codice:versione' });
    return { kind: 'text', code: match[1] ?? '', version: Number(match[2]) };
  }
  const creditType = optionText(options, 'creditType');
  if (debts === null || debts === undefined || creditType === null) {
    const option = debts === null || debts === undefined ? '--campaign, --import, --text, --debts' : '--credit-type';
    throw new CodedError('OPTION_MISSING', 'no cause was named', { option });
  }
  const lines = readFileSync(pathFrom(ctx, debts), 'utf8').split(/\r?\n/);
  return { kind: 'debts', creditType, externalIds: lines.map((line) => line.trim()).filter((line) => line !== '') };
}

function textsOf(options: Options): Record<string, string> {
  const chosen = { email: optionText(options, 'emailText'), sms: optionText(options, 'smsText') };
  return Object.fromEntries(
    Object.entries(chosen).flatMap(([channel, code]) => (code === null ? [] : [[channel, code]])),
  );
}

function countsText(counts: RecallCounts): string {
  const rows = counts.channels.map((one) => [one.channel, String(one.people), String(one.addresses)]);
  return [
    `Persone a cui è arrivato qualcosa di sbagliato: ${counts.people}. Altre che aspettavano ancora: ${counts.waitingOnly}.`,
    ...(rows.length === 0 ? [] : ['', table(['canale', 'persone', 'recapiti'], rows)]),
  ].join('\n');
}

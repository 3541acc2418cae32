import { readFileSync } from 'node:fs';
import { CodedError } from '../../kernel/errors.ts';
import {
  approveRecall,
  channelOutcomes,
  endRecallDoubt,
  findRecall,
  isPrepared,
  listRecalls,
  previewRecall,
  type RecallCause,
  type RecallCounts,
  type RecallRecord,
  reasonWords,
  recallTexts,
  refuseRecall,
  requestRecall,
} from '../../modules/campaigns/index.ts';
import { countDoubted } from '../../modules/debts/index.ts';
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
      ['--amounts-stand', 'con --campaign: gli importi sono giusti e restano pagabili'],
      ['--note <text>', 'che cosa era sbagliato, per chi approva'],
      ['--email-text <code>', 'testo della rettifica per e-mail (di solito «rettifica»)'],
      ['--sms-text <code>', 'testo della rettifica per SMS (di solito «sms-rettifica»)'],
      ['--dry-run', 'mostra soltanto chi è coinvolto'],
    ],
    async run(ctx, _args, options) {
      const { enteId, operator } = await actingOperator(ctx);
      const input = {
        cause: causeOf(ctx, options),
        texts: textsOf(options),
        note: optionText(options, 'note') ?? '',
        amountsStand: options.amountsStand === true,
      };
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
    what: 'approva una rettifica: il programma annulla quello che aspetta e prepara le correzioni, a parti',
    async run(ctx, [code = '']) {
      const { enteId, operator } = await actingOperator(ctx);
      await approveRecall(ctx.app.campaigns, enteId, code, operator);
      const text = `Approvata: il programma prepara le correzioni. Per sapere a che punto è: bonario recall show ${code}`;
      return done({ recall: code, done: 'approve' }, text);
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
    usage: 'recall end-doubt <code>',
    what: 'gli importi che una rettifica ha messo in dubbio sono giusti: tornano pagabili',
    async run(ctx, [code = '']) {
      const { enteId, operator } = await actingOperator(ctx);
      const debts = await endRecallDoubt(ctx.app.campaigns, enteId, code, operator);
      return done({ recall: code, debts }, `Posizioni che tornano pagabili: ${debts}.`);
    },
  },
  {
    usage: 'recall show <code>',
    what: 'mostra una rettifica, a che punto è e i suoi esiti, canale per canale',
    async run(ctx, [code = '']) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const found = await ctx.app.db.tenant(enteId, async (tx) => {
        const recall = await findRecall(tx, code);
        const { recallId } = recall;
        return {
          recall,
          texts: await recallTexts(tx, recallId),
          doubted: await countDoubted(tx, recallId),
          outcomes: await channelOutcomes(tx, recallId),
        };
      });
      const rows = found.outcomes.map((one) => [
        one.channel,
        correctionText(one.outcome),
        one.reason === null ? '' : reasonWords(one.reason),
        String(one.addresses),
      ]);
      const text = [
        `${code}: ${stateText(found.recall)}. ${found.recall.note}`,
        countsText(found.recall.shown),
        ...(found.doubted === 0 ? [] : [`Posizioni in dubbio, che nessuno può pagare: ${found.doubted}.`]),
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
      const rows = recalls.map((one) => [one.code, stateText(one), String(one.shown.people)]);
      return done({ recalls }, table(['codice', 'stato', 'persone'], rows));
    },
  },
];

function stateText(recall: RecallRecord): string {
  const { state, preparation } = recall;
  if (state !== 'running' || isPrepared(recall)) return recallStateText(state);
  if (preparation === null) return 'in preparazione (si cercano le persone coinvolte)';
  return `in preparazione (pronte le correzioni a ${preparation.ready} persone su ${preparation.people})`;
}

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

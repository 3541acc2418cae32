import { readFileSync } from 'node:fs';
import { parseCivilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { formatEuro } from '../../kernel/money.ts';
import { formatInstant, romeInstant } from '../../kernel/rome-time.ts';
import {
  approve,
  type CampaignProblem,
  callOffStart,
  checkDocument,
  findCampaign,
  listCampaigns,
  paceWords,
  pause,
  type RehearsalCounts,
  reasonWords,
  rehearsalOf,
  rehearse,
  resume,
  run,
  scheduleStart,
  sendBack,
  stop,
  submit,
} from '../../modules/campaigns/index.ts';
import { DEFAULT_TEMPLATES, saveTemplate } from '../../modules/notices/index.ts';
import { requireRole } from '../../modules/operators/index.ts';
import {
  actingOperator,
  type CliCommand,
  type CommandContext,
  done,
  optionText,
  pathFrom,
  refused,
  table,
} from '../command.ts';
import { stateText } from '../reasons.ts';
import { campaignTemplateCommands } from './campaign-templates.ts';
import { recallCommands } from './recall.ts';

type Move = (
  deps: CommandContext['app']['campaigns'],
  enteId: number,
  code: string,
  operator: Awaited<ReturnType<typeof actingOperator>>['operator'],
) => Promise<void>;

const move = (verb: string, what: string, sentence: string, action: Move): CliCommand => ({
  usage: `campaign ${verb} <code>`,
  what,
  async run(ctx, [code]) {
    const { enteId, operator } = await actingOperator(ctx);
    await action(ctx.app.campaigns, enteId, code ?? '', operator);
    return done({ campaign: code, done: verb }, sentence);
  },
});

export const campaignCommands: readonly CliCommand[] = [
  ...campaignTemplateCommands,
  ...recallCommands,
  {
    usage: 'campaign check <file>',
    what: 'controlla il documento di una campagna, senza salvarlo',
    async run(ctx, [file]) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const problems = await checkDocument(ctx.app.campaigns, enteId, readFileSync(pathFrom(ctx, file ?? ''), 'utf8'));
      return problems.length === 0
        ? done({ problems }, 'Nessun problema.')
        : refused({ problems }, problemText(problems));
    },
  },
  {
    usage: 'campaign rehearse <file>',
    what: 'salva la campagna come bozza e mostra chi riceverebbe che cosa; nessuno viene contattato',
    async run(ctx, [file]) {
      const { enteId, operator } = await actingOperator(ctx);
      const yaml = readFileSync(pathFrom(ctx, file ?? ''), 'utf8');
      const { campaign, problems, counts } = await rehearse(ctx.app.campaigns, enteId, yaml, operator);
      const json = { campaign: campaign.code, version: campaign.version, counts, problems };
      const text = [rehearsalText(counts), ...(problems.length === 0 ? [] : ['', problemText(problems)])].join('\n');
      return problems.length === 0 ? done(json, text) : refused(json, text);
    },
  },
  move(
    'submit',
    'propone la campagna a chi la approva',
    'Proposta: ora serve l’approvazione di una seconda persona.',
    submit,
  ),
  {
    usage: 'campaign approve <code>',
    what: 'approva, indicando il numero esatto di persone mostrato dalla prova',
    options: [['--people <number>', 'quante persone riceveranno il messaggio']],
    async run(ctx, [code], options) {
      const { enteId, operator } = await actingOperator(ctx);
      const people = Number(optionText(options, 'people') ?? Number.NaN);
      if (!Number.isInteger(people)) throw new CodedError('OPTION_MISSING', 'missing --people', { option: '--people' });
      await approve(ctx.app.campaigns, enteId, code ?? '', people, operator);
      return done({ campaign: code, approved: people }, `Approvata: ${people} persone. Si avvia con «campaign run».`);
    },
  },
  {
    usage: 'campaign send-back <code>',
    what: 'rimanda la campagna a chi l’ha scritta',
    options: [['--reason <text>', 'perché']],
    async run(ctx, [code], options) {
      const { enteId, operator } = await actingOperator(ctx);
      await sendBack(ctx.app.campaigns, enteId, code ?? '', optionText(options, 'reason') ?? '', operator);
      return done({ campaign: code, done: 'send-back' }, 'Rimandata a chi l’ha scritta.');
    },
  },
  move('run', 'avvia una campagna approvata', 'Avviata. I messaggi partono negli orari consentiti.', run),
  {
    usage: 'campaign schedule <code>',
    what: 'fa avviare da sola, a un’ora futura, una campagna approvata',
    options: [['--at <instant>', 'giorno e ora di Roma, per esempio "12/01/2027 9:00"']],
    async run(ctx, [code], options) {
      const { enteId, operator } = await actingOperator(ctx);
      const at = startOf(optionText(options, 'at'));
      await scheduleStart(ctx.app.campaigns, enteId, code ?? '', at, operator);
      return done({ campaign: code, startAt: new Date(at).toISOString() }, `Si avvia da sola il ${formatInstant(at)}.`);
    },
  },
  move('call-off', 'annulla l’avvio programmato', 'Avvio annullato: la campagna resta approvata.', callOffStart),
  move(
    'pause',
    'sospende subito gli invii',
    'Sospesa. Alla ripresa si continua da chi manca: nessuno riceve due volte lo stesso avviso.',
    pause,
  ),
  move('resume', 'riprende gli invii', 'Ripresa.', resume),
  move('stop', 'ferma la campagna per sempre', 'Fermata: quello che era in coda è annullato.', stop),
  {
    usage: 'campaign list',
    what: 'le campagne e il loro stato',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const campaigns = await ctx.app.db.tenant(enteId, (tx) => listCampaigns(tx));
      const rows = campaigns.map((c) => [c.code, stateText(c.state), String(c.version)]);
      return done({ campaigns }, table(['codice', 'stato', 'versione'], rows));
    },
  },
  {
    usage: 'campaign show <code>',
    what: 'mostra una campagna e la sua prova',
    async run(ctx, [code]) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const { campaign, rehearsal } = await ctx.app.db.tenant(enteId, async (tx) => {
        const found = await findCampaign(tx, code ?? '');
        return { campaign: found, rehearsal: await rehearsalOf(tx, found) };
      });
      const text = [
        `${campaign.code}: ${stateText(campaign.state)}`,
        ...(rehearsal === null ? [] : [rehearsalText(rehearsal.counts)]),
      ].join('\n');
      return done({ campaign, rehearsal }, text);
    },
  },
  {
    usage: 'template save <code>',
    what: 'salva un testo come nuova versione, dopo averlo controllato',
    options: [
      ['--subject <text>', 'oggetto'],
      ['--body <file>', 'file con il testo'],
    ],
    async run(ctx, [code], options) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'write');
      const subject = optionText(options, 'subject');
      const body = optionText(options, 'body');
      if (subject === null || body === null)
        throw new CodedError('OPTION_MISSING', 'missing --subject or --body', { option: '--subject, --body' });
      const text = { code: code ?? '', channel: 'email', subject, body: readFileSync(pathFrom(ctx, body), 'utf8') };
      const saved = await ctx.app.db.tenant(enteId, (tx) =>
        saveTemplate(tx, { ...text, authorId: operator.operatorId, now: ctx.app.now() }),
      );
      return done(
        { template: saved.code, version: saved.version },
        `Testo «${saved.code}», versione ${saved.version}.`,
      );
    },
  },
  {
    usage: 'template defaults',
    what: 'salva i testi da cui partire',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'write');
      const saved = await ctx.app.db.tenant(enteId, async (tx) => {
        const list = [];
        for (const template of DEFAULT_TEMPLATES) {
          list.push(await saveTemplate(tx, { ...template, authorId: operator.operatorId, now: ctx.app.now() }));
        }
        return list;
      });
      return done({ templates: saved.map((t) => t.code) }, `Testi salvati: ${saved.map((t) => t.code).join(', ')}.`);
    },
  },
];

function startOf(text: string | null): number {
  const allowed = 'gg/mm/aaaa hh:mm';
  const match = /^(\S+)\s+([01]?\d|2[0-3])[:.]([0-5]\d)$/.exec(text?.trim() ?? '');
  const day = parseCivilDate(match?.[1] ?? '');
  if (match === null || !day.ok) throw new CodedError('OPTION_VALUE', 'not an instant', { option: '--at', allowed });
  return romeInstant(day.value, Number(match[2]) * 60 + Number(match[3]));
}

function problemText(problems: readonly CampaignProblem[]): string {
  return [
    'Da correggere prima dell’approvazione:',
    ...problems.map((p) => `  ${p.code}${p.rule === null ? '' : ` (${p.rule})`}: ${p.message}`),
  ].join('\n');
}

export function rehearsalText(counts: RehearsalCounts): string {
  const excluded = Object.entries(counts.excluded).sort(([, a], [, b]) => b - a);
  return [
    `Nel pubblico: ${counts.audience} persone. Da contattare: ${counts.toContact}, per ${formatEuro(counts.dueCents)}.`,
    ...(excluded.length === 0
      ? []
      : [
          '',
          table(
            ['escluse', 'perché'],
            excluded.map(([reason, n]) => [String(n), reasonWords(reason)]),
          ),
        ]),
    '',
    table(
      ['passo', 'canale', 'al massimo', 'costo'],
      counts.steps.map((s) => [
        String(s.step),
        s.channel,
        String(s.atMost),
        s.costCents === null ? 'non indicato' : formatEuro(s.costCents),
      ]),
    ),
    ...(counts.pace === undefined ? [] : ['', paceWords(counts.pace)]),
  ].join('\n');
}

import { romeDate } from '../../kernel/rome-time.ts';
import {
  campaignTemplate,
  fillTemplate,
  leftOutSentence,
  listCampaigns,
  offersFor,
  type TemplateOffer,
} from '../../modules/campaigns/index.ts';
import { loadEnte, loadRules } from '../../modules/creditors/index.ts';
import { requireRole } from '../../modules/operators/index.ts';
import { actingOperator, type CliCommand, done } from '../command.ts';

export const campaignTemplateCommands: readonly CliCommand[] = [
  {
    usage: 'campaign templates',
    what: 'i modelli di campagna adatti all’ente, e che cosa deve ancora stabilire per ciascuno',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const offers = await ctx.app.db.tenant(enteId, async (tx) =>
        offersFor(await loadEnte(tx), await loadRules(tx, romeDate(ctx.app.now()))),
      );
      const templates = offers.map(({ template, types, needs, missing }) => ({
        code: template.code,
        title: template.title,
        forWhom: template.forWhom,
        choices: template.choices,
        creditTypes: types.map((type) => type.code),
        needs,
        missing: missing.map(({ key, label, rule }) => ({ key, label, rule })),
      }));
      return done({ templates }, offers.map(offerText).join('\n\n') || 'Nessun modello per questo genere di ente.');
    },
  },
  {
    usage: 'campaign template <code>',
    what: 'il documento di un modello, con i dati dell’ente: si salva in un file, si corregge e si prova',
    async run(ctx, [code]) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'see');
      const template = campaignTemplate(code ?? '');
      const { yaml, leftOut } = await ctx.app.db.tenant(enteId, async (tx) => {
        const taken = (await listCampaigns(tx)).map((campaign) => campaign.code);
        return fillTemplate(template, await loadEnte(tx), romeDate(ctx.app.now()), taken);
      });
      const sentence = leftOutSentence(leftOut);
      // The text is the file: what must be known travels in it, as a comment.
      return done({ yaml, leftOut }, sentence === null ? yaml : `# ${sentence}\n${yaml}`);
    },
  },
];

function offerText({ template, types, missing }: TemplateOffer): string {
  return [
    `${template.code}: ${template.title}`,
    `  ${template.forWhom}`,
    types.length === 0
      ? '  L’ente non ha crediti per questo modello.'
      : `  Crediti dell’ente: ${types.map((type) => type.code).join(', ')}`,
    ...missing.map((one) => `  Da stabilire prima: ${one.label}${one.rule === null ? '' : ` (${one.rule})`}`),
  ].join('\n');
}

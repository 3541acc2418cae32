import Type from 'typebox';
import {
  approve,
  type CampaignDeps,
  type CampaignRecord,
  campaignMachine,
  findCampaign,
  listCampaigns,
  pause,
  rehearsalOf,
  rehearse,
  resume,
  run,
  stop,
  submit,
} from '../../../../modules/campaigns/index.ts';
import type { Operator } from '../../../../modules/operators/index.ts';
import { type ApiRoute, defineRoute } from '../../route.ts';
import { CampaignCode, closed, counts, instantText, oneOf, orNull } from '../../schemas.ts';
import { campaignResults } from './results.ts';

const TAG = 'Campagne';
const common = { role: 'campaigns', tag: TAG } as const;
const params = closed({ code: CampaignCode });

const campaign = {
  code: Type.String(),
  state: oneOf(campaignMachine.states),
  version: Type.Integer(),
  approvedVersion: orNull(Type.Integer()),
  startedAt: orNull(Type.String()),
};
const Counts = closed({
  audience: Type.Integer({ description: 'Persone nel pubblico.' }),
  toContact: Type.Integer({ description: 'Persone da contattare: il numero che chi approva ripete.' }),
  excluded: counts('Persone escluse, per motivo.'),
  dueCents: Type.Integer(),
  steps: Type.Array(
    closed({
      step: Type.Integer(),
      channel: Type.String(),
      template: Type.String(),
      templateVersion: Type.Integer(),
      atMost: Type.Integer(),
      segments: Type.Optional(Type.Integer({ description: 'Parti di ogni SMS; 1 per gli altri canali.' })),
      costCents: orNull(Type.Integer({ description: 'null: l’ente non ha indicato il prezzo.' })),
    }),
  ),
});
const Campaign = closed(campaign);
const CampaignWithRehearsal = closed({ ...campaign, rehearsal: orNull(closed({ at: Type.String(), counts: Counts })) });

const show = (c: CampaignRecord) => ({
  code: c.code,
  state: c.state,
  version: c.version,
  approvedVersion: c.approvedVersion,
  startedAt: instantText(c.startedAt),
});

const getCampaigns = defineRoute({
  ...common,
  method: 'GET',
  url: '/campaigns',
  id: 'elencaCampagne',
  summary: 'Elenca le campagne',
  answers: { 200: closed({ items: Type.Array(Campaign) }) },
  async handle({ caller }, deps) {
    const list = await deps.db.tenant(caller.enteId, (tx) => listCampaigns(tx));
    return { status: 200, body: { items: list.map(show) } };
  },
});

const getCampaign = defineRoute({
  ...common,
  method: 'GET',
  url: '/campaigns/:code',
  id: 'leggiCampagna',
  summary: 'Legge una campagna e la sua prova',
  params,
  answers: { 200: CampaignWithRehearsal },
  async handle({ caller, params: { code } }, deps) {
    const body = await deps.db.tenant(caller.enteId, async (tx) => {
      const found = await findCampaign(tx, code);
      const rehearsal = await rehearsalOf(tx, found);
      return {
        ...show(found),
        rehearsal: rehearsal === null ? null : { at: instantText(rehearsal.at), counts: rehearsal.counts },
      };
    });
    return { status: 200, body };
  },
});

const getResults = defineRoute({
  ...common,
  method: 'GET',
  url: '/campaigns/:code/results',
  id: 'risultatiCampagna',
  summary: 'Che cosa è successo: persone, invii, denaro',
  params,
  answers: {
    200: closed({
      people: closed({
        planned: Type.Integer({ description: 'Persone per cui è stato preparato un avviso.' }),
        byState: counts('Avvisi per stato.'),
        excluded: counts('Persone escluse, per motivo.'),
      }),
      deliveries: Type.Array(
        closed({ channel: Type.String(), state: Type.String(), reason: orNull(Type.String()), count: Type.Integer() }),
      ),
      money: closed({
        debts: Type.Integer(),
        dueCents: Type.Integer(),
        paidCents: Type.Integer(),
        settled: Type.Integer({ description: 'Posizioni saldate.' }),
      }),
    }),
  },
  async handle({ caller, params: { code } }, deps) {
    const body = await deps.db.tenant(caller.enteId, async (tx) => campaignResults(tx, await findCampaign(tx, code)));
    return { status: 200, body };
  },
});

const postRehearsal = defineRoute({
  ...common,
  method: 'POST',
  url: '/campaigns/rehearse',
  id: 'provaCampagna',
  summary: 'Salva la campagna come bozza e conta chi riceverebbe che cosa; nessuno viene contattato',
  person: true,
  body: closed({
    document: Type.String({
      minLength: 1,
      maxLength: 50_000,
      pattern: '^[^\\u0000]*$',
      description: 'Il documento YAML della campagna.',
    }),
  }),
  answers: {
    200: closed({
      campaign: Campaign,
      counts: Counts,
      problems: Type.Array(closed({ code: Type.String(), rule: orNull(Type.String()), message: Type.String() })),
    }),
  },
  async handle(call, deps) {
    const done = await rehearse(deps.campaigns, call.caller.enteId, call.body.document, await call.operator());
    return { status: 200, body: { ...done, campaign: show(done.campaign) } };
  },
});

const postApproval = defineRoute({
  ...common,
  method: 'POST',
  url: '/campaigns/:code/approve',
  id: 'approvaCampagna',
  summary: 'Approva, ripetendo il numero esatto di persone della prova',
  description: 'Una seconda persona, mai chi l’ha scritta o proposta: serve la sua chiave, con il ruolo `approve`.',
  person: true,
  params,
  body: closed({ people: Type.Integer({ minimum: 0, maximum: 100_000_000 }) }),
  answers: { 200: Campaign },
  async handle(call, deps) {
    const { enteId } = call.caller;
    const { code } = call.params;
    await approve(deps.campaigns, enteId, code, call.body.people, await call.operator());
    return { status: 200, body: show(await deps.db.tenant(enteId, (tx) => findCampaign(tx, code))) };
  },
});

type Move = (deps: CampaignDeps, enteId: number, code: string, operator: Operator) => Promise<void>;

const move = (verb: string, id: string, summary: string, action: Move) =>
  defineRoute({
    ...common,
    method: 'POST',
    url: `/campaigns/:code/${verb}`,
    id,
    summary,
    person: true,
    params,
    answers: { 200: Campaign },
    async handle(call, deps) {
      const { enteId } = call.caller;
      const { code } = call.params;
      await action(deps.campaigns, enteId, code, await call.operator());
      return { status: 200, body: show(await deps.db.tenant(enteId, (tx) => findCampaign(tx, code))) };
    },
  });

export const campaignRoutes: readonly ApiRoute[] = [
  getCampaigns,
  getCampaign,
  getResults,
  postRehearsal,
  move('submit', 'proponiCampagna', 'Propone la campagna a chi la approva', submit),
  postApproval,
  move('run', 'avviaCampagna', 'Avvia una campagna approvata', run),
  move('pause', 'sospendiCampagna', 'Sospende subito gli invii', pause),
  move('resume', 'riprendiCampagna', 'Riprende gli invii: nessuno riceve due volte lo stesso avviso', resume),
  move('stop', 'fermaCampagna', 'Ferma la campagna per sempre', stop),
];

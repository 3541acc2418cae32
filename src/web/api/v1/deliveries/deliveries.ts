import { sql } from 'kysely';
import Type from 'typebox';
import { type DeliveryState, STATE_CODE, stateOfCode } from '../../../../modules/deliveries/index.ts';
import { type ApiRoute, defineRoute } from '../../route.ts';
import {
  CampaignCode,
  closed,
  instantText,
  limitOf,
  oneOf,
  orNull,
  page,
  pageOf,
  paging,
  Uuid,
} from '../../schemas.ts';

const STATES = Object.keys(STATE_CODE) as DeliveryState[];

const Delivery = closed({
  deliveryId: Type.String(),
  campaign: Type.String(),
  personId: Type.String(),
  channel: Type.String(),
  step: Type.Integer(),
  attempt: Type.Integer(),
  state: oneOf(STATES),
  reason: orNull(Type.String({ description: 'Perché è fallito, scaduto o annullato.' })),
  fault: orNull(Type.String()),
  dueAt: Type.String(),
  handedOverAt: orNull(Type.String()),
  finishedAt: orNull(Type.String()),
});

interface Row {
  delivery_id: string;
  campaign: string;
  debtor_id: string;
  channel: string;
  step_no: number;
  attempt: number;
  state: number;
  reason: string | null;
  fault: string | null;
  due_at: number;
  handed_over_at: number | null;
  finished_at: number | null;
}

const getDeliveries = defineRoute({
  method: 'GET',
  url: '/deliveries',
  role: 'deliveries',
  id: 'elencaInvii',
  tag: 'Invii',
  summary: 'Elenca gli invii di una campagna o a una persona, con stato e motivo',
  description: 'Senza indirizzi e senza testi.',
  query: closed({
    ...paging,
    campaign: Type.Optional(CampaignCode),
    personId: Type.Optional(Uuid),
    state: Type.Optional(oneOf(STATES)),
  }),
  answers: { 200: page(Delivery) },
  async handle({ caller, query }, deps) {
    const ente = caller.enteId;
    const limit = limitOf(query);
    const { rows } = await deps.db.tenant(ente, (tx) =>
      sql<Row>`select d.delivery_id, c.code as campaign, d.debtor_id, d.channel, d.step_no, d.attempt, d.state, d.reason,
          d.fault, d.due_at, d.handed_over_at, d.finished_at
        from delivery_now d join campaign_now c on c.ente_id = ${ente} and c.campaign_id = d.campaign_id
        where d.ente_id = ${ente}
        ${query.after === undefined ? sql`` : sql`and d.delivery_id > ${query.after}`}
        ${query.campaign === undefined ? sql`` : sql`and c.code = ${query.campaign}`}
        ${query.personId === undefined ? sql`` : sql`and d.debtor_id = ${query.personId}`}
        ${query.state === undefined ? sql`` : sql`and d.state = ${STATE_CODE[query.state]}`}
        order by d.delivery_id limit ${limit + 1}`.execute(tx.kysely),
    );
    const show = (r: Row) => ({
      deliveryId: r.delivery_id,
      campaign: r.campaign,
      personId: r.debtor_id,
      channel: r.channel,
      step: r.step_no,
      attempt: r.attempt,
      state: stateOfCode(r.state),
      reason: r.reason,
      fault: r.fault,
      dueAt: instantText(r.due_at),
      handedOverAt: instantText(r.handed_over_at),
      finishedAt: instantText(r.finished_at),
    });
    return { status: 200, body: pageOf(rows, limit, (r) => r.delivery_id, show) };
  },
});

export const deliveryRoutes: readonly ApiRoute[] = [getDeliveries];

import { sql } from 'kysely';
import Type from 'typebox';
import { answerDispute } from '../../../../modules/campaigns/index.ts';
import { disputeById } from '../../../../modules/disputes/index.ts';
import { ApiProblem } from '../../problem.ts';
import { type ApiRoute, defineRoute } from '../../route.ts';
import { closed, Day, instantText, limitOf, oneOf, orNull, page, pageOf, paging, Uuid } from '../../schemas.ts';

const TAG = 'Segnalazioni';
const STATES = ['open', 'accepted', 'rejected', 'withdrawn'] as const;

const dispute = {
  disputeId: Type.String(),
  number: Type.Integer(),
  kind: Type.String(),
  state: oneOf(STATES),
  personId: Type.String(),
  debtId: orNull(Type.String({ description: 'null: riguarda tutto il messaggio.' })),
  openedAt: Type.String(),
  deadline: Day,
  decidedAt: orNull(Type.String()),
};
const Dispute = closed(dispute);
const DisputeWithWords = closed({
  ...dispute,
  statement: orNull(
    Type.String({ description: 'Che cosa scrive la persona; null se i suoi dati sono stati cancellati.' }),
  ),
});

interface Row {
  dispute_id: string;
  number: number;
  kind: string;
  state: (typeof STATES)[number];
  debtor_id: string;
  debt_id: string | null;
  opened_at: number;
  deadline: string;
  decided_at: number | null;
}

const show = (r: Row) => ({
  disputeId: r.dispute_id,
  number: r.number,
  kind: r.kind,
  state: r.state,
  personId: r.debtor_id,
  debtId: r.debt_id,
  openedAt: instantText(r.opened_at),
  deadline: r.deadline,
  decidedAt: instantText(r.decided_at),
});

const columns = sql`n.dispute_id, n.number, n.kind, n.state, n.debtor_id, n.debt_id, n.opened_at, n.deadline, n.decided_at`;

const getDisputes = defineRoute({
  method: 'GET',
  url: '/disputes',
  role: 'disputes',
  id: 'elencaSegnalazioni',
  tag: TAG,
  summary: 'Elenca le segnalazioni dei cittadini, dalla più vecchia',
  query: closed({ ...paging, state: Type.Optional(oneOf(STATES)) }),
  answers: { 200: page(Dispute) },
  async handle({ caller, query }, deps) {
    const limit = limitOf(query);
    const { rows } = await deps.db.tenant(caller.enteId, (tx) =>
      sql<Row>`select ${columns} from dispute_now n where n.ente_id = ${caller.enteId}
        ${query.after === undefined ? sql`` : sql`and n.dispute_id > ${query.after}`}
        ${query.state === undefined ? sql`` : sql`and n.state = ${query.state}`}
        order by n.dispute_id limit ${limit + 1}`.execute(tx.kysely),
    );
    return { status: 200, body: pageOf(rows, limit, (r) => r.dispute_id, show) };
  },
});

const getDispute = defineRoute({
  method: 'GET',
  url: '/disputes/:disputeId',
  role: 'disputes',
  id: 'leggiSegnalazione',
  tag: TAG,
  summary: 'Legge una segnalazione con le parole della persona',
  params: closed({ disputeId: Uuid }),
  answers: { 200: DisputeWithWords },
  async handle({ caller, params }, deps) {
    const { enteId, apiKeyId } = caller;
    const reader = { actor: `apiKey:${apiKeyId}`, now: deps.now() };
    const file = await deps.db.tenant(enteId, (tx) => disputeById(tx, deps.vaultOf(enteId), params.disputeId, reader));
    if (file === null)
      throw new ApiProblem(404, 'DISPUTE_UNKNOWN', 'Non c’è nessuna segnalazione con questo identificativo.');
    const { disputeId, number, kind, state, debtorId, debtId, openedAt, deadline, decidedAt, statement } = file;
    const times = { openedAt: instantText(openedAt), deadline, decidedAt: instantText(decidedAt) };
    return { status: 200, body: { disputeId, number, kind, state, personId: debtorId, debtId, ...times, statement } };
  },
});

const postAnswer = defineRoute({
  method: 'POST',
  url: '/disputes/:disputeId/answer',
  role: 'disputes',
  id: 'rispondiSegnalazione',
  tag: TAG,
  summary: 'Risponde a una segnalazione in nome di un operatore',
  description:
    'Con `accept` quanto contestato non è più dovuto. Decide una persona, che è nominata: serve la sua chiave, con il ruolo `decide`.',
  person: true,
  params: closed({ disputeId: Uuid }),
  body: closed({
    accept: Type.Boolean(),
    answer: Type.String({
      minLength: 1,
      maxLength: 4000,
      pattern: '^[^\\u0000]*$',
      description: 'La risposta per il cittadino.',
    }),
  }),
  answers: {
    200: closed({
      disputeId: Type.String(),
      state: oneOf(['accepted', 'rejected']),
      relieved: Type.Array(Type.String()),
    }),
  },
  async handle(call, deps) {
    const { accept, answer } = call.body;
    const { disputeId } = call.params;
    const input = { disputeId, accept, answer };
    const { relieved } = await answerDispute(deps, call.caller.enteId, input, await call.operator());
    return { status: 200, body: { disputeId, state: accept ? 'accepted' : 'rejected', relieved } };
  },
});

export const disputeRoutes: readonly ApiRoute[] = [getDisputes, getDispute, postAnswer];

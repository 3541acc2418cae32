import { sql } from 'kysely';
import Type from 'typebox';
import { CodedError } from '../../../../kernel/errors.ts';
import { type ApiRoute, defineRoute } from '../../route.ts';
import {
  Cents,
  CreditTypeCode,
  closed,
  Day,
  limitOf,
  oneOf,
  orNull,
  page,
  pageOf,
  paging,
  text,
  Uuid,
} from '../../schemas.ts';
import { loadBatch } from './load-batch.ts';

const TAG = 'Posizioni';
const MOST_ROWS = 500;
const STATES = ['open', 'settled', 'cancelled'] as const;

const Row = closed({
  externalId: text(200),
  codiceFiscale: text(100),
  surname: Type.Optional(text(1000)),
  name: Type.Optional(text(1000)),
  companyName: Type.Optional(text(1000)),
  email: Type.Optional(text(1000)),
  phone: Type.Optional(text(1000)),
  contactSource: Type.Optional(text(1000)),
  address: Type.Optional(text(1000)),
  postalCode: Type.Optional(text(100)),
  city: Type.Optional(text(1000)),
  description: Type.Optional(text(4000)),
  taxYear: Type.Optional(Type.Integer()),
  installmentNo: Type.Optional(Type.Integer()),
  dueDate: text(100),
  amountCents: Cents,
  documentNumber: Type.Optional(text(1000)),
  customerCode: Type.Optional(text(1000)),
  noticeNumber: Type.Optional(text(100)),
  serviceDate: Type.Optional(text(100)),
  // Facts of the law's terms; the words are those of a file (docs/guida/avvio.md).
  violationDate: Type.Optional(text(100)),
  notifiedOn: Type.Optional(text(100)),
  violationKind: Type.Optional(text(100)),
  component: Type.Optional(text(100)),
  userClass: Type.Optional(text(100)),
  consumptionFrom: Type.Optional(text(100)),
  consumptionTo: Type.Optional(text(100)),
  issueTerm: Type.Optional(text(100)),
  deceased: Type.Optional(Type.Boolean()),
});

const Verdict = closed({
  externalId: Type.String(),
  verdict: oneOf(['created', 'updated', 'unchanged', 'rejected', 'quarantined']),
  debtId: orNull(Type.String()),
  code: orNull(Type.String({ description: 'Perché è stata rifiutata o messa da parte.' })),
  message: orNull(Type.String()),
});

const Debt = closed({
  debtId: Type.String(),
  creditType: Type.String(),
  externalId: Type.String(),
  personId: Type.String({ description: 'Identificativo interno della persona: non dice chi è.' }),
  taxYear: orNull(Type.Integer()),
  installmentNo: orNull(Type.Integer()),
  dueDate: Day,
  state: oneOf(STATES),
  dueCents: Type.Integer(),
  paidCents: Type.Integer(),
  outstandingCents: Type.Integer(),
  inDoubt: Type.Boolean({
    description:
      'Una rettifica l’ha messa in dubbio: nessuno può pagarla finché un caricamento non la nomina di nuovo o l’ufficio non la conferma.',
  }),
  noticeNumber: orNull(Type.String()),
});

interface DebtRow {
  debt_id: string;
  credit_type: string;
  external_id: string;
  debtor_id: string;
  tax_year: number | null;
  installment_no: number | null;
  due_date: string;
  state: (typeof STATES)[number];
  due_cents: number;
  paid_cents: number;
  outstanding_cents: number;
  in_doubt: boolean;
  notice_number: string | null;
}

const show = (r: DebtRow) => ({
  debtId: r.debt_id,
  creditType: r.credit_type,
  externalId: r.external_id,
  personId: r.debtor_id,
  taxYear: r.tax_year,
  installmentNo: r.installment_no,
  dueDate: r.due_date,
  state: r.state,
  dueCents: r.due_cents,
  paidCents: r.paid_cents,
  outstandingCents: r.outstanding_cents,
  inDoubt: r.in_doubt,
  noticeNumber: r.notice_number,
});

const columns = (
  ente: number,
) => sql`d.debt_id, d.credit_type, d.external_id, d.debtor_id, d.tax_year, d.installment_no,
  d.due_date, d.state, d.due_cents, d.paid_cents, d.outstanding_cents,
  exists (select from debt_doubt_now q where q.ente_id = ${ente} and q.debt_id = d.debt_id) as in_doubt,
  (select min(r.notice_number) from request_now r where r.ente_id = ${ente} and r.debt_id = d.debt_id) as notice_number`;

const postDebts = defineRoute({
  method: 'POST',
  url: '/debts',
  role: 'debts',
  id: 'caricaPosizioni',
  tag: TAG,
  summary: 'Carica fino a 500 posizioni, nuove o da correggere',
  description:
    'Ogni riga passa per le stesse regole di un file: quelle buone sono salvate, per ogni altra si dice perché no. Una posizione si riconosce da `creditType` ed `externalId`.',
  body: closed({ creditType: CreditTypeCode, debts: Type.Array(Row, { minItems: 1, maxItems: MOST_ROWS }) }),
  answers: { 200: closed({ importId: Type.String(), verdicts: Type.Array(Verdict) }) },
  // 500 rows with every field filled as people fill them.
  bodyLimit: 2 * 1024 * 1024,
  async handle({ caller, body, workId }, deps) {
    const { creditType, debts } = body;
    const loaded = await loadBatch(deps, caller.enteId, {
      creditType,
      rows: debts,
      workId,
      actor: `apiKey:${caller.apiKeyId}`,
    });
    return { status: 200, body: loaded };
  },
});

const getDebts = defineRoute({
  method: 'GET',
  url: '/debts',
  role: 'debts',
  id: 'elencaPosizioni',
  tag: TAG,
  summary: 'Elenca le posizioni, una pagina per volta',
  query: closed({
    ...paging,
    creditType: Type.Optional(CreditTypeCode),
    externalId: Type.Optional(text(100)),
    personId: Type.Optional(Uuid),
    state: Type.Optional(oneOf(STATES)),
  }),
  answers: { 200: page(Debt) },
  async handle({ caller, query }, deps) {
    const ente = caller.enteId;
    const limit = limitOf(query);
    const { rows } = await deps.db.tenant(ente, (tx) =>
      sql<DebtRow>`select ${columns(ente)}
        from debt_now d where d.ente_id = ${ente}
        ${query.after === undefined ? sql`` : sql`and d.debt_id > ${query.after}`}
        ${query.creditType === undefined ? sql`` : sql`and d.credit_type = ${query.creditType}`}
        ${query.externalId === undefined ? sql`` : sql`and d.external_id = ${query.externalId}`}
        ${query.personId === undefined ? sql`` : sql`and d.debtor_id = ${query.personId}`}
        ${query.state === undefined ? sql`` : sql`and d.state = ${query.state}`}
        order by d.debt_id limit ${limit + 1}`.execute(tx.kysely),
    );
    return { status: 200, body: pageOf(rows, limit, (r) => r.debt_id, show) };
  },
});

const getDebt = defineRoute({
  method: 'GET',
  url: '/debts/:debtId',
  role: 'debts',
  id: 'leggiPosizione',
  tag: TAG,
  summary: 'Legge una posizione',
  params: closed({ debtId: Uuid }),
  answers: { 200: Debt },
  async handle({ caller, params }, deps) {
    const ente = caller.enteId;
    const { rows } = await deps.db.tenant(ente, (tx) =>
      sql<DebtRow>`select ${columns(ente)}
        from debt_now d where d.ente_id = ${ente} and d.debt_id = ${params.debtId}`.execute(tx.kysely),
    );
    const row = rows[0];
    if (row === undefined) throw new CodedError('DEBT_UNKNOWN', 'no such debt');
    return { status: 200, body: show(row) };
  },
});

export const debtRoutes: readonly ApiRoute[] = [postDebts, getDebts, getDebt];

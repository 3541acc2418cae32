import type { FastifyInstance } from 'fastify';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { listOperators } from '../../modules/operators/index.ts';
import {
  approveMatch,
  creditTexts,
  flowByName,
  listReconciliation,
  type ManualPair,
  proposedMatches,
  proposeMatch,
  reconciliationSummary,
  refuseMatch,
} from '../../modules/payments/index.ts';
import type { Tx } from '../../platform/db/index.ts';
import { type ConsoleDeps, field, idParam, type Signed, seeOther, sendConsole, signedIn } from './context.ts';
import { type MoneyFilter, moneyListPage, moneyPage } from './money.view.tsx';
import { BUCKETS, SIDES } from './money-words.ts';
import { csvOf } from './results-csv.ts';

const HOME = '/console/pagamenti/riconciliazione';
const PAGE = 100;
const OVERTAKEN = ['MATCH_STALE', 'MATCH_STATE', 'MATCH_UNKNOWN', 'SAME_PERSON'];

/** O13. */
export function registerMoneyRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  scope.get(HOME, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const [summary, proposals] = await deps.db.tenant(signed.enteId, async (tx) => {
      const names = new Map((await listOperators(tx)).map((one) => [one.operatorId, one.name]));
      const proposed = await proposedMatches(tx);
      return [
        await reconciliationSummary(tx, await deps.reconcileTerms(tx)),
        proposed.map((one) => ({ ...one, who: names.get(one.proposedBy) ?? '' })),
      ] as const;
    });
    return sendConsole(reply, moneyPage(signed, summary, proposals, field(request.query, 'fatto')));
  });

  const rowsOf = (signed: Signed, filter: MoneyFilter, limit: number) =>
    deps.db.tenant(signed.enteId, async (tx) => {
      const { side, bucket, kind, after } = filter;
      const asked = { side, bucket, ...(kind === '' ? {} : { kind }), after: after === '' ? null : after, limit };
      const page = await listReconciliation(tx, await deps.reconcileTerms(tx), asked);
      const ids = side === 'credits' ? page.rows.map((row) => row.id) : [];
      return { page, texts: await creditTexts(tx, deps.vaultOf(signed.enteId), ids) };
    });

  scope.get(`${HOME}/elenco`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const filter = filterOf(request.query);
    const { page, texts } = await rowsOf(signed, filter, PAGE);
    return sendConsole(reply, moneyListPage(signed, filter, page, texts, []));
  });

  scope.get(`${HOME}/elenco.csv`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    let filter: MoneyFilter | null = { ...filterOf(request.query), after: '' };
    const name = `riconciliazione-${filter.side}-${filter.bucket}.csv`;
    const lines: (string | number)[][] = [
      ['id', 'giorno', 'centesimi', 'motivo', 'iuv', 'iur', 'flusso', 'psp', 'avviso', 'giornale'],
    ];
    while (filter !== null) {
      const { page } = await rowsOf(signed, filter, 1_000);
      for (const row of page.rows) {
        const cells = [
          row.id,
          row.day,
          row.cents,
          row.kind,
          row.iuv,
          row.iur,
          row.flowId,
          row.psp,
          row.noticeNumber,
          row.journalId,
        ];
        lines.push(cells.map((cell) => cell ?? ''));
      }
      filter = page.next === null ? null : { ...filter, after: page.next };
    }
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${name}"`)
      .type('text/csv; charset=utf-8')
      .send(csvOf(lines));
  });

  scope.post(`${HOME}/proposta`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'decide');
    const movementKey = field(request.body, 'accredito');
    const [other, reason] = [field(request.body, 'con').trim(), field(request.body, 'motivo')];
    try {
      await deps.db.tenant(signed.enteId, async (tx) => {
        const pair = await pairOf(tx, movementKey, other);
        return proposeMatch(tx, pair, reason, signed.operator, deps.now());
      });
    } catch (error) {
      const message = PROBLEMS.find(([code]) => isCoded(error, code))?.[1];
      if (message === undefined) throw error;
      const filter: MoneyFilter = { side: 'credits', bucket: 'anomaly', kind: '', after: '' };
      const { page, texts } = await rowsOf(signed, filter, PAGE);
      const errors = [{ field: `flusso-${movementKey}`, message }];
      return sendConsole(reply, moneyListPage(signed, filter, page, texts, errors), 422);
    }
    return seeOther(reply, `${HOME}?fatto=proposto`);
  });

  scope.post(`${HOME}/abbinamenti/:id`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'approve');
    const matchId = idParam(request, 'id');
    const approves = field(request.body, 'azione') === 'approva';
    try {
      await deps.db.tenant(signed.enteId, (tx) =>
        (approves ? approveMatch : refuseMatch)(tx, matchId, signed.operator, deps.now()),
      );
    } catch (error) {
      if (!OVERTAKEN.some((code) => isCoded(error, code))) throw error;
      return seeOther(reply, `${HOME}?fatto=prima`);
    }
    return seeOther(reply, `${HOME}?fatto=${approves ? 'approvato' : 'rifiutato'}`);
  });
}

const PROBLEMS: readonly (readonly [code: string, message: string])[] = [
  ['MATCH_REASON', 'Scriva perché vanno insieme.'],
  ['MATCH_STALE', 'Una delle due parti non c’è, o è già abbinata.'],
  [
    'FLOW_UNKNOWN',
    'Non c’è un flusso, né un versamento, con questo nome. Una ricevuta si scrive «identificativo/numero».',
  ],
];

/** A flow by its id, or a transfer as `receipt/number`. Error FLOW_UNKNOWN. */
async function pairOf(tx: Tx, movementKey: string, other: string): Promise<ManualPair> {
  const remittanceId = await flowByName(tx, other);
  if (remittanceId !== null) return { kind: 'creditToFlow', movementKey, remittanceId };
  const [, receiptId, no] = /^(\S{1,70})\/([1-5])$/.exec(other) ?? [];
  if (receiptId === undefined) throw new CodedError('FLOW_UNKNOWN', 'no such flow');
  return { kind: 'creditToTransfer', movementKey, receiptId, transferNo: Number(no) };
}

function filterOf(query: unknown): MoneyFilter {
  const side = SIDES.find((one) => one === field(query, 'lato')) ?? 'transfers';
  const bucket = BUCKETS.find((one) => one === field(query, 'stato')) ?? 'anomaly';
  const after = field(query, 'dopo');
  const kind = field(query, 'tipo');
  return {
    side,
    bucket,
    kind: /^[A-Za-z]{1,40}$/.test(kind) ? kind : '',
    after: /^\d{4}-\d{2}-\d{2} \S.{0,120}$/.test(after) ? after : '',
  };
}

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { CodedError } from '../../kernel/errors.ts';
import { writeLeaf } from '../../modules/audit/index.ts';
import {
  campaignOutcomes,
  campaignResults,
  campaignRows,
  type PeopleFilter,
  peopleOf,
  RESULT_LISTS,
} from '../../modules/insight/index.ts';
import { campaignOf } from './campaign-find.ts';
import { type ConsoleDeps, field, sendConsole, signedIn } from './context.ts';
import { allResultsPage, resultsPage } from './results.view.tsx';
import { csvOf } from './results-csv.ts';
import { peopleCsv, shownPeople } from './results-export.ts';
import { listPage } from './results-list.view.tsx';
import { plainCell, TABLES } from './results-tables.ts';

/** O9 Risultati: what came of a campaign, the people behind each number, and each table as a file. */
export function registerResultsRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const ROUTE = '/console/campagne/:code/risultati';
  app.get('/console/risultati', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const results = await deps.db.tenant(signed.enteId, async (tx) => {
      const started = (await campaignRows(tx)).filter((row) => row.startedAt !== null);
      const ids = started.map((row) => row.campaignId);
      return { started, ...(await campaignOutcomes(tx, ids, deps.now())) };
    });
    return sendConsole(reply, allResultsPage(signed, results));
  });
  app.get(ROUTE, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const results = await deps.db.tenant(signed.enteId, (tx) => campaignResults(tx, campaign.campaignId, deps.now()));
    return sendConsole(reply, resultsPage(signed, campaign, results));
  });
  app.get(`${ROUTE}/csv/:table`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const table = TABLES.find((one) => one.key === field(request.params, 'table'));
    if (table === undefined) throw new CodedError('NOT_FOUND', 'no such table');
    const results = await deps.db.tenant(signed.enteId, (tx) => campaignResults(tx, campaign.campaignId, deps.now()));
    const rows = table.rows(results).map((row) => row.map(plainCell));
    return sendFile(reply, `${campaign.code}-${table.key}.csv`, csvOf([table.columns, ...rows]));
  });
  app.get(`${ROUTE}/:list`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const filter = filterOf(request.params, request.query);
    const page = Math.max(1, Math.trunc(Number(field(request.query, 'pagina'))) || 1);
    const shown = await deps.db.tenant(signed.enteId, async (tx) => {
      const found = await peopleOf(tx, campaign.campaignId, filter, page);
      return { ...found, rows: await shownPeople(tx, deps, signed.enteId, found.people) };
    });
    return sendConsole(reply, listPage(signed, campaign, { filter, page, ...shown }));
  });
  // A POST, since it leaves a leaf: people leave the program, and who took them is written down.
  app.post(`${ROUTE}/:list/csv`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const filter = filterOf(request.params, request.body);
    await deps.db.tenant(signed.enteId, async (tx) => {
      const { total } = await peopleOf(tx, campaign.campaignId, filter, 1);
      await writeLeaf(tx, {
        at: deps.now(),
        kind: 'people.exported',
        actor: `operator:${signed.operator.operatorId}`,
        rowCount: total,
        facts: { campaign: campaign.code, ...filter },
      });
    });
    const file = `${campaign.code}-${filter.list}.csv`;
    return sendFile(reply, file, Readable.from(peopleCsv(deps, signed.enteId, campaign.campaignId, filter)));
  });
}

/** Error NOT_FOUND: no such list. */
function filterOf(params: unknown, narrowed: unknown): PeopleFilter {
  const list = RESULT_LISTS.find((one) => one === field(params, 'list'));
  if (list === undefined) throw new CodedError('NOT_FOUND', 'no such list');
  const step = Math.trunc(Number(field(narrowed, 'passo')));
  return { list, reason: field(narrowed, 'motivo') || null, step: step >= 1 && step <= 99 ? step : null };
}

function sendFile(reply: FastifyReply, name: string, content: string | Readable) {
  return reply
    .header('cache-control', 'no-store')
    .header('content-disposition', `attachment; filename="${name}"`)
    .type('text/csv; charset=utf-8')
    .send(content);
}

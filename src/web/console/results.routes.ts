import type { FastifyInstance } from 'fastify';
import { CodedError } from '../../kernel/errors.ts';
import { displayName, loadPersons } from '../../modules/debtors/index.ts';
import { campaignResults, campaignRows, peopleOf, RESULT_LISTS } from '../../modules/insight/index.ts';
import { campaignOf } from './campaign-find.ts';
import { type ConsoleDeps, field, sendConsole, signedIn } from './context.ts';
import { allResultsPage, listPage, resultsPage } from './results.view.tsx';
import { csvOf } from './results-csv.ts';
import { TABLES } from './results-tables.ts';

/** O9 Risultati: what came of a campaign, the people behind each number, and each table as a file. */
export function registerResultsRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const ROUTE = '/console/campagne/:code/risultati';
  app.get('/console/risultati', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaigns = await deps.db.tenant(signed.enteId, async (tx) => {
      const started = (await campaignRows(tx)).filter((row) => row.startedAt !== null);
      const list = [];
      for (const row of started) list.push({ row, results: await campaignResults(tx, row.campaignId) });
      return list;
    });
    return sendConsole(reply, allResultsPage(signed, campaigns));
  });
  app.get(ROUTE, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const results = await deps.db.tenant(signed.enteId, (tx) => campaignResults(tx, campaign.campaignId));
    return sendConsole(reply, resultsPage(signed, campaign, results));
  });
  app.get(`${ROUTE}/csv/:table`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const table = TABLES.find((one) => one.key === field(request.params, 'table'));
    if (table === undefined) throw new CodedError('NOT_FOUND', 'no such table');
    const results = await deps.db.tenant(signed.enteId, (tx) => campaignResults(tx, campaign.campaignId));
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${campaign.code}-${table.key}.csv"`)
      .type('text/csv; charset=utf-8')
      .send(csvOf([table.columns, ...table.rows(results)]));
  });
  app.get(`${ROUTE}/:list`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const list = RESULT_LISTS.find((one) => one === field(request.params, 'list'));
    if (list === undefined) throw new CodedError('NOT_FOUND', 'no such list');
    const reason = field(request.query, 'motivo') || null;
    const page = Math.max(1, Math.trunc(Number(field(request.query, 'pagina'))) || 1);
    const shown = await deps.db.tenant(signed.enteId, async (tx) => {
      const found = await peopleOf(tx, campaign.campaignId, list, reason, page);
      const ids = found.people.map((one) => one.debtorId);
      const persons = await loadPersons(tx, deps.vaultOf(signed.enteId), ids);
      const rows = found.people.map(({ debtorId, reason: why }) => {
        const personal = persons.get(debtorId)?.personal;
        return {
          debtorId,
          reason: why,
          name: personal === undefined ? null : displayName(personal),
          code: masked(personal?.codiceFiscale),
        };
      });
      return { ...found, rows };
    });
    return sendConsole(reply, listPage(signed, campaign, { list, reason, page, ...shown }));
  });
}

/** Lists never show a whole tax code (ui.md §5.13). */
function masked(codiceFiscale: string | undefined): string {
  if (codiceFiscale === undefined) return '';
  return `${codiceFiscale.slice(0, 3)}${'*'.repeat(codiceFiscale.length - 5)}${codiceFiscale.slice(-2)}`;
}

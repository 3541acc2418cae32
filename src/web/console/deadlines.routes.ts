import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type CivilDate, daysBetween, formatDate, parseCivilDate } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { creditTypeOf, loadRules } from '../../modules/creditors/index.ts';
import { loadPersons, maskedCode } from '../../modules/debtors/index.ts';
import { whyNoDeadline } from '../../modules/debts/index.ts';
import { type ConsoleDeps, field, type Signed, sendConsole, signedIn } from './context.ts';
import {
  type After,
  alarmSteps,
  countSteps,
  type DeadlineFilter,
  type DeadlineLine,
  OVER,
  owedBy,
  PAGE,
  readDeadlines,
  stepsOf,
  UNKNOWN,
} from './deadlines.read.ts';
import { deadlinesPage, KIND_WORDS } from './deadlines.view.tsx';
import { csvOf } from './results-csv.ts';

const CSV_PIECE = 5_000;

/** Which debts end soon, and those behind each number: filters in the address, pages of 50, a file of all. */
export function registerDeadlineRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  scope.get('/console/scadenze', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const today = romeDate(deps.now());
    const after = afterOf(request);
    const page = await deps.db.tenant(signed.enteId, async (tx) => {
      const rules = await loadRules(tx, today);
      const steps = stepsOf(rules);
      const filter = filterOf(request, signed, steps);
      const counts = await countSteps(tx, today, steps, filter.creditType);
      const lines = await readDeadlines(tx, today, steps, filter, after, PAGE + 1);
      const shown = lines.slice(0, PAGE);
      const ids = [...new Set(shown.map((line) => line.debtorId))];
      const persons = await loadPersons(tx, deps.vaultOf(signed.enteId), ids);
      const owed = await owedBy(tx, ids);
      const rows = shown.map((line) => {
        const code = persons.get(line.debtorId)?.personal.codiceFiscale;
        const floor = rules.find<number>('enforceabilityFloorCents', creditTypeOf(signed.ente, line.creditType))?.value;
        return {
          ...line,
          person: code === undefined ? null : maskedCode(code),
          underFloor: floor !== undefined && (owed.get(line.debtorId) ?? 0) < floor,
        };
      });
      return { filter, counts, rows, next: lines.length > PAGE ? (shown.at(-1) ?? null) : null };
    });
    return sendConsole(reply, deadlinesPage(signed, { ...page, today, first: after === null }));
  });

  // No persons in it: the body knows its positions by their own id.
  scope.get('/console/scadenze/csv', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const today = romeDate(deps.now());
    const steps = await deps.db.tenant(signed.enteId, (tx) => alarmSteps(tx, today));
    const filter = filterOf(request, signed, steps);
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="scadenze-${today}.csv"`)
      .type('text/csv; charset=utf-8')
      .send(Readable.from(csvPieces(deps, signed.enteId, today, steps, filter)));
  });
}

async function* csvPieces(
  deps: ConsoleDeps,
  enteId: number,
  today: CivilDate,
  steps: readonly number[],
  filter: DeadlineFilter,
): AsyncGenerator<string> {
  yield csvOf([['posizione', 'credito', 'scadenza', 'resta', 'termine', 'giorni', 'tipo', 'nota']]);
  for (let after: After | null = null; ; ) {
    const from: After | null = after;
    const lines: DeadlineLine[] = await deps.db.tenant(enteId, (tx) =>
      readDeadlines(tx, today, steps, filter, from, CSV_PIECE),
    );
    const last = lines.at(-1);
    if (last === undefined) return;
    // The mark at the head belongs to the first piece alone.
    yield csvOf(lines.map((line) => csvRow(line, today))).slice(1);
    after = { at: last.at, debtId: last.debtId };
  }
}

function csvRow(line: DeadlineLine, today: CivilDate): (string | number)[] {
  const { kind, on, disputedOn, missing } = line;
  return [
    line.externalId,
    line.creditType,
    formatDate(line.dueDate),
    line.outstandingCents / 100,
    on === null ? '' : formatDate(on),
    on === null ? '' : daysBetween(today, on),
    kind === null ? '' : KIND_WORDS[kind],
    missing !== null
      ? whyNoDeadline(missing)
      : disputedOn === null
        ? ''
        : `secondo un’altra lettura ${formatDate(disputedOn)}`,
  ];
}

function filterOf(request: FastifyRequest, signed: Signed, steps: readonly number[]): DeadlineFilter {
  const step = field(request.query, 'passo');
  const type = field(request.query, 'credito');
  return {
    step: [OVER, UNKNOWN, ...steps.map(String)].includes(step) ? step : null,
    creditType: signed.ente.creditTypes.some((one) => one.code === type) ? type : null,
  };
}

/** `2026-12-31_<debt>`; anything else begins at the beginning. */
function afterOf(request: FastifyRequest): After | null {
  const [day = '', debtId = ''] = field(request.query, 'dopo').split('_');
  const at = parseCivilDate(day);
  return at.ok && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(debtId) ? { at: at.value, debtId } : null;
}

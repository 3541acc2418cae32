import { displayName, loadPersons } from '../../modules/debtors/index.ts';
import { type ListedPerson, type ListPlace, type PeopleFilter, peopleAfter } from '../../modules/insight/index.ts';
import type { Database, Tx } from '../../platform/db/index.ts';
import { reasonWords } from './campaign-words.ts';
import type { ConsoleDeps } from './context.ts';
import { CSV_START, csvLine } from './results-csv.ts';

/** As much as one transaction reads and one piece of the file holds. */
const PIECE = 500;

interface ReadingDeps extends Pick<ConsoleDeps, 'vaultOf'> {
  readonly db: Pick<Database, 'tenant'>;
}

/** A person as a list shows them: erased ones have no name any more. */
export interface ShownPerson extends ListedPerson {
  readonly name: string | null;
  readonly code: string;
}

export async function shownPeople(
  tx: Tx,
  deps: ReadingDeps,
  enteId: number,
  people: readonly ListedPerson[],
): Promise<ShownPerson[]> {
  const ids = people.map((one) => one.debtorId);
  const persons = await loadPersons(tx, deps.vaultOf(enteId), ids);
  return people.map(({ debtorId, reason }) => {
    const personal = persons.get(debtorId)?.personal;
    return {
      debtorId,
      reason,
      name: personal === undefined ? null : displayName(personal),
      code: masked(personal?.codiceFiscale),
    };
  });
}

/**
 * The whole list as a file, a piece at a time: the next is read only once the reader has taken the one before, so that
 * two hundred thousand people need no more memory than five hundred. The pieces are read one after the other, not at one
 * instant: who joins the list meanwhile may be in it.
 */
export async function* peopleCsv(
  deps: ReadingDeps,
  enteId: number,
  campaignId: string,
  filter: PeopleFilter,
  size = PIECE,
): AsyncGenerator<string> {
  yield CSV_START + csvLine(['Persona', 'Codice fiscale', 'Stato o motivo']);
  let after: ListPlace | null = null;
  for (;;) {
    const place: ListPlace | null = after;
    const { last, rows } = await deps.db.tenant(enteId, async (tx) => {
      const people = await peopleAfter(tx, campaignId, filter, place, size);
      return { last: people.at(-1), rows: await shownPeople(tx, deps, enteId, people) };
    });
    if (last === undefined) return;
    yield rows.map((row) => csvLine([row.name ?? 'dati cancellati', row.code, reasonWords(row.reason)])).join('');
    after = last;
  }
}

/** Lists never show a whole tax code (ui.md §5.13). */
function masked(codiceFiscale: string | undefined): string {
  if (codiceFiscale === undefined) return '';
  return `${codiceFiscale.slice(0, 3)}${'*'.repeat(codiceFiscale.length - 5)}${codiceFiscale.slice(-2)}`;
}

import { type CorrectedPerson, type CorrectionOutcome, correctedAfter } from '../../modules/campaigns/index.ts';
import type { Tx } from '../../platform/db/index.ts';
import { channelWords, reasonWords } from './campaign-words.ts';
import type { ConsoleDeps } from './context.ts';
import { correctionWords } from './recall-words.ts';
import { CSV_START, csvLine } from './results-csv.ts';
import { shownPeople } from './results-export.ts';

/** As much as one transaction reads and one piece of the file holds. */
const PIECE = 500;

/** `name` null: the person was erased. */
export interface ShownCorrection extends CorrectedPerson {
  readonly name: string | null;
  readonly code: string;
}

export async function shownCorrections(
  tx: Tx,
  deps: ConsoleDeps,
  enteId: number,
  people: readonly CorrectedPerson[],
): Promise<ShownCorrection[]> {
  const shown = await shownPeople(tx, deps, enteId, people);
  return people.map((one, i) => ({ ...one, name: shown[i]?.name ?? null, code: shown[i]?.code ?? '' }));
}

/** The whole list as a file, a piece at a time, in bounded memory (as `peopleCsv`). */
export async function* correctionsCsv(
  deps: ConsoleDeps,
  enteId: number,
  recallId: string,
  outcome: CorrectionOutcome | null,
): AsyncGenerator<string> {
  yield CSV_START + csvLine(['Persona', 'Codice fiscale', 'Canale', 'Esito', 'Motivo']);
  let after: CorrectedPerson | null = null;
  for (;;) {
    const place: CorrectedPerson | null = after;
    const rows: ShownCorrection[] = await deps.db.tenant(enteId, async (tx) =>
      shownCorrections(tx, deps, enteId, await correctedAfter(tx, recallId, outcome, place, PIECE)),
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(lineOf).join('');
    after = last;
  }
}

function lineOf({ name, code, channel, outcome, reason }: ShownCorrection): string {
  const why = outcome === 'corrected' ? '' : reasonWords(reason);
  return csvLine([name ?? 'dati cancellati', code, channelWords(channel), correctionWords(outcome), why]);
}

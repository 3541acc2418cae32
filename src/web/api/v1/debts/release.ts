import { sql } from 'kysely';
import Type from 'typebox';
import { requireRole } from '../../../../modules/operators/index.ts';
import { ApiProblem } from '../../problem.ts';
import { type ApiRoute, defineRoute } from '../../route.ts';
import { closed, Uuid } from '../../schemas.ts';
import { batchFileName, FIELDS, profileOf, ROW_FIELDS } from './load-batch.ts';

/**
 * Rows that `POST /debts` set aside go in after a person has looked at them. They are read back as the file of problem
 * rows and loaded as a file of their own; asked twice it is the same file, and nothing happens. Imports of the console
 * are released there, where the rows can be seen.
 */
const postRelease = defineRoute({
  method: 'POST',
  url: '/imports/:importId/release',
  role: 'debts',
  id: 'caricaMesseDaParte',
  tag: 'Posizioni',
  summary: 'Carica le righe messe da parte da `POST /debts`, dopo che una persona le ha guardate',
  description:
    'Serve la chiave di una persona con il ruolo `import`. Restano fuori le righe di una posizione che risulta a nome di un’altra persona.',
  person: true,
  params: closed({ importId: Uuid }),
  body: closed({}),
  answers: {
    200: closed({
      importId: Type.String({ description: 'Il caricamento nuovo; il vecchio se non c’era nulla da parte.' }),
      released: Type.Integer(),
      quarantined: Type.Integer({ description: 'Quante restano da parte.' }),
    }),
  },
  async handle(call, deps) {
    const operator = await call.operator();
    requireRole(operator, 'import');
    const { enteId } = call.caller;
    const { importId } = call.params;
    const { rows } = await deps.db.tenant(enteId, (tx) =>
      sql<{ credit_type: string; file_name: string; state: string; quarantined: number }>`
        select credit_type, file_name, state, quarantined from import_now
        where ente_id = ${enteId} and import_id = ${importId}`.execute(tx.kysely),
    );
    const found = rows[0];
    if (found === undefined || found.state === 'discarded')
      throw new ApiProblem(404, 'IMPORT_UNKNOWN', 'Non c’è nessun caricamento con questo identificativo.');
    if (!found.file_name.startsWith(batchFileName('')) || found.state !== 'committed')
      throw new ApiProblem(
        409,
        'IMPORT_STATE',
        'Questo caricamento non viene dalle API: le righe si vedono in console.',
      );
    if (found.quarantined === 0) return { status: 200, body: { importId, released: 0, quarantined: 0 } };
    const pieces: string[] = [];
    for await (const piece of deps.imports.problemRows(enteId, importId, 'quarantined')) pieces.push(piece);
    const bytes = new TextEncoder().encode(pieces.join(''));
    const columns = new Set((pieces[0] ?? '').replace('\ufeff', '').trim().split(';'));
    const outcome = await deps.imports.load(
      {
        enteId,
        creditType: found.credit_type,
        fileName: batchFileName(`da-parte-${importId}`),
        open: async function* () {
          yield bytes;
        },
        profile: profileOf(FIELDS.filter((name) => columns.has(ROW_FIELDS[name]))),
      },
      { skipBad: true, releaseQuarantined: true },
      `operator:${operator.operatorId}`,
    );
    if (outcome.kind === 'needsConsent') throw new Error('a batch asked for the consent that it had');
    const counts = outcome.kind === 'sameFile' ? outcome.earlier : outcome.counts;
    const { accepted, quarantined } = counts;
    return { status: 200, body: { importId: counts.importId, released: accepted, quarantined } };
  },
});

export const releaseRoutes: readonly ApiRoute[] = [postRelease];

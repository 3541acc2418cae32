import type { CorrectionOutcome, RecallRecord } from '../../modules/campaigns/index.ts';
import { BackLink, Title } from '../ui/parts.tsx';
import { ActionForm, DataTable, Pages } from './campaign-parts.tsx';
import { channelWords, counted, reasonWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import type { ShownCorrection } from './recall-export.ts';
import { correctionWords, RECALLS, recallTitle } from './recall-words.ts';
import { consolePage } from './shell.tsx';

interface ListProps {
  readonly outcome: CorrectionOutcome | null;
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  readonly rows: readonly ShownCorrection[];
}

/** The people of a correction, an address a row, with what became of each. */
export function recallListPage(signed: Signed, recall: RecallRecord, props: ListProps): string {
  const { outcome, page, pages, total, rows } = props;
  const at = `${RECALLS}/${recall.code}`;
  const narrowed = outcome === null ? '' : `esito=${outcome}&`;
  return consolePage({
    ...signed,
    title: `Persone, ${recallTitle(recall.code)}`,
    active: 'campagne',
    body: (
      <>
        <BackLink href={at}>La rettifica</BackLink>
        <Title>Persone della rettifica</Title>
        <p>
          {counted(total, 'recapito', 'recapiti')}
          {outcome === null ? '' : `: ${correctionWords(outcome)}`}.
        </p>
        <DataTable
          caption="Persone, recapiti ed esito della correzione"
          empty="Nessuno."
          columns={[
            { label: 'Persona' },
            { label: 'Codice fiscale' },
            { label: 'Canale' },
            { label: 'Esito' },
            { label: 'Motivo' },
          ]}
          rows={rows.map((row) => [
            row.name === null ? 'dati cancellati' : <a href={`/console/persone/${row.debtorId}`}>{row.name}</a>,
            row.code,
            channelWords(row.channel),
            correctionWords(row.outcome),
            row.outcome === 'corrected' ? '' : reasonWords(row.reason),
          ])}
        />
        <Pages page={page} pages={pages} href={(n) => `${at}/persone?${narrowed}pagina=${n}`} />
        {total === 0 ? null : (
          <ActionForm action={`${at}/persone/csv`} csrf={signed.csrf} label="Scarica l’elenco (CSV)" look="secondary">
            {outcome === null ? null : <input type="hidden" name="esito" value={outcome} />}
            <p>
              Il file ha tutte le righe, con il codice fiscale in parte nascosto. Chi lo scarica resta scritto nel
              registro.
            </p>
          </ActionForm>
        )}
      </>
    ),
  });
}

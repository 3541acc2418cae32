import type { CampaignDetail, PeopleFilter, ResultList } from '../../modules/insight/index.ts';
import { BackLink, Title } from '../ui/parts.tsx';
import { ActionForm, DataTable, Pages } from './campaign-parts.tsx';
import { counted, reasonWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { consolePage } from './shell.tsx';

const LISTS: Readonly<Record<ResultList, string>> = {
  planned: 'Persone con un avviso',
  contacted: 'Persone contattate',
  read: 'Persone che hanno letto',
  paid: 'Persone che hanno pagato',
  failed: 'Persone a cui un messaggio non è arrivato',
  uncertain: 'Persone con un esito incerto',
  excluded: 'Persone rimaste fuori',
};

interface ListProps {
  readonly filter: PeopleFilter;
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  /** `name` null: the person was erased. */
  readonly rows: readonly { debtorId: string; reason: string; name: string | null; code: string }[];
}

/** The people behind a number. */
export function listPage(signed: Signed, campaign: CampaignDetail, props: ListProps): string {
  const { filter, page, pages, total, rows } = props;
  const { list, reason, step } = filter;
  const at = `/console/campagne/${campaign.code}/risultati`;
  const narrowed = new URLSearchParams(
    Object.entries({ motivo: reason, passo: step }).flatMap(([key, value]) =>
      value === null ? [] : [[key, `${value}`]],
    ),
  );
  return consolePage({
    ...signed,
    title: `${LISTS[list]}, ${campaign.name}`,
    active: 'campagne',
    body: (
      <>
        <BackLink href={at}>Risultati</BackLink>
        <Title>{LISTS[list]}</Title>
        <p>
          {counted(total, 'persona', 'persone')}
          {reason === null ? '' : `, motivo: ${reasonWords(reason)}`}
          {step === null ? '' : `, passo ${step}`}.
        </p>
        <DataTable
          caption={LISTS[list]}
          empty="Nessuno."
          columns={[{ label: 'Persona' }, { label: 'Codice fiscale' }, { label: 'Stato o motivo' }]}
          rows={rows.map((row) => [
            row.name === null ? 'dati cancellati' : <a href={`/console/persone/${row.debtorId}`}>{row.name}</a>,
            row.code,
            reasonWords(row.reason),
          ])}
        />
        <Pages
          page={page}
          pages={pages}
          href={(n) => `${at}/${list}?${new URLSearchParams([...narrowed, ['pagina', `${n}`]])}`}
        />
        {total === 0 ? null : (
          <ActionForm action={`${at}/${list}/csv`} csrf={signed.csrf} label="Scarica l’elenco (CSV)" look="secondary">
            {[...narrowed].map(([name, value]) => (
              <input key={name} type="hidden" name={name} value={value} />
            ))}
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

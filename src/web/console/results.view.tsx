import type { ComponentChildren } from 'preact';
import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import type { CampaignDetail, CampaignResults, CampaignRow, ResultList } from '../../modules/insight/index.ts';
import { BackLink, Details, Title } from '../ui/parts.tsx';
import { DataTable, Figure, Figures, Pages } from './campaign-parts.tsx';
import { count, counted, reasonWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { MoneyChart } from './results-chart.tsx';
import { type ResultTable, TABLES } from './results-tables.ts';
import { consolePage } from './shell.tsx';

/** Every campaign that was started, with what came of it. */
export function allResultsPage(
  signed: Signed,
  campaigns: readonly { readonly row: CampaignRow; readonly results: CampaignResults }[],
): string {
  return consolePage({
    ...signed,
    title: 'Risultati',
    active: 'campagne',
    body: (
      <>
        <BackLink href="/console/campagne">Campagne</BackLink>
        <Title>Risultati</Title>
        <DataTable
          caption="Risultati delle campagne avviate"
          empty="È troppo presto: nessuna campagna è stata ancora avviata."
          columns={[
            { label: 'Campagna' },
            { label: 'Contattate', numeric: true },
            { label: 'Hanno pagato', numeric: true },
            { label: 'Incassato', numeric: true },
          ]}
          rows={campaigns.map(({ row, results }) => [
            <a href={`/console/campagne/${row.code}/risultati`}>{row.name}</a>,
            count(results.funnel.contacted),
            count(results.funnel.paid),
            formatEuro(results.money.paidCents),
          ])}
        />
      </>
    ),
  });
}

/** O9: each picture has a sentence that says what it shows, a table with its numbers, and a file. */
export function resultsPage(signed: Signed, campaign: CampaignDetail, results: CampaignResults): string {
  const at = `/console/campagne/${campaign.code}/risultati`;
  const { funnel, money } = results;
  return consolePage({
    ...signed,
    title: `Risultati di ${campaign.name}`,
    active: 'campagne',
    body: (
      <>
        <BackLink href={`/console/campagne/${campaign.code}`}>La campagna</BackLink>
        <Title>Risultati di {campaign.name}</Title>
        {funnel.audience === 0 ? (
          <p>
            È troppo presto: la campagna non ha ancora preparato nessun avviso. I risultati compaiono qui dopo l’avvio.
          </p>
        ) : (
          <>
            <Figures>
              <Figure label="Contattate" value={count(funnel.contacted)} href={`${at}/contacted`} />
              <Figure label="Hanno letto" value={count(funnel.read)} href={`${at}/read`} />
              <Figure label="Hanno pagato" value={count(funnel.paid)} href={`${at}/paid`} />
              <Figure label="Incassato" value={formatEuro(money.paidCents)} />
              <Figure label="Comunicato" value={formatEuro(money.toldCents)} />
            </Figures>
            <Chart at={at} name="imbuto" results={results} sentence={funnelSentence(results)}>
              <Bars
                bars={[
                  { label: 'Nel pubblico', n: funnel.audience, href: null },
                  { label: 'Con un avviso', n: funnel.planned, href: `${at}/planned` },
                  { label: 'Contattate', n: funnel.contacted, href: `${at}/contacted` },
                  { label: 'Hanno letto', n: funnel.read, href: `${at}/read` },
                  { label: 'Hanno pagato', n: funnel.paid, href: `${at}/paid` },
                ]}
              />
            </Chart>
            <Chart at={at} name="incassi" results={results} sentence={moneySentence(results)}>
              {results.byDay.length === 0 ? null : <MoneyChart points={results.byDay} label={moneySentence(results)} />}
            </Chart>
            <Chart at={at} name="canali" results={results} sentence={channelSentence(results)} open />
            <Chart at={at} name="esclusioni" results={results} sentence={exclusionSentence(results)}>
              <Bars
                bars={results.exclusions.map((one) => ({
                  label: reasonWords(one.reason),
                  n: one.n,
                  href: `${at}/excluded?motivo=${encodeURIComponent(one.reason)}`,
                }))}
              />
            </Chart>
          </>
        )}
      </>
    ),
  });
}

function share(part: number, whole: number): string {
  return whole === 0 ? '0%' : `${Math.round((part * 100) / whole)}%`;
}

function funnelSentence({ funnel }: CampaignResults): string {
  return `Persone del pubblico: ${count(funnel.audience)}. Contattate: ${count(funnel.contacted)} (${share(funnel.contacted, funnel.audience)}). Hanno pagato dopo l’avvio: ${count(funnel.paid)} (${share(funnel.paid, funnel.planned)} di chi ha un avviso).`;
}

function moneySentence({ money, byDay }: CampaignResults): string {
  const last = byDay.at(-1);
  if (last === undefined) return 'Dopo l’avvio non è ancora arrivato nessun pagamento.';
  return `Dall’avvio al ${formatDate(last.day)} sono arrivati ${formatEuro(money.paidCents)}, il ${share(money.paidCents, money.toldCents)} di quanto è stato comunicato. Non tutto dipende dagli avvisi: qualcuno avrebbe pagato comunque.`;
}

function channelSentence({ byChannel }: CampaignResults): string {
  const accepted = byChannel.reduce((sum, one) => sum + one.accepted, 0);
  const failed = byChannel.reduce((sum, one) => sum + one.failed, 0);
  return `I canali hanno accettato ${counted(accepted, 'messaggio', 'messaggi')}; non arrivati: ${count(failed)}.`;
}

function exclusionSentence({ exclusions }: CampaignResults): string {
  const first = exclusions[0];
  if (first === undefined) return 'Nessuno è rimasto fuori.';
  const all = exclusions.reduce((sum, one) => sum + one.n, 0);
  return `Fuori dal giro: ${counted(all, 'persona', 'persone')}. Il primo motivo è «${reasonWords(first.reason)}» (${count(first.n)}).`;
}

interface ChartProps {
  readonly at: string;
  readonly name: ResultTable['key'];
  readonly results: CampaignResults;
  readonly sentence: string;
  /** The table is the picture. */
  readonly open?: boolean;
  readonly children?: ComponentChildren;
}

function Chart({ at, name, results, sentence, open = false, children }: ChartProps) {
  const table = TABLES.find((one) => one.key === name) as ResultTable;
  const rows = table.rows(results);
  const shown = (
    <DataTable
      caption={table.title}
      empty="Ancora nessun dato."
      columns={table.columns.map((label, i) => ({ label, numeric: i > 0 && typeof rows[0]?.[i] === 'number' }))}
      rows={rows.map((row) => row.map((cell) => (typeof cell === 'number' ? numberWords(cell) : cell)))}
    />
  );
  return (
    <div class="c-result">
      <h2 class="c-h2">{table.title}</h2>
      <p>{sentence}</p>
      {children}
      {open ? shown : <Details summary={`I numeri: ${table.title.toLowerCase()}`}>{shown}</Details>}
      <p>
        <a class="c-link" href={`${at}/csv/${name}`}>
          Scarica «{table.title}» (CSV)
        </a>
      </p>
    </div>
  );
}

function numberWords(n: number): string {
  return Number.isInteger(n) ? count(n) : formatEuro(Math.round(n * 100)).replace(/\s*€$/, '');
}

interface Bar {
  readonly label: string;
  readonly n: number;
  readonly href: string | null;
}

/** Label, number and bar, from nought; the bar is a picture of the number beside it and is not read out. */
function Bars({ bars }: { bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map((bar) => bar.n));
  if (bars.length === 0) return null;
  return (
    <ul class="c-bars">
      {bars.map((bar) => (
        <li key={bar.label}>
          <span class="c-bar-label">{bar.label}</span>
          <span class="c-bar-value">
            {bar.href === null || bar.n === 0 ? count(bar.n) : <a href={bar.href}>{count(bar.n)}</a>}
          </span>
          <svg class="c-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect x="0" y="0" width={(bar.n * 100) / most} height="4" />
          </svg>
        </li>
      ))}
    </ul>
  );
}

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
  readonly list: ResultList;
  readonly reason: string | null;
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  /** `name` null: the person was erased. */
  readonly rows: readonly { debtorId: string; reason: string; name: string | null; code: string }[];
}

/** The people behind a number. */
export function listPage(signed: Signed, campaign: CampaignDetail, props: ListProps): string {
  const { list, reason, page, pages, total, rows } = props;
  const at = `/console/campagne/${campaign.code}/risultati`;
  const query = reason === null ? '' : `&motivo=${encodeURIComponent(reason)}`;
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
          {reason === null ? '' : `, motivo: ${reasonWords(reason)}`}.
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
        <Pages page={page} pages={pages} href={(n) => `${at}/${list}?pagina=${n}${query}`} />
      </>
    ),
  });
}

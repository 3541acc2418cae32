import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import type {
  Bucket,
  ProposedMatch,
  ReconciliationPage,
  ReconciliationRow,
  ReconciliationSummary,
  Side,
} from '../../modules/payments/index.ts';
import { ErrorSummary, type FieldError, Hidden } from '../ui/forms.tsx';
import { BackLink, Callout, Section, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { BUCKETS, bucketWords, moneyKind, SIDES, sideWords } from './money-words.ts';
import { DataTable, Empty, Figure, Figures, Pager } from './parts.tsx';
import { type ConsoleAlert, CsrfField, consolePage } from './shell.tsx';
import { when } from './words.ts';

const HOME = '/console/pagamenti/riconciliazione';

export interface MoneyFilter {
  readonly side: Side;
  readonly bucket: Bucket;
  readonly kind: string;
  readonly after: string;
}

export function listAddress({ side, bucket, kind, after }: MoneyFilter, format: '' | '.csv' = ''): string {
  const query = new URLSearchParams({ lato: side, stato: bucket });
  if (kind !== '') query.set('tipo', kind);
  if (after !== '') query.set('dopo', after);
  return `${HOME}/elenco${format}?${query}`;
}

const DONE: Readonly<Record<string, ConsoleAlert>> = {
  proposto: { look: 'ok', title: 'Abbinamento proposto', text: 'Vale quando un’altra persona lo approva.' },
  approvato: { look: 'ok', title: 'Abbinamento approvato' },
  rifiutato: { look: 'ok', title: 'Abbinamento non approvato' },
  prima: {
    look: 'info',
    title: 'Non è stato fatto nulla',
    text: 'Nel frattempo una delle due parti è stata abbinata, o qualcuno ha già deciso.',
  },
};

/** O13: how receipts, flows and the treasury stand to each other, and what does not match, with the reason. */
export function moneyPage(
  signed: Signed,
  summary: ReconciliationSummary,
  proposals: readonly (ProposedMatch & { readonly who: string })[],
  done: string,
): string {
  const wrong = summary.anomalies.reduce((sum, one) => sum + one.count, 0);
  const nothing = SIDES.every((side) => summary.sides[side].all.count === 0);
  return consolePage({
    ...signed,
    title: 'Riconciliazione',
    active: 'pagamenti',
    alert: DONE[done],
    body: (
      <>
        <BackLink href="/console/pagamenti">Pagamenti</BackLink>
        <Title>Riconciliazione</Title>
        {nothing ? (
          <Empty>
            <p>
              Ancora nessuna ricevuta pagoPA. I flussi arrivano da soli se l’indirizzo di FdR è configurato, altrimenti
              si caricano con «bonario remittance import»; i giornali di cassa con «bonario treasury import».
            </p>
          </Empty>
        ) : (
          <>
            <Figures>
              <Figure label="Da abbinare" value={formatEuro(summary.unreconciledCents)} note="non ancora in ritardo" />
              <Figure label="Anomalie" value={String(wrong)} />
              <Figure label="Abbinamenti da approvare" value={String(proposals.length)} />
            </Figures>
            <DataTable
              id="lati"
              caption="Lo stesso denaro, da quattro lati"
              head={['', ...BUCKETS.map(bucketWords)]}
              figures={BUCKETS.map((_, i) => i + 1)}
              rows={SIDES.map((side) => [
                sideWords(side),
                ...BUCKETS.map((bucket) => {
                  const { count, cents } = summary.sides[side][bucket];
                  return count === 0 ? (
                    '0'
                  ) : (
                    <a class="c-link" href={listAddress({ side, bucket, kind: '', after: '' })}>
                      {`${count} · ${formatEuro(cents)}`}
                    </a>
                  );
                }),
              ])}
            />
            <Wrong summary={summary} />
          </>
        )}
        {proposals.length === 0 ? null : <Proposals signed={signed} proposals={proposals} />}
      </>
    ),
  });
}

function Wrong({ summary }: { summary: ReconciliationSummary }) {
  if (summary.anomalies.length === 0 && summary.flagged.length === 0) {
    return (
      <Callout look="ok" title="Nessuna anomalia">
        <p>Tutto quello che doveva tornare torna al centesimo.</p>
      </Callout>
    );
  }
  const rows = (bucket: Bucket, found: ReconciliationSummary['anomalies']) =>
    found.map(({ side, kind, count, cents }) => [
      <a class="c-link" href={listAddress({ side, bucket, kind, after: '' })}>
        {moneyKind(kind)}
      </a>,
      sideWords(side),
      String(count),
      formatEuro(cents),
    ]);
  return (
    <Section title="Che cosa non torna, e perché">
      <DataTable
        id="anomalie"
        caption="Anomalie per motivo; in fondo quello che è abbinato ma va guardato"
        head={['Motivo', 'Dove', 'Quante', 'Importo']}
        figures={[2, 3]}
        rows={[...rows('anomaly', summary.anomalies), ...rows('matched', summary.flagged)]}
      />
    </Section>
  );
}

function Proposals(props: { signed: Signed; proposals: readonly (ProposedMatch & { readonly who: string })[] }) {
  const { signed, proposals } = props;
  const mayApprove = (one: ProposedMatch) =>
    signed.operator.roles.includes('approve') && one.proposedBy !== signed.operator.operatorId;
  return (
    <Section title="Abbinamenti proposti">
      <DataTable
        id="proposte"
        caption="Valgono quando li approva una persona diversa da chi li ha proposti"
        head={['Che cosa', 'Importo', 'Perché', 'Chi, quando', '']}
        figures={[1]}
        rows={proposals.map((one) => [
          pairWords(one),
          formatEuro(one.amountCents),
          one.reason,
          `${one.who}, ${when(one.proposedAt)}`,
          mayApprove(one) ? (
            <form method="post" action={`${HOME}/abbinamenti/${one.matchId}`} class="c-inline">
              <CsrfField csrf={signed.csrf} />
              <button class="c-button" type="submit" name="azione" value="approva">
                Approva
              </button>
              <button class="c-button" type="submit" name="azione" value="rifiuta">
                Non approvare
              </button>
            </form>
          ) : (
            'decide un’altra persona'
          ),
        ])}
      />
    </Section>
  );
}

function pairWords({ pair }: ProposedMatch): string {
  switch (pair.kind) {
    case 'lineToTransfer':
      return `riga ${pair.lineNo} di un flusso con la ricevuta ${pair.receiptId}`;
    case 'creditToFlow':
      return `accredito ${pair.movementKey} con un flusso`;
    case 'creditToTransfer':
      return `accredito ${pair.movementKey} con la ricevuta ${pair.receiptId}`;
  }
}

/** One bucket of one side, row by row. */
export function moneyListPage(
  signed: Signed,
  filter: MoneyFilter,
  page: ReconciliationPage,
  texts: ReadonlyMap<string, string>,
  errors: readonly FieldError[],
): string {
  const title = `${sideWords(filter.side)}: ${bucketWords(filter.bucket)}`;
  const propose =
    filter.side === 'credits' &&
    ['open', 'anomaly', 'elsewhere'].includes(filter.bucket) &&
    signed.operator.roles.includes('decide');
  return consolePage({
    ...signed,
    title: `${errors.length > 0 ? 'Errore: ' : ''}${title}`,
    active: 'pagamenti',
    body: (
      <>
        <BackLink href={HOME}>Riconciliazione</BackLink>
        <ErrorSummary title="L’abbinamento non si può proporre" errors={errors} />
        <Title>{title}</Title>
        {page.rows.length === 0 ? (
          <Empty>
            <p>Nessuna riga.</p>
          </Empty>
        ) : (
          <>
            <p>
              <a class="c-link" href={listAddress(filter, '.csv')}>
                Scarica l’elenco in CSV
              </a>
            </p>
            <DataTable
              id="righe"
              caption={filter.kind === '' ? title : moneyKind(filter.kind)}
              head={['Giorno', 'Importo', 'Motivo', 'Riferimenti', ...(propose ? ['Abbina'] : [])]}
              figures={[1]}
              rows={page.rows.map((row) => [
                formatDate(row.day),
                formatEuro(row.cents),
                row.kind === null ? '' : moneyKind(row.kind),
                <References row={row} text={texts.get(row.id) ?? null} />,
                ...(propose ? [<Propose signed={signed} row={row} />] : []),
              ])}
            />
          </>
        )}
        <Pager
          label="Pagine"
          previous={filter.after === '' ? null : listAddress({ ...filter, after: '' })}
          next={page.next === null ? null : listAddress({ ...filter, after: page.next })}
        />
      </>
    ),
  });
}

function References({ row, text }: { row: ReconciliationRow; text: string | null }) {
  const parts = [
    row.flowId === null ? '' : `flusso ${row.flowId}`,
    row.iuv === null ? '' : `IUV ${row.iuv}`,
    row.iur === null ? '' : `ricevuta ${row.iur}`,
    row.psp ?? '',
    row.journalId === null ? '' : `giornale ${row.journalId}`,
    text === null ? '' : `causale «${text}»`,
  ];
  return <>{parts.filter(Boolean).join(', ')}</>;
}

function Propose({ signed, row }: { signed: Signed; row: ReconciliationRow }) {
  const [flow, why] = [`flusso-${row.id}`, `motivo-${row.id}`];
  return (
    <form method="post" action={`${HOME}/proposta`} class="c-inline">
      <CsrfField csrf={signed.csrf} />
      <Hidden name="accredito" value={row.id} />
      <label for={flow}>Flusso o ricevuta</label>
      <input class="b-input" id={flow} name="con" maxLength={80} />
      <label for={why}>Perché</label>
      <input class="b-input" id={why} name="motivo" maxLength={300} />
      <button class="c-button" type="submit">
        Proponi
      </button>
    </form>
  );
}

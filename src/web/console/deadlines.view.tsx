import { type CivilDate, daysBetween, formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import { creditTypeOf } from '../../modules/creditors/index.ts';
import { whyNoDeadline } from '../../modules/debts/index.ts';
import { Hidden } from '../ui/forms.tsx';
import { BackLink, Badge, Callout, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { type DeadlineFilter, type DeadlineLine, OVER, type Step, type StepCount, UNKNOWN } from './deadlines.read.ts';
import { DataTable, Empty, Pager } from './parts.tsx';
import { consolePage } from './shell.tsx';

export const KIND_WORDS = { decadence: 'decadenza', limitation: 'prescrizione' } as const;

const number = (n: number) => n.toLocaleString('it-IT', { useGrouping: 'always' });

/** "entro 90 giorni", "già passato". */
function stepWords(step: Step): string {
  if (step === OVER) return 'già passato';
  return step === UNKNOWN ? 'termine non noto' : `entro ${step} giorni`;
}

function addressOf(filter: DeadlineFilter, path = '/console/scadenze', after = ''): string {
  const query = [
    filter.step === null ? '' : `passo=${filter.step}`,
    filter.creditType === null ? '' : `credito=${encodeURIComponent(filter.creditType)}`,
    after === '' ? '' : `dopo=${after}`,
  ].filter(Boolean);
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}

/** How many debts and how much money by step, each number a link to its list. */
export function StepTable({ counts, filter }: { counts: readonly StepCount[]; filter: DeadlineFilter }) {
  return (
    <DataTable
      id="passi"
      caption="Posizioni da pagare per vicinanza del termine"
      head={['Il termine scade', 'Posizioni', 'Importo']}
      figures={[1, 2]}
      rows={counts.map((row) => [
        row.debts === 0 ? (
          stepWords(row.step)
        ) : (
          <a href={addressOf({ ...filter, step: row.step })}>{stepWords(row.step)}</a>
        ),
        number(row.debts),
        formatEuro(row.cents),
      ])}
    />
  );
}

export interface DeadlinesShown {
  readonly filter: DeadlineFilter;
  readonly counts: readonly StepCount[];
  readonly rows: readonly (DeadlineLine & { readonly person: string | null; readonly underFloor: boolean })[];
  readonly next: DeadlineLine | null;
  readonly today: CivilDate;
  readonly first: boolean;
}

export function deadlinesPage(signed: Signed, shown: DeadlinesShown): string {
  const { filter, counts, rows, next, today, first } = shown;
  const { creditTypes } = signed.ente;
  const title = filter.step === null ? 'in scadenza o scadute' : stepWords(filter.step);
  return consolePage({
    ...signed,
    title: 'Scadenze',
    active: 'oggi',
    body: (
      <>
        <BackLink href="/console">Oggi</BackLink>
        <Title>Scadenze</Title>
        <p class="b-text">
          Entro questi giorni va notificato l’atto formale. Nessun messaggio, telefonata o visita al portale sposta un
          termine.
        </p>
        <p>
          <a class="c-link" href="/console/regole">
            Le regole in vigore, per credito
          </a>
        </p>
        <form method="get" action="/console/scadenze" class="c-inline">
          {filter.step === null ? null : <Hidden name="passo" value={filter.step} />}
          <label for="credito">Credito</label>
          <select class="b-input c-select" id="credito" name="credito">
            <option value="">Tutti</option>
            {creditTypes.map((type) => (
              <option key={type.code} value={type.code} selected={type.code === filter.creditType}>
                {type.name}
              </option>
            ))}
          </select>
          <button class="c-button" type="submit">
            Filtra
          </button>
        </form>
        <StepTable counts={counts} filter={filter} />
        {filter.step === null ? null : (
          <p>
            <a class="c-link" href={addressOf({ ...filter, step: null })}>
              Tutte quelle in scadenza
            </a>
          </p>
        )}
        {filter.step === UNKNOWN && rows.length > 0 ? (
          <Callout title="Come far comparire il termine">
            <p>Carichi di nuovo il file con la colonna che manca: le posizioni si riconoscono e si completano.</p>
          </Callout>
        ) : null}
        {rows.length === 0 ? (
          <Empty>
            <p>Nessuna posizione da pagare con questi filtri.</p>
          </Empty>
        ) : (
          <DataTable
            id="elenco"
            caption={`Posizioni: ${title}`}
            head={['Posizione', 'Persona', 'Credito', 'Scadenza', 'Resta', 'Termine', 'Mancano']}
            figures={[4]}
            rows={rows.map((row) => [
              <a href={`/console/posizioni/${row.debtId}/regole`}>{row.externalId}</a>,
              row.person === null ? 'dati cancellati' : <a href={`/console/persone/${row.debtorId}`}>{row.person}</a>,
              creditTypeOf(signed.ente, row.creditType).name,
              formatDate(row.dueDate),
              <>
                {formatEuro(row.outstandingCents)}
                {row.underFloor ? <span class="b-row-note">in tutto sotto il minimo per l’atto</span> : null}
              </>,
              <TermCell row={row} />,
              <DaysCell row={row} today={today} />,
            ])}
          />
        )}
        <Pager
          label="Pagine delle scadenze"
          previous={first ? null : addressOf(filter)}
          next={next === null ? null : addressOf(filter, undefined, `${next.at}_${next.debtId}`)}
        />
        {rows.length === 0 ? null : (
          <p>
            <a class="c-link" href={addressOf(filter, '/console/scadenze/csv')}>
              Scarica l’elenco in CSV
            </a>
          </p>
        )}
      </>
    ),
  });
}

function TermCell({ row }: { row: DeadlineLine }) {
  if (row.on === null || row.kind === null) return <>{whyNoDeadline(row.missing ?? 'stale')}</>;
  return (
    <>
      {formatDate(row.on)}
      <span class="b-row-note">
        {KIND_WORDS[row.kind]}
        {row.disputedOn === null ? '' : `; secondo un’altra lettura ${formatDate(row.disputedOn)}`}
      </span>
    </>
  );
}

function DaysCell({ row, today }: { row: DeadlineLine; today: CivilDate }) {
  if (row.on === null) return <Badge look="off">non noto</Badge>;
  const days = daysBetween(today, row.disputedOn ?? row.on);
  if (days < 0) return <Badge look="late">passato</Badge>;
  return <Badge look={days <= 90 ? 'due' : 'wait'}>{days === 1 ? '1 giorno' : `${days} giorni`}</Badge>;
}

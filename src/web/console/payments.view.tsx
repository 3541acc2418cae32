import { formatEuro } from '../../kernel/money.ts';
import { ErrorSummary, type FieldError, Hidden } from '../ui/forms.tsx';
import { BackLink, Badge, Row, Rows, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { DataTable, Empty, Figure, Figures } from './parts.tsx';
import type { PaymentsToday, RefundLine } from './payments.read.ts';
import { type ConsoleAlert, CsrfField, consolePage } from './shell.tsx';
import { when } from './words.ts';

/** What of the money waits for somebody. */
export function paymentsPage(signed: Signed, today: PaymentsToday): string {
  return consolePage({
    ...signed,
    title: 'Pagamenti',
    active: 'pagamenti',
    body: (
      <>
        <Title>Pagamenti</Title>
        <Figures>
          <Figure label="Richieste di rate da decidere" value={String(today.toDecide)} />
          <Figure label="Piani con rate scadute" value={String(today.inArrears)} />
          <Figure label="Rimborsi da decidere" value={String(today.refunds)} />
          <Figure label="Ricevute senza posizione" value={String(today.quarantined)} />
        </Figures>
        <Rows>
          <Row href="/console/pagamenti/rate" title="Rate" note="Richieste, piani in corso, rate scadute" />
          <Row href="/console/pagamenti/rimborsi" title="Rimborsi" note="Pagamenti doppi o più alti del dovuto" />
          <Row href="/console/ricevute" title="Ricevute in sospeso" note="Pagamenti di avvisi che non conosciamo" />
          <Row
            href="/console/pagamenti/riconciliazione"
            title="Riconciliazione"
            note="Ricevute, flussi pagoPA e tesoreria: che cosa non torna"
          />
        </Rows>
      </>
    ),
  });
}

const REASONS: Readonly<Record<RefundLine['reason'], string>> = {
  excess: 'più del dovuto',
  paidTwice: 'pagato due volte',
  cancelledDebt: 'non era più dovuto',
};

const STATES: Readonly<Record<RefundLine['state'], string>> = {
  proposed: 'da decidere',
  ordered: 'disposto',
  dismissed: 'non dovuto',
};

const DONE: Readonly<Record<string, ConsoleAlert>> = {
  si: {
    look: 'ok',
    title: 'Decisione registrata',
    text: 'Il pagamento del rimborso si fa con gli strumenti della ragioneria.',
  },
  prima: { look: 'info', title: 'Era già deciso', text: 'Un’altra persona ha deciso prima.' },
};

/** Money to give back, each decided by a person. */
export function refundsPage(
  signed: Signed,
  lines: readonly RefundLine[],
  errors: readonly FieldError[],
  done: string,
): string {
  const mayDecide = signed.operator.roles.includes('decide');
  return consolePage({
    ...signed,
    title: `${errors.length > 0 ? 'Errore: ' : ''}Rimborsi`,
    active: 'pagamenti',
    alert: DONE[done],
    body: (
      <>
        <BackLink href="/console/pagamenti">Pagamenti</BackLink>
        <ErrorSummary title="Manca qualcosa" errors={errors} />
        <Title>Rimborsi</Title>
        {lines.length === 0 ? (
          <Empty>
            <p>Nessun pagamento doppio o più alto del dovuto.</p>
          </Empty>
        ) : (
          <DataTable
            id="rimborsi"
            caption="Somme da rendere, da decidere per prime"
            head={['Chi', 'Posizione', 'Importo', 'Perché', 'Dal', 'Stato']}
            figures={[2]}
            rows={lines.map((line) => [
              line.debtorId === null || line.name === null ? (
                'dati cancellati'
              ) : (
                <a class="c-link" href={`/console/persone/${line.debtorId}`}>
                  {line.name}
                </a>
              ),
              line.title,
              formatEuro(line.amountCents),
              REASONS[line.reason],
              when(line.proposedAt),
              line.state === 'proposed' && mayDecide ? (
                <Decide signed={signed} line={line} />
              ) : (
                <>
                  <Badge look={line.state === 'proposed' ? 'due' : line.state === 'ordered' ? 'ok' : 'off'}>
                    {STATES[line.state]}
                  </Badge>{' '}
                  {line.note}
                </>
              ),
            ])}
          />
        )}
      </>
    ),
  });
}

function Decide({ signed, line }: { signed: Signed; line: RefundLine }) {
  const id = `nota-${line.refundId}`;
  return (
    <form method="post" action="/console/pagamenti/rimborsi" class="c-inline">
      <CsrfField csrf={signed.csrf} />
      <Hidden name="rimborso" value={line.refundId} />
      <label for={id}>Nota</label>
      <input class="b-input" id={id} name="nota" maxLength={300} />
      <button class="c-button" type="submit" name="decisione" value="disposto">
        Disponi
      </button>
      <button class="c-button" type="submit" name="decisione" value="non-dovuto">
        Non dovuto
      </button>
    </form>
  );
}

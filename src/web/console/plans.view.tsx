import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import { ErrorSummary, Field, type FieldError, Hidden, SubmitButton } from '../ui/forms.tsx';
import { BackLink, Badge, type BadgeLook, Callout, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { DataTable, Empty } from './parts.tsx';
import type { PlanDetail, PlanLine } from './payments.read.ts';
import { type ConsoleAlert, CsrfField, consolePage } from './shell.tsx';
import { when } from './words.ts';

const STATES: Readonly<Record<PlanLine['plan']['state'], { readonly text: string; readonly look: BadgeLook }>> = {
  requested: { text: 'da decidere', look: 'due' },
  accepted: { text: 'in corso', look: 'wait' },
  refused: { text: 'non accolta', look: 'off' },
  completed: { text: 'conclusa', look: 'ok' },
  forfeited: { text: 'decaduta', look: 'late' },
  withdrawn: { text: 'ritirata', look: 'off' },
};

function StateOf({ line }: { line: PlanLine }) {
  const { text, look } = STATES[line.plan.state];
  return line.late > 0 ? (
    <Badge look="late">{line.late === 1 ? '1 rata scaduta' : `${line.late} rate scadute`}</Badge>
  ) : (
    <Badge look={look}>{text}</Badge>
  );
}

const nameOf = (line: { readonly name: string | null }) => line.name ?? 'dati cancellati';

/** O12: requests to decide first, then what is being paid. */
export function plansPage(signed: Signed, lines: readonly PlanLine[]): string {
  return consolePage({
    ...signed,
    title: 'Rate',
    active: 'pagamenti',
    body: (
      <>
        <BackLink href="/console/pagamenti">Pagamenti</BackLink>
        <Title>Rate</Title>
        {lines.length === 0 ? (
          <Empty>
            <p>
              Nessuno ha chiesto di pagare a rate. Le richieste arrivano dal portale, dove il regolamento dell’ente le
              prevede: la regola si chiama «rateazione concessa dal regolamento prima dell’atto».
            </p>
          </Empty>
        ) : (
          <DataTable
            id="rate"
            caption="Richieste e piani, da decidere per primi"
            head={['Chi', 'Posizione', 'Importo', 'Rate', 'Chiesta', 'Stato']}
            figures={[2, 3]}
            rows={lines.map((line) => [
              <a class="c-link" href={`/console/pagamenti/rate/${line.plan.planId}`}>
                {nameOf(line)}
              </a>,
              line.title,
              formatEuro(line.plan.amountCents),
              String(line.plan.count),
              when(line.plan.requestedAt),
              <StateOf line={line} />,
            ])}
          />
        )}
      </>
    ),
  });
}

const DONE: Readonly<Record<string, ConsoleAlert>> = {
  accolta: {
    look: 'ok',
    title: 'Piano attivo',
    text: 'Ogni rata ha il suo avviso; quello per l’intero importo non vale più.',
  },
  respinta: { look: 'ok', title: 'Richiesta non accolta', text: 'La persona legge il motivo nel portale.' },
  sollecito: { look: 'ok', title: 'Sollecito registrato' },
  chiusa: { look: 'ok', title: 'Piano decaduto', text: 'Quanto resta è di nuovo dovuto per intero.' },
  prima: { look: 'info', title: 'Non è stato fatto nulla', text: 'Nel frattempo il piano è cambiato: ecco com’è ora.' },
};

export function planDetailPage(
  signed: Signed,
  detail: PlanDetail,
  errors: readonly FieldError[],
  done: string,
): string {
  const { plan } = detail;
  const mayDecide = signed.operator.roles.includes('decide');
  return consolePage({
    ...signed,
    title: `${errors.length > 0 ? 'Errore: ' : ''}Rate di ${nameOf(detail)}`,
    active: 'pagamenti',
    alert: DONE[done],
    body: (
      <>
        <BackLink href="/console/pagamenti/rate">Rate</BackLink>
        <ErrorSummary title="Manca qualcosa" errors={errors} />
        <Title>{`${plan.count} rate per ${detail.title}`}</Title>
        <p class="b-status">
          <StateOf line={detail} />
          <span>
            {formatEuro(plan.amountCents)}, richiesta del {when(plan.requestedAt)}
          </span>
        </p>
        <p>
          {detail.name === null ? (
            'I dati di questa persona sono stati cancellati.'
          ) : (
            <a class="c-link" href={`/console/persone/${plan.debtorId}`}>
              {detail.name}: tutta la storia
            </a>
          )}
        </p>
        <p class="b-note">
          Regola applicata: {plan.terms.legalBasis}.{' '}
          {plan.terms.rateBp === 0
            ? 'Senza interessi.'
            : `Interessi al ${(plan.terms.rateBp / 100).toLocaleString('it-IT')}% l’anno.`}
        </p>
        {detail.installments.length === 0 ? null : <Installments detail={detail} />}
        {plan.reason === null ? null : (
          <section class="b-section b-text" aria-labelledby="motivo-titolo">
            <h2 id="motivo-titolo">Motivo</h2>
            <p class="c-pre">{plan.reason}</p>
          </section>
        )}
        {mayDecide ? <Actions signed={signed} detail={detail} errors={errors} /> : null}
      </>
    ),
  });
}

function Installments({ detail }: { detail: PlanDetail }) {
  const late = (dueOn: string, left: number) => left > 0 && dueOn < detail.today;
  return (
    <DataTable
      id="elenco-rate"
      caption="Le rate"
      head={['Rata', 'Entro il', 'Importo', 'di cui interessi', 'Versato', 'Stato']}
      figures={[2, 3, 4]}
      rows={detail.installments.map((one) => {
        const cents = one.principalCents + one.interestCents;
        const left = cents - one.paidCents;
        return [
          String(one.no),
          formatDate(one.dueOn),
          formatEuro(cents),
          formatEuro(one.interestCents),
          formatEuro(one.paidCents),
          left === 0 ? (
            <Badge look="ok">pagata</Badge>
          ) : late(one.dueOn, left) ? (
            <Badge look="late">scaduta</Badge>
          ) : (
            <Badge look="due">da pagare</Badge>
          ),
        ];
      })}
    />
  );
}

function Actions({ signed, detail, errors }: { signed: Signed; detail: PlanDetail; errors: readonly FieldError[] }) {
  const path = `/console/pagamenti/rate/${detail.plan.planId}`;
  const button = (action: string, words: string, secondary = false) => (
    <form class="b-actions" method="post" action={path}>
      <CsrfField csrf={signed.csrf} />
      <Hidden name="azione" value={action} />
      <SubmitButton secondary={secondary}>{words}</SubmitButton>
    </form>
  );
  if (detail.plan.state === 'requested') {
    return (
      <section class="b-section" aria-labelledby="decidi">
        <h2 id="decidi">Decidi</h2>
        {button('accogli', `Accogli: ${detail.plan.count} rate`)}
        <form class="c-after" method="post" action={path} noValidate>
          <CsrfField csrf={signed.csrf} />
          <Hidden name="azione" value="respingi" />
          <Field
            id="motivo"
            label="Motivo, se non si accoglie"
            hint="Lo legge la persona."
            errors={errors}
            control={(aria) => (
              <textarea
                class="b-input"
                id="motivo"
                name="motivo"
                rows={4}
                aria-describedby={aria.describedBy}
                aria-invalid={aria.invalid || undefined}
              />
            )}
          />
          <SubmitButton secondary>Non accogliere</SubmitButton>
        </form>
      </section>
    );
  }
  if (detail.plan.state !== 'accepted' || detail.late === 0) return null;
  const { missed, withinMonths } = detail.plan.terms.forfeiture;
  return (
    <section class="b-section" aria-labelledby="arretrati">
      <h2 id="arretrati">Rate scadute</h2>
      <p>
        Il piano decade dopo un sollecito espresso, se {missed === 1 ? 'una rata resta' : `${missed} rate restano`}{' '}
        senza pagamento entro {withinMonths} mesi.
      </p>
      <p>
        {detail.plan.remindedAt === null
          ? 'Nessun sollecito registrato.'
          : `Sollecito registrato il ${when(detail.plan.remindedAt)}.`}
      </p>
      {button('sollecito', 'Registra il sollecito inviato', detail.mayForfeit)}
      {detail.mayForfeit ? (
        <Callout look="warn" title="Si può chiudere il piano">
          <p>
            Resta dovuto per intero {formatEuro(detail.leftCents)}, meno gli interessi delle rate non ancora scadute. Un
            nuovo piano non sarà possibile.
          </p>
          {button('chiudi', 'Chiudi il piano')}
        </Callout>
      ) : null}
    </section>
  );
}

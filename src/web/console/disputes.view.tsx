import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import { Choices, ErrorSummary, Field, type FieldError, Hidden, SubmitButton } from '../ui/forms.tsx';
import { BackLink, Badge, Callout, SecondaryLink, Title } from '../ui/parts.tsx';
import { CANNED } from './canned-answers.ts';
import type { Signed } from './context.ts';
import { DISPUTE_FILTERS, type DisputeDetail, type DisputeFilter, type DisputeLine } from './disputes.read.ts';
import { DataTable, Empty, Pager } from './parts.tsx';
import { type ConsoleAlert, CsrfField, consolePage } from './shell.tsx';
import { DISPUTE_KINDS, disputeKind, disputeState, when } from './words.ts';

const FILTER_NAMES: Readonly<Record<DisputeFilter, string>> = {
  aperte: 'Da decidere',
  scadute: 'Oltre il termine',
  vicine: 'In scadenza',
  decise: 'Decise',
  tutte: 'Tutte',
};

interface Filter {
  readonly show: DisputeFilter;
  readonly kind: string;
  readonly page: number;
}

const addressOf = (filter: Filter, over: Partial<Filter>): string => {
  const { show, kind, page } = { ...filter, page: 1, ...over };
  const query = [`stato=${show}`, kind === '' ? '' : `motivo=${kind}`, page === 1 ? '' : `pagina=${page}`];
  return `/console/segnalazioni?${query.filter(Boolean).join('&')}`;
};

export function inboxPage(
  signed: Signed,
  filter: Filter,
  found: { readonly lines: readonly DisputeLine[]; readonly more: boolean },
): string {
  return consolePage({
    ...signed,
    title: 'Segnalazioni',
    active: 'segnalazioni',
    body: (
      <>
        <Title>Segnalazioni</Title>
        <nav class="c-filters" aria-label="Quali segnalazioni">
          <ul>
            {DISPUTE_FILTERS.map((show) => (
              <li key={show}>
                <a href={addressOf(filter, { show })} aria-current={show === filter.show ? 'true' : undefined}>
                  {FILTER_NAMES[show]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <form method="get" action="/console/segnalazioni" class="c-inline">
          <Hidden name="stato" value={filter.show} />
          <label for="motivo">Motivo</label>
          <select class="b-input c-select" id="motivo" name="motivo">
            <option value="">Tutti</option>
            {Object.entries(DISPUTE_KINDS).map(([kind, words]) => (
              <option key={kind} value={kind} selected={kind === filter.kind}>
                {words}
              </option>
            ))}
          </select>
          <button class="c-button" type="submit">
            Filtra
          </button>
        </form>
        {found.lines.length === 0 ? (
          <Empty>
            <p>
              {filter.show === 'aperte' && filter.kind === ''
                ? 'Nessuna segnalazione da decidere. Quelle nuove arrivano qui dal portale.'
                : 'Nessuna segnalazione con questi filtri.'}
            </p>
          </Empty>
        ) : (
          <DataTable
            id="elenco"
            caption={`${FILTER_NAMES[filter.show]}, pagina ${filter.page}`}
            head={['Numero', 'Chi', 'Motivo', 'Ricevuta', 'Risposta entro', 'Stato']}
            rows={found.lines.map((line) => [
              <a class="c-link" href={`/console/segnalazioni/${line.id}`}>
                {line.number}
              </a>,
              line.name ?? 'dati cancellati',
              disputeKind(line.kind),
              when(line.openedAt),
              formatDate(line.deadline),
              line.late ? (
                <Badge look="late">oltre il termine</Badge>
              ) : (
                <Badge look={disputeState(line.state).look}>{disputeState(line.state).text}</Badge>
              ),
            ])}
          />
        )}
        <Pager
          label="Pagine delle segnalazioni"
          previous={filter.page > 1 ? addressOf(filter, { page: filter.page - 1 }) : null}
          next={found.more ? addressOf(filter, { page: filter.page + 1 }) : null}
        />
      </>
    ),
  });
}

interface Typed {
  readonly decision: string;
  readonly canned: string;
  readonly words: string;
}

const DONE: Readonly<Record<string, ConsoleAlert>> = {
  si: {
    look: 'ok',
    title: 'Risposta registrata',
    text: 'I contatti riprendono dove serve; il registro dice chi ha deciso.',
  },
  prima: {
    look: 'info',
    title: 'Era già decisa',
    text: 'Un’altra persona ha risposto prima. La Sua risposta non è stata registrata.',
  },
};

export function disputePage(
  signed: Signed,
  detail: DisputeDetail,
  typed: Typed,
  errors: readonly FieldError[],
  done: string,
): string {
  const state = disputeState(detail.state);
  const mayDecide = signed.operator.roles.includes('decide');
  return consolePage({
    ...signed,
    title: `${errors.length > 0 ? 'Errore: ' : ''}Segnalazione ${detail.number}`,
    active: 'segnalazioni',
    alert: DONE[done],
    body: (
      <>
        <BackLink href="/console/segnalazioni">Segnalazioni</BackLink>
        <ErrorSummary title="La risposta non è completa" errors={errors} />
        <Title>Segnalazione {detail.number}</Title>
        <p class="b-status">
          {detail.late ? <Badge look="late">oltre il termine</Badge> : <Badge look={state.look}>{state.text}</Badge>}
          <span>
            {disputeKind(detail.kind)}, ricevuta il {when(detail.openedAt)}, risposta entro il{' '}
            {formatDate(detail.deadline)}
          </span>
        </p>
        <p>
          {detail.name === null ? (
            'I dati di questa persona sono stati cancellati.'
          ) : (
            <a class="c-link" href={`/console/persone/${detail.debtorId}`}>
              {detail.name}: tutta la storia
            </a>
          )}
        </p>
        <section class="b-section b-text" aria-labelledby="parole">
          <h2 id="parole">Che cosa scrive</h2>
          <p class="c-pre">{detail.statement === '' ? 'Non ha aggiunto parole.' : detail.statement}</p>
        </section>
        <About detail={detail} />
        {detail.state === 'open' ? (
          mayDecide ? (
            <AnswerForm signed={signed} detail={detail} typed={typed} errors={errors} />
          ) : (
            <Callout title="Decide un’altra persona">
              <p>Per rispondere serve il permesso di decidere.</p>
            </Callout>
          )
        ) : (
          <section class="b-section b-text" aria-labelledby="risposta">
            <h2 id="risposta">La risposta</h2>
            {detail.answer === null ? null : <p class="c-pre">{detail.answer}</p>}
            <p class="b-note">
              {detail.decidedBy === null ? 'Decisa' : `Decisa da ${detail.decidedBy}`}
              {detail.decidedAt === null ? '' : `, ${when(detail.decidedAt)}`}
            </p>
          </section>
        )}
      </>
    ),
  });
}

function About({ detail }: { detail: DisputeDetail }) {
  if (detail.debts.length === 0) return null;
  return (
    <section class="b-section" aria-labelledby="oggetto-titolo">
      <h2 id="oggetto-titolo">Di che cosa si tratta</h2>
      <DataTable
        id="oggetto"
        caption={detail.whole ? 'Tutto quello che diceva il messaggio' : 'Una posizione'}
        head={['Posizione', 'Scadenza', 'Resta da pagare']}
        figures={[2]}
        rows={detail.debts.map((debt) => [debt.title, formatDate(debt.dueDate), formatEuro(debt.outstandingCents)])}
      />
    </section>
  );
}

function AnswerForm(props: { signed: Signed; detail: DisputeDetail; typed: Typed; errors: readonly FieldError[] }) {
  const { signed, detail, typed, errors } = props;
  return (
    <section class="b-section" aria-labelledby="rispondi">
      <h2 id="rispondi">Rispondi</h2>
      <form method="post" action={`/console/segnalazioni/${detail.id}`} noValidate>
        <CsrfField csrf={signed.csrf} />
        <Choices
          name="decisione"
          legend="Decisione"
          options={[
            { value: 'accolta', label: 'Accolgo: quanto indicato non è più dovuto' },
            { value: 'respinta', label: 'Non accolgo: l’importo resta dovuto' },
          ]}
          selected={typed.decision}
          errors={errors}
        />
        <Field
          id="modello"
          label="Risposta pronta"
          hint="Facoltativa. Prima di registrare si rilegge tutto."
          errors={errors}
          control={(aria) => (
            <select
              class="b-input c-select"
              id="modello"
              name="modello"
              aria-describedby={aria.describedBy}
              aria-invalid={aria.invalid || undefined}
            >
              <option value="">Nessuna, scrivo io</option>
              {CANNED.map((one) => (
                <option key={one.code} value={one.code} selected={one.code === typed.canned}>
                  {`${one.accept ? 'Accolgo' : 'Non accolgo'}: ${one.title}`}
                </option>
              ))}
            </select>
          )}
        />
        <Field
          id="testo"
          label="Parole Sue"
          hint="Si aggiungono alla risposta pronta e restano agli atti con la decisione."
          errors={errors}
          control={(aria) => (
            <textarea
              class="b-input"
              id="testo"
              name="testo"
              rows={6}
              aria-describedby={aria.describedBy}
              aria-invalid={aria.invalid || undefined}
            >
              {typed.words}
            </textarea>
          )}
        />
        <SubmitButton>Continua</SubmitButton>
      </form>
    </section>
  );
}

/** Before it is done: the sum, the words, and whether it can be undone. */
export function confirmPage(signed: Signed, detail: DisputeDetail, typed: Typed, answer: string): string {
  const accept = typed.decision === 'accolta';
  const sum = formatEuro(detail.debts.reduce((total, debt) => total + debt.outstandingCents, 0));
  const title = accept ? 'Conferma: accolgo' : 'Conferma: non accolgo';
  return consolePage({
    ...signed,
    title,
    active: 'segnalazioni',
    body: (
      <>
        <Title>{title}</Title>
        <Callout look="warn" title={accept ? `${sum} non saranno più dovuti` : 'L’importo resta dovuto'}>
          <p>
            {accept
              ? 'Per queste posizioni non partirà più nessun avviso. La decisione non si annulla da qui.'
              : 'I contatti con questa persona potranno riprendere. La decisione non si annulla da qui.'}
          </p>
        </Callout>
        <section class="b-section b-text" aria-labelledby="rilettura">
          <h2 id="rilettura">La risposta che resterà agli atti</h2>
          <p class="c-pre">{answer}</p>
          <p class="b-note">A nome di {signed.operator.name}.</p>
        </section>
        <form method="post" action={`/console/segnalazioni/${detail.id}`}>
          <CsrfField csrf={signed.csrf} />
          <Hidden name="passo" value="2" />
          <Hidden name="decisione" value={typed.decision} />
          <Hidden name="modello" value={typed.canned} />
          <Hidden name="testo" value={typed.words} />
          <div class="b-actions">
            <SubmitButton>
              {accept ? `Accolgo la segnalazione ${detail.number}` : `Non accolgo la segnalazione ${detail.number}`}
            </SubmitButton>
            <SecondaryLink href={`/console/segnalazioni/${detail.id}`}>Torna indietro</SecondaryLink>
          </div>
        </form>
      </>
    ),
  });
}

import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import { maskedCode } from '../../modules/debtors/index.ts';
import { withoutKeys } from '../../modules/notices/index.ts';
import { SubmitButton } from '../ui/forms.tsx';
import { BackLink, Badge, type BadgeLook, Callout, Row, Rows, Title } from '../ui/parts.tsx';
import { reasonWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { DataTable, Empty } from './parts.tsx';
import { type Found, MAX_FOUND, nameOf, type PersonHistory, type TimelineEvent } from './person.read.ts';
import { CsrfField, consolePage } from './shell.tsx';
import { channelName, debtState, deliveryState, disputeKind, disputeState, when } from './words.ts';

/** Search; `found` null: nothing was asked yet. */
export function searchPage(signed: Signed, typed: string, found: Found | null): string {
  return consolePage({
    ...signed,
    title: 'Persone',
    active: 'persone',
    body: (
      <>
        <Title>Persone</Title>
        <form method="post" action="/console/persone" class="c-search">
          <CsrfField csrf={signed.csrf} />
          <div class="b-field">
            <label for="cerca">Codice fiscale o cognome</label>
            <p class="b-hint" id="cerca-aiuto">
              Il cognome intero, o la ragione sociale. Maiuscole e spazi non contano.
            </p>
            <input
              class="b-input"
              id="cerca"
              name="cerca"
              type="search"
              value={typed}
              autocomplete="off"
              spellcheck={false}
              required
              aria-describedby="cerca-aiuto"
            />
          </div>
          <SubmitButton>Cerca</SubmitButton>
        </form>
        {found === null ? null : <Results found={found} />}
      </>
    ),
  });
}

function Results({ found }: { found: Found }) {
  if (found.persons.length === 0) {
    return (
      <Empty>
        <p>
          Nessuna persona corrisponde. Il cognome va scritto per intero; un codice fiscale trova sempre una persona
          sola.
        </p>
      </Empty>
    );
  }
  return (
    <section aria-labelledby="trovate">
      <h2 class="c-h2" id="trovate">
        {found.more ? `Le prime ${MAX_FOUND} persone` : `${found.persons.length} persone`}
      </h2>
      {found.more ? <p>Sono di più: con il codice fiscale se ne trova una sola.</p> : null}
      <Rows>
        {found.persons.map((person) => (
          <Row
            key={person.debtorId}
            href={`/console/persone/${person.debtorId}`}
            title={nameOf(person)}
            note={[maskedCode(person.personal.codiceFiscale), person.personal.city ?? ''].filter(Boolean).join(', ')}
          />
        ))}
      </Rows>
    </section>
  );
}

/** O10: how things stand, then everything that happened, newest first. */
export function personPage(signed: Signed, history: PersonHistory, revealed: boolean): string {
  const { person, debts, events } = history;
  const { codiceFiscale } = person.personal;
  const path = `/console/persone/${person.debtorId}`;
  return consolePage({
    ...signed,
    title: 'Persona',
    active: 'persone',
    body: (
      <>
        <BackLink href="/console/persone">Persone</BackLink>
        <Title>{nameOf(person)}</Title>
        <div class="c-identity">
          <p>
            Codice fiscale <strong class="b-figures">{revealed ? codiceFiscale : maskedCode(codiceFiscale)}</strong>
          </p>
          {revealed ? (
            <p class="b-note">Mostrato per intero: il registro dice chi lo ha chiesto e quando.</p>
          ) : (
            <form method="post" action={`${path}/rivela`}>
              <CsrfField csrf={signed.csrf} />
              <button class="c-button" type="submit">
                Mostra per intero
              </button>
            </form>
          )}
        </div>
        {person.deceased ? (
          <Callout look="warn" title="Persona deceduta">
            <p>Nessun contatto parte più. Eventuali rapporti con gli eredi si tengono fuori da qui.</p>
          </Callout>
        ) : null}
        {person.minor ? (
          <Callout look="warn" title="Persona minorenne">
            <p>Nessun contatto parte a suo nome.</p>
          </Callout>
        ) : null}
        {history.openDisputes.length === 0 ? null : (
          <Callout look="warn" title="Ha una segnalazione aperta">
            <p>I contatti sono fermi finché l’ufficio non risponde: {history.openDisputes.join(', ')}.</p>
          </Callout>
        )}
        <section class="b-section" aria-labelledby="posizioni-titolo">
          <h2 id="posizioni-titolo">Posizioni</h2>
          {debts.length === 0 ? (
            <Empty>
              <p>Nessuna posizione con questo ente.</p>
            </Empty>
          ) : (
            <DataTable
              id="posizioni"
              caption={`Da pagare in tutto ${formatEuro(debts.reduce((sum, debt) => sum + debt.outstandingCents, 0))}`}
              head={['Posizione', 'Scadenza', 'Importo', 'Pagato', 'Resta', 'Stato']}
              figures={[2, 3, 4]}
              rows={debts.map((debt) => [
                <>
                  <a href={`/console/posizioni/${debt.debtId}/regole`}>{debt.title}</a>
                  {debt.reference === null ? null : <span class="b-row-note">{debt.reference}</span>}
                </>,
                formatDate(debt.dueDate),
                formatEuro(debt.dueCents),
                formatEuro(debt.paidCents),
                formatEuro(debt.outstandingCents),
                <Badge look={debtState(debt.state).look}>{debtState(debt.state).text}</Badge>,
              ])}
            />
          )}
        </section>
        <section class="b-section" aria-labelledby="storia">
          <h2 id="storia">Che cosa è successo</h2>
          {events.length === 0 ? (
            <Empty>
              <p>Ancora nulla: nessun contatto, nessun pagamento, nessuna segnalazione.</p>
            </Empty>
          ) : (
            <ol class="c-timeline">
              {events.map((event, i) => (
                <Event key={i} event={event} path={path} />
              ))}
            </ol>
          )}
        </section>
      </>
    ),
  });
}

function Event({ event, path }: { event: TimelineEvent; path: string }) {
  const { title, badge, lines } = worded(event);
  const id = event.kind === 'contact' ? `c-${event.deliveryId}` : undefined;
  return (
    <li id={id}>
      <p class="c-when">{when(event.at)}</p>
      <p class="c-what">
        <strong>{title}</strong>
        {badge === null ? null : <Badge look={badge.look}>{badge.text}</Badge>}
      </p>
      {lines.map((line) => (
        <p key={line} class="b-note">
          {line}
        </p>
      ))}
      {event.kind === 'contact' ? <Words event={event} path={path} /> : null}
      {event.kind === 'dispute' ? (
        <p>
          <a class="c-link" href={`/console/segnalazioni/${event.id}`}>
            Apri la segnalazione {event.number}
          </a>
        </p>
      ) : null}
    </li>
  );
}

function Words({ event, path }: { event: TimelineEvent & { kind: 'contact' }; path: string }) {
  if (event.text !== null) {
    return (
      <div class="c-words">
        <p class="b-note">Il testo esatto che è partito. I collegamenti personali sono coperti.</p>
        <p>
          <strong>{event.text.subject}</strong>
        </p>
        <p class="c-pre">{withoutKeys(event.text.text)}</p>
        <p>
          <a class="c-link" href={`${path}#c-${event.deliveryId}`}>
            Chiudi il testo
          </a>
        </p>
      </div>
    );
  }
  if (!event.handedOver) return null;
  return (
    <p>
      <a class="c-link" href={`${path}?testo=${event.deliveryId}#c-${event.deliveryId}`}>
        Leggi il testo del {when(event.at)}
      </a>
    </p>
  );
}

const SIGNALS: Readonly<Record<string, string>> = {
  read: 'Ha aperto la pagina dell’avviso',
  delivered: 'Il messaggio è arrivato',
  bounced: 'Il messaggio è tornato indietro',
  delayed: 'Il gestore lo ha in ritardo',
  complaint: 'Ha segnalato il messaggio come indesiderato',
};

interface Wording {
  readonly title: string;
  readonly badge: { readonly text: string; readonly look: BadgeLook } | null;
  readonly lines: readonly string[];
}

function worded(event: TimelineEvent): Wording {
  switch (event.kind) {
    case 'debt':
      return {
        title: `Posizione caricata: ${event.title}`,
        badge: debtState(event.state),
        lines: [`${formatEuro(event.cents)}, dal file «${event.file}»`],
      };
    case 'contact':
      return {
        title: `${channelName(event.channel)}, campagna «${event.campaign}»`,
        badge: deliveryState(event.state),
        lines: [
          ...(event.address === null ? [] : [`A ${event.address}`]),
          ...(event.reason === null ? [] : [`Perché: ${reasonWords(event.reason)}`]),
        ],
      };
    case 'signal':
      return { title: SIGNALS[event.signal] ?? event.signal, badge: null, lines: [] };
    case 'identified':
      return { title: 'Si è identificata nel portale', badge: null, lines: [] };
    case 'payment':
      return {
        title: `Pagamento di ${formatEuro(event.cents)}`,
        badge: { text: 'registrato', look: 'ok' },
        lines: [event.title, ...(event.excessCents > 0 ? [`${formatEuro(event.excessCents)} in più del dovuto`] : [])],
      };
    case 'dispute':
      return {
        title: `Segnalazione ${event.number}: ${disputeKind(event.what)}`,
        badge: disputeState(event.state),
        lines: [],
      };
    case 'decision':
      return {
        title: `Risposta alla segnalazione ${event.number}`,
        badge: disputeState(event.state),
        lines: event.by === null ? [] : [`Decisa da ${event.by}`],
      };
  }
}

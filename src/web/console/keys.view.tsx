import { API_ROLES, type ApiKey } from '../../modules/operators/index.ts';
import {
  EVENT_KINDS,
  type EventKind,
  type WebhookEndpoint,
  type WebhookOutcome,
} from '../../modules/webhooks/index.ts';
import { Checks, type FieldError, Hidden, SubmitButton, TextField } from '../ui/forms.tsx';
import { BackLink, Badge, Bullets, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { FormErrors, shownOncePage } from './operators-parts.tsx';
import { API_ROLE_WORDS, EVENT_WORDS, outcomeWords } from './operators-words.ts';
import { DataTable, Empty } from './parts.tsx';
import { type ConsoleAlert, CsrfField, consolePage } from './shell.tsx';
import { when } from './words.ts';

export const EVENTS = Object.keys(EVENT_KINDS) as EventKind[];
export const PROGRAMS = '/console/permessi/programmi';

export interface TypedKey {
  readonly formId: string;
  readonly label: string;
  readonly roles: readonly string[];
}

export interface TypedEndpoint {
  readonly formId: string;
  readonly url: string;
  readonly events: readonly string[];
}

/** Programs of the body: the keys they come with, and where they are told what happens. */
export function programsPage(
  signed: Signed,
  found: {
    readonly keys: readonly ApiKey[];
    readonly endpoints: readonly WebhookEndpoint[];
    readonly outcomes: readonly WebhookOutcome[];
  },
  typed: { readonly key: TypedKey; readonly endpoint: TypedEndpoint },
  errors: readonly FieldError[],
  alert?: ConsoleAlert,
): string {
  return consolePage({
    ...signed,
    title: errors.length > 0 ? 'Errore: programmi collegati' : 'Programmi collegati',
    active: 'permessi',
    alert,
    body: (
      <>
        <BackLink href="/console/permessi">Permessi</BackLink>
        <FormErrors errors={errors} />
        <Title>Programmi collegati</Title>
        <p class="b-text">
          Il gestionale, la piattaforma dei pagamenti e gli altri programmi dell’ente entrano con una chiave propria.
          Che cosa possono fare è scritto in{' '}
          <a class="c-link" href="/api">
            API
          </a>
          .
        </p>
        <Keys signed={signed} keys={found.keys} typed={typed.key} errors={errors} />
        <Endpoints signed={signed} endpoints={found.endpoints} typed={typed.endpoint} errors={errors} />
        <Outcomes endpoints={found.endpoints} outcomes={found.outcomes} />
      </>
    ),
  });
}

interface KeysProps {
  readonly signed: Signed;
  readonly keys: readonly ApiKey[];
  readonly typed: TypedKey;
  readonly errors: readonly FieldError[];
}

function Keys({ signed, keys, typed, errors }: KeysProps) {
  return (
    <section class="b-section" aria-labelledby="chiavi">
      <h2 id="chiavi">Chiavi</h2>
      {keys.length === 0 ? (
        <Empty>
          <p>Nessuna chiave: nessun programma può entrare.</p>
        </Empty>
      ) : (
        <DataTable
          id="elenco-chiavi"
          caption="Chiavi delle API"
          head={['Programma', 'Può', 'Stato', 'Azione']}
          rows={keys.map((key) => [
            key.label,
            key.roles.map((role) => API_ROLE_WORDS[role].name).join(', '),
            <Badge look={key.active ? 'ok' : 'off'}>{key.active ? 'attiva' : 'tolta'}</Badge>,
            key.active ? (
              <Act
                signed={signed}
                action={`${PROGRAMS}/chiavi/${key.apiKeyId}/togli`}
                label="Togli"
                about={key.label}
              />
            ) : (
              ''
            ),
          ])}
        />
      )}
      <form class="b-text" method="post" action={`${PROGRAMS}/chiavi`} noValidate>
        <CsrfField csrf={signed.csrf} />
        <Hidden name="modulo" value={typed.formId} />
        <h3 class="c-h2">Nuova chiave</h3>
        <TextField
          id="programma"
          prose
          label="Nome del programma"
          hint="Per riconoscerla nel registro, per esempio «Gestionale tributi»."
          value={typed.label}
          errors={errors}
        />
        <Checks
          name="puo"
          legend="Che cosa può fare"
          options={API_ROLES.map((role) => ({
            value: role,
            label: `${API_ROLE_WORDS[role].name}: ${API_ROLE_WORDS[role].what}`,
          }))}
          checked={typed.roles}
          errors={errors}
        />
        <SubmitButton>Crea la chiave</SubmitButton>
      </form>
    </section>
  );
}

interface EndpointsProps {
  readonly signed: Signed;
  readonly endpoints: readonly WebhookEndpoint[];
  readonly typed: TypedEndpoint;
  readonly errors: readonly FieldError[];
}

function Endpoints({ signed, endpoints, typed, errors }: EndpointsProps) {
  return (
    <section class="b-section" aria-labelledby="indirizzi">
      <h2 id="indirizzi">Indirizzi a cui raccontare i fatti</h2>
      {endpoints.length === 0 ? (
        <Empty>
          <p>Nessun indirizzo: i programmi chiedono, nessuno viene avvisato.</p>
        </Empty>
      ) : (
        <DataTable
          id="elenco-indirizzi"
          caption="Indirizzi (webhook)"
          head={['Indirizzo', 'Fatti', 'Da raccontare', 'Abbandonati', 'Azioni']}
          figures={[2, 3]}
          rows={endpoints.map((one) => [
            <Address url={one.url} />,
            one.kinds.map((kind) => EVENT_WORDS[kind]).join(', '),
            String(one.waiting),
            String(one.givenUp),
            <>
              <Act
                signed={signed}
                action={`${PROGRAMS}/indirizzi/${one.endpointId}/prova`}
                label="Prova"
                about={one.url}
              />
              <Act
                signed={signed}
                action={`${PROGRAMS}/indirizzi/${one.endpointId}/togli`}
                label="Togli"
                about={one.url}
              />
            </>,
          ])}
        />
      )}
      <form class="b-text" method="post" action={`${PROGRAMS}/indirizzi`} noValidate>
        <CsrfField csrf={signed.csrf} />
        <Hidden name="modulo" value={typed.formId} />
        <h3 class="c-h2">Nuovo indirizzo</h3>
        <TextField
          id="indirizzo"
          label="Indirizzo"
          hint="Comincia con https:// e risponde da Internet."
          value={typed.url}
          errors={errors}
        />
        <Checks
          name="fatto"
          legend="Che cosa raccontare"
          options={EVENTS.map((kind) => ({ value: kind, label: EVENT_WORDS[kind] }))}
          checked={typed.events}
          errors={errors}
        />
        <SubmitButton secondary>Aggiungi l’indirizzo</SubmitButton>
      </form>
    </section>
  );
}

function Outcomes(props: {
  readonly endpoints: readonly WebhookEndpoint[];
  readonly outcomes: readonly WebhookOutcome[];
}) {
  if (props.outcomes.length === 0) return null;
  const hosts = new Map(props.endpoints.map((one) => [one.endpointId, new URL(one.url).host]));
  return (
    <section class="b-section" aria-labelledby="esiti-titolo">
      <h2 id="esiti-titolo">Ultimi esiti</h2>
      <DataTable
        id="esiti"
        caption="Fatti raccontati per ultimi a ogni indirizzo"
        head={['Primo tentativo', 'Fatto', 'A chi', 'Tentativi', 'Esito']}
        figures={[3]}
        rows={props.outcomes.map((one) => {
          const { text, look } = outcomeWords(one);
          return [
            when(one.triedAt),
            EVENT_WORDS[one.kind],
            hosts.get(one.endpointId) ?? '',
            String(one.attempts),
            <Badge look={look}>{text}</Badge>,
          ];
        })}
      />
    </section>
  );
}

/** The host whole, since it says who is told; the rest may break anywhere. */
function Address({ url }: { url: string }) {
  const { origin, pathname, search } = new URL(url);
  return (
    <>
      {origin}
      <span class="b-row-note c-break">{pathname + search}</span>
    </>
  );
}

interface ActProps {
  readonly signed: Signed;
  readonly action: string;
  readonly label: string;
  /** Which row: buttons of a table say the same word. */
  readonly about: string;
}

function Act({ signed, action, label, about }: ActProps) {
  return (
    <form class="c-inline" method="post" action={action}>
      <CsrfField csrf={signed.csrf} />
      <button class="c-button" type="submit">
        {label}
        <span class="visually-hidden"> {about}</span>
      </button>
    </form>
  );
}

export function keyPage(signed: Signed, label: string, key: string): string {
  return shownOncePage(signed, {
    title: `Chiave per «${label}»`,
    secret: key,
    back: PROGRAMS,
    backLabel: 'Torna ai programmi',
    children: (
      <Bullets
        items={[
          'Va nell’intestazione Authorization, dopo la parola Bearer.',
          'Chi la possiede agisce come quel programma: la consegni solo a chi lo gestisce.',
        ]}
      />
    ),
  });
}

export function endpointSecretPage(signed: Signed, url: string, secret: string): string {
  return shownOncePage(signed, {
    title: 'Segreto del nuovo indirizzo',
    secret,
    back: PROGRAMS,
    backLabel: 'Torna ai programmi',
    children: (
      <Bullets
        items={[
          `Serve a chi riceve in ${new URL(url).host} per controllare la firma di ogni messaggio.`,
          'Come si controlla è scritto in /api, «Eventi inviati agli indirizzi registrati».',
        ]}
      />
    ),
  });
}

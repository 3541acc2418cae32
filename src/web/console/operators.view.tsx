import type { Person, Role } from '../../modules/operators/index.ts';
import { Checks, type FieldError, Hidden, SubmitButton, TextField } from '../ui/forms.tsx';
import { BackLink, Badge, Bullets, Callout, Row, Rows, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { FormErrors, shownOncePage } from './operators-parts.tsx';
import { ROLE_WORDS, roleNames } from './operators-words.ts';
import { DataTable } from './parts.tsx';
import { type ConsoleAlert, CsrfField, consolePage } from './shell.tsx';
import { when } from './words.ts';

/** Roles to tick; who enters the console sees it, so that one is not asked. */
export const CHOSEN_ROLES = ['import', 'write', 'approve', 'decide', 'manage'] as const satisfies readonly Role[];
const ROLE_OPTIONS = CHOSEN_ROLES.map((role) => ({
  value: role,
  label: `${ROLE_WORDS[role].name}: ${ROLE_WORDS[role].what}`,
}));

export interface NewPerson {
  /** Id of who is to be added: the same form sent twice adds one. */
  readonly formId: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** O15: who may do what, and the form to add somebody. */
export function peoplePage(
  signed: Signed,
  people: readonly Person[],
  typed: NewPerson,
  errors: readonly FieldError[],
  realNow: number,
  alert?: ConsoleAlert,
): string {
  const lonely = withoutSecond(people);
  return consolePage({
    ...signed,
    title: errors.length > 0 ? 'Errore: permessi' : 'Permessi',
    active: 'permessi',
    alert,
    body: (
      <>
        <FormErrors errors={errors} />
        <Title>Permessi</Title>
        <p class="b-text">
          Chi scrive una campagna non la approva mai, qualunque permesso abbia: serve una seconda persona. Ogni modifica
          resta nel registro.
        </p>
        {lonely.length === 0 ? null : (
          <Callout look="warn" title="Manca una seconda persona">
            <p>Nessun altro può approvare le campagne scritte da {lonely.join(', ')}.</p>
          </Callout>
        )}
        <DataTable
          id="operatori"
          caption="Operatori dell’ente"
          head={['Nome', 'Permessi', 'Accesso']}
          rows={people.map((person) => [
            <a class="c-link" href={`/console/permessi/${person.operatorId}`}>
              {person.name}
            </a>,
            <>
              {roleNames(person.roles)}
              {holdsBoth(person) ? <span class="b-row-note">Scrive e approva, mai la stessa campagna</span> : null}
            </>,
            <AccessBadge person={person} realNow={realNow} />,
          ])}
        />
        <Rows>
          <Row
            href="/console/permessi/programmi"
            title="Programmi collegati"
            note="Chiavi delle API e indirizzi a cui raccontare i fatti"
          />
        </Rows>
        <section class="b-section b-text" aria-labelledby="aggiungi">
          <h2 id="aggiungi">Aggiungi un operatore</h2>
          <form method="post" action="/console/permessi" noValidate>
            <CsrfField csrf={signed.csrf} />
            <Hidden name="modulo" value={typed.formId} />
            <TextField id="nome" prose label="Nome e cognome" value={typed.name} errors={errors} />
            <Checks
              name="ruolo"
              legend="Permessi, oltre a vedere"
              options={ROLE_OPTIONS}
              checked={typed.roles}
              errors={errors}
            />
            <SubmitButton>Aggiungi e crea l’invito</SubmitButton>
          </form>
        </section>
      </>
    ),
  });
}

const holdsBoth = ({ roles }: Person) => roles.includes('write') && roles.includes('approve');

/** Names of active writers whose campaigns nobody else could approve. */
function withoutSecond(people: readonly Person[]): string[] {
  const active = people.filter((person) => person.active);
  const approvers = active.filter((person) => person.roles.includes('approve'));
  return active
    .filter((person) => person.roles.includes('write') && !approvers.some((one) => one !== person))
    .map((person) => person.name);
}

function AccessBadge({ person, realNow }: { person: Person; realNow: number }) {
  if (!person.active) return <Badge look="off">sospeso</Badge>;
  if (person.enrolled) return <Badge look="ok">attivo</Badge>;
  if (person.login === null) return <Badge look="off">solo comandi</Badge>;
  return (person.invitedUntil ?? 0) > realNow ? (
    <Badge look="wait">invitato</Badge>
  ) : (
    <Badge look="late">invito scaduto</Badge>
  );
}

const DONE: Readonly<Record<string, ConsoleAlert>> = {
  ruoli: { look: 'ok', title: 'Permessi cambiati', text: 'Valgono da subito, anche per chi è già entrato.' },
  sospeso: { look: 'ok', title: 'Accesso sospeso', text: 'Le sessioni aperte sono chiuse.' },
  riattivato: {
    look: 'ok',
    title: 'Accesso riattivato',
    text: 'Entra nella console come prima. La chiave per i comandi non vale più.',
  },
  ultimo: {
    look: 'warn',
    title: 'Nulla è cambiato',
    text: 'È l’unica persona che gestisce gli operatori: prima dia il permesso «Gestire» a un’altra.',
  },
};

/** One operator: roles, access, suspension. */
export function personAccessPage(signed: Signed, person: Person, realNow: number, done: string): string {
  const path = `/console/permessi/${person.operatorId}`;
  return consolePage({
    ...signed,
    title: person.name,
    active: 'permessi',
    alert: DONE[done],
    body: (
      <>
        <BackLink href="/console/permessi">Permessi</BackLink>
        <Title>{person.name}</Title>
        <p class="b-status">
          <AccessBadge person={person} realNow={realNow} />
          <span>
            {person.login === null ? 'Non ha un nome di accesso.' : `Entra come ${person.login}@${signed.ente.slug}.`}
          </span>
        </p>
        {holdsBoth(person) ? (
          <Callout title="Scrive e approva">
            <p>Può fare le due cose, mai sulla stessa campagna: quella che scrive la approva un’altra persona.</p>
          </Callout>
        ) : null}
        <section class="b-section b-text" aria-labelledby="permessi">
          <h2 id="permessi">Permessi</h2>
          <form method="post" action={`${path}/ruoli`}>
            <CsrfField csrf={signed.csrf} />
            <Checks name="ruolo" legend="Oltre a vedere" options={ROLE_OPTIONS} checked={person.roles} errors={[]} />
            <SubmitButton>Salva i permessi</SubmitButton>
          </form>
        </section>
        <section class="b-section b-text" aria-labelledby="accesso">
          <h2 id="accesso">Accesso</h2>
          {person.active ? (
            <>
              <Bullets
                items={[
                  'Un invito nuovo serve a chi ha perso telefono o password, o non è ancora entrato.',
                  'Quando il nuovo invito è creato, password, app e codici di riserva di prima non valgono più.',
                ]}
              />
              <Act signed={signed} action={`${path}/invito`} label="Crea un invito nuovo" />
              <Act signed={signed} action={`${path}/sospendi`} label="Sospendi l’accesso" />
            </>
          ) : (
            <Act signed={signed} action={`${path}/riattiva`} label="Riattiva l’accesso" />
          )}
        </section>
      </>
    ),
  });
}

function Act({ signed, action, label }: { signed: Signed; action: string; label: string }) {
  return (
    <form class="c-inline" method="post" action={action}>
      <CsrfField csrf={signed.csrf} />
      <button class="c-button" type="submit">
        {label}
      </button>
    </form>
  );
}

/** The invitation, to be handed to its person by word of mouth or on paper, never to a third. */
export function invitedPage(
  signed: Signed,
  invited: { readonly name: string; readonly login: string; readonly code: string; readonly expiresAt: number },
  baseUrl: string,
): string {
  return shownOncePage(signed, {
    title: `Invito per ${invited.name}`,
    secret: invited.code,
    back: '/console/permessi',
    backLabel: 'Torna ai permessi',
    children: (
      <Bullets
        items={[
          `Lo consegni solo a ${invited.name}: chi lo usa entra a suo nome.`,
          `Si usa una volta, entro il ${when(invited.expiresAt)}, in ${baseUrl}/console/invito.`,
          `Poi entrerà come ${invited.login}@${signed.ente.slug}.`,
        ]}
      />
    ),
  });
}

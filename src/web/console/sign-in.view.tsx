import { type EnrolmentFault, MIN_PASSWORD } from '../../modules/operators/index.ts';
import { ErrorSummary, Field, type FieldError, Hidden, SubmitButton, TextField } from '../ui/forms.tsx';
import { Callout, Title } from '../ui/parts.tsx';
import { QrCode } from '../ui/qr.tsx';
import { outsidePage } from './shell.tsx';

export function signInPage(props: {
  readonly bodies: readonly string[];
  readonly typed: { readonly login: string; readonly body: string };
  readonly again: string;
  readonly state: 'new' | 'wrong' | 'expired' | 'left';
}): string {
  const { bodies, typed, state } = props;
  const errors =
    state === 'wrong'
      ? [{ field: 'nome', message: 'Nome, password e codice non corrispondono. Controlli e riprovi.' }]
      : [];
  return outsidePage({
    title: state === 'wrong' ? 'Errore: accesso' : 'Accesso',
    body: (
      <div class="c-narrow">
        <ErrorSummary title="L’accesso non è riuscito" errors={errors} />
        <Title>Accesso per gli operatori</Title>
        {state === 'expired' ? (
          <Callout look="warn" title="La sessione è scaduta">
            <p>Acceda di nuovo. L’ultima operazione non è stata registrata: la ripeta.</p>
          </Callout>
        ) : null}
        {state === 'left' ? (
          <Callout look="ok" title="È uscito dalla console">
            <p>Su questo dispositivo non restano dati.</p>
          </Callout>
        ) : null}
        {state === 'wrong' ? (
          <p class="b-note">Dopo molti tentativi l’accesso si ferma per un quarto d’ora, anche con i dati giusti.</p>
        ) : null}
        <form method="post" action="/console/accedi">
          <Hidden name="poi" value={props.again} />
          <TextField
            id="nome"
            label="Nome"
            hint="Il nome ricevuto con l’invito, per esempio maria.rossi@nome-ente."
            value={typed.login}
            autocomplete="username"
            errors={[]}
          />
          {bodies.length === 0 ? (
            <Hidden name="ente" value={typed.body} />
          ) : (
            <Field
              id="ente"
              label="Ente"
              hint="Serve solo se il nome non lo dice già."
              errors={[]}
              control={(aria) => (
                <select class="b-input c-select" id="ente" name="ente" aria-describedby={aria.describedBy}>
                  <option value="">Scelga l’ente</option>
                  {bodies.map((slug) => (
                    <option key={slug} value={slug} selected={slug === typed.body}>
                      {slug}
                    </option>
                  ))}
                </select>
              )}
            />
          )}
          <TextField id="password" label="Password" type="password" autocomplete="current-password" errors={[]} />
          <TextField
            id="codice"
            label="Codice"
            hint="Le sei cifre dell’app di autenticazione, o un codice di riserva."
            autocomplete="one-time-code"
            numeric
            errors={[]}
          />
          <SubmitButton>Accedi</SubmitButton>
        </form>
        <p class="c-after">
          <a class="c-link" href="/console/invito">
            Ho ricevuto un invito
          </a>
        </p>
      </div>
    ),
  });
}

export function invitationPage({ wrong }: { readonly wrong: boolean }): string {
  const errors = wrong ? [{ field: 'invito', message: 'L’invito non vale, è scaduto o è già stato usato.' }] : [];
  return outsidePage({
    title: wrong ? 'Errore: invito' : 'Invito',
    body: (
      <div class="c-narrow">
        <ErrorSummary title="L’invito non si apre" errors={errors} />
        <Title>Primo accesso</Title>
        <p>
          Chi gestisce gli operatori del Suo ente Le ha dato un codice di invito: vale tre giorni e si usa una volta.
        </p>
        <form method="post" action="/console/invito">
          <TextField id="invito" label="Codice di invito" hint="Comincia con bi_" autocomplete="off" errors={errors} />
          <SubmitButton>Continua</SubmitButton>
        </form>
        <p class="c-after">
          <a class="c-link" href="/console/accedi">
            Torna all’accesso
          </a>
        </p>
      </div>
    ),
  });
}

type Fault = Exclude<EnrolmentFault, 'invitation'> | 'passwordTwice';

const FAULTS: Readonly<Record<Fault, FieldError>> = {
  passwordShort: { field: 'password', message: `La password è corta: servono almeno ${MIN_PASSWORD} caratteri.` },
  passwordLong: { field: 'password', message: 'La password è troppo lunga: al massimo 200 caratteri.' },
  passwordName: { field: 'password', message: 'La password contiene il Suo nome: ne scelga un’altra.' },
  passwordTwice: { field: 'ripeti', message: 'Le due password non sono uguali.' },
  code: { field: 'codice', message: 'Il codice non corrisponde. Controlli l’ora del telefono e usi il codice nuovo.' },
};

export function enrolPage(props: {
  readonly name: string;
  readonly login: string;
  readonly slug: string;
  readonly body: string;
  readonly secret: string;
  readonly uri: string;
  readonly invitation: string;
  readonly fault: Fault | null;
}): string {
  const errors = props.fault === null ? [] : [FAULTS[props.fault]];
  return outsidePage({
    title: props.fault === null ? 'Primo accesso' : 'Errore: primo accesso',
    body: (
      <div class="c-narrow">
        <ErrorSummary title="Manca ancora qualcosa" errors={errors} />
        <Title>Primo accesso</Title>
        <p>
          {props.name}, per {props.body} il Suo nome di accesso è{' '}
          <strong class="c-break">
            {props.login}@{props.slug}
          </strong>
          .
        </p>
        <h2 class="c-h2">1. Aggiunga il codice all’app di autenticazione</h2>
        <QrCode text={props.uri} label="Codice QR per l’app di autenticazione" />
        <p>
          Con l’app inquadri il codice. Se non può, scelga di inserire una chiave a mano e copi questa, oppure apra il
          collegamento dal telefono.
        </p>
        <p class="c-secret">{props.secret.replace(/(.{4})(?=.)/g, '$1 ')}</p>
        <p>
          <a class="c-link" href={props.uri}>
            Apri nell’app di autenticazione
          </a>
        </p>
        <h2 class="c-h2">2. Scelga la password</h2>
        <form method="post" action="/console/invito">
          <Hidden name="invito" value={props.invitation} />
          <Hidden name="passo" value="2" />
          <TextField
            id="password"
            label="Password"
            hint={`Almeno ${MIN_PASSWORD} caratteri. Una frase va bene.`}
            type="password"
            autocomplete="new-password"
            errors={errors}
          />
          <TextField
            id="ripeti"
            label="Ripeta la password"
            type="password"
            autocomplete="new-password"
            errors={errors}
          />
          <TextField
            id="codice"
            label="Codice"
            hint="Le sei cifre che l’app mostra adesso."
            autocomplete="one-time-code"
            numeric
            errors={errors}
          />
          <SubmitButton>Entra</SubmitButton>
        </form>
      </div>
    ),
  });
}

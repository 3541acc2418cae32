import type { FieldError } from '../ui/forms.tsx';
import { ErrorSummary, SubmitButton, TextField } from '../ui/forms.tsx';
import { Callout, PrimaryLink, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { CsrfField, consolePage, outsidePage } from './shell.tsx';

/** One's own way in: how many recovery codes are left, and new ones for who has the telephone at hand. */
export function ownAccessPage(signed: Signed, left: number, errors: readonly FieldError[]): string {
  return consolePage({
    ...signed,
    title: errors.length > 0 ? 'Errore: il mio accesso' : 'Il mio accesso',
    active: null,
    body: (
      <div class="c-narrow">
        <ErrorSummary title="I codici non sono stati creati" errors={errors} />
        <Title>Il mio accesso</Title>
        <h2 class="c-h2">Codici di riserva</h2>
        <p>
          Se perde il telefono, un codice di riserva vale al posto di quello dell’app, una volta.{' '}
          {left === 0 ? 'Non ne ha.' : `Ne restano ${left}.`}
        </p>
        <form method="post" action="/console/accesso">
          <CsrfField csrf={signed.csrf} />
          <TextField
            id="codice"
            label="Codice dell’app"
            hint="Le sei cifre che l’app mostra adesso. I codici di riserva di prima non varranno più."
            autocomplete="one-time-code"
            numeric
            errors={errors}
          />
          <SubmitButton>Crea codici nuovi</SubmitButton>
        </form>
      </div>
    ),
  });
}

/** In the answer to the form that made them: no address leads here. */
export function recoveryCodesPage(codes: readonly string[]): string {
  return outsidePage({
    title: 'Codici di riserva',
    body: (
      <div class="c-narrow">
        <Title done>I Suoi codici di riserva</Title>
        <Callout look="warn" title="Si vedono solo adesso">
          <p>Li stampi o li copi in un posto sicuro, lontano dal telefono.</p>
        </Callout>
        <p>Se perde il telefono, scriva uno di questi codici al posto di quello dell’app. Ognuno vale una volta.</p>
        <ul class="c-codes">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div class="b-actions">
          <PrimaryLink href="/console">Li ho messi al sicuro: continua</PrimaryLink>
        </div>
      </div>
    ),
  });
}

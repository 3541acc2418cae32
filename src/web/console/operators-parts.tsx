import type { ComponentChildren } from 'preact';
import { ErrorSummary, type FieldError, Hidden, SubmitButton } from '../ui/forms.tsx';
import { Callout, PrimaryLink, SecondaryLink, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { CsrfField, consolePage } from './shell.tsx';

/** What is asked once more before it is done: what it does, and whether it can be undone (ui.md §5.8). */
export function confirmingPage(
  signed: Signed,
  props: {
    readonly title: string;
    readonly warning: string;
    readonly text: string;
    readonly action: string;
    readonly button: string;
    readonly back: string;
  },
): string {
  return consolePage({
    ...signed,
    title: props.title,
    active: 'permessi',
    body: (
      <>
        <Title>{props.title}</Title>
        <Callout look="warn" title={props.warning}>
          <p>{props.text}</p>
        </Callout>
        <form method="post" action={props.action}>
          <CsrfField csrf={signed.csrf} />
          <Hidden name="passo" value="2" />
          <div class="b-actions">
            <SubmitButton>{props.button}</SubmitButton>
            <SecondaryLink href={props.back}>Torna indietro</SecondaryLink>
          </div>
        </form>
      </>
    ),
  });
}

/** A secret in the answer to the form that made it: no address leads here, and the program keeps only its hash. */
export function shownOncePage(
  signed: Signed,
  props: {
    readonly title: string;
    readonly secret: string;
    readonly children: ComponentChildren;
    readonly back: string;
    readonly backLabel: string;
  },
): string {
  return consolePage({
    ...signed,
    title: props.title,
    active: 'permessi',
    body: (
      <>
        <Title done>{props.title}</Title>
        <Callout look="warn" title="Si vede solo adesso">
          <p>Lo copi prima di lasciare la pagina: dopo non si può più leggere, si può solo rifare.</p>
        </Callout>
        <p class="c-secret">{props.secret}</p>
        {props.children}
        <div class="b-actions">
          <PrimaryLink href={props.back}>{props.backLabel}</PrimaryLink>
        </div>
      </>
    ),
  });
}

/** Above a form that came back. */
export function FormErrors({ errors }: { errors: readonly FieldError[] }) {
  return <ErrorSummary title="Manca ancora qualcosa" errors={errors} />;
}

import { ErrorSummary, Field, type FieldError, SubmitButton } from '../ui/forms.tsx';
import { BackLink, Callout, Details, Section, Title } from '../ui/parts.tsx';
import type { EntePublic } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';

export interface CodePageProps {
  readonly ente: EntePublic;
  /** Why no new code was sent, if so. */
  readonly trouble: 'tooMany' | 'channelDown' | null;
  /** Seconds to wait before asking again, when just sent. */
  readonly waitSeconds: number | null;
  /** What was typed, given back after a mistake. */
  readonly typed: { readonly code: string; readonly item: string };
  readonly errors: readonly FieldError[];
}

/** C2: the code, then an item the person holds. No address is shown, not even masked (architecture §4.5). */
export function codePage({ ente, trouble, waitSeconds, typed, errors }: CodePageProps): string {
  const t = texts.code;
  return portalPage({
    title: `${errors.length > 0 ? texts.errorTitlePrefix : ''}${t.title}`,
    ente,
    children: (
      <>
        <BackLink href="/avviso">{t.back}</BackLink>
        <ErrorSummary title={t.errorTitle} errors={errors} />
        <Title>{t.title}</Title>
        {trouble === 'tooMany' ? (
          <Callout look="warn" title={t.tooManyTitle}>
            <p>{t.tooMany}</p>
          </Callout>
        ) : null}
        {trouble === 'channelDown' ? (
          <Callout look="warn" title={t.downTitle}>
            <p>{t.down}</p>
          </Callout>
        ) : null}
        {trouble === null ? <p class="b-lead">{t.lead}</p> : null}
        <form method="post" action="/codice" noValidate>
          <Field
            id="codice"
            label={t.code}
            hint={t.codeHint}
            errors={errors}
            control={(aria) => (
              <input
                class="b-input b-input-code"
                id="codice"
                name="codice"
                type="text"
                inputMode="numeric"
                autoComplete="one-time-code"
                maxLength={12}
                required
                value={typed.code}
                aria-describedby={aria.describedBy}
                aria-invalid={aria.invalid || undefined}
              />
            )}
          />
          <Field
            id="elemento"
            label={t.item}
            hint={t.itemHint}
            errors={errors}
            control={(aria) => (
              <input
                class="b-input"
                id="elemento"
                name="elemento"
                type="text"
                autoComplete="off"
                autoCapitalize="characters"
                spellcheck={false}
                maxLength={60}
                required
                value={typed.item}
                aria-describedby={aria.describedBy}
                aria-invalid={aria.invalid || undefined}
              />
            )}
          />
          <SubmitButton>{t.submit}</SubmitButton>
        </form>
        <Section title={t.resendTitle}>
          <p>{waitSeconds === null ? t.resendText : t.resendWait(waitSeconds)}</p>
          <form method="post" action="/avviso/codice">
            <SubmitButton secondary>{t.resend}</SubmitButton>
          </form>
        </Section>
        <div class="b-section">
          <Details summary={t.itemWhy}>
            <p>{t.itemWhyText}</p>
          </Details>
          <Details summary={t.otherWay}>
            <p>{t.otherWayText}</p>
          </Details>
        </div>
      </>
    ),
  });
}

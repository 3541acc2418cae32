import type { CivilDate } from '../../kernel/civil-date.ts';
import { Choices, ErrorSummary, Field, type FieldError, Hidden, SubmitButton } from '../ui/forms.tsx';
import { BackLink, PrimaryLink, Title } from '../ui/parts.tsx';
import { DISPUTE_KINDS, type DialogueView, type PositionView } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { ReportStatus } from './report-status.tsx';
import { texts } from './texts.it.ts';

export const MAX_REPORT_TEXT = 2000;

interface ReportPageProps {
  readonly view: DialogueView;
  /** Null: about the whole notice. */
  readonly position: PositionView | null;
  readonly formKey: string;
  readonly typed: { readonly kind: string; readonly text: string };
  readonly errors: readonly FieldError[];
}

/** C8: "ho già pagato" and the other doubts. */
export function reportPage({ view, position, formKey, typed, errors }: ReportPageProps): string {
  const t = texts.report;
  const path = position === null ? '/segnala' : `/segnala/${position.debtId}`;
  return portalPage({
    title: `${errors.length > 0 ? texts.errorTitlePrefix : ''}${t.title}`,
    ente: view.ente,
    signedIn: view.level === 'identified',
    children: (
      <>
        <BackLink href={position === null ? backFrom(view) : `/posizioni/${position.debtId}`}>{t.back}</BackLink>
        <ErrorSummary title={t.errorTitle} errors={errors} />
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        {position === null ? null : (
          <>
            <p>
              {t.about} <strong>{position.title}</strong>
            </p>
            <ReportStatus position={position} />
          </>
        )}
        <form method="post" action={path} noValidate>
          <Hidden name="chiave" value={formKey} />
          <Choices
            name="motivo"
            legend={t.kind}
            options={DISPUTE_KINDS.map((kind) => ({ value: kind, label: t.kinds[kind] }))}
            selected={typed.kind}
            errors={errors}
          />
          <Field
            id="testo"
            label={t.text}
            hint={t.textHint}
            errors={errors}
            control={(aria) => (
              <textarea
                class="b-input"
                id="testo"
                name="testo"
                rows={5}
                aria-describedby={aria.describedBy}
                aria-invalid={aria.invalid || undefined}
              >
                {typed.text}
              </textarea>
            )}
          />
          <SubmitButton>{t.submit}</SubmitButton>
        </form>
        <p class="b-note b-sum-when">{t.timeout}</p>
      </>
    ),
  });
}

function backFrom(view: DialogueView): string {
  return view.level === 'identified' ? '/posizioni' : '/avviso';
}

/** After C8: number and date of the answer. */
export function reportDonePage(view: DialogueView, number: string, deadline: CivilDate): string {
  const t = texts.report;
  return portalPage({
    title: t.doneTitle,
    ente: view.ente,
    signedIn: view.level === 'identified',
    children: (
      <>
        <Title done>{t.doneTitle}</Title>
        <p class="b-lead">{t.done(number, deadline)}</p>
        <p>{t.doneNext}</p>
        <div class="b-actions">
          <PrimaryLink href={backFrom(view)}>{t.doneLink}</PrimaryLink>
        </div>
      </>
    ),
  });
}

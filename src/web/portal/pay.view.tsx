import { Hidden, SubmitButton } from '../ui/forms.tsx';
import { BackLink, Callout, PrimaryLink, SecondaryLink, Title } from '../ui/parts.tsx';
import type { DialogueView, PositionView } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { StateBadge, Sum } from './position-parts.tsx';
import { texts } from './texts.it.ts';

/** Why the way to the rail is not simply open. */
export type PayTrouble =
  | { readonly kind: 'amountChanged'; readonly outstandingCents: number }
  | { readonly kind: 'alreadyPaid' }
  | { readonly kind: 'inDoubt' }
  | { readonly kind: 'inProgress'; readonly checkoutId: string }
  | { readonly kind: 'unavailable' };

interface PayPageProps {
  readonly view: DialogueView;
  readonly position: PositionView;
  /** Idempotency key of this form. */
  readonly formKey: string;
  readonly trouble: PayTrouble | null;
}

/** C5: recap and hand-over to the rail. */
export function payPage({ view, position, formKey, trouble }: PayPageProps): string {
  const t = texts.pay;
  const changed = trouble?.kind === 'amountChanged' ? trouble : null;
  const toPayCents = changed?.outstandingCents ?? position.toPayCents;
  // What is charged, not what is owed: a local tax is paid to the euro.
  const shown = { ...position, outstandingCents: toPayCents, toPayCents };
  const back = `/posizioni/${position.debtId}`;
  return portalPage({
    title: t.title,
    ente: view.ente,
    signedIn: true,
    children: (
      <>
        <BackLink href={back}>{t.back}</BackLink>
        <Title>{t.title}</Title>
        {trouble === null ? null : <Trouble trouble={trouble} />}
        <div class="b-card b-sum">
          <h2 class="b-callout-title">{position.title}</h2>
          {position.reference === null ? null : <p class="b-muted">{position.reference}</p>}
          {trouble?.kind === 'alreadyPaid' ? (
            <StateBadge state="paid" />
          ) : trouble?.kind === 'inDoubt' ? (
            <StateBadge state="doubted" />
          ) : (
            <Sum position={shown} />
          )}
        </div>
        {trouble === null || changed !== null ? (
          <div class="b-section b-text">
            <p>{t.text}</p>
            {position.state !== 'inPlan' && toPayCents !== position.outstandingCents && changed === null ? (
              <p class="b-note">{texts.plan.rounded}</p>
            ) : null}
            <p class="b-note">{t.warn}</p>
            <form class="b-actions" method="post" action={`${back}/paga`}>
              <Hidden name="importo" value={String(toPayCents)} />
              <Hidden name="chiave" value={formKey} />
              <SubmitButton>{t.submit}</SubmitButton>
            </form>
          </div>
        ) : null}
        {trouble?.kind === 'inProgress' ? (
          <div class="b-actions">
            <PrimaryLink href={`/esito/${trouble.checkoutId}`}>{t.progressLink}</PrimaryLink>
          </div>
        ) : null}
        {trouble?.kind === 'unavailable' ? (
          <div class="b-actions">
            <PrimaryLink href={`${back}/paga`}>{t.retry}</PrimaryLink>
            <SecondaryLink href={back}>{t.back}</SecondaryLink>
          </div>
        ) : null}
      </>
    ),
  });
}

function Trouble({ trouble }: { trouble: PayTrouble }) {
  const t = texts.pay;
  switch (trouble.kind) {
    case 'amountChanged':
      return (
        <Callout look="warn" title={t.changedTitle}>
          <p>{t.changed(trouble.outstandingCents)}</p>
        </Callout>
      );
    case 'alreadyPaid':
      return (
        <Callout look="ok" title={t.paidTitle}>
          <p>{t.paid}</p>
        </Callout>
      );
    case 'inDoubt':
      return (
        <Callout look="warn" title={t.doubtTitle}>
          <p>{t.doubt}</p>
        </Callout>
      );
    case 'inProgress':
      return (
        <Callout look="warn" title={t.progressTitle}>
          <p>{t.progress}</p>
        </Callout>
      );
    case 'unavailable':
      return (
        <Callout look="warn" title={t.downTitle}>
          <p>{t.down}</p>
        </Callout>
      );
  }
}

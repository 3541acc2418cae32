import { Callout, PrimaryLink, Row, Rows, SecondaryLink, Title } from '../ui/parts.tsx';
import type { CheckoutView, EntePublic } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { isDoubted, StateBadge, Sum } from './position-parts.tsx';
import { texts } from './texts.it.ts';

/**
 * C6. Says "registrato" only when the receipt is booked; what the browser brought back decides nothing. The page does
 * not reload by itself (WCAG 2.2.1): "Aggiorna" is a link, with the time of the last look.
 */
export function outcomePage(ente: EntePublic, checkout: CheckoutView, now: number): string {
  const t = texts.outcome;
  const { state, position } = checkout;
  const words = t[state];
  const back = `/posizioni/${position.debtId}`;
  const ended = state === 'cancelled' || state === 'failed';
  const doubted = ended && isDoubted(position);
  const retry = ended && !doubted;
  return portalPage({
    title: words.title,
    ente,
    signedIn: true,
    children: (
      <>
        <Title done={state === 'paid'}>{words.title}</Title>
        <p class="b-lead">{doubted ? texts.pay.doubt : words.text}</p>
        {words.warning === null ? null : (
          <Callout look="warn" title={words.warning.title}>
            <p>{words.warning.text}</p>
          </Callout>
        )}
        <div class="b-card b-sum">
          <h2 class="b-callout-title">{position.title}</h2>
          <p class="b-status">
            <StateBadge state={state === 'verifying' ? 'verifying' : position.state} />
          </p>
          {doubted ? null : <Sum position={state === 'verifying' ? { ...position, state: 'verifying' } : position} />}
        </div>
        {words.next === '' ? null : <p class="b-sum-when">{words.next}</p>}
        {state === 'verifying' ? (
          <div class="b-actions">
            <PrimaryLink href={`/esito/${checkout.checkoutId}`}>{t.refresh}</PrimaryLink>
            <span class="b-note" role="status">
              {t.updatedAt(now)}
            </span>
          </div>
        ) : null}
        {retry ? (
          <div class="b-actions">
            <PrimaryLink href={`${back}/paga`}>{t.retry}</PrimaryLink>
            <SecondaryLink href={back}>{t.toPosition}</SecondaryLink>
          </div>
        ) : (
          <Rows>
            <Row href={back} title={t.toPosition} />
            <Row href="/posizioni" title={t.toAll} />
          </Rows>
        )}
      </>
    ),
  });
}

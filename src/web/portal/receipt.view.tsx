import { formatEuro } from '../../kernel/money.ts';
import { formatInstant } from '../../kernel/rome-time.ts';
import { BackLink, Row, Rows, Title } from '../ui/parts.tsx';
import type { DialogueView, PaymentView, PositionView } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { groupedNotice } from './position-parts.tsx';
import { texts } from './texts.it.ts';

/** One payment with all that a receipt shows (pagopa §11), to be printed or kept. */
export function receiptPage(view: DialogueView, position: PositionView, payment: PaymentView): string {
  const t = texts.receipt;
  const facts: readonly (readonly [string, string | null])[] = [
    [t.body, `${view.ente.name}, ${texts.taxCode.toLowerCase()} ${view.ente.codiceFiscale}`],
    [t.subject, position.title],
    [t.amount, formatEuro(payment.amountCents)],
    [t.fee, payment.feeCents === null ? null : formatEuro(payment.feeCents)],
    [t.paidAt, formatInstant(payment.paidAt)],
    [t.how, t.channels[payment.channel]],
    [t.psp, payment.psp],
    [t.notice, groupedNotice(payment.noticeNumber)],
    [t.iuv, payment.creditorReference],
    [t.id, payment.receiptId],
  ];
  return portalPage({
    title: t.title,
    ente: view.ente,
    signedIn: true,
    children: (
      <>
        <BackLink href={`/posizioni/${position.debtId}`}>{t.back}</BackLink>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        <dl class="b-facts">
          {facts.map(([name, value]) =>
            value === null ? null : (
              <>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </>
            ),
          )}
        </dl>
        <p class="b-note">{t.print}</p>
      </>
    ),
  });
}

/** What was paid of a position, each with its receipt. */
export function Payments({ position }: { position: PositionView }) {
  const t = texts.receipt;
  return (
    <Rows>
      {position.payments.map((one) => (
        <Row
          key={one.receiptId}
          href={`/posizioni/${position.debtId}/ricevute/${encodeURIComponent(one.receiptId)}`}
          title={`${formatEuro(one.amountCents)}, ${formatInstant(one.paidAt)}`}
          note={t.show}
        />
      ))}
    </Rows>
  );
}

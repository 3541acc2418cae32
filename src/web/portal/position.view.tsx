import { formatEuro } from '../../kernel/money.ts';
import { BackLink, Callout, Details, PrimaryLink, Row, Rows, Section, Title } from '../ui/parts.tsx';
import type { DialogueView, EntePublic, PositionView } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { PlanStatus, PlanTable } from './plan.view.tsx';
import { canPay, groupedNotice, isDoubted, isOpen, StateBadge, Sum } from './position-parts.tsx';
import { Payments } from './receipt.view.tsx';
import { ReportStatus } from './report-status.tsx';
import { texts } from './texts.it.ts';

/** C4: one position, in any state. */
export function positionPage(view: DialogueView, position: PositionView): string {
  const t = texts.position;
  const open = isOpen(position);
  return portalPage({
    title: position.title,
    ente: view.ente,
    signedIn: true,
    children: (
      <>
        {view.positions.length > 1 ? <BackLink href="/posizioni">{t.back}</BackLink> : null}
        <Title>{position.title}</Title>
        <p class="b-status">
          <StateBadge state={position.state} />
          {position.reference === null ? null : <span class="b-muted">{position.reference}</span>}
        </p>
        <p class="b-lead">{sentence(t.greeting(view.personName), t.message[position.state])}</p>
        <ReportStatus position={position} />
        {position.plan === null ? null : <PlanStatus plan={position.plan} />}
        {isDoubted(position) ? null : <SumCard position={position} />}
        {position.plan !== null && position.plan.installments.length > 0 ? (
          <Section title={t.installmentsTitle}>
            <PlanTable installments={position.plan.installments} />
          </Section>
        ) : null}
        {position.payments.length === 0 ? null : (
          <Section title={texts.receipt.listTitle}>
            <Payments position={position} />
          </Section>
        )}
        <SecondaryRows position={position} />
        {position.explanation === '' ? null : (
          <Section title={t.refersTo}>
            <p>{position.explanation}</p>
          </Section>
        )}
        <div class="b-section">
          {isDoubted(position) ? null : <Breakdown position={position} />}
          {canPay(position) ? <OtherWays ente={view.ente} noticeNumber={position.noticeNumber ?? ''} /> : null}
        </div>
        {open ? (
          <Callout title={t.natureTitle}>
            <p>{texts.reminder}</p>
          </Callout>
        ) : null}
      </>
    ),
  });
}

function SumCard({ position }: { position: PositionView }) {
  const t = texts.position;
  const open = isOpen(position);
  const next = position.state === 'inPlan' ? (position.plan?.next ?? null) : null;
  return (
    <div class="b-card b-sum">
      <Sum position={position} />
      {(open || next !== null) && canPay(position) ? (
        <div class="b-actions">
          <PrimaryLink href={`/posizioni/${position.debtId}/paga`}>
            {next === null ? t.pay : texts.plan.pay(next.no)}
          </PrimaryLink>
        </div>
      ) : null}
      {open && position.noticeNumber === null ? <p class="b-sum-when">{t.noNotice}</p> : null}
    </div>
  );
}

/** Joins a greeting and a sentence; without a greeting the sentence begins with a capital. */
function sentence(greeting: string, text: string): string {
  return greeting === '' ? text.charAt(0).toUpperCase() + text.slice(1) : greeting + text;
}

function SecondaryRows({ position }: { position: PositionView }) {
  const t = texts.position;
  return (
    <Rows>
      {isOpen(position) && position.plan?.state !== 'requested' ? (
        <Row href={`/posizioni/${position.debtId}/rate`} title={texts.plan.link} note={texts.plan.linkNote} />
      ) : null}
      {isOpen(position) || position.state === 'inPlan' ? (
        <Row href={`/segnala/${position.debtId}`} title={t.report} note={t.reportNote} />
      ) : position.state === 'disputed' && canPay(position) ? (
        <Row href={`/posizioni/${position.debtId}/paga`} title={t.payAnyway} note={t.payAnywayNote} />
      ) : null}
      <Row href="/messaggi" title={texts.messages.link} note={texts.messages.linkNote} />
    </Rows>
  );
}

function Breakdown({ position }: { position: PositionView }) {
  const t = texts.position;
  if (position.breakdown.length === 0) return null;
  return (
    <Details summary={t.howSum}>
      <table class="b-sums">
        <caption class="visually-hidden">{t.breakdownCaption}</caption>
        <tbody>
          {position.breakdown.map((line) => (
            <tr key={line.label}>
              <th scope="row">{line.label}</th>
              <td>{formatEuro(line.cents)}</td>
            </tr>
          ))}
          {position.paidCents > 0 ? (
            <tr>
              <th scope="row">{t.alreadyPaid}</th>
              <td>{formatEuro(-position.paidCents)}</td>
            </tr>
          ) : null}
          <tr class="b-sums-total">
            <th scope="row">{isOpen(position) ? t.total : t.stillDue}</th>
            <td>{formatEuro(position.outstandingCents)}</td>
          </tr>
        </tbody>
      </table>
    </Details>
  );
}

function OtherWays({ ente, noticeNumber }: { ente: EntePublic; noticeNumber: string }) {
  const t = texts.position;
  return (
    <Details summary={t.otherWays}>
      <p>{t.otherWaysText}</p>
      <dl class="b-facts">
        <dt>{t.noticeNumber}</dt>
        <dd class="b-code">{groupedNotice(noticeNumber)}</dd>
        <dt>{t.bodyTaxCode}</dt>
        <dd class="b-code">{ente.codiceFiscale}</dd>
      </dl>
    </Details>
  );
}

import { formatEuro } from '../../kernel/money.ts';
import { Badge, type BadgeLook } from '../ui/parts.tsx';
import type { EntePublic, PositionState, PositionView } from './dialogue.ts';
import { texts } from './texts.it.ts';

const looks: Record<PositionState, BadgeLook> = {
  toPay: 'due',
  overdue: 'late',
  verifying: 'wait',
  paid: 'ok',
  cancelled: 'off',
  disputed: 'wait',
  suspended: 'off',
  doubted: 'wait',
  inPlan: 'wait',
};

export function StateBadge({ state }: { state: PositionState }) {
  return <Badge look={looks[state]}>{texts.state[state]}</Badge>;
}

/** Nothing stands against paying it now. */
export function isOpen(position: PositionView): boolean {
  return position.state === 'toPay' || position.state === 'overdue';
}

/** The rail takes it: it is open, in installments or only in dispute, and it has a notice number. */
export function canPay(position: PositionView): boolean {
  const payable = isOpen(position) || position.state === 'disputed' || position.state === 'inPlan';
  return payable && position.noticeNumber !== null;
}

/** The office doubts what is owed: no figure of it is shown, so that none is taken for one to be paid. */
export function isDoubted(position: PositionView): boolean {
  return position.state === 'doubted';
}

/** The figure a state is about: what is left to pay, what was paid, or what had been asked before it was annulled. */
export function shownCents(position: PositionView): number {
  if (position.state === 'paid') return position.paidCents;
  if (position.state === 'inPlan') return position.toPayCents;
  return position.state === 'cancelled' ? position.dueCents : position.outstandingCents;
}

/** 18 digits in groups, as people read them aloud. */
export function groupedNotice(noticeNumber: string): string {
  return noticeNumber.replace(/\s/g, '').replace(/(\d{4})(?=\d)/g, '$1 ');
}

/** "Ufficio Tributi, tel. 06 …, tributi@…": for sentences. */
export function officeInWords(office: EntePublic['office']): string {
  return [office.name, office.phone && `tel. ${office.phone}`, office.email].filter(Boolean).join(', ');
}

/** The big figure of C4, C5 and C6, and the due date while it still counts. */
export function Sum({ position }: { position: PositionView }) {
  const t = texts.position;
  const next = position.plan?.next ?? null;
  const label =
    position.state === 'inPlan' && next !== null
      ? texts.plan.installmentTitle(next.no, position.plan?.count ?? 0)
      : isOpen(position)
        ? t.outstanding
        : position.state === 'paid'
          ? t.paidSum
          : t.sum;
  return (
    <>
      <p class="b-sum-label">{label}</p>
      <p class="b-sum-value">{formatEuro(shownCents(position))}</p>
      {isOpen(position) ? <p class="b-sum-when">{texts.due(position.state, position.dueDate)}</p> : null}
      {position.state === 'inPlan' && next !== null ? (
        <p class="b-sum-when">{texts.plan.nextDue(next.dueOn, next.state === 'late')}</p>
      ) : null}
    </>
  );
}

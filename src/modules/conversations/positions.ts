import { compareDates } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import type { Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { creditTypeOf, type Ente, loadRules, officeOf } from '../creditors/index.ts';
import type { PersonRecord } from '../debtors/index.ts';
import { type DebtRecord, debtsOfDebtor, debtTitle, doubtedDebts, openDetails } from '../debts/index.ts';
import { amountToPay, noticeNumbersOf, paymentsOfDebtor, plannedDebts, verifyingDebts } from '../payments/index.ts';
import type { EntePublic, PositionState, PositionView } from './dialogue.ts';
import type { SignInWay } from './identity.port.ts';
import { planView } from './plans.ts';
import { reportsByDebt } from './reports.ts';

/**
 * What an identified person sees: his debts with this body, health among them only for who came by SPID or CIE
 * (architecture §4.5). Callers have checked the level.
 */
export async function positionsOf(
  tx: Tx,
  vault: EnteVault,
  ente: Ente,
  person: PersonRecord,
  level: 'identified' | 'oidc',
  clock: { readonly now: number; readonly realNow: number },
): Promise<PositionView[]> {
  const today = romeDate(clock.now);
  const [debts, verifying, doubted, reports, numbers, rules, planned, payments] = await Promise.all([
    debtsOfDebtor(tx, person.debtorId, null),
    verifyingDebts(tx, person.debtorId, clock.realNow),
    doubtedDebts(tx, { debtorId: person.debtorId }),
    reportsByDebt(tx, vault, person),
    noticeNumbersOf(tx, person.debtorId),
    loadRules(tx, today),
    plannedDebts(tx, person.debtorId),
    paymentsOfDebtor(tx, person.debtorId),
  ]);
  const views: PositionView[] = [];
  for (const debt of debts) {
    if (debt.health && level !== 'oidc') continue;
    const type = creditTypeOf(ente, debt.credit_type);
    const details = openDetails(vault, person.key, debt);
    const report = reports.get(debt.debt_id) ?? null;
    const disputed = report?.state === 'open';
    const plan = planned.has(debt.debt_id) ? await planView(tx, debt.debt_id, today) : null;
    const next = plan?.next ?? null;
    views.push({
      debtId: debt.debt_id,
      title: debtTitle(type.name, debt),
      explanation: type.explanation,
      reference: details.description,
      dueDate: debt.due_date as PositionView['dueDate'],
      state: stateOf(debt, {
        verifying: verifying.has(debt.debt_id),
        doubted: doubted.has(debt.debt_id),
        disputed,
        inPlan: next !== null,
        today,
      }),
      outstandingCents: debt.outstanding_cents,
      toPayCents: next?.leftCents ?? amountToPay(rules, type, debt.outstanding_cents),
      dueCents: debt.due_cents,
      paidCents: debt.paid_cents,
      breakdown: [{ label: type.name, cents: debt.due_cents }],
      noticeNumber: next?.noticeNumber ?? numbers.get(debt.debt_id) ?? null,
      plan,
      payments: payments.filter((one) => one.debtId === debt.debt_id),
      report,
      office: officePublic(ente, debt.office_id),
    });
  }
  return views;
}

function stateOf(
  debt: DebtRecord,
  now: { verifying: boolean; doubted: boolean; disputed: boolean; inPlan: boolean; today: string },
): PositionState {
  if (debt.state === 'cancelled') return 'cancelled';
  if (debt.state === 'settled') return 'paid';
  if (now.verifying) return 'verifying';
  if (now.doubted) return 'doubted';
  if (now.disputed) return 'disputed';
  if (now.inPlan) return 'inPlan';
  return compareDates(debt.due_date as PositionView['dueDate'], now.today as PositionView['dueDate']) < 0
    ? 'overdue'
    : 'toPay';
}

export function officePublic(ente: Ente, officeId: number): EntePublic['office'] {
  const { name, phone, email, hours, address } = officeOf(ente, officeId);
  return { name, phone, email, hours, address };
}

/** The body as anybody may see it. The code is offered only where something could be shown after it. */
export function entePublic(ente: Ente, signIn: readonly SignInWay[]): EntePublic {
  return {
    enteId: ente.enteId,
    slug: ente.slug,
    name: ente.name,
    codiceFiscale: ente.codiceFiscale,
    accent: ente.accent,
    senderAddress: ente.senderAddress,
    // Offices write it as people say it; a link needs its scheme.
    website: /^https?:\/\//.test(ente.website) ? ente.website : `https://${ente.website}`,
    office: officePublic(ente, ente.offices[0]?.officeId ?? 1),
    signIn,
    offersCode: ente.creditTypes.some((type) => !type.health),
  };
}

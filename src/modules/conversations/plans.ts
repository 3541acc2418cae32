import type { CivilDate } from '../../kernel/civil-date.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import type { Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { cancelEnded, touchTenant } from '../deliveries/index.ts';
import { stopUnaskedNotices } from '../notices/index.ts';
import {
  askPlan,
  type HighWater,
  installmentsOf,
  lateInstallments,
  makePlan,
  offerPlan,
  type Plan,
  type PlanInstallment,
  planOfDebt,
} from '../payments/index.ts';
import type { InstallmentView, PlanOfferView, PlanRequest, PlanView } from './dialogue.ts';

/** The plan of a debt, as its holder sees it; null where there is none. */
export async function planView(tx: Tx, debtId: string, today: CivilDate): Promise<PlanView | null> {
  const plan = await planOfDebt(tx, debtId);
  if (plan === null || plan.state === 'withdrawn') return null;
  const installments = await installmentsOf(tx, plan.planId);
  return viewOf(plan, installments, today);
}

function viewOf(plan: Plan, installments: readonly PlanInstallment[], today: CivilDate): PlanView {
  const late = new Set(lateInstallments(installments, today));
  const views = installments.map<InstallmentView>((one) => {
    const cents = one.principalCents + one.interestCents;
    const state = one.paidCents >= cents ? 'paid' : late.has(one) ? 'late' : 'toPay';
    return {
      no: one.no,
      dueOn: one.dueOn,
      cents,
      leftCents: cents - one.paidCents,
      state,
      noticeNumber: one.noticeNumber,
    };
  });
  return {
    state: plan.state === 'withdrawn' ? 'refused' : plan.state,
    count: plan.count,
    reason: plan.reason,
    installments: views,
    next: plan.state === 'accepted' ? (views.find((one) => one.state !== 'paid') ?? null) : null,
  };
}

/** What may be asked for, parted into `count` (or as many as may be). */
export async function planOffer(tx: Tx, debtId: string, count: number | null, now: number): Promise<PlanOfferView> {
  const today = romeDate(now);
  const offer = await offerPlan(tx, debtId, today);
  if (offer.kind !== 'offered') return { kind: offer.kind };
  const { most, terms, amountCents } = offer;
  const chosen = count === null ? most : Math.min(Math.max(count, 2), most);
  return {
    kind: 'offered',
    most,
    count: chosen,
    amountCents,
    automatic: terms.automatic,
    rateBp: terms.rateBp,
    legalBasis: terms.legalBasis,
    installments: makePlan(amountCents, chosen, today, terms).map(({ no, dueOn, principalCents, interestCents }) => ({
      no,
      dueOn,
      cents: principalCents + interestCents,
    })),
  };
}

/** Asks, and in the same transaction nobody is reminded of that debt any more. */
export async function requestPlan(
  tx: Tx,
  deps: { readonly vault: EnteVault; readonly highWater: HighWater; readonly now: number },
  asked: {
    readonly debtId: string;
    readonly debtorId: string;
    readonly count: number;
    readonly idempotencyKey: string;
  },
): Promise<PlanRequest> {
  const answer = await askPlan(tx, deps, { ...asked, now: deps.now });
  if (answer.kind === 'tooMany') return { kind: 'tooMany', most: answer.most };
  if (answer.kind !== 'accepted' && answer.kind !== 'requested') return { kind: answer.kind };
  await stopUnaskedNotices(tx, { debtInPlan: asked.debtId });
  await cancelEnded(tx, deps.now, asked.debtorId);
  await touchTenant(tx, deps.now);
  return { kind: answer.kind };
}

export { allocatePayment } from './allocate.ts';
export { type Installment, makePlan } from './make-plan.ts';
export {
  acceptPlan,
  askPlan,
  forfeitPlan,
  lateInstallments,
  mayForfeit,
  notePlanReminder,
  offerPlan,
  type PlanAsked,
  type PlanDeps,
  type PlanOffer,
  refusePlan,
} from './plan-actions.ts';
export { mostInstallments, type PlanRule, type PlanTerms, planTerms } from './plan-rule.ts';
export {
  installmentsOf,
  listPlans,
  nextInstallment,
  type Plan,
  type PlanInstallment,
  type PlanState,
  planById,
  plannedDebts,
  planOfDebt,
} from './plans.store.ts';

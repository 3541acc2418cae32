export type { ReconcileTerms } from './ground.ts';
export {
  creditTexts,
  listReconciliation,
  type ReconciliationFilter,
  type ReconciliationPage,
  type ReconciliationRow,
} from './lists.ts';
export { loadRemittance, type RemittanceLoaded } from './load-remittance.ts';
export { loadTreasury, type TreasuryLoaded } from './load-treasury.ts';
export {
  approveMatch,
  type ManualPair,
  type ProposedMatch,
  proposedMatches,
  proposeMatch,
  refuseMatch,
} from './manual-match.ts';
export { type Pulled, pullRemittances } from './pull-remittances.ts';
export type {
  FlowRef,
  PayStatus,
  RemittanceFlow,
  RemittanceLine,
  RemittanceSource,
  TreasuryJournal,
  TreasuryMovement,
} from './reconcile.port.ts';
export { type Reconciled, reconcile } from './reconcile.ts';
export type { Bucket, Side } from './sides.ts';
export { type ReconciliationSummary, reconciliationSummary, type SideSummary, type Tally } from './summary.ts';

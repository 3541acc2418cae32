export { type ApplicableRule, type RulesOfDebt, rulesOfDebt } from './applicable-rules.ts';
export { type Deadline, type DeadlineRule, deadlineOf, deadlineRuleOf } from './deadlines.ts';
export { type AccruedInterest, accruedInterest, type DebtCase, debtCase } from './debt-case.ts';
export { type DebtComponent, type DebtFacts, deadlineFactsOf } from './debt-facts.ts';
export type { DebtNow } from './debts.tables.ts';
export { type DebtRecord, debtsById, debtsOfDebtor, debtTitle, openDetails } from './debts.views.ts';
export { findDeadlineRule, needsDeadlineFacts, whyNoDeadline } from './derive-deadline.ts';
export { countDoubted, doubtDebts, doubtedDebts, endDoubt } from './doubt.ts';
export type { OpenImport } from './half-done.ts';
export {
  type Consent,
  type ImportActor,
  type ImportOutcome,
  type ImportRequest,
  type ImportService,
  makeImports,
} from './import-file.ts';
export type { ImportCounts } from './imports.store.ts';
export type { FileAnalysis, OpenFile } from './intake/analyse.ts';
export { explainIntakeError } from './intake/file-errors.ts';
export { type IntakeProfile, IntakeProfileSchema } from './intake/profile.ts';
export { interestOfLines, interestTerms, roundedPayment, simpleInterest } from './interest.ts';
export {
  type DebtDetails,
  type Entry,
  type LockedDebt,
  ledgerMismatches,
  lockDebt,
  type NewDebt,
  postEntries,
  relieveDebts,
} from './ledger.ts';
export { takeMovedDebts } from './moved.ts';
export { followDeadlineRules, refreshDeadlines } from './refresh-deadlines.ts';
export { setRule } from './set-rule.ts';

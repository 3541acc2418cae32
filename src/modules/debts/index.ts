export { type RulesOfDebt, rulesOfDebt } from './applicable-rules.ts';
export { deadlineOf, deadlineRuleOf } from './deadlines.ts';
export type { DebtNow } from './debts.tables.ts';
export { type DebtRecord, debtsById, debtsOfDebtor, debtTitle, openDetails } from './debts.views.ts';
export {
  type Consent,
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
export { type DebtDetails, type Entry, ledgerMismatches, lockDebt, postEntries, relieveDebts } from './ledger.ts';

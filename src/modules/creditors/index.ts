export { calendarOf, type WindowRule, windowsBetween, writeWindows } from './calendar.ts';
export {
  type CreditType,
  checkInstallation,
  createEnte,
  creditTypeOf,
  type Ente,
  type EnteKind,
  listTenants,
  loadEnte,
  type Office,
  officeOf,
} from './creditors.store.ts';
export { loadRules, makeRuleBook, type RuleBook, type RuleInForce, setEnteRule } from './rules.ts';
export { installStatute, STATUTE } from './statute.ts';

export { type MissingRule, missingRules, type NextAct, nextActOf, offWithAder } from './acts.ts';
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
export {
  CREDIT_NATURES,
  type CreditCategory,
  type CreditNature,
  categoryOf,
  isCreditNature,
  isSensitive,
  NATURES,
} from './natures.ts';
export { type ChannelPrice, channelPriceOf } from './prices.ts';
export { type Blocks, checkEnteRule, neededKeys, RULE_KEYS, type RuleKey } from './rule-keys.ts';
export {
  loadRules,
  makeRuleBook,
  type RuleBook,
  type RuleEntry,
  type RuleInForce,
  type RuleLevel,
  type RuleRow,
  setEnteRule,
} from './rules.ts';
export { installStatute, STATUTE, statuteRows } from './statute.ts';

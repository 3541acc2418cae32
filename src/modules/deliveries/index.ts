export type * from './channel.port.ts';
export { type DeliveryState, deliveryMachine, STATE_CODE, stateOfCode } from './delivery.states.ts';
export {
  dueChannels,
  isBusy,
  nextDeliveryAt,
  putBack,
  uncertainOf,
  waitForBudget,
} from './due.ts';
export { ALL_GUARDS, type Guards } from './guards.ts';
export { type HandOverDeps, handOver } from './hand-over.ts';
export { cancel, cancelEnded } from './hand-over-checks.ts';
export { type HoldReason, type HoldSubject, liftHold, placeHold } from './holds.ts';
export { textOf } from './kept-texts.ts';
export { takeMoved } from './moved.ts';
export { type PaceUse, paceSpan, paceUse } from './pace.ts';
export type { ProviderLimits } from './provider-grant.ts';
export {
  databaseRates,
  makePermits,
  memoryRates,
  type Permits,
  type ProviderAccount,
  type RateKeeper,
} from './provider-rate.ts';
export { makeProviderRefs, sweepProviderRefs } from './provider-refs.ts';
export {
  type CorrectionRules,
  correctionNotice,
  queueCorrections,
  retryCorrections,
  type Slice,
  sliceOf,
} from './queue-corrections.ts';
export { queueDue } from './queue-due.ts';
export { recordSignals, storeSignals } from './record-signals.ts';
export { resolveUncertain } from './resolve-uncertain.ts';
export { stopAddress } from './stop-address.ts';
export { LEASE_MS, newOwner, reclaimLeases, type TakenDelivery, takeDue } from './take.ts';
export { dueTenants, isDue, lockTenantDue, setTenantDue, touchTenant } from './tenant-due.ts';
export type { RenderedText, TextPort, TextRequest } from './text.port.ts';
export { transitionMany } from './transition.ts';
export { onTheWire, voidWaiting } from './void-waiting.ts';

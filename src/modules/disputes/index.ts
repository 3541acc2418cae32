export { type DisputeFile, disputeById } from './dispute-by-id.ts';
export {
  type DisputeRecord,
  decideDispute,
  listDisputes,
  type OpenedDispute,
  openDispute,
} from './disputes.store.ts';
export { openWords } from './words.ts';

export {
  type DisputeRecord,
  decideDispute,
  listDisputes,
  type OpenedDispute,
  openDispute,
  openDisputesOf,
} from './disputes.store.ts';

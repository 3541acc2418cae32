/** The portal's one door to the domain (architecture §3.9): the Dialogue and what it shows. */
export type {
  CheckoutView,
  Dialogue,
  DialogueView,
  DisputeKind,
  EntePublic,
  InstallmentView,
  MessageView,
  PaymentView,
  PlanOfferView,
  PlanView,
  PositionState,
  PositionView,
  ReportView,
} from '../../modules/conversations/index.ts';
export { DISPUTE_KINDS } from '../../modules/conversations/index.ts';

import type { PaymentData } from '../types.ts';
import type { Installment, PaymentOption, Position } from './position.ts';
import { faultOf } from './position-state.ts';

/** Of a plan and a single option, the one begun first excludes the other (pagopa §8). */
export function payFault(position: Position, option: PaymentOption, installment: Installment): string | null {
  if (installment.paid !== null) return 'PAA_PAGAMENTO_DUPLICATO';
  const fault = faultOf(position.status);
  if (fault !== null) return fault;
  const otherBegun = position.options.some(
    (one) => one !== option && one.installments.some(({ paid }) => paid !== null),
  );
  return otherBegun ? 'PAA_PAGAMENTO_SCONOSCIUTO' : null;
}

/** What the node is answered with. */
export function dataOf(position: Position, option: PaymentOption, installment: Installment): PaymentData {
  return {
    creditorReferenceId: installment.iuv,
    amountCents: installment.amountCents,
    dueDate: new Date(installment.dueAt).toISOString().slice(0, 10),
    description: installment.description,
    companyName: position.companyName,
    officeName: position.officeName ?? undefined,
    // GPD takes longer names than a receipt can carry.
    debtor: { ...option.debtor, fullName: option.debtor.fullName.slice(0, 70) },
    transfers: installment.transfers.map((one) => ({
      id: Number(one.idTransfer),
      amountCents: one.amountCents,
      fiscalCode: one.organization,
      companyName: one.companyName ?? undefined,
      iban: one.iban,
      stamp: one.stamp,
      remittanceInformation: one.remittanceInformation,
      category: one.category,
      metadata: one.metadata,
    })),
    metadata: installment.metadata,
  };
}

import type { Installment, KeptTransfer, PaymentOption, Position } from './position.ts';

/** Of the API; 2 is version 1 for many at once. */
export type Version = 1 | 2 | 3;

/** As `GET` answers. */
export function answer(position: Position, version: Version): object {
  return version === 3 ? answerV3(position) : answerV1(position);
}

function answerV1(position: Position): object {
  const { options, status } = position;
  return {
    ...common(position),
    type: options[0]?.debtor.type,
    validityDate: date(position.validFrom),
    status,
    paymentOption: options.flatMap((option) =>
      option.installments.map((one) => ({
        ...payable(one, position),
        ...statusV1(one, position),
        isPartialPayment: option.plan,
      })),
    ),
  };
}

/** As create, update, publish and invalidate of version 1 answer: what was sent, and the state. */
export function echoV1(position: Position): object {
  const debtor = position.options[0]?.debtor;
  return {
    ...(debtor === undefined ? {} : debtorJson(debtor)),
    iupd: position.iupd,
    companyName: position.companyName,
    officeName: position.officeName ?? undefined,
    payStandIn: position.payStandIn,
    switchToExpired: position.switchToExpired,
    validityDate: date(position.validFrom),
    status: position.status,
    paymentOption: position.options.flatMap((option) =>
      option.installments.map((one) => ({
        nav: one.nav,
        iuv: one.iuv,
        amount: one.amountCents,
        description: one.description,
        isPartialPayment: option.plan,
        dueDate: date(one.dueAt),
        transfer: one.transfers.map(transferJson),
        paymentOptionMetadata: one.metadata,
      })),
    ),
  };
}

/** Of one option, as marking it paid answers. */
export function answerOption(position: Position, installment: Installment): object {
  const plan = position.options.some(({ plan, installments }) => plan && installments.includes(installment));
  const serviceType = position.service.toUpperCase();
  return { ...payable(installment, position), ...statusV1(installment, position), isPartialPayment: plan, serviceType };
}

export function answerV3(position: Position): object {
  return {
    ...common(position),
    status: statusV3(position),
    paymentOption: position.options.map((option) => ({
      description: option.description ?? undefined,
      switchToExpired: position.switchToExpired,
      validityDate: date(position.validFrom),
      insertedDate: date(position.insertedAt),
      debtor: debtorJson(option.debtor),
      installments: option.installments.map((one) => {
        const { paymentOptionMetadata, ...rest } = payable(one, position);
        return { ...rest, status: installmentV3(one, position), installmentMetadata: paymentOptionMetadata };
      }),
    })),
  };
}

function common(position: Position): object {
  const paid = position.options.flatMap(({ installments }) => installments.flatMap((one) => one.paid?.at ?? []));
  return {
    iupd: position.iupd,
    organizationFiscalCode: position.organization,
    companyName: position.companyName,
    officeName: position.officeName ?? undefined,
    insertedDate: date(position.insertedAt),
    publishDate: date(position.publishedAt),
    paymentDate: date(paid.length === 0 ? null : Math.max(...paid)),
    lastUpdatedDate: date(position.updatedAt),
  };
}

function payable(one: Installment, position: Position) {
  return {
    nav: one.nav,
    iuv: one.iuv,
    organizationFiscalCode: position.organization,
    amount: one.amountCents,
    description: one.description,
    dueDate: date(one.dueAt),
    insertedDate: date(position.insertedAt),
    lastUpdatedDate: date(position.updatedAt),
    paymentDate: date(one.paid?.at ?? null),
    pspCompany: one.paid?.pspName ?? undefined,
    idReceipt: one.paid?.receiptId ?? undefined,
    transfer: one.transfers.map(transferJson),
    paymentOptionMetadata: one.metadata,
  };
}

function transferJson(one: KeptTransfer): object {
  const { stamp } = one;
  return {
    idTransfer: one.idTransfer,
    amount: one.amountCents,
    organizationFiscalCode: one.organization,
    companyName: one.companyName ?? undefined,
    remittanceInformation: one.remittanceInformation,
    category: one.category,
    iban: one.iban ?? undefined,
    postalIban: one.postalIban ?? undefined,
    stamp:
      stamp === null
        ? undefined
        : { hashDocument: stamp.documentHash, stampType: stamp.type, provincialResidence: stamp.province },
    transferMetadata: one.metadata,
  };
}

function debtorJson({ type, code, fullName, stateProvinceRegion, ...rest }: PaymentOption['debtor']): object {
  return { type, fiscalCode: code, fullName, province: stateProvinceRegion, ...rest };
}

function statusV1({ paid }: Installment, { status }: Position): { readonly status: string } {
  if (paid === null) return { status: 'PO_UNPAID' };
  return { status: status === 'REPORTED' ? 'PO_REPORTED' : 'PO_PAID' };
}

/** Version 3 tells the two ways of no longer being payable alike (pagopa §8). */
export function statusV3({ status }: Position): string {
  if (status === 'INVALID' || status === 'EXPIRED') return 'UNPAYABLE';
  return status === 'REPORTED' ? 'PAID' : status;
}

function installmentV3({ paid }: Installment, { status }: Position): string {
  if (paid !== null) return status === 'REPORTED' ? 'REPORTED' : 'PAID';
  if (status === 'EXPIRED') return 'EXPIRED';
  return status === 'INVALID' ? 'UNPAYABLE' : 'UNPAID';
}

/** GPD writes instants of UTC without a zone. */
function date(at: number | null): string | undefined {
  return at === null ? undefined : new Date(at).toISOString().slice(0, 19);
}

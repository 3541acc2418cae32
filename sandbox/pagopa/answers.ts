import { isIban } from '../../src/kernel/iban.ts';
import { iuvOf, parseNoticeNumber } from '../../src/kernel/notice-number.ts';
import { isPostal, type Registry } from './registry.ts';
import { cents } from './texts.ts';
import type { MapEntry, Notice, PaymentData, Subject, Transfer } from './types.ts';
import { childOf, childrenOf, textOf, type XmlElement } from './xml.ts';

/** What a payer is shown before he pays. */
export interface Verified {
  readonly amountCents: number;
  /** `YYYY-MM-DD`. */
  readonly dueDate: string;
  readonly description: string;
  readonly companyName: string;
  readonly officeName: string | undefined;
  /** Whether the post office may take it into its own account. */
  readonly allCcp: boolean;
}

/** Of an answer whose shape is right: what is missing that the node wants of an OK (pagopa §3.1). */
export function verifyProblems(answer: XmlElement, creditor: string): string[] {
  const option = childOf(answer, 'paymentList', 'paymentOptionDescription');
  if (option === undefined) return ['paymentList is missing'];
  const problems: string[] = [];
  for (const name of ['dueDate', 'detailDescription']) {
    if (textOf(option, name) === undefined) problems.push(`${name} is missing`);
  }
  for (const name of ['paymentDescription', 'fiscalCodePA', 'companyName']) {
    if (textOf(answer, name) === undefined) problems.push(`${name} is missing`);
  }
  if (textOf(option, 'options') !== 'EQ') problems.push('options must be EQ');
  const body = textOf(answer, 'fiscalCodePA');
  if (body !== undefined && body !== creditor) problems.push('fiscalCodePA is another body');
  return problems;
}

/** Only of an answer without problems. */
export function readVerified(answer: XmlElement): Verified {
  const option = childOf(answer, 'paymentList', 'paymentOptionDescription');
  return {
    amountCents: cents(textOf(option, 'amount') ?? ''),
    dueDate: textOf(option, 'dueDate') ?? '',
    description: textOf(answer, 'paymentDescription') ?? '',
    companyName: textOf(answer, 'companyName') ?? '',
    officeName: textOf(answer, 'officeName'),
    allCcp: /^(true|1)$/.test(textOf(option, 'allCCP') ?? ''),
  };
}

export function readPayment(answer: XmlElement): PaymentData | null {
  const data = childOf(answer, 'data');
  if (data === undefined) return null;
  return {
    creditorReferenceId: textOf(data, 'creditorReferenceId') ?? '',
    amountCents: cents(textOf(data, 'paymentAmount') ?? ''),
    dueDate: textOf(data, 'dueDate') ?? '',
    description: textOf(data, 'description') ?? '',
    companyName: textOf(data, 'companyName') ?? '',
    officeName: textOf(data, 'officeName'),
    debtor: subject(childOf(data, 'debtor')),
    transfers: childrenOf(childOf(data, 'transferList'), 'transfer').map(transfer),
    metadata: metadata(data),
  };
}

function subject(element: XmlElement | undefined): Subject {
  const id = childOf(element, 'uniqueIdentifier');
  return {
    type: textOf(id, 'entityUniqueIdentifierType') === 'G' ? 'G' : 'F',
    code: textOf(id, 'entityUniqueIdentifierValue') ?? '',
    fullName: textOf(element, 'fullName') ?? '',
    streetName: textOf(element, 'streetName'),
    civicNumber: textOf(element, 'civicNumber'),
    postalCode: textOf(element, 'postalCode'),
    city: textOf(element, 'city'),
    stateProvinceRegion: textOf(element, 'stateProvinceRegion'),
    country: textOf(element, 'country'),
    email: textOf(element, 'e-mail'),
  };
}

function transfer(element: XmlElement): Transfer {
  const stamp = childOf(element, 'richiestaMarcaDaBollo');
  return {
    id: Number(textOf(element, 'idTransfer')),
    amountCents: cents(textOf(element, 'transferAmount') ?? ''),
    fiscalCode: textOf(element, 'fiscalCodePA') ?? '',
    companyName: textOf(element, 'companyName'),
    iban: textOf(element, 'IBAN') ?? null,
    stamp:
      stamp === undefined
        ? null
        : {
            documentHash: textOf(stamp, 'hashDocumento') ?? '',
            type: textOf(stamp, 'tipoBollo') ?? '',
            province: textOf(stamp, 'provinciaResidenza') ?? '',
          },
    remittanceInformation: textOf(element, 'remittanceInformation') ?? '',
    category: textOf(element, 'transferCategory') ?? '',
    metadata: metadata(element),
  };
}

function metadata(element: XmlElement): MapEntry[] {
  return childrenOf(childOf(element, 'metadata'), 'mapEntry').map((entry) => ({
    key: textOf(entry, 'key') ?? '',
    value: textOf(entry, 'value') ?? '',
  }));
}

/** What the node checks of what a body asks for (pagopa §3.2): a schema cannot. */
export function paymentProblems(
  data: PaymentData,
  notice: Notice,
  registry: Registry,
  transferType: 'POSTAL' | 'PAGOPA' | undefined,
): string[] {
  const problems: string[] = [];
  const parsed = parseNoticeNumber(notice.noticeNumber);
  if (parsed.ok && data.creditorReferenceId !== iuvOf(notice.noticeNumber)) {
    problems.push('creditorReferenceId is not that of the notice');
  }
  const sum = data.transfers.reduce((total, { amountCents }) => total + amountCents, 0);
  if (sum !== data.amountCents) problems.push('paymentAmount is not the sum of the transfers');
  if (new Set(data.transfers.map(({ id }) => id)).size !== data.transfers.length) {
    problems.push('two transfers with one idTransfer');
  }
  for (const { id, fiscalCode, iban } of data.transfers) {
    if (registry.creditor(fiscalCode) === undefined) problems.push(`transfer ${id}: the body is not enabled`);
    else if (iban !== null && !isIban(iban)) problems.push(`transfer ${id}: no IBAN`);
    else if (iban !== null && !registry.isRegistered(fiscalCode, iban)) {
      problems.push(`transfer ${id}: the IBAN is not registered for the body`);
    }
  }
  const first = data.transfers.find(({ id }) => id === 1);
  if (transferType === 'POSTAL' && !isPostal(first?.iban ?? '')) problems.push('transfer 1 has no postal IBAN');
  return problems;
}

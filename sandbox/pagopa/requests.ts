import { ENVELOPE, metadata, NAMESPACE, subject } from './message-parts.ts';
import { OPERATIONS, type Operation } from './shapes.ts';
import { marcaDaBollo } from './stamp.ts';
import { euro, romeDateTime } from './texts.ts';
import type { Notice, Payment, Station, Transfer } from './types.ts';
import { branch, leaf } from './xml.ts';

/** Who is asked: `creditor` is the body at this station, which for a receipt may not be the one of the notice. */
export interface Addressee {
  readonly creditor: string;
  readonly station: Station;
}

/** A whole SOAP 1.1 message; children of the request are unqualified (pagopa §3). */
function message(operation: Operation, to: Addressee, rest: readonly string[]): string {
  const head = [
    leaf('idPA', to.creditor),
    leaf('idBrokerPA', to.station.brokerFiscalCode),
    leaf('idStation', to.station.id),
  ];
  const request = branch(`pafn:${OPERATIONS[operation].request}`, [...head, ...rest]);
  const attributes = { 'xmlns:soapenv': ENVELOPE, 'xmlns:pafn': NAMESPACE };
  return `<?xml version="1.0" encoding="UTF-8"?>${branch('soapenv:Envelope', [branch('soapenv:Body', [request])], attributes)}`;
}

function qrCode({ creditor, noticeNumber }: Notice): string {
  return branch('qrCode', [leaf('fiscalCode', creditor), leaf('noticeNumber', noticeNumber)]);
}

export function verifyRequest(to: Addressee, notice: Notice): string {
  return message('paVerifyPaymentNotice', to, [qrCode(notice)]);
}

export interface GetDetails {
  /** What the payer saw; the creditor answers with what is due now (pagopa §3.2). */
  readonly amountCents?: number | undefined;
  readonly paymentNote?: string | undefined;
  readonly transferType?: 'POSTAL' | 'PAGOPA' | undefined;
  readonly dueDate?: string | undefined;
}

export function getRequest(to: Addressee, version: 1 | 2, notice: Notice, details: GetDetails): string {
  return message(version === 1 ? 'paGetPayment' : 'paGetPaymentV2', to, [
    qrCode(notice),
    leaf('amount', details.amountCents === undefined ? undefined : euro(details.amountCents)),
    leaf('paymentNote', details.paymentNote),
    leaf('transferType', details.transferType),
    leaf('dueDate', details.dueDate),
  ]);
}

export interface Demand {
  /** Five characters each. */
  readonly service: string;
  readonly subject: string;
  /** The service's own XML, as text. */
  readonly data: string;
}

export function demandRequest(to: Addressee, demand: Demand): string {
  return message('paDemandPaymentNotice', to, [
    leaf('idServizio', demand.service),
    leaf('idSoggettoServizio', demand.subject),
    leaf('datiSpecificiServizioRequest', Buffer.from(demand.data).toString('base64')),
  ]);
}

/** The receipt of a payment, in the version its addressee is registered for. */
export function receiptRequest(to: Addressee, version: 1 | 2, payment: Payment, days: ReceiptDays): string {
  const { data, psp } = payment;
  const two = version === 2;
  const written = branch('receipt', [
    leaf('receiptId', payment.receiptId),
    leaf('noticeNumber', payment.noticeNumber),
    leaf('fiscalCode', payment.creditor),
    leaf('outcome', 'OK'),
    leaf('creditorReferenceId', data.creditorReferenceId),
    leaf('paymentAmount', euro(data.amountCents)),
    leaf('description', data.description),
    leaf('companyName', data.companyName),
    leaf('officeName', data.officeName),
    subject('debtor', data.debtor),
    branch(
      'transferList',
      data.transfers.map((one) => transfer(one, version, payment)),
    ),
    leaf('idPSP', psp.id),
    leaf('pspFiscalCode', psp.fiscalCode),
    leaf('PSPCompanyName', psp.name),
    leaf('idChannel', psp.channelId),
    leaf('channelDescription', psp.channelDescription),
    subject('payer', payment.payer),
    leaf('paymentMethod', psp.paymentMethod),
    two ? leaf('paymentNote', payment.paymentNote) : '',
    leaf('fee', euro(payment.feeCents)),
    leaf('paymentDateTime', romeDateTime(payment.paidAt)),
    leaf('applicationDate', days.applicationDate),
    leaf('transferDate', days.transferDate),
    metadata(data.metadata),
    leaf('standIn', payment.standIn ? true : undefined),
  ]);
  return message(two ? 'paSendRTV2' : 'paSendRT', to, [written]);
}

export interface ReceiptDays {
  readonly applicationDate: string;
  readonly transferDate: string;
}

function transfer(one: Transfer, version: 1 | 2, payment: Payment): string {
  return branch('transfer', [
    leaf('idTransfer', one.id),
    leaf('transferAmount', euro(one.amountCents)),
    leaf('fiscalCodePA', one.fiscalCode),
    version === 2 ? leaf('companyName', one.companyName) : '',
    one.stamp === null ? leaf('IBAN', one.iban) : leaf('MBDAttachment', marcaDaBollo(one, one.stamp, payment)),
    leaf('remittanceInformation', one.remittanceInformation),
    leaf('transferCategory', one.category),
    metadata(one.metadata),
  ]);
}

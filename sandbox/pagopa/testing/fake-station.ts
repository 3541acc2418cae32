import { type HttpReply, type HttpServer, serveHttp } from '../http-server.ts';
import { ENVELOPE, metadata, NAMESPACE, subject } from '../message-parts.ts';
import { OPERATIONS, type Operation } from '../shapes.ts';
import { euro } from '../texts.ts';
import type { PaymentData, Transfer } from '../types.ts';
import { branch, childOf, leaf, readXml, textOf, type XmlElement } from '../xml.ts';

/** What a station does with one call instead of answering well. */
export type Misdeed = (right: string) => HttpReply | null | Promise<HttpReply | null>;

export interface FakeStation {
  readonly url: string;
  /** By notice number; a `PAA_…` code answers KO. */
  readonly positions: Map<string, PaymentData | string>;
  readonly calls: readonly { readonly operation: Operation; readonly action: string; readonly message: string }[];
  /** Receipts as they came, by receiptId. */
  readonly receipts: ReadonlyMap<string, readonly XmlElement[]>;
  /** Null: behaves again. */
  misbehave(operation: Operation, misdeed: Misdeed | null): void;
  close(): Promise<void>;
}

/** A creditor's station that does all well, unless told otherwise: the other side of the node in its own tests. */
export async function startFakeStation(
  onReceipt: (receipt: XmlElement) => void = () => undefined,
): Promise<FakeStation> {
  const positions = new Map<string, PaymentData | string>();
  const calls: { operation: Operation; action: string; message: string }[] = [];
  const receipts = new Map<string, XmlElement[]>();
  const misdeeds = new Map<Operation, Misdeed>();

  function answer(operation: Operation, request: XmlElement): string {
    const creditor = textOf(request, 'idPA') ?? '';
    if (operation === 'paSendRT' || operation === 'paSendRTV2') {
      const receipt = childOf(request, 'receipt');
      const id = textOf(receipt, 'receiptId') ?? '';
      receipts.set(id, [...(receipts.get(id) ?? []), ...(receipt === undefined ? [] : [receipt])]);
      if (receipt !== undefined) onReceipt(receipt);
      return envelope(operation, [leaf('outcome', 'OK')]);
    }
    const noticeNumber = textOf(request, 'qrCode', 'noticeNumber') ?? '';
    const found = positions.get(noticeNumber) ?? 'PAA_PAGAMENTO_SCONOSCIUTO';
    if (typeof found === 'string') return ko(operation, found, creditor);
    if (operation === 'paVerifyPaymentNotice') return envelope(operation, verified(found, creditor));
    return envelope(operation, [leaf('outcome', 'OK'), data(found, operation === 'paGetPayment' ? 1 : 2)]);
  }

  const server: HttpServer = await serveHttp(async (call) => {
    const message = call.body.toString('utf8');
    const request = childOf(readXml(message), 'Body')?.children[0];
    const operation = (Object.keys(OPERATIONS) as Operation[]).find((one) => OPERATIONS[one].request === request?.name);
    if (operation === undefined || request === undefined) return { status: 500 };
    calls.push({ operation, action: String(call.headers.soapaction), message });
    const misdeed = misdeeds.get(operation);
    if (misdeed !== undefined) return misdeed(answer(operation, request));
    return xml(answer(operation, request));
  });

  return {
    url: `${server.url}/pagopa/paForNode`,
    positions,
    calls,
    receipts,
    misbehave(operation, misdeed) {
      if (misdeed === null) misdeeds.delete(operation);
      else misdeeds.set(operation, misdeed);
    },
    close: server.close,
  };
}

export function xml(body: string, status = 200): HttpReply {
  return { status, headers: { 'content-type': 'text/xml; charset=utf-8' }, body };
}

export function ko(operation: Operation, faultCode: string, creditor: string): string {
  const fault = branch('fault', [leaf('faultCode', faultCode), leaf('faultString', 'no'), leaf('id', creditor)]);
  return envelope(operation, [leaf('outcome', 'KO'), fault]);
}

function envelope(operation: Operation, inside: readonly string[]): string {
  const body = branch(`p:${OPERATIONS[operation].response}`, inside);
  return branch('s:Envelope', [branch('s:Body', [body])], { 'xmlns:s': ENVELOPE, 'xmlns:p': NAMESPACE });
}

function verified(found: PaymentData, creditor: string): string[] {
  const option = branch('paymentOptionDescription', [
    leaf('amount', euro(found.amountCents)),
    leaf('options', 'EQ'),
    leaf('dueDate', found.dueDate),
    leaf('detailDescription', found.description),
    leaf('allCCP', false),
  ]);
  return [
    leaf('outcome', 'OK'),
    branch('paymentList', [option]),
    leaf('paymentDescription', found.description),
    leaf('fiscalCodePA', creditor),
    leaf('companyName', found.companyName),
    leaf('officeName', found.officeName),
  ];
}

function data(found: PaymentData, version: 1 | 2): string {
  return branch('data', [
    leaf('creditorReferenceId', found.creditorReferenceId),
    leaf('paymentAmount', euro(found.amountCents)),
    leaf('dueDate', found.dueDate),
    leaf('description', found.description),
    leaf('companyName', found.companyName),
    leaf('officeName', found.officeName),
    subject('debtor', found.debtor),
    branch(
      'transferList',
      found.transfers.map((one) => transfer(one, version)),
    ),
    metadata(found.metadata),
  ]);
}

function transfer(one: Transfer, version: 1 | 2): string {
  const { stamp } = one;
  return branch('transfer', [
    leaf('idTransfer', one.id),
    leaf('transferAmount', euro(one.amountCents)),
    leaf('fiscalCodePA', one.fiscalCode),
    version === 2 ? leaf('companyName', one.companyName) : '',
    leaf('IBAN', one.iban),
    stamp === null
      ? ''
      : branch('richiestaMarcaDaBollo', [
          leaf('hashDocumento', stamp.documentHash),
          leaf('tipoBollo', stamp.type),
          leaf('provinciaResidenza', stamp.province),
        ]),
    leaf('remittanceInformation', one.remittanceInformation),
    leaf('transferCategory', one.category),
    metadata(one.metadata),
  ]);
}

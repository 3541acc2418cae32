import type { CivilDate } from '../../../../kernel/civil-date.ts';
import { iuvOf } from '../../../../kernel/notice-number.ts';
import type { Transfer } from '../../../../modules/payments/index.ts';
import { element, optional, type XmlContent, type XmlFragment, xmlText } from '../../../../platform/xml/index.ts';
import type { Operation } from './read-request.ts';

/** What the creditor may refuse with (pagopa §4), and the words that go with it. */
export const FAULTS = {
  PAA_SINTASSI_EXTRAXSD: 'Errore di sintassi extra XSD',
  PAA_ID_DOMINIO_ERRATO: 'Il dominio non è gestito da questa stazione',
  PAA_ID_INTERMEDIARIO_ERRATO: 'L’intermediario non è quello dell’ente',
  PAA_STAZIONE_INT_ERRATA: 'La stazione non è dell’ente',
  PAA_PAGAMENTO_SCONOSCIUTO: 'Pagamento in attesa non trovato',
  PAA_PAGAMENTO_DUPLICATO: 'Il pagamento risulta già eseguito',
  PAA_PAGAMENTO_SCADUTO: 'Il pagamento è scaduto e non si può più eseguire',
  PAA_PAGAMENTO_ANNULLATO: 'Il pagamento è stato annullato dall’ente',
  PAA_SEMANTICA: 'Richiesta non ammessa',
  PAA_RECEIPT_DUPLICATA: 'La ricevuta era già stata acquisita',
  PAA_SYSTEM_ERROR: 'Servizio momentaneamente non disponibile',
} as const;

export type FaultCode = keyof typeof FAULTS;

const RESPONSES: Readonly<Record<Operation, string>> = {
  paVerifyPaymentNoticeReq: 'paVerifyPaymentNoticeRes',
  paGetPaymentReq: 'paGetPaymentRes',
  paGetPaymentV2Request: 'paGetPaymentV2Response',
  paSendRTReq: 'paSendRTRes',
  paSendRTV2Request: 'paSendRTV2Response',
  paDemandPaymentNoticeRequest: 'paDemandPaymentNoticeResponse',
};

function envelope(content: XmlFragment): string {
  const body = element('soapenv:Body', content);
  return element('soapenv:Envelope', body, { 'xmlns:soapenv': 'http://schemas.xmlsoap.org/soap/envelope/' }).text;
}

/** The answer of an operation: its own element, children unqualified (pagopa §3). */
function answer(operation: Operation, content: readonly XmlContent[]): string {
  const namespace = { 'xmlns:pafn': 'http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd' };
  return envelope(element(`pafn:${RESPONSES[operation]}`, content, namespace));
}

/** A refusal is an answer like any other, with HTTP status 200; `bodyId` is the tax code of the body that refuses. */
export function refusal(operation: Operation, code: FaultCode, bodyId: string, description?: string): string {
  const fault = [
    element('faultCode', code),
    element('faultString', FAULTS[code]),
    element('id', clip(bodyId, 35)),
    optional('description', description),
  ];
  return answer(operation, [element('outcome', 'KO'), element('fault', fault)]);
}

/** For a request of which not even the operation is known. */
export function soapFault(): string {
  return envelope(
    element('soapenv:Fault', [
      element('faultcode', 'soapenv:Client'),
      element('faultstring', 'Richiesta non riconosciuta'),
    ]),
  );
}

export interface NoticeToPay {
  readonly noticeNumber: string;
  readonly amountCents: number;
  readonly dueDate: CivilDate;
  readonly description: string;
  readonly companyName: string;
  readonly officeName: string | null;
  readonly fiscalCode: string;
  readonly transfers: readonly Transfer[];
}

export function verified(operation: Operation, notice: NoticeToPay, withQrCode = false): string {
  const option = [
    element('amount', euro(notice.amountCents)),
    element('options', 'EQ'),
    element('dueDate', notice.dueDate),
    element('detailDescription', clip(notice.description, 140)),
    // Whether a postal slip can pay it: every part must reach a postal account.
    element('allCCP', String(notice.transfers.every(({ account }) => account.postalIban !== undefined))),
  ];
  const qrCode = [element('fiscalCode', notice.fiscalCode), element('noticeNumber', notice.noticeNumber)];
  return answer(operation, [
    element('outcome', 'OK'),
    withQrCode ? element('qrCode', qrCode) : null,
    element('paymentList', element('paymentOptionDescription', option)),
    element('paymentDescription', clip(notice.description, 140)),
    element('fiscalCodePA', notice.fiscalCode),
    element('companyName', clip(notice.companyName, 140)),
    optional('officeName', clip(notice.officeName, 140)),
  ]);
}

export interface NoticeDebtor {
  /** Codice fiscale of a person, or of a firm; null where it is not known. */
  readonly fiscalCode: string | null;
  readonly fullName: string;
  readonly streetName: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
}

/** `transferType`: how the payer is paying, where the node says so (pagopa §3.2). */
export function paymentToMake(
  operation: 'paGetPaymentReq' | 'paGetPaymentV2Request',
  notice: NoticeToPay,
  debtor: NoticeDebtor,
  transferType: 'POSTAL' | 'PAGOPA' | undefined,
): string {
  const v2 = operation === 'paGetPaymentV2Request';
  const { fiscalCode } = debtor;
  const identifier = [
    element('entityUniqueIdentifierType', fiscalCode !== null && /^\d{11}$/.test(fiscalCode) ? 'G' : 'F'),
    element('entityUniqueIdentifierValue', fiscalCode ?? 'ANONIMO'),
  ];
  const subject = [
    element('uniqueIdentifier', identifier),
    element('fullName', clip(debtor.fullName, 70) || 'ANONIMO'),
    optional('streetName', clip(debtor.streetName, 70)),
    optional('postalCode', clip(debtor.postalCode, 16)),
    optional('city', clip(debtor.city, 35)),
  ];
  const data = [
    element('creditorReferenceId', iuvOf(notice.noticeNumber)),
    element('paymentAmount', euro(notice.amountCents)),
    element('dueDate', notice.dueDate),
    element('description', clip(notice.description, 140)),
    element('companyName', clip(notice.companyName, 140)),
    optional('officeName', clip(notice.officeName, 140)),
    element('debtor', subject),
    element(
      'transferList',
      notice.transfers.map((transfer) => transferToMake(transfer, notice, v2, transferType)),
    ),
  ];
  return answer(operation, [element('outcome', 'OK'), element('data', data)]);
}

function transferToMake(
  transfer: Transfer,
  notice: NoticeToPay,
  v2: boolean,
  transferType: 'POSTAL' | 'PAGOPA' | undefined,
): XmlFragment {
  const { no, amountCents, fiscalCode, name, account, category, metadata } = transfer;
  const postal = transferType === 'POSTAL' && account.postalIban !== undefined;
  const entries = [...metadata];
  if (v2 && transferType === 'PAGOPA' && account.postalIban !== undefined)
    entries.push(['IBANAPPOGGIO', account.postalIban]);
  // No personal data in it; the reference in its front is how a bank's single credit is recognised (pagopa §1).
  const remittance = `/RFB/${iuvOf(notice.noticeNumber)}/${euro(amountCents)}/TXT/${notice.description}`;
  return element('transfer', [
    element('idTransfer', String(no)),
    element('transferAmount', euro(amountCents)),
    element('fiscalCodePA', fiscalCode),
    v2 ? optional('companyName', clip(name, 140)) : null,
    element('IBAN', postal ? (account.postalIban ?? account.iban) : account.iban),
    element('remittanceInformation', clip(remittance, 140)),
    element('transferCategory', category),
    entries.length === 0
      ? null
      : element(
          'metadata',
          entries.map(([key, value]) => element('mapEntry', [element('key', key), element('value', value)])),
        ),
  ]);
}

export function receiptTaken(operation: Operation): string {
  return answer(operation, [element('outcome', 'OK')]);
}

/** `12.34`. */
export function euro(cents: number): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** At most so many characters, as XML Schema counts them; blanks in a row are one. */
export function clip(text: string | null, max: number): string {
  const plain = xmlText(text ?? '')
    .replace(/\s+/gu, ' ')
    .trim();
  return [...plain].slice(0, max).join('').trim();
}

import { iuvOf } from '../../src/kernel/notice-number.ts';
import { element, escapeXml, optional } from '../../src/platform/xml/index.ts';

export const BROKER = '80099999999';
export const STATION = `${BROKER}_01`;
export const IBAN = 'IT60X0542811101000000123456';

const PA = 'http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd';

/** An envelope around one request, its head for this body's station. */
export function soap(
  name: string,
  idPA: string,
  inside: string,
  head: Partial<Record<'idBrokerPA' | 'idStation', string>> = {},
) {
  const { idBrokerPA = BROKER, idStation = STATION } = head;
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><p:${name} xmlns:p="${PA}"><idPA>${idPA}</idPA><idBrokerPA>${idBrokerPA}</idBrokerPA><idStation>${idStation}</idStation>${inside}</p:${name}></s:Body></s:Envelope>`;
}

export const qrCode = (idPA: string, noticeNumber: string) =>
  `<qrCode><fiscalCode>${idPA}</fiscalCode><noticeNumber>${noticeNumber}</noticeNumber></qrCode>`;

export interface ToldReceipt {
  readonly idPA: string;
  readonly noticeNumber: string;
  readonly amountCents: number;
  readonly receiptId?: string;
  /** Of the body whose notice it is. */
  readonly fiscalCode?: string;
  readonly outcome?: 'OK' | 'KO';
  readonly paidAt?: string | null;
  readonly standIn?: boolean;
  readonly transfers?: readonly {
    readonly fiscalCode: string;
    readonly amountCents: number;
    readonly stamp?: boolean;
  }[];
}

const decimal = (cents: number) => (cents / 100).toFixed(2);

/** A receipt as the node writes it, in either version. */
export function receiptXml(version: 1 | 2, told: ToldReceipt, head: Parameters<typeof soap>[3] = {}): string {
  const { idPA, noticeNumber, amountCents, receiptId = 'tok-1', fiscalCode = idPA, outcome = 'OK' } = told;
  const transfers = told.transfers ?? [{ fiscalCode, amountCents }];
  const subject = element('uniqueIdentifier', [
    element('entityUniqueIdentifierType', 'F'),
    element('entityUniqueIdentifierValue', 'RSSMRA80A01H501U'),
  ]).text;
  const transfer = (one: (typeof transfers)[number], i: number) =>
    element('transfer', [
      element('idTransfer', String(i + 1)),
      element('transferAmount', decimal(one.amountCents)),
      element('fiscalCodePA', one.fiscalCode),
      one.stamp === true ? element('MBDAttachment', Buffer.from('<marca/>').toString('base64')) : element('IBAN', IBAN),
      element('remittanceInformation', 'TARI 2024'),
      element('transferCategory', '9/0101101IM/'),
    ]).text;
  const receipt = `<receipt><receiptId>${escapeXml(receiptId)}</receiptId><noticeNumber>${noticeNumber}</noticeNumber><fiscalCode>${fiscalCode}</fiscalCode><outcome>${outcome}</outcome><creditorReferenceId>${iuvOf(noticeNumber)}</creditorReferenceId><paymentAmount>${decimal(amountCents)}</paymentAmount><description>TARI 2024</description><companyName>Comune di Prova</companyName><debtor>${subject}<fullName>Mario Rossi</fullName></debtor><transferList>${transfers.map(transfer).join('')}</transferList><idPSP>PSP01</idPSP><PSPCompanyName>Banca Città di Forlì</PSPCompanyName><idChannel>PSP01_01</idChannel><channelDescription>app</channelDescription><paymentMethod>creditCard</paymentMethod><fee>1.50</fee>${optional('paymentDateTime', told.paidAt === undefined ? '2026-11-20T10:00:00' : told.paidAt)?.text ?? ''}${told.standIn === true ? '<standIn>true</standIn>' : ''}</receipt>`;
  return soap(version === 1 ? 'paSendRTReq' : 'paSendRTV2Request', idPA, receipt, head);
}

import { CodedError } from '../../../../kernel/errors.ts';
import type { XmlElement } from '../../../../platform/xml/index.ts';

/** What a text must be; null: as it should. */
type TextCheck = (text: string) => boolean;

/** Elements in the order they come in, as the official schema has them. */
export type Shape = readonly Part[];

interface Part {
  /** Names that may stand here: one of them. */
  readonly names: readonly string[];
  readonly min: 0 | 1;
  readonly max: number;
  readonly content: TextCheck | Shape;
}

const part = (names: string, content: Part['content'], min: 0 | 1, max = 1): Part => ({
  names: names.split('|'),
  min,
  max,
  content,
});
export const one = (name: string, content: Part['content']): Part => part(name, content, 1);
export const maybe = (name: string, content: Part['content']): Part => part(name, content, 0);
export const some = (name: string, content: Part['content'], max: number): Part => part(name, content, 1, max);

/** Characters as XML Schema counts them: code points. */
const lengthOf = (text: string) => [...text].length;
const text =
  (max: number, min = 1): TextCheck =>
  (value) =>
    value.length >= min && (value.length <= max || lengthOf(value) <= max);
const matches =
  (pattern: RegExp): TextCheck =>
  (value) =>
    pattern.test(value);
const anything: TextCheck = () => true;

const amount = matches(/^\d{1,9}\.\d{2}$/);
const amountNotZero: TextCheck = (value) => amount(value) && /[1-9]/.test(value);
const date = matches(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(Z|[+-]\d{2}:\d{2})?$/);
const dateTime = matches(
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/,
);
const fiscalCode = matches(/^\d{11}$/);
const noticeNumber = matches(/^\d{18}$/);
const flag = matches(/^(true|false|1|0)$/);
const base64 = matches(/^[A-Za-z0-9+/\s]*={0,2}\s*$/);

const qrCode: Shape = [one('fiscalCode', fiscalCode), one('noticeNumber', noticeNumber)];
const metadata = maybe('metadata', [some('mapEntry', [one('key', text(140)), one('value', text(140))], 15)]);
const subject: Shape = [
  one('uniqueIdentifier', [
    one('entityUniqueIdentifierType', matches(/^[FG]$/)),
    one('entityUniqueIdentifierValue', text(16, 2)),
  ]),
  one('fullName', text(70)),
  maybe('streetName', text(70)),
  maybe('civicNumber', text(16)),
  maybe('postalCode', text(16)),
  maybe('city', text(35)),
  maybe('stateProvinceRegion', text(35)),
  maybe('country', matches(/^[A-Z]{2}$/)),
  maybe('e-mail', text(256)),
];
const head: Shape = [one('idPA', text(35)), one('idBrokerPA', text(35)), one('idStation', text(35))];

const transfer = (version: 1 | 2): Shape => [
  one('idTransfer', matches(/^[1-5]$/)),
  one('transferAmount', amountNotZero),
  one('fiscalCodePA', fiscalCode),
  ...(version === 1 ? [one('IBAN', text(35))] : [maybe('companyName', text(140)), IBAN_OR_STAMP]),
  one('remittanceInformation', text(140)),
  one('transferCategory', text(140)),
  metadata,
];
const IBAN_OR_STAMP = one('IBAN|MBDAttachment', (value) => value.length > 0 && base64(value));

const receipt = (version: 1 | 2): Shape => [
  one('receiptId', anything),
  one('noticeNumber', noticeNumber),
  one('fiscalCode', fiscalCode),
  one('outcome', matches(/^(OK|KO)$/)),
  one('creditorReferenceId', text(35)),
  one('paymentAmount', amount),
  one('description', text(140)),
  one('companyName', text(140)),
  maybe('officeName', text(140)),
  one('debtor', subject),
  one('transferList', [some('transfer', transfer(version), 5)]),
  one('idPSP', text(35)),
  maybe('pspFiscalCode', text(70)),
  maybe('pspPartitaIVA', text(20)),
  one('PSPCompanyName', text(70)),
  one('idChannel', text(35)),
  one('channelDescription', text(35)),
  maybe('payer', subject),
  maybe('paymentMethod', text(35)),
  ...(version === 1 ? [] : [maybe('paymentNote', text(210))]),
  maybe('fee', amount),
  ...(version === 1
    ? []
    : [maybe('primaryCiIncurredFee', amount), maybe('idBundle', text(70)), maybe('idCiBundle', text(70))]),
  maybe('paymentDateTime', dateTime),
  maybe('applicationDate', date),
  maybe('transferDate', date),
  metadata,
  maybe('standIn', flag),
];

const getPayment: Shape = [
  ...head,
  one('qrCode', qrCode),
  maybe('amount', amount),
  maybe('paymentNote', text(210)),
  maybe('transferType', matches(/^(POSTAL|PAGOPA)$/)),
  maybe('dueDate', date),
];

/** The requests of `paForNode` (pagopa §3), by the name of their element. */
export const REQUESTS = {
  paVerifyPaymentNoticeReq: [...head, one('qrCode', qrCode)],
  paGetPaymentReq: getPayment,
  paGetPaymentV2Request: getPayment,
  paSendRTReq: [...head, one('receipt', receipt(1))],
  paSendRTV2Request: [...head, one('receipt', receipt(2))],
  paDemandPaymentNoticeRequest: [
    ...head,
    one('idServizio', text(5, 5)),
    one('idSoggettoServizio', text(5, 5)),
    one('datiSpecificiServizioRequest', base64),
  ],
} as const satisfies Readonly<Record<string, Shape>>;

/** Error SHAPE, with `path` and `line`: an element that is missing, unknown, out of its place or not what it should be. */
export function checkShape(element: XmlElement, shape: Shape, path: string = element.name): void {
  let at = 0;
  for (const { names, min, max, content } of shape) {
    let count = 0;
    for (let child = element.children[at]; child !== undefined && count < max; child = element.children[at]) {
      if (!names.includes(child.name) || child.uri !== '') break;
      checkContent(child, content, `${path}/${child.name}`);
      count += 1;
      at += 1;
    }
    if (count < min) throw fault(`${path}/${names[0]}`, element.line);
  }
  const left = element.children[at];
  if (left !== undefined) throw fault(`${path}/${left.name}`, left.line);
}

function checkContent(element: XmlElement, content: Part['content'], path: string): void {
  if (typeof content !== 'function') checkShape(element, content, path);
  else if (element.children.length > 0 || !content(element.text)) throw fault(path, element.line);
}

function fault(path: string, line: number): CodedError {
  return new CodedError('SHAPE', 'the request is not as the schema has it', { path, line });
}

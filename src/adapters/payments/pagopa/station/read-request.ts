import { CodedError } from '../../../../kernel/errors.ts';
import { childOf, childrenOf, parseXml, textOf, type XmlElement } from '../../../../platform/xml/index.ts';
import { checkShape, REQUESTS, type Shape } from './shapes.ts';

export type Operation = keyof typeof REQUESTS;

/** Who is asked, in every request. */
export interface Addressee {
  readonly idPA: string;
  readonly idBrokerPA: string;
  readonly idStation: string;
}

export interface Request {
  readonly operation: Operation;
  readonly to: Addressee;
  readonly element: XmlElement;
}

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const PA_FOR_NODE = 'http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd';

const isOperation = (name: string): name is Operation => Object.hasOwn(REQUESTS, name);

/** The operation that an element of the body, or a SOAPAction, names; null: none of ours. */
export function operationNamed(name: string): Operation | null {
  if (isOperation(name)) return name;
  for (const suffix of ['Req', 'Request']) if (isOperation(`${name}${suffix}`)) return `${name}${suffix}` as Operation;
  return null;
}

/**
 * The one element in the body of a SOAP 1.1 envelope, whatever prefixes it uses. Errors: those of `parseXml`; ENVELOPE;
 * OPERATION_UNKNOWN.
 */
export function readEnvelope(bytes: Uint8Array): { readonly operation: Operation; readonly element: XmlElement } {
  const envelope = parseXml(bytes);
  if (envelope.name !== 'Envelope' || envelope.uri !== SOAP)
    throw new CodedError('ENVELOPE', 'not a SOAP 1.1 envelope');
  const bodies = envelope.children.filter((one) => one.name === 'Body' && one.uri === SOAP);
  const inside = bodies[0]?.children ?? [];
  const element = inside[0];
  if (bodies.length !== 1 || inside.length !== 1 || element === undefined) {
    throw new CodedError('ENVELOPE', 'one body with one element is expected');
  }
  if (element.uri !== PA_FOR_NODE || !isOperation(element.name)) {
    throw new CodedError('OPERATION_UNKNOWN', 'not an operation of paForNode');
  }
  return { operation: element.name, element };
}

/** Error SHAPE: not as the official schema has it. */
export function readRequest(operation: Operation, element: XmlElement): Request {
  checkShape(element, REQUESTS[operation] as Shape);
  const [idPA = '', idBrokerPA = '', idStation = ''] = ['idPA', 'idBrokerPA', 'idStation'].map((name) =>
    textOf(element, name),
  );
  return { operation, to: { idPA, idBrokerPA, idStation }, element };
}

/** Of verify and get: which notice, and where the money is to go. */
export function readNotice({ element }: Request) {
  return {
    fiscalCode: textOf(element, 'qrCode', 'fiscalCode') ?? '',
    noticeNumber: textOf(element, 'qrCode', 'noticeNumber') ?? '',
    transferType: textOf(element, 'transferType') as 'POSTAL' | 'PAGOPA' | undefined,
  };
}

export interface NodeReceipt {
  readonly receiptId: string;
  readonly noticeNumber: string;
  /** Of the body whose notice it is. */
  readonly fiscalCode: string;
  readonly outcome: 'OK' | 'KO';
  readonly creditorReference: string;
  readonly amountCents: number;
  readonly psp: string;
  readonly feeCents: number | null;
  readonly standIn: boolean;
  /** As written; without a zone it is local time (pagopa §15 does not know whose). */
  readonly paidAt: string | null;
  readonly transfers: readonly {
    readonly no: number;
    readonly fiscalCode: string;
    readonly amountCents: number;
    readonly iban: string | null;
    readonly category: string;
  }[];
}

export function readReceipt({ element }: Request): NodeReceipt {
  const receipt = childOf(element, 'receipt');
  const of = (name: string) => textOf(receipt, name);
  const fee = of('fee');
  return {
    receiptId: of('receiptId') ?? '',
    noticeNumber: of('noticeNumber') ?? '',
    fiscalCode: of('fiscalCode') ?? '',
    outcome: of('outcome') === 'OK' ? 'OK' : 'KO',
    creditorReference: of('creditorReferenceId') ?? '',
    amountCents: centsOf(of('paymentAmount') ?? ''),
    psp: of('PSPCompanyName') ?? '',
    feeCents: fee === undefined ? null : centsOf(fee),
    standIn: ['true', '1'].includes(of('standIn') ?? ''),
    paidAt: of('paymentDateTime') ?? of('applicationDate') ?? null,
    transfers: childrenOf(childOf(receipt, 'transferList'), 'transfer').map((transfer) => ({
      no: Number(textOf(transfer, 'idTransfer')),
      fiscalCode: textOf(transfer, 'fiscalCodePA') ?? '',
      amountCents: centsOf(textOf(transfer, 'transferAmount') ?? ''),
      iban: textOf(transfer, 'IBAN') ?? null,
      category: textOf(transfer, 'transferCategory') ?? '',
    })),
  };
}

/** `12.34` as cents; the shape was checked. */
function centsOf(amount: string): number {
  return Number(amount.replace('.', ''));
}

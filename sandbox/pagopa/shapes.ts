import { parseCivilDate } from '../../src/kernel/civil-date.ts';
import { misfitsOf, type Part, type Shape, type TextKind } from './shape.ts';
import type { XmlElement } from './xml.ts';

const text =
  (min: number, max: number): TextKind =>
  (value) => {
    const length = [...value].length;
    return length >= min && length <= max;
  };
const matching =
  (pattern: RegExp): TextKind =>
  (value) =>
    pattern.test(value);

const anyText: TextKind = () => true;
const amount: TextKind = (value) => /^\d{1,9}\.\d{2}$/.test(value) && Number(value) > 0;
const isoDate: TextKind = (value) =>
  /^\d{4}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2})?$/.test(value) && parseCivilDate(value.slice(0, 10)).ok;
const dateTime = matching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/);
const boolean = matching(/^(true|false|0|1)$/);
const body = matching(/^\d{11}$/);

const METADATA: Part = {
  name: 'metadata',
  optional: true,
  is: [
    {
      name: 'mapEntry',
      max: 15,
      is: [
        { name: 'key', is: text(1, 140) },
        { name: 'value', is: text(1, 140) },
      ],
    },
  ],
};

const FAULT: Shape = [
  { name: 'faultCode', is: text(1, 200) },
  { name: 'faultString', is: anyText },
  { name: 'id', is: text(1, 35) },
  { name: 'description', optional: true, is: anyText },
  { name: 'serial', optional: true, is: matching(/^-?\d+$/) },
  { name: 'originalFaultCode', optional: true, is: anyText },
  { name: 'originalFaultString', optional: true, is: anyText },
  { name: 'originalDescription', optional: true, is: anyText },
];

const HEAD: Shape = [
  { name: 'outcome', is: matching(/^(OK|KO)$/) },
  { name: 'fault', optional: true, is: FAULT },
];

const QR_CODE: Part = {
  name: 'qrCode',
  optional: true,
  is: [
    { name: 'fiscalCode', is: body },
    { name: 'noticeNumber', is: matching(/^\d{18}$/) },
  ],
};

const PAYMENT_LIST: Shape = [
  {
    name: 'paymentList',
    optional: true,
    is: [
      {
        name: 'paymentOptionDescription',
        is: [
          { name: 'amount', is: amount },
          { name: 'options', is: matching(/^(EQ|LS|GT|ANY)$/) },
          { name: 'dueDate', optional: true, is: isoDate },
          { name: 'detailDescription', optional: true, is: text(1, 140) },
          { name: 'allCCP', is: boolean },
        ],
      },
    ],
  },
  { name: 'paymentDescription', optional: true, is: text(1, 140) },
  { name: 'fiscalCodePA', optional: true, is: body },
  { name: 'companyName', optional: true, is: text(1, 140) },
  { name: 'officeName', optional: true, is: text(1, 140) },
];

const SUBJECT: Shape = [
  {
    name: 'uniqueIdentifier',
    is: [
      { name: 'entityUniqueIdentifierType', is: matching(/^[FG]$/) },
      { name: 'entityUniqueIdentifierValue', is: text(2, 16) },
    ],
  },
  { name: 'fullName', is: text(1, 70) },
  { name: 'streetName', optional: true, is: text(1, 70) },
  { name: 'civicNumber', optional: true, is: text(1, 16) },
  { name: 'postalCode', optional: true, is: text(1, 16) },
  { name: 'city', optional: true, is: text(1, 35) },
  { name: 'stateProvinceRegion', optional: true, is: text(1, 35) },
  { name: 'country', optional: true, is: matching(/^[A-Z]{2}$/) },
  {
    name: 'e-mail',
    optional: true,
    is: (value) => value.length <= 256 && /^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*$/.test(value),
  },
];

const IBAN: Part = { name: 'IBAN', is: text(1, 35) };
const STAMP: Part = {
  name: 'richiestaMarcaDaBollo',
  is: [
    { name: 'hashDocumento', is: matching(/^[A-Za-z0-9+/=\s]{4,72}$/) },
    { name: 'tipoBollo', is: matching(/^01$/) },
    { name: 'provinciaResidenza', is: matching(/^[A-Z]{2}$/) },
  ],
};

function transfer(version: 1 | 2): Shape {
  const head: Shape = [
    { name: 'idTransfer', is: matching(/^[1-5]$/) },
    { name: 'transferAmount', is: amount },
    { name: 'fiscalCodePA', is: body },
  ];
  const tail: Shape = [
    { name: 'remittanceInformation', is: text(1, 140) },
    { name: 'transferCategory', is: text(1, 140) },
    METADATA,
  ];
  if (version === 1) return [...head, IBAN, ...tail];
  return [...head, { name: 'companyName', optional: true, is: text(1, 140) }, { ...IBAN, or: STAMP }, ...tail];
}

function payment(version: 1 | 2): Shape {
  const companyName: Part = { name: 'companyName', is: text(1, 140) };
  return [
    ...HEAD,
    {
      name: 'data',
      optional: true,
      is: [
        { name: 'creditorReferenceId', is: text(1, 35) },
        { name: 'paymentAmount', is: amount },
        { name: 'dueDate', is: isoDate },
        { name: 'retentionDate', optional: true, is: dateTime },
        { name: 'lastPayment', optional: true, is: boolean },
        { name: 'description', is: text(1, 140) },
        version === 1 ? { ...companyName, optional: true } : companyName,
        { name: 'officeName', optional: true, is: text(1, 140) },
        { name: 'debtor', is: SUBJECT },
        { name: 'transferList', is: [{ name: 'transfer', max: 5, is: transfer(version) }] },
        METADATA,
      ],
    },
  ];
}

/** By operation: the element of its request, that of its answer, and what the answer holds. Names are irregular. */
export const OPERATIONS = {
  paVerifyPaymentNotice: {
    request: 'paVerifyPaymentNoticeReq',
    response: 'paVerifyPaymentNoticeRes',
    shape: [...HEAD, ...PAYMENT_LIST],
  },
  paGetPayment: { request: 'paGetPaymentReq', response: 'paGetPaymentRes', shape: payment(1) },
  paGetPaymentV2: { request: 'paGetPaymentV2Request', response: 'paGetPaymentV2Response', shape: payment(2) },
  paSendRT: { request: 'paSendRTReq', response: 'paSendRTRes', shape: HEAD },
  paSendRTV2: { request: 'paSendRTV2Request', response: 'paSendRTV2Response', shape: HEAD },
  paDemandPaymentNotice: {
    request: 'paDemandPaymentNoticeRequest',
    response: 'paDemandPaymentNoticeResponse',
    shape: [...HEAD, QR_CODE, ...PAYMENT_LIST],
  },
} as const satisfies Record<string, { request: string; response: string; shape: Shape }>;

export type Operation = keyof typeof OPERATIONS;

/** What in the answer of an operation does not fit. */
export function misfits(answer: XmlElement, operation: Operation): string[] {
  return misfitsOf(answer, OPERATIONS[operation].shape, answer.name);
}

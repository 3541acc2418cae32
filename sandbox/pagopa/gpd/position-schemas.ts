import { Type } from 'typebox';

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})?$',
});
const Iban = Type.String({ pattern: '^[A-Za-z0-9]{1,35}$' });
export const Metadata = Type.Optional(
  Type.Array(Type.Object({ key: Text(140), value: Type.Optional(Text(140)) }), { maxItems: 10 }),
);

export const TransferSchema = Type.Object({
  idTransfer: Type.String({ pattern: '^[1-5]$' }),
  amount: Type.Integer({ minimum: 1 }),
  organizationFiscalCode: Type.Optional(Type.String({ pattern: '^\\d{11}$' })),
  remittanceInformation: Text(140),
  category: Text(140),
  iban: Type.Optional(Iban),
  postalIban: Type.Optional(Iban),
  stamp: Type.Optional(
    Type.Object({
      hashDocument: Text(72),
      stampType: Type.String({ minLength: 2, maxLength: 2 }),
      provincialResidence: Type.String({ pattern: '^[A-Z]{2}$' }),
    }),
  ),
  companyName: Type.Optional(Text(140)),
  transferMetadata: Metadata,
});

export const DebtorSchema = Type.Object({
  type: Type.Union([Type.Literal('F'), Type.Literal('G')]),
  fiscalCode: Text(16),
  fullName: Text(255),
  streetName: Type.Optional(Type.String()),
  civicNumber: Type.Optional(Type.String()),
  postalCode: Type.Optional(Type.String()),
  city: Type.Optional(Type.String()),
  province: Type.Optional(Type.String()),
  region: Type.Optional(Type.String()),
  country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$' })),
  email: Type.Optional(Type.String()),
  phone: Type.Optional(Type.String()),
});

const PAYABLE = {
  nav: Type.Optional(Type.String({ pattern: '^\\d{18}$' })),
  iuv: Text(35),
  amount: Type.Integer({ minimum: 1 }),
  description: Text(140),
  dueDate: Instant,
  transfer: Type.Array(TransferSchema, { minItems: 1 }),
};

const HEAD = {
  iupd: Text(255),
  companyName: Text(140),
  officeName: Type.Optional(Text(140)),
  payStandIn: Type.Optional(Type.Boolean()),
};

export const PositionV1 = Type.Object({
  ...HEAD,
  ...DebtorSchema.properties,
  switchToExpired: Type.Boolean(),
  validityDate: Type.Optional(Instant),
  paymentOption: Type.Array(
    Type.Object({ ...PAYABLE, isPartialPayment: Type.Boolean(), paymentOptionMetadata: Metadata }),
    { minItems: 1 },
  ),
});

export const PositionV3 = Type.Object({
  ...HEAD,
  paymentOption: Type.Array(
    Type.Object({
      description: Type.Optional(Text(140)),
      validityDate: Type.Optional(Instant),
      switchToExpired: Type.Boolean(),
      debtor: DebtorSchema,
      installments: Type.Array(Type.Object({ ...PAYABLE, installmentMetadata: Metadata }), {
        minItems: 1,
        maxItems: 100,
      }),
    }),
    { minItems: 1, maxItems: 100 },
  ),
});

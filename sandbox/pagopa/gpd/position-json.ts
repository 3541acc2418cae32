import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { MapEntry } from '../types.ts';
import {
  gpdInstant,
  type Installment,
  type KeptTransfer,
  type PaymentOption,
  type PositionInput,
  PositionRefused,
} from './position.ts';
import { type DebtorSchema, type Metadata, PositionV1, PositionV3, type TransferSchema } from './position-schemas.ts';

/** A position of version 1 or 2; throws PositionRefused 400 for what is none. */
export function positionV1(raw: unknown, organization: string): PositionInput {
  const input = checked(PositionV1, raw);
  const debtor = debtorOf(input);
  const kept = input.paymentOption.map((option) => ({
    partial: option.isPartialPayment,
    installment: installment(option, option.paymentOptionMetadata, organization),
  }));
  const parts = kept.flatMap(({ partial, installment }) => (partial ? [installment] : []));
  const whole = kept.flatMap(({ partial, installment }) => (partial ? [] : [installment]));
  const option = (plan: boolean, installments: Installment[]): PaymentOption => ({
    plan,
    description: null,
    debtor,
    installments,
  });
  return {
    ...head(input),
    switchToExpired: input.switchToExpired,
    validFrom: instant(input.validityDate),
    // Partial payments are the installments of one plan.
    options: [...whole.map((one) => option(false, [one])), ...(parts.length > 0 ? [option(true, parts)] : [])],
  };
}

/** A position of version 3, where an option has its own debtor and installments; throws PositionRefused 400. */
export function positionV3(raw: unknown, organization: string): PositionInput {
  const input = checked(PositionV3, raw);
  const dates = input.paymentOption.flatMap(({ validityDate }) => instant(validityDate) ?? []);
  return {
    ...head(input),
    switchToExpired: input.paymentOption.some(({ switchToExpired }) => switchToExpired),
    validFrom: dates.length === 0 ? null : Math.min(...dates),
    options: input.paymentOption.map((option) => ({
      plan: option.installments.length > 1,
      description: option.description ?? null,
      debtor: debtorOf(option.debtor),
      installments: option.installments.map((one) => installment(one, one.installmentMetadata, organization)),
    })),
  };
}

function checked<S extends TSchema>(schema: S, raw: unknown): Static<S> {
  if (Value.Check(schema, raw)) return raw as Static<S>;
  const first = Value.Errors(schema, raw)[0];
  throw new PositionRefused(400, `${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`);
}

function head(input: {
  readonly iupd: string;
  readonly companyName: string;
  readonly officeName?: string;
  readonly payStandIn?: boolean;
}): Pick<PositionInput, 'iupd' | 'companyName' | 'officeName' | 'payStandIn'> {
  const { iupd, companyName, officeName = null, payStandIn = true } = input;
  return { iupd, companyName, officeName, payStandIn };
}

function debtorOf(raw: Static<typeof DebtorSchema>): PaymentOption['debtor'] {
  const {
    type,
    fiscalCode,
    fullName,
    streetName,
    civicNumber,
    postalCode,
    city,
    province,
    region,
    country,
    email,
    phone,
  } = raw;
  const address = { streetName, civicNumber, postalCode, city, stateProvinceRegion: province, region, country };
  return { type, code: fiscalCode, fullName, ...address, email, phone };
}

function installment(
  raw: {
    readonly nav?: string;
    readonly iuv: string;
    readonly amount: number;
    readonly description: string;
    readonly dueDate: string;
    readonly transfer: readonly Static<typeof TransferSchema>[];
  },
  metadata: Static<typeof Metadata> | undefined,
  organization: string,
): Installment {
  return {
    nav: raw.nav ?? `3${raw.iuv}`,
    iuv: raw.iuv,
    amountCents: raw.amount,
    description: raw.description,
    dueAt: gpdInstant(raw.dueDate),
    transfers: raw.transfer.map((one) => transfer(one, organization)),
    metadata: entries(metadata),
    paid: null,
  };
}

function transfer(raw: Static<typeof TransferSchema>, organization: string): KeptTransfer {
  const { stamp } = raw;
  return {
    idTransfer: raw.idTransfer,
    amountCents: raw.amount,
    organization: raw.organizationFiscalCode ?? organization,
    companyName: raw.companyName ?? null,
    remittanceInformation: raw.remittanceInformation,
    category: raw.category,
    iban: raw.iban ?? null,
    postalIban: raw.postalIban ?? null,
    stamp:
      stamp === undefined
        ? null
        : { documentHash: stamp.hashDocument, type: stamp.stampType, province: stamp.provincialResidence },
    metadata: entries(raw.transferMetadata),
  };
}

function entries(metadata: Static<typeof Metadata> | undefined): MapEntry[] {
  return (metadata ?? []).map(({ key, value = '' }) => ({ key, value }));
}

function instant(text: string | undefined): number | null {
  return text === undefined ? null : gpdInstant(text);
}

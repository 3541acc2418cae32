import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Registry } from '../registry.ts';
import { gpdInstant, type Position, type PositionInput, PositionRefused } from './position.ts';
import type { Positions } from './positions.ts';

const RequestSchema = Type.Object({
  paFiscalCode: Type.String({ pattern: '^\\d{11}$' }),
  entityType: Type.Union([Type.Literal('F'), Type.Literal('G')]),
  entityFiscalCode: Type.String({ minLength: 2, maxLength: 16 }),
  entityFullName: Type.String({ minLength: 1, maxLength: 255 }),
  iuv: Type.String({ pattern: '^\\d{17}$' }),
  nav: Type.Optional(Type.String({ pattern: '^\\d{18}$' })),
  amount: Type.Integer({ minimum: 0, maximum: 99_999_999_999 }),
  description: Type.String({ minLength: 1, maxLength: 140 }),
  expirationDate: Type.String({ minLength: 10 }),
  iban: Type.Optional(Type.String({ minLength: 27, maxLength: 27 })),
  postalIban: Type.Optional(Type.String({ minLength: 27, maxLength: 27 })),
  switchToExpired: Type.Optional(Type.Boolean()),
  payStandIn: Type.Optional(Type.Boolean()),
});

type CreateRequest = Static<typeof RequestSchema>;

/** The primitive carries none; which one the platform sets is not known. */
const CATEGORY = '9/0101100IM/';

/**
 * paCreatePosition, the old way of conferring to ACA (pagopa §7): creates or updates by notice number; amount 0 closes.
 * Throws PositionRefused: 400, 404 for closing what is not there, 409, 422 for a state that forbids it.
 */
export function createPosition(positions: Positions, registry: Registry, body: string): object {
  const request = read(body);
  const organization = request.paFiscalCode;
  const nav = request.nav ?? `3${request.iuv}`;
  const iupd = `ACA_${nav}`;
  const known = positions.list('aca', organization).find((position) => position.iupd === iupd);
  if (request.amount === 0) {
    if (known === undefined) throw new PositionRefused(404, `Debit position not found with ${iupd}`);
    return answer(
      request,
      nav,
      unlessForbidden(() => positions.invalidate('aca', organization, iupd)),
    );
  }
  const creditor = registry.creditor(organization);
  const input = inputOf(request, nav, iupd, creditor?.name ?? '', creditor?.ibans[0] ?? null);
  return answer(
    request,
    nav,
    known === undefined
      ? positions.create('aca', organization, input, true)
      : unlessForbidden(() => positions.update('aca', organization, input, true)),
  );
}

function read(body: string): CreateRequest {
  let raw: unknown;
  try {
    raw = JSON.parse(body);
  } catch {
    throw new PositionRefused(400, 'no JSON');
  }
  if (!Value.Check(RequestSchema, raw)) {
    throw new PositionRefused(400, Value.Errors(RequestSchema, raw)[0]?.instancePath ?? 'not valid');
  }
  return raw;
}

/** What the newer API calls a conflict is here a request that cannot be processed. */
function unlessForbidden(work: () => Position): Position {
  try {
    return work();
  } catch (error) {
    if (error instanceof PositionRefused && error.status === 409) throw new PositionRefused(422, error.message);
    throw error;
  }
}

function inputOf(
  request: CreateRequest,
  nav: string,
  iupd: string,
  companyName: string,
  firstIban: string | null,
): PositionInput {
  const { entityType, entityFiscalCode, entityFullName, amount, description, expirationDate } = request;
  const dueAt = gpdInstant(expirationDate);
  const transfer = {
    idTransfer: '1',
    amountCents: amount,
    organization: request.paFiscalCode,
    companyName: null,
    remittanceInformation: description,
    category: CATEGORY,
    iban: request.iban ?? firstIban,
    postalIban: request.postalIban ?? null,
    stamp: null,
    metadata: [],
  };
  const installment = {
    nav,
    iuv: request.iuv,
    amountCents: amount,
    description,
    dueAt,
    transfers: [transfer],
    metadata: [],
    paid: null,
  };
  const debtor = { type: entityType, code: entityFiscalCode, fullName: entityFullName };
  return {
    iupd,
    companyName,
    officeName: null,
    payStandIn: request.payStandIn ?? true,
    switchToExpired: request.switchToExpired ?? false,
    validFrom: null,
    options: [{ plan: false, description: null, debtor, installments: [installment] }],
  };
}

function answer(request: CreateRequest, nav: string, position: Position): object {
  return { ...request, nav, companyName: position.companyName, status: position.status };
}

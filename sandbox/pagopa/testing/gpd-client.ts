import { expect } from 'vitest';
import { iuvOf, makeNoticeNumber } from '../../../src/kernel/notice-number.ts';
import { type OfficialSchema, officialOpenApi } from '../open-api.ts';
import type { Product } from '../products.ts';
import { COMUNE, IBAN, type World } from './world.ts';

const official = officialOpenApi();
if (official === null) console.log('the official OpenAPI files are not beside the project: not tested against them');

export const V1 = `/gpd/debt-positions-service/v1/organizations/${COMUNE}/debtpositions`;
export const V2 = `/gpd/debt-positions-service/v2/organizations/${COMUNE}/debtpositions`;
export const V3 = `/gpd/debt-positions-service/v3/organizations/${COMUNE}/debtpositions`;
export const ACA = `/aca/debt-positions-service/v1/organizations/${COMUNE}/debtpositions`;

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** A body's program that talks to GPD. */
export interface GpdClient {
  send(method: string, path: string, body?: unknown, key?: Product): Promise<Answer>;
  /** Of a position in version 1; the HTTP status where there is none. */
  status(iupd: string): Promise<unknown>;
}

export function makeGpdClient(world: () => World): GpdClient {
  async function send(method: string, path: string, body?: unknown, key: Product = 'gpd'): Promise<Answer> {
    const { apiUrl, keys } = world().pagopa;
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { 'ocp-apim-subscription-key': keys[key], 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text), headers: response.headers };
  }
  return {
    send,
    async status(iupd) {
      const answer = await send('GET', `${V1}/${iupd}`);
      if (answer.status !== 200) return answer.status;
      conforms('gpdV1Answer', answer.body);
      return answer.body.status;
    },
  };
}

/** To the official schema, where it is beside the project. */
export function conforms(schema: OfficialSchema, body: unknown): void {
  if (official !== null) expect(official(schema, body)).toEqual([]);
}

export function transfer(amount: number) {
  return { idTransfer: '1', amount, remittanceInformation: 'TARI 2026', category: '9/0101101IM/', iban: IBAN };
}

export function option(base: number, amount = 12_000, segregation = '09') {
  const nav = makeNoticeNumber(segregation, base);
  const common = { nav, iuv: iuvOf(nav), amount, description: 'TARI 2026', dueDate: '2026-12-16T23:59:59' };
  return { ...common, isPartialPayment: false, transfer: [transfer(amount)] };
}

export function position(iupd: string, options: readonly object[], more: object = {}) {
  const debtor = { type: 'F', fiscalCode: 'RSSMRA80A01H501U', fullName: 'Nicolò Però' };
  return { iupd, ...debtor, companyName: 'Comune di Prova', switchToExpired: false, paymentOption: options, ...more };
}

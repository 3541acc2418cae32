import { expect } from 'vitest';
import { type OfficialSchema, officialOpenApi } from '../open-api.ts';
import { PSPS } from '../registry.ts';
import type { Payment, Psp } from '../types.ts';
import { COMUNE, paymentData, type World } from './world.ts';

const official = officialOpenApi();
if (official === null) console.log('the official OpenAPI files are not beside the project: not tested against them');

export interface Page {
  readonly metadata: { readonly pageSize: number; readonly pageNumber: number; readonly totPage: number };
  readonly count: number;
  readonly data: Record<string, unknown>[];
}

/** One flow as the list names it. */
export type Named = Record<string, unknown>;

/** A body's program that reads its flows; each answer is held against the official schema, where that is there. */
export interface FdrClient {
  /** A notice paid by a PSP. */
  pay(base: number, psp?: Psp, amountCents?: number): Promise<Payment>;
  list(query?: string, creditor?: string): Promise<Page>;
  flow(one: Named | undefined): Promise<Record<string, unknown>>;
  /** `lax`: the answer is known to break the schema. */
  payments(one: Named | undefined, creditor?: string, lax?: 'lax'): Promise<Page>;
}

export function makeFdrClient(world: () => World): FdrClient {
  async function get<T>(path: string, schema: OfficialSchema | null): Promise<T> {
    const { apiUrl, keys } = world().pagopa;
    const headers = { 'ocp-apim-subscription-key': keys.fdr };
    const answer = await fetch(`${apiUrl}/fdr-org/service/v1/organizations/${path}`, { headers });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    const body: unknown = JSON.parse(text);
    if (schema !== null && official !== null) expect(official(schema, body)).toEqual([]);
    return body as T;
  }
  const pathOf = (one: Named | undefined, creditor = COMUNE): string =>
    `${creditor}/fdrs/${one?.fdr}/revisions/${one?.revision}/psps/${one?.pspId}`;

  return {
    async pay(base, psp = PSPS.bank, amountCents = 12_000) {
      const notice = world().notice(base);
      world().station.positions.set(notice.noticeNumber, paymentData(notice.noticeNumber, amountCents));
      const paid = await world().pagopa.node.pay(notice, { psp });
      if (paid.outcome === 'KO') throw new Error(paid.fault.code);
      return paid.payment;
    },
    list: (query = '', creditor = COMUNE) => get(`${creditor}/fdrs?${query}`, 'fdrList'),
    flow: (one) => get(pathOf(one), 'fdrFlow'),
    payments: (one, creditor, lax) =>
      get(`${pathOf(one, creditor)}/payments`, lax === undefined ? 'fdrPayments' : null),
  };
}

import { sumOf } from './flow-rows.ts';
import type { Flow, Flows } from './flows.ts';
import { type HttpCall, type HttpReply, json } from './http-server.ts';
import type { Registry } from './registry.ts';

const BASE =
  /^\/fdr-org\/service\/v1\/organizations\/([^/]+)\/fdrs(?:\/([^/]+)\/revisions\/([^/]+)\/psps\/([^/]+)(\/payments)?)?$/;
const MAX_SIZE = 1000;

/** The FdR API for bodies: list, one flow, its payments; instants are UTC, amounts euro (pagopa §12). */
export function makeFdr(flows: Flows, registry: Registry, simNow: () => number): (call: HttpCall) => HttpReply {
  /** Published until now; of a flow the highest revision alone, as it replaces the others. */
  function current(creditor: string): Flow[] {
    const newest = new Map<string, Flow>();
    for (const flow of flows.all()) {
      if (flow.creditor !== creditor || flow.publishedAt > simNow()) continue;
      if ((newest.get(flow.id)?.revision ?? 0) < flow.revision) newest.set(flow.id, flow);
    }
    return [...newest.values()].sort((a, b) => a.publishedAt - b.publishedAt || (a.id < b.id ? -1 : 1));
  }

  function list(creditor: string, query: URLSearchParams): HttpReply {
    const start = monthBefore(simNow());
    const publishedGt = instantIn(query, 'publishedGt', start);
    const flowDate = instantIn(query, 'flowDate', start);
    if (publishedGt === null || flowDate === null) return refuse(400, 'FDR-0400', 'no instant');
    const pspId = query.get('pspId');
    const found = current(creditor).filter(
      ({ publishedAt, createdAt, psp }) =>
        publishedAt > publishedGt && createdAt > flowDate && (pspId === null || psp.id === pspId),
    );
    return paged(query, found, ({ id, psp, revision, publishedAt, createdAt }) => ({
      fdr: id,
      pspId: psp.id,
      revision,
      published: iso(publishedAt),
      flowDate: iso(createdAt),
    }));
  }

  return ({ method, path, query }) => {
    const [, creditor = '', id, revision, pspId, payments] = BASE.exec(path) ?? [];
    if (method !== 'GET' || creditor === '') return refuse(404, 'FDR-0404', 'no such page');
    const body = registry.creditor(creditor);
    if (body === undefined) return refuse(404, 'FDR-1005', 'the organization is not known');
    if (id === undefined) return list(creditor, query);
    const flow = flows
      .all()
      .find(
        (one) =>
          one.id === id &&
          one.revision === Number(revision) &&
          one.psp.id === pspId &&
          one.creditor === creditor &&
          one.publishedAt <= simNow(),
      );
    if (flow === undefined) return refuse(404, 'FDR-0701', 'no such flow');
    if (payments === undefined) return json(200, describe(flow, body.name));
    const rows = flow.rows.map((row, n) => ({ ...row, index: n + 1 }));
    return paged(query, rows, ({ index, iuv, iur, idTransfer, amountCents, status, paidAt }) => ({
      index,
      iuv,
      ...(iur === null ? {} : { iur }),
      idTransfer,
      pay: amountCents / 100,
      payStatus: status,
      payDate: iso(paidAt),
    }));
  };
}

function describe(flow: Flow, organizationName: string): object {
  const { psp } = flow;
  return {
    status: 'PUBLISHED',
    revision: flow.revision,
    created: iso(flow.createdAt),
    updated: iso(flow.createdAt),
    published: iso(flow.publishedAt),
    fdr: flow.id,
    fdrDate: iso(flow.createdAt),
    regulation: flow.regulation,
    regulationDate: flow.regulationDate,
    bicCodePouringBank: psp.bic,
    sender: {
      type: 'LEGAL_PERSON',
      id: psp.fiscalCode,
      pspId: psp.id,
      pspName: psp.name,
      pspBrokerId: psp.brokerId,
      channelId: psp.channelId,
    },
    receiver: { id: flow.creditor, organizationId: flow.creditor, organizationName },
    computedTotPayments: flow.rows.length,
    computedSumPayments: sumOf(flow.rows) / 100,
    totPayments: flow.count,
    sumPayments: flow.sumCents / 100,
  };
}

function paged<T>(query: URLSearchParams, all: readonly T[], write: (one: T) => object): HttpReply {
  const page = Number(query.get('page') ?? 1);
  const size = Number(query.get('size') ?? MAX_SIZE);
  if (!Number.isInteger(page) || page < 1 || !Number.isInteger(size) || size < 1 || size > MAX_SIZE) {
    return refuse(400, 'FDR-0400', 'page must be 1 or more, size 1-1000');
  }
  const data = all.slice((page - 1) * size, page * size).map(write);
  const totPage = Math.max(1, Math.ceil(all.length / size));
  return json(200, { metadata: { pageSize: size, pageNumber: page, totPage }, count: data.length, data });
}

/** The start of the month before this one, from which lists begin when not told otherwise. */
function monthBefore(now: number): number {
  const first = new Date(now);
  return Date.UTC(first.getUTCFullYear(), first.getUTCMonth() - 1, 1);
}

function instantIn(query: URLSearchParams, name: string, otherwise: number): number | null {
  const text = query.get(name);
  if (text === null) return otherwise;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function refuse(status: number, appErrorCode: string, message: string): HttpReply {
  const httpStatusDescription = status === 404 ? 'Not Found' : 'Bad Request';
  return json(status, { httpStatusCode: status, httpStatusDescription, appErrorCode, errors: [{ message }] });
}

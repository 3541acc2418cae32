import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { officialSpec } from '../../../../../test/support/official-schemas.ts';
import { CodedError } from '../../../../kernel/errors.ts';
import type { FlowRef } from '../../../../modules/payments/reconcile/reconcile.port.ts';
import { PAY_STATUS } from './fdr-answers.ts';
import { makeFdrClient } from './fdr-client.ts';
import { euro } from './flow-xml.fixtures.ts';

const BODY = '80000000019';
const REF: FlowRef = {
  flowId: '2026-09-03PSP01-0000000001',
  psp: 'PSP01',
  revision: 2,
  publishedAt: Date.UTC(2026, 8, 5, 1, 0),
};
const KEY = 'chiave-di-prova';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

async function serve(handle: Handler): Promise<string> {
  const server = createServer((request, response) => handle(request, response, new URL(request.url ?? '', 'http://x')));
  open.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fdr-org/service/v1`;
}

const client = (baseUrl: string, over: object = {}) =>
  makeFdrClient({ baseUrl, subscriptionKey: KEY, timeoutMs: 5_000, ...over });

const json = (response: ServerResponse, text: string) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
const page = (totPage: number, data: readonly string[]) =>
  `{"metadata":{"pageSize":1000,"pageNumber":1,"totPage":${totPage}},"count":${data.length},"data":[${data.join(',')}]}`;

const HEAD = `{"status":"PUBLISHED","revision":2,"fdr":"${REF.flowId}","fdrDate":"2026-09-04T03:00:00Z","regulation":"TRN1",
  "regulationDate":"2026-09-03","sender":{"type":"LEGAL_PERSON","id":"P","pspId":"PSP01","pspName":"Banca di Prova",
  "pspBrokerId":"B","channelId":"C"},"receiver":{"id":"${BODY}","organizationId":"${BODY}","organizationName":"Comune"},
  "published":"2026-09-05T01:00:00.123456Z","computedTotPayments":2,"computedSumPayments":3.30,"totPayments":2,
  "sumPayments":SUM}`;
const payment = (index: number, pay: string, over = '') =>
  `{"index":${index},"iuv":"02000000001234559","iur":"tok${index}","idTransfer":1,"pay":${pay},"payStatus":"EXECUTED",
  "payDate":"2026-09-02T22:30:00Z"${over}}`;

/** A flow with these payments, as JSON writes their amounts. */
const flowServer = (amounts: readonly string[], sum = '3.30') =>
  serve((_, response, { pathname }) =>
    pathname.endsWith('/payments')
      ? json(
          response,
          page(
            1,
            amounts.map((pay, i) => payment(i + 1, pay)),
          ),
        )
      : json(response, HEAD.replace('SUM', sum)),
  );

async function refusal(work: Promise<unknown>): Promise<CodedError> {
  const error = await work.then(
    (value) => value,
    (e: unknown) => e,
  );
  if (!(error instanceof CodedError)) throw new Error(`no coded error: ${JSON.stringify(error)}`);
  return error;
}

describe('the list of flows', () => {
  it('is asked for page by page, with the key, from an instant on', async () => {
    const asked: string[] = [];
    const refs = (from: number, count: number) =>
      Array.from(
        { length: count },
        (_, i) =>
          `{"fdr":"F${from + i}","pspId":"PSP01","revision":1,"published":"2026-09-05T01:00:00Z","flowDate":"2026-09-05T00:00:00Z"}`,
      );
    const base = await serve((request, response, { pathname, searchParams }) => {
      asked.push(
        `${request.headers['ocp-apim-subscription-key']} ${pathname.split('/v1')[1]} ${[...searchParams.entries()].join(' ')}`,
      );
      const n = Number(searchParams.get('page'));
      json(response, page(3, refs(n * 10, n < 3 ? 2 : 1)));
    });
    const found = await client(`${base}/`, { pageSize: 2 }).list(BODY, Date.UTC(2026, 8, 1));
    expect(found.map((one) => one.flowId)).toEqual(['F10', 'F11', 'F20', 'F21', 'F30']);
    expect(asked).toEqual(
      [1, 2, 3].map((n) => `${KEY} /organizations/${BODY}/fdrs publishedGt,2026-09-01T00:00:00.000Z page,${n} size,2`),
    );
    expect(found[0]).toEqual({ flowId: 'F10', psp: 'PSP01', revision: 1, publishedAt: Date.UTC(2026, 8, 5, 1) });
  });

  it('says nothing of when, the first time; empty, it is no flow', async () => {
    const asked: string[] = [];
    const base = await serve((_, response, { search }) => {
      asked.push(search);
      json(response, page(0, []));
    });
    expect(await client(base).list(BODY, null)).toEqual([]);
    expect(asked).toEqual(['?page=1&size=1000']);
  });

  it('that promises more pages than it has ends with the first empty one', async () => {
    const base = await serve((_, response) => json(response, page(900, [])));
    expect(await client(base).list(BODY, null)).toEqual([]);
  });
});

describe('a flow', () => {
  it('is read with its payments; a day is that of Rome', async () => {
    const base = await flowServer(['1.10', '2.20']);
    const flow = await client(base).read(BODY, REF);
    expect(flow).toMatchObject({
      flowId: REF.flowId,
      revision: 2,
      source: 'api',
      psp: 'PSP01',
      sender: 'Banca di Prova',
      receiver: BODY,
      madeAt: Date.UTC(2026, 8, 4, 3),
      regulationId: 'TRN1',
      regulationDate: '2026-09-03',
      declaredCount: 2,
      declaredCents: 330,
    });
    expect(flow.lines).toEqual([
      {
        no: 1,
        iuv: '02000000001234559',
        iur: 'tok1',
        transferNo: 1,
        amountCents: 110,
        status: 'executed',
        payDate: '2026-09-03',
      },
      {
        no: 2,
        iuv: '02000000001234559',
        iur: 'tok2',
        transferNo: 1,
        amountCents: 220,
        status: 'executed',
        payDate: '2026-09-03',
      },
    ]);
  });

  it('asks for names as they are, whatever they hold', async () => {
    const asked: string[] = [];
    const base = await serve((_, response, { pathname }) => {
      asked.push(pathname.split('/fdrs')[1] ?? '');
      response.writeHead(404).end();
    });
    await refusal(client(base).read(BODY, { ...REF, flowId: '../a b?c', psp: '/x' }));
    expect(asked).toEqual(['/..%2Fa%20b%3Fc/revisions/2/psps/%2Fx']);
  });

  it('has its euro exact to the cent, however large, however written', async () => {
    const base = await flowServer(['0.29', '1.1', '1.15', '100', '8.2E0', '1.23456789E7', '999999999.99'], '1E3');
    const flow = await client(base).read(BODY, REF);
    expect(flow.declaredCents).toBe(100_000);
    expect(flow.lines.map((line) => line.amountCents)).toEqual([
      29, 110, 115, 10_000, 820, 1_234_567_890, 99_999_999_999,
    ]);
  });

  it('has its euro exact for every amount', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 99_999_999_999 }), { minLength: 1, maxLength: 20 }),
        async (amounts) => {
          const base = await flowServer(amounts.map(euro));
          const { lines } = await client(base).read(BODY, REF);
          expect(lines.map((line) => line.amountCents)).toEqual(amounts);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('without an IUR, or with a blank one, is read all the same', async () => {
    const base = await serve((_, response, { pathname }) =>
      pathname.endsWith('/payments')
        ? json(response, page(1, [payment(1, '1').replace('"iur":"tok1",', ''), payment(2, '1').replace('tok2', ' ')]))
        : json(response, HEAD.replace('SUM', '2')),
    );
    expect((await client(base).read(BODY, REF)).lines.map((line) => line.iur)).toEqual([null, null]);
  });

  it.each([
    ['a fraction of a cent', '0.105'],
    ['a float', '0.30000000000000004'],
    ['nothing', '0.00'],
    ['less than nothing', '-1.00'],
    ['no number', 'null'],
    ['a list', '[1]'],
  ])('whose amount is %s is not understood', async (_, pay) => {
    expect(await refusal(client(await flowServer([pay])).read(BODY, REF))).toMatchObject({
      code: 'FDR_ANSWER',
      details: { field: 'pay' },
    });
  });

  it.each([
    ['another flow', HEAD.replace(REF.flowId, 'ALTRO').replace('SUM', '1')],
    ['another revision', HEAD.replace('"revision":2', '"revision":3').replace('SUM', '1')],
    ['without a receiver', HEAD.replace('"receiver"', '"x"').replace('SUM', '1')],
    ['a list', '[]'],
    ['half an answer', HEAD.slice(0, 90)],
    ['a page for people', '<html>'],
    ['without end inside', '['.repeat(200_000)],
    ['an instant without zone', HEAD.replace('03:00:00Z', '03:00:00').replace('SUM', '1')],
  ])('that is %s is not understood', async (_, text) => {
    const base = await serve((_request, response) => json(response, text));
    expect(await refusal(client(base).read(BODY, REF))).toMatchObject({ code: 'FDR_ANSWER' });
  });
});

describe('a platform that does not answer', () => {
  it.each([
    [429, {}, 'FDR_BUSY', {}],
    [429, { 'retry-after': '7' }, 'FDR_BUSY', { retryAfterSeconds: 7 }],
    [500, {}, 'FDR_UNAVAILABLE', { status: 500 }],
    [503, {}, 'FDR_UNAVAILABLE', { status: 503 }],
    [401, {}, 'FDR_REFUSED', { status: 401 }],
    [404, {}, 'FDR_REFUSED', { status: 404 }],
    [302, { location: 'http://127.0.0.1:9/altrove' }, 'FDR_REFUSED', { status: 302 }],
  ])('%i is said as what it is', async (status, headers, code, details) => {
    const base = await serve((_, response) => response.writeHead(status, headers).end('{}'));
    expect(await refusal(client(base).list(BODY, null))).toMatchObject({ code, details });
  });

  it('nobody there, a line cut short, and silence are unavailable', async () => {
    expect(await refusal(client('http://127.0.0.1:9').list(BODY, null))).toMatchObject({ code: 'FDR_UNAVAILABLE' });
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"met', () => response.destroy());
    });
    expect(await refusal(client(cut).list(BODY, null))).toMatchObject({ code: 'FDR_UNAVAILABLE' });
    const silent = await serve((_, response) => {
      response.writeHead(200);
      response.write('{');
    });
    expect(await refusal(client(silent, { timeoutMs: 150 }).list(BODY, null))).toMatchObject({
      code: 'FDR_UNAVAILABLE',
    });
  });

  it('an answer without end is let go of', async () => {
    let written = 0;
    const base = await serve((_, response) => {
      response.writeHead(200);
      const more = () => {
        while (written < 1e9 && response.write('x'.repeat(65_536))) written += 65_536;
      };
      response.on('drain', more);
      more();
    });
    expect(await refusal(client(base).list(BODY, null))).toMatchObject({ code: 'FDR_TOO_LARGE' });
    expect(written).toBeLessThan(1e8);
  });
});

describe('the official description of the API', () => {
  const file = officialSpec('pagopa', 'pagopa-fdr', 'openapi', 'org', 'openapi.json');

  it.skipIf(file === null)('has what the client asks for and reads', () => {
    interface Schema {
      readonly type?: string;
      readonly enum?: readonly string[];
      readonly properties?: Readonly<Record<string, Schema>>;
    }
    interface Parameter {
      readonly name: string;
      readonly schema: { readonly maximum?: number };
    }
    const spec = JSON.parse(readFileSync(file ?? '', 'utf8')) as {
      readonly paths: Readonly<Record<string, { readonly get: { readonly parameters: readonly Parameter[] } }>>;
      readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
    };
    const flow = '/organizations/{organizationId}/fdrs/{fdr}/revisions/{revision}/psps/{pspId}';
    expect(Object.keys(spec.paths)).toEqual(
      expect.arrayContaining(['/organizations/{organizationId}/fdrs', flow, `${flow}/payments`]),
    );
    const list = spec.paths['/organizations/{organizationId}/fdrs']?.get.parameters ?? [];
    expect(list.map((one) => one.name)).toEqual(expect.arrayContaining(['publishedGt', 'page', 'size']));
    expect(list.find((one) => one.name === 'size')?.schema.maximum).toBe(1_000);

    const { schemas } = spec.components;
    const typesOf = (name: string) =>
      Object.fromEntries(Object.entries(schemas[name]?.properties ?? {}).map(([field, { type }]) => [field, type]));
    expect(typesOf('FlowByPSP')).toMatchObject({
      fdr: 'string',
      pspId: 'string',
      revision: 'integer',
      published: 'string',
    });
    expect(typesOf('SingleFlowResponse')).toMatchObject({
      fdr: 'string',
      revision: 'integer',
      fdrDate: 'string',
      published: 'string',
      regulation: 'string',
      regulationDate: 'string',
      totPayments: 'integer',
      sumPayments: 'number',
      sender: 'object',
      receiver: 'object',
    });
    expect(typesOf('Sender')).toMatchObject({ pspId: 'string', pspName: 'string' });
    expect(typesOf('Receiver')).toMatchObject({ organizationId: 'string' });
    expect(typesOf('Payment')).toMatchObject({
      index: 'integer',
      iuv: 'string',
      iur: 'string',
      idTransfer: 'integer',
      pay: 'number',
      payStatus: 'string',
      payDate: 'string',
    });
    expect(typesOf('Metadata')).toMatchObject({ totPage: 'integer' });
    expect(schemas.Payment?.properties?.payStatus?.enum?.toSorted()).toEqual([...PAY_STATUS.keys()].toSorted());
  });
});

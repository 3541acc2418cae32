import fc from 'fast-check';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../kernel/errors.ts';
import { makeNoticeNumber } from '../../kernel/notice-number.ts';
import type { ReceiptInput } from '../../modules/payments/index.ts';
import { ApiProblem, registerApi } from './index.ts';

const NOW = Date.UTC(2026, 8, 7, 8, 0);
const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

function api(book: (input: ReceiptInput) => { fresh: boolean } = () => ({ fresh: true })) {
  const told: { enteId: number; input: ReceiptInput; actor: string }[] = [];
  // Bodies as they are, like the real server (web/server.ts).
  const app = Fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });
  registerApi(app, {
    now: () => NOW,
    async authenticate(request, role) {
      if (request.headers.authorization === undefined)
        throw new ApiProblem(401, 'KEY_UNKNOWN', 'La chiave non è valida.');
      if (request.headers.authorization !== `Bearer ${role}`) throw new ApiProblem(403, 'FORBIDDEN', 'Manca il ruolo.');
      return { enteId: 7, apiKeyId: 'k' };
    },
    async takeReceipt(enteId, input, actor) {
      const { fresh } = book(input);
      told.push({ enteId, input, actor });
      return { fresh, status: 'booked', debtId: 'd', debtorId: 'p', excessCents: 5 };
    },
  });
  open.push(app);
  const post = (payload: unknown, headers: Record<string, string> = { authorization: 'Bearer receipts' }) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/receipts',
      headers: { 'content-type': 'application/json', ...headers },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    });
  return { app, post, told };
}

const receipt = (over: Record<string, unknown> = {}) => ({
  receiptId: 'abc-1',
  noticeNumber: makeNoticeNumber('02', 7),
  amountCents: 10_000,
  paidAt: '2026-09-07T09:30:00+02:00',
  psp: 'Banca di prova',
  ...over,
});

describe('POST /api/v1/receipts', () => {
  it('answers 201 the first time and 200 after that, and says nothing of the debtor', async () => {
    const { post, told } = api();
    const answer = await post(receipt());
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({ receiptId: 'abc-1', status: 'booked', excessCents: 5 });
    expect(told).toMatchObject([{ enteId: 7, actor: 'apiKey:k', input: { paidAt: Date.UTC(2026, 8, 7, 7, 30) } }]);
    expect((await api(() => ({ fresh: false })).post(receipt())).statusCode).toBe(200);
  });

  it.each([
    ['an instant without its offset', { paidAt: '2026-09-07T09:30:00' }],
    ['a date alone', { paidAt: '2026-09-07' }],
    ['a date in words', { paidAt: 'Mon, 07 Sep 2026 07:30:00 GMT' }],
    ['a month that is none', { paidAt: '2026-13-07T09:30:00Z' }],
    ['the future', { paidAt: '2026-09-07T08:05:01Z' }],
    ['nothing paid', { amountCents: 0 }],
    ['less than nothing', { amountCents: -1 }],
    ['half a cent', { amountCents: 10.5 }],
    ['more than there is', { amountCents: 1e12 }],
    ['a number of no known kind', { noticeNumber: '902000000000000000' }],
    ['a number too short', { noticeNumber: '3020' }],
    ['an id with blanks', { receiptId: 'a b' }],
    ['no id', { receiptId: undefined }],
    ['a key nobody knows', { debtor: 'x' }],
  ])('refuses %s with 422 and an Italian sentence', async (_what, over) => {
    const { post, told } = api();
    const answer = await post(receipt(over));
    expect(answer.statusCode).toBe(422);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status: 422, detail: expect.stringMatching(/\.$/) });
    expect(told).toEqual([]);
  });

  it('looks a number with wrong check digits up: such are in circulation (pagopa §1)', async () => {
    expect((await api().post(receipt({ noticeNumber: '302000000000000099' }))).statusCode).toBe(201);
  });

  it('takes a payment told up to five minutes early: clocks differ', async () => {
    expect((await api().post(receipt({ paidAt: '2026-09-07T08:05:00Z' }))).statusCode).toBe(201);
  });

  it('asks for a key and its role', async () => {
    const { post, told } = api();
    expect((await post(receipt(), {})).json()).toMatchObject({ status: 401, code: 'KEY_UNKNOWN' });
    expect((await post(receipt(), { authorization: 'Bearer other' })).json()).toMatchObject({ status: 403 });
    expect(told).toEqual([]);
  });

  it('answers 409 to another receipt under the same id', async () => {
    const { post } = api(() => {
      throw new CodedError('RECEIPT_CONFLICT', 'x');
    });
    expect((await post(receipt())).json()).toMatchObject({ status: 409, code: 'RECEIPT_CONFLICT' });
  });

  it('hides what broke inside behind a reference', async () => {
    const { post } = api(() => {
      throw new Error('connection to db-7 lost, password=x');
    });
    const answer = await post(receipt());
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'INTERNAL', reference: expect.any(String) });
    expect(answer.body).not.toContain('db-7');
  });

  it('bounds what it reads, and answers what it cannot read with a problem', async () => {
    const { app, post } = api();
    expect((await post(receipt({ psp: 'x'.repeat(70_000) }))).statusCode).toBe(413);
    expect((await post('{"receiptId"')).statusCode).toBe(400);
    expect((await app.inject({ method: 'GET', url: '/api/v1/nothing' })).json()).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
  });

  it('never breaks, whatever it is sent', async () => {
    const { post } = api();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.object().map((o) => JSON.stringify(receipt(o as never))),
        ),
        async (body) => {
          const { statusCode } = await post(body);
          expect([200, 201, 400, 413, 415, 422]).toContain(statusCode);
        },
      ),
      { numRuns: 100 },
    );
  });
});

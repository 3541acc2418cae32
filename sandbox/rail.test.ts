import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpClient, makeHttpClient } from './http-client.ts';
import { type Rail, startRail } from './rail.ts';

interface Posted {
  readonly auth: string;
  readonly body: Record<string, unknown>;
}

let program: Server;
let posted: Posted[];
let answers: number[];
let rail: Rail;
let client: HttpClient;
let now = 0;

beforeEach(async () => {
  posted = [];
  answers = [];
  now = 0;
  program = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      posted.push({ auth: request.headers.authorization ?? '', body: JSON.parse(text) as Record<string, unknown> });
      response.writeHead(answers.shift() ?? 201).end('{"status":"booked"}');
    });
  });
  await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(program.address() as AddressInfo).port}`;
  const toProgram = makeHttpClient({ url });
  rail = await startRail({
    realNow: () => now,
    simNow: () => 777,
    retryMs: 1,
    tries: 5,
    postReceipt: async (receipt) => {
      const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };
      const body = JSON.stringify(receipt);
      return (await toProgram.send({ method: 'POST', path: '/api/v1/receipts', headers, body })).status;
    },
  });
  client = makeHttpClient({ url: rail.url });
});

afterEach(async () => {
  client.close();
  await rail.close();
  await new Promise<void>((resolve) => {
    program.closeAllConnections();
    program.close(() => resolve());
  });
});

const CART = {
  cartId: 'x-1',
  notices: [
    { noticeNumber: '302000000001234559', creditorFiscalCode: '12345678903', amountCents: 8400, description: 'A & B' },
  ],
  returnOkUrl: 'http://127.0.0.1:9/esito/x-1?esito=ok',
  returnCancelUrl: 'http://127.0.0.1:9/esito/x-1?esito=annullato',
  returnErrorUrl: 'http://127.0.0.1:9/esito/x-1?esito=errore',
};

async function open(cart: unknown = CART): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const answer = await client.send({ method: 'POST', path: '/carts', headers, body: JSON.stringify(cart) });
  return answer.status === 302 ? new URL(answer.headers.location ?? '').pathname : `status ${answer.status}`;
}

async function press(path: string, choice: string): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await client.send({ method: 'POST', path, headers, body: `azione=${choice}` });
  return answer.status === 303 ? (answer.headers.location ?? '') : `status ${answer.status}`;
}

describe('the payment page', () => {
  it('shows what is paid and, once paid, tells the program before the person goes back', async () => {
    const path = await open();
    const page = await client.send({ method: 'GET', path });
    expect(page.status).toBe(200);
    expect(page.body).toContain('84,00');
    expect(page.body).not.toContain('A & B');
    expect(await press(path, 'paga')).toBe(CART.returnOkUrl);
    expect(posted).toHaveLength(1);
    expect(posted[0]?.body).toMatchObject({ noticeNumber: '302000000001234559', amountCents: 8400, paidAt: 777 });
  });

  it('repeats the same receipt until the program has it', async () => {
    answers = [500, 503];
    expect(await press(await open(), 'paga')).toBe(CART.returnOkUrl);
    expect(posted).toHaveLength(3);
    expect(new Set(posted.map((post) => post.body.receiptId)).size).toBe(1);
  });

  it('gives the error page when the program never takes it', async () => {
    answers = [500, 500, 500, 500, 500];
    expect(await press(await open(), 'paga')).toBe(CART.returnErrorUrl);
  });

  it('pays nothing when cancelled, also afterwards', async () => {
    const path = await open();
    expect(await press(path, 'annulla')).toBe(CART.returnCancelUrl);
    expect(await press(path, 'paga')).toBe('status 409');
    expect(posted).toHaveLength(0);
  });

  it('repeats the same receipt id on a double click', async () => {
    const path = await open();
    await press(path, 'paga');
    await press(path, 'paga');
    expect(new Set(posted.map((post) => post.body.receiptId)).size).toBe(1);
  });

  it('keeps a cart for ten real minutes', async () => {
    const path = await open();
    now = 10 * 60_000 + 1;
    expect((await client.send({ method: 'GET', path })).status).toBe(404);
    expect(await press(path, 'paga')).toBe('status 404');
  });

  it('refuses what is no cart', async () => {
    expect(await open({ ...CART, notices: [] })).toBe('status 400');
    expect(await open({ ...CART, returnOkUrl: 'javascript:alert(1)' })).toBe('status 400');
    expect(await open({ ...CART, notices: [{ ...CART.notices[0], amountCents: -1 }] })).toBe('status 400');
  });
});

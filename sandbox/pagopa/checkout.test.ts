import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpAnswer, type HttpClient, makeHttpClient } from '../http-client.ts';
import type { PayerBehaviour } from './checkout.ts';
import { startWorld, type World } from './testing/world.ts';
import type { Notice } from './types.ts';

let world: World;
let api: HttpClient;
let page: HttpClient;
let real = 0;

beforeEach(async () => {
  real = 0;
  world = await startWorld({ realNow: () => real, timeouts: { read: 5_000, receipt: 5_000 } });
  api = makeHttpClient({ url: world.pagopa.apiUrl });
  page = makeHttpClient({ url: world.pagopa.pageUrl });
});

afterEach(async () => {
  api.close();
  page.close();
  await world.close();
});

const BACK = {
  returnOkUrl: 'http://127.0.0.1:9/esito?esito=ok',
  returnCancelUrl: 'http://127.0.0.1:9/esito?esito=annullato',
  returnErrorUrl: 'http://127.0.0.1:9/esito?esito=errore',
  returnWaitingUrl: 'http://127.0.0.1:9/esito?esito=attesa',
};

function cartOf(...notices: readonly Notice[]): Record<string, unknown> {
  const paymentNotices = notices.map(({ creditor, noticeNumber }) => ({
    noticeNumber,
    fiscalCode: creditor,
    amount: 9_900,
    companyName: 'Comune di Prova',
    description: 'TARI <2026>',
  }));
  return { paymentNotices, returnUrls: BACK, idCart: 'cart-1' };
}

function ask(cart: unknown, version: 1 | 2 = 2, key = world.pagopa.keys.checkout): Promise<HttpAnswer> {
  const headers = { 'content-type': 'application/json', 'ocp-apim-subscription-key': key };
  return api.send({ method: 'POST', path: `/checkout/ec/v${version}/carts`, headers, body: JSON.stringify(cart) });
}

async function open(cart: unknown, version: 1 | 2 = 2): Promise<string> {
  const answer = await ask(cart, version);
  if (answer.status !== 302) return `status ${answer.status}`;
  const url = new URL(answer.headers.location ?? '');
  expect(url.origin).toBe(world.pagopa.pageUrl);
  return url.pathname;
}

async function press(path: string, choice: string): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await page.send({ method: 'POST', path, headers, body: `azione=${choice}` });
  return answer.status === 303 ? (answer.headers.location ?? '') : `status ${answer.status}`;
}

const behave = (behaviour: PayerBehaviour): void => world.pagopa.checkout.behave(() => behaviour);

describe('a cart', () => {
  it('leads to a page that shows what the body asks for now, not what the cart says', async () => {
    const path = await open(cartOf(world.notice(1)));
    const shown = await page.send({ method: 'GET', path });
    expect(shown.body).toContain('120,00');
    expect(shown.body).not.toContain('99,00');
    expect(world.pagopa.checkout.cart(path.slice('/pay/'.length))?.notices[0]?.amountCents).toBe(9_900);
  });

  it('is refused when it is not one, with the status the platform gives', async () => {
    const notice = world.notice(1);
    const six = [1, 2, 3, 4, 5, 6].map((base) => world.notice(base));
    const refused: readonly [unknown, number][] = [
      [{ ...cartOf(notice), paymentNotices: [] }, 400],
      [cartOf(...six), 422],
      [cartOf(notice, notice), 422],
      [{ ...cartOf(notice), returnUrls: { ...BACK, returnOkUrl: 'javascript:alert(1)' } }, 400],
      [{ ...cartOf(notice), returnUrls: { ...BACK, returnWaitingUrl: undefined } }, 400],
      ['no cart', 400],
    ];
    for (const [cart, status] of refused) expect((await ask(cart)).status).toBe(status);
    expect((await ask({ ...cartOf(notice), returnUrls: { ...BACK, returnWaitingUrl: undefined } }, 1)).status).toBe(
      302,
    );
    expect((await ask(cartOf(notice), 2, 'wrong')).status).toBe(401);
  });

  it('is refused when its notice cannot be paid: unknown, in progress, paid', async () => {
    const notice = world.notice(1);
    const unknown = { ...notice, noticeNumber: '302000000001234559' };
    expect((await ask(cartOf(unknown))).body).toContain('PAA_PAGAMENTO_SCONOSCIUTO');
    const active = await world.pagopa.node.activate(notice);
    expect((await ask(cartOf(notice))).status).toBe(422);
    if (active.outcome === 'KO') throw new Error('not activated');
    await world.pagopa.node.sendOutcome(active.token, 'OK');
    const answer = await ask(cartOf(notice));
    expect([answer.status, answer.body]).toEqual([422, expect.stringContaining('PPT_PAGAMENTO_DUPLICATO')]);
  });

  it('lives for ten real minutes', async () => {
    const path = await open(cartOf(world.notice(1)));
    real = 10 * 60_000 + 1;
    expect((await page.send({ method: 'GET', path })).status).toBe(404);
    expect(await press(path, 'paga')).toBe('status 404');
  });
});

describe('the payment page', () => {
  it('pays all notices through the node, then leads back; the body knows before the payer is there', async () => {
    const path = await open(cartOf(world.notice(1), world.notice(2)));
    expect(await press(path, 'paga')).toBe(BACK.returnOkUrl);
    expect(world.told.map(({ amountCents }) => amountCents)).toEqual([12_000, 12_000]);
    const get = world.station.calls.find(({ operation }) => operation === 'paGetPaymentV2');
    expect(get?.message).toContain('<paymentNote>cart-1</paymentNote>');
  });

  it('pays once on a double click', async () => {
    const path = await open(cartOf(world.notice(1)));
    const both = await Promise.all([press(path, 'paga'), press(path, 'paga')]);
    expect(both).toEqual([BACK.returnOkUrl, BACK.returnOkUrl]);
    expect(world.pagopa.node.payments).toHaveLength(1);
  });

  it('pays nothing when cancelled, also afterwards', async () => {
    const path = await open(cartOf(world.notice(1)));
    expect(await press(path, 'annulla')).toBe(BACK.returnCancelUrl);
    expect(await press(path, 'paga')).toBe('status 409');
    expect(world.pagopa.node.payments).toHaveLength(0);
  });

  it('pays none of a cart when one of its notices cannot be paid any more', async () => {
    const [first, second] = [world.notice(1), world.notice(2)];
    const path = await open(cartOf(first, second));
    world.station.positions.set(second.noticeNumber, 'PAA_PAGAMENTO_ANNULLATO');
    expect(await press(path, 'paga')).toBe(BACK.returnErrorUrl);
    expect(world.pagopa.node.payments).toHaveLength(0);
    expect(world.pagopa.node.barred(first)).toBeNull();
  });

  it('leads to the error page when the PSP does not pay', async () => {
    behave('refused');
    expect(await press(await open(cartOf(world.notice(1))), 'paga')).toBe(BACK.returnErrorUrl);
    expect(world.pagopa.node.payments).toHaveLength(0);
  });

  it('does not lead back who closes his browser, and has paid', async () => {
    behave('closesBrowser');
    const path = await open(cartOf(world.notice(1)));
    expect(await press(path, 'paga')).toBe('status 200');
    expect(world.told).toHaveLength(1);
  });

  it('leads back before the receipt when told so', async () => {
    behave('returnsEarly');
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.station.misbehave('paSendRTV2', () => gate.then(() => null));
    const path = await open(cartOf(world.notice(1)));
    expect(await press(path, 'paga')).toBe(BACK.returnOkUrl);
    expect(world.told).toHaveLength(0);
    expect(world.pagopa.node.payments).toHaveLength(1);
    release();
  });

  it('leads to the waiting page where the outcome is not known, and the money comes later', async () => {
    behave('waits');
    const path = await open(cartOf(world.notice(1)));
    expect(await press(path, 'paga')).toBe(BACK.returnWaitingUrl);
    expect(world.told).toHaveLength(0);
    await world.time.advance(5 * 60_000);
    expect(world.told).toHaveLength(1);
  });
});

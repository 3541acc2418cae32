import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeCheckout, noRail } from './index.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

/** A Checkout that answers as told, and keeps what it was asked. */
async function checkout(
  answer: (response: ServerResponse, base: string) => void,
  over: { version?: 1 | 2; subscriptionKey?: string | null } = {},
) {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const key = request.headers['ocp-apim-subscription-key'] ?? null;
      asked.push({ method: request.method, url: request.url, key, body: JSON.parse(body) });
      answer(response, base);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { version = 2, subscriptionKey = 'chiave' } = over;
  const rail = makeCheckout({
    baseUrl: `${base}/checkout/ec/v${version}/`,
    pageOrigin: base,
    subscriptionKey,
    version,
  });
  return { rail, base, asked };
}

const cart = {
  cartId: 'c1',
  notices: [
    {
      noticeNumber: '302000000000000001',
      creditorFiscalCode: '80001234567',
      creditorName: `Comune ${'x'.repeat(200)}`,
      amountCents: 1_234,
      description: 'TARI 2024',
    },
  ],
  returnUrls: {
    ok: 'https://avvisi.example/esito/c1?esito=ok',
    cancel: 'https://avvisi.example/esito/c1?esito=annullato',
    error: 'https://avvisi.example/esito/c1?esito=errore',
    waiting: 'https://avvisi.example/esito/c1?esito=attesa',
  },
};
const redirect = (location: string) => (response: ServerResponse) => response.writeHead(302, { location }).end();

describe('Checkout', () => {
  it.each([1, 2] as const)('in version %i is sent the cart and gives the address to go to', async (version) => {
    const { rail, base, asked } = await checkout(redirect('/paga/c1'), { version });
    expect(rail.origin).toBe(base);
    expect(await rail.createCart(cart)).toEqual({ kind: 'created', url: `${base}/paga/c1` });
    const { ok: returnOkUrl, cancel: returnCancelUrl, error: returnErrorUrl, waiting } = cart.returnUrls;
    const returnUrls = {
      returnOkUrl,
      returnCancelUrl,
      returnErrorUrl,
      ...(version === 2 ? { returnWaitingUrl: waiting } : {}),
    };
    const paymentNotices = [
      {
        noticeNumber: '302000000000000001',
        fiscalCode: '80001234567',
        amount: 1_234,
        companyName: expect.stringMatching(/^Comune x{133}$/),
        description: 'TARI 2024',
      },
    ];
    const body = { idCart: 'c1', paymentNotices, returnUrls };
    expect(asked).toEqual([{ method: 'POST', url: `/checkout/ec/v${version}/carts`, key: 'chiave', body }]);
  });

  it('shows no key where none is configured', async () => {
    const { rail, asked } = await checkout(redirect('/paga/c1'), { subscriptionKey: null });
    await rail.createCart(cart);
    expect(asked).toMatchObject([{ key: null }]);
  });

  it('never sends anybody to another place than the one configured', async () => {
    for (const location of ['https://altrove.example/paga', '//altrove.example/paga', 'javascript:alert(1)']) {
      const { rail } = await checkout(redirect(location));
      expect(await rail.createCart(cart)).toEqual({ kind: 'unavailable', code: 'other origin' });
    }
  });

  it('is unavailable when it answers anything but a redirect', async () => {
    for (const status of [200, 400, 401, 422, 429, 500, 503]) {
      const { rail } = await checkout((response) => response.writeHead(status).end('x'));
      expect(await rail.createCart(cart)).toEqual({ kind: 'unavailable', code: `http ${status}` });
    }
    const { rail } = await checkout((response) => response.writeHead(302).end());
    expect(await rail.createCart(cart)).toEqual({ kind: 'unavailable', code: 'http 302' });
  });

  it('does not read a body that has no end', async () => {
    const { rail, base } = await checkout((response) => {
      response.writeHead(302, { location: '/paga/c1' });
      const more = setInterval(() => response.write('x'.repeat(1_000)), 5);
      response.on('close', () => clearInterval(more));
    });
    expect(await rail.createCart(cart)).toEqual({ kind: 'created', url: `${base}/paga/c1` });
  });

  it('is unavailable when nobody answers, and tells nothing of where it was', async () => {
    const { rail } = await checkout((response) => response.destroy());
    const answer = await rail.createCart(cart);
    expect(answer.kind).toBe('unavailable');
    expect(JSON.stringify(answer)).not.toContain('127.0.0.1');
  });

  it('is unavailable where none is configured', async () => {
    expect(await noRail.createCart(cart)).toEqual({ kind: 'unavailable', code: 'not configured' });
  });
});

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeHttpRail, noRail } from './index.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

/** A payment page that answers as told, and keeps what it was asked. */
async function page(answer: (response: ServerResponse, base: string) => void) {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, body: JSON.parse(body) });
      answer(response, base);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { rail: makeHttpRail(`${base}/`), base, asked };
}

const cart = {
  cartId: 'c1',
  creditorFiscalCode: '80001234567',
  noticeNumber: '302000000000000001',
  amountCents: 1_234,
  description: 'TARI 2024',
  returnOkUrl: 'https://avvisi.example/esito/c1?esito=ok',
  returnCancelUrl: 'https://avvisi.example/esito/c1?esito=annullato',
  returnErrorUrl: 'https://avvisi.example/esito/c1?esito=errore',
};
const redirect = (location: string) => (response: ServerResponse) => response.writeHead(302, { location }).end();

describe('the payment page over HTTP', () => {
  it('is sent the cart and gives the address to go to', async () => {
    const { rail, base, asked } = await page(redirect('/paga/c1'));
    expect(rail.origin).toBe(base);
    expect(await rail.createCart(cart)).toEqual({ kind: 'created', url: `${base}/paga/c1` });
    const { noticeNumber, creditorFiscalCode, amountCents, description, cartId, ...returns } = cart;
    const notices = [{ noticeNumber, creditorFiscalCode, amountCents, description }];
    expect(asked).toEqual([{ method: 'POST', url: '/carts', body: { cartId, notices, ...returns } }]);
  });

  it('never sends anybody to another place than the one configured', async () => {
    for (const location of ['https://altrove.example/paga', '//altrove.example/paga', 'javascript:alert(1)']) {
      const { rail } = await page(redirect(location));
      expect(await rail.createCart(cart)).toEqual({ kind: 'unavailable', code: 'other origin' });
    }
  });

  it('is unavailable when it answers anything but a redirect', async () => {
    for (const status of [200, 400, 422, 500, 503]) {
      const { rail } = await page((response) => response.writeHead(status).end('x'));
      expect(await rail.createCart(cart)).toEqual({ kind: 'unavailable', code: `http ${status}` });
    }
    const { rail } = await page((response) => response.writeHead(302).end());
    expect(await rail.createCart(cart)).toEqual({ kind: 'unavailable', code: 'http 302' });
  });

  it('does not read a body that has no end', async () => {
    const { rail, base } = await page((response) => {
      response.writeHead(302, { location: '/paga/c1' });
      const more = setInterval(() => response.write('x'.repeat(1_000)), 5);
      response.on('close', () => clearInterval(more));
    });
    expect(await rail.createCart(cart)).toEqual({ kind: 'created', url: `${base}/paga/c1` });
  });

  it('is unavailable when nobody answers, and tells nothing of where it was', async () => {
    const { rail } = await page((response) => response.destroy());
    const answer = await rail.createCart(cart);
    expect(answer.kind).toBe('unavailable');
    expect(JSON.stringify(answer)).not.toContain('127.0.0.1');
  });

  it('is unavailable where none is configured', async () => {
    expect(await noRail.createCart(cart)).toEqual({ kind: 'unavailable', code: 'not configured' });
  });
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatEuro } from '../src/kernel/money.ts';
import { formatNoticeNumber } from '../src/kernel/notice-number.ts';
import { cartFrom, type RailCart } from './rail-cart.ts';

/** A payment the program has confirmed with a 2xx. */
export interface PaidReceipt {
  readonly receiptId: string;
  readonly creditorFiscalCode: string;
  readonly noticeNumber: string;
  readonly amountCents: number;
  /** Simulated epoch ms. */
  readonly paidAt: number;
  readonly psp: string;
}

export interface RailOptions {
  readonly realNow: () => number;
  readonly simNow: () => number;
  /**
   * Posts one receipt to the program; the answer's status, 0 when the program could not be reached. Called again until
   * it is 2xx.
   */
  readonly postReceipt: (receipt: PaidReceipt) => Promise<number>;
  /** Real ms between tries and how many. */
  readonly retryMs?: number;
  readonly tries?: number;
}

export interface Rail {
  readonly port: number;
  readonly url: string;
  /** The cart behind a payment page, for whoever sits before it. */
  cart(id: string): RailCart | undefined;
  /** Posts a receipt until the program has it; false when it never said so. Also used by counters. */
  deliver(receipt: PaidReceipt): Promise<boolean>;
  close(): Promise<void>;
}

interface Entry {
  readonly cart: RailCart;
  readonly until: number;
  state: 'open' | 'paid' | 'gone';
  paidAt: number | null;
}

const CART_LIFE_MS = 10 * 60_000;
const MAX_BODY = 64_000;

/**
 * The payment page of the sandbox. It asks the program for nothing: who pays is settled with whoever opened the cart,
 * and the program learns of it by the receipt alone.
 */
export async function startRail(options: RailOptions): Promise<Rail> {
  const carts = new Map<string, Entry>();
  let serial = 0;
  let base = '';

  async function deliver(receipt: PaidReceipt): Promise<boolean> {
    for (let n = 0; n < (options.tries ?? 40); n += 1) {
      const status = await options.postReceipt(receipt).catch(() => 0);
      if (status >= 200 && status < 300) return true;
      await sleep(options.retryMs ?? 250);
    }
    return false;
  }

  async function openCart(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const cart = cartFrom(await readBody(request));
    if (cart === null) return sendProblem(response, 400, 'cart not valid');
    serial += 1;
    // Not to be guessed is not needed here: nothing real can be paid.
    const id = `c${serial}-${cart.cartId.replace(/[^A-Za-z0-9-]/g, '').slice(0, 60)}`;
    for (const [known, { until }] of carts) if (until < options.realNow()) carts.delete(known);
    carts.set(id, { cart, until: options.realNow() + CART_LIFE_MS, state: 'open', paidAt: null });
    response.writeHead(302, { location: `${base}/pay/${id}` }).end();
  }

  async function pay(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = carts.get(id);
    if (entry === undefined || entry.until < options.realNow()) return sendPage(response, 404, expiredPage());
    const choice = new URLSearchParams(await readBody(request)).get('azione');
    if (choice === 'annulla' && entry.state === 'open') {
      entry.state = 'gone';
      return seeOther(response, entry.cart.returnCancelUrl);
    }
    if (choice !== 'paga' || entry.state === 'gone') return sendPage(response, 409, expiredPage());
    // Paying twice (a double click) must not make a second payment: receipts carry the cart's own ids.
    entry.state = 'paid';
    entry.paidAt ??= options.simNow();
    for (const [n, notice] of entry.cart.notices.entries()) {
      const { creditorFiscalCode, noticeNumber, amountCents } = notice;
      const receiptId = `${id}-${n + 1}`;
      const { paidAt } = entry;
      const done = await deliver({
        receiptId,
        creditorFiscalCode,
        noticeNumber,
        amountCents,
        paidAt,
        psp: 'Banca di prova',
      });
      if (!done) return seeOther(response, entry.cart.returnErrorUrl);
    }
    seeOther(response, entry.cart.returnOkUrl);
  }

  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const id = /^\/pay\/([A-Za-z0-9-]{1,80})$/.exec(path)?.[1];
    const work = async (): Promise<void> => {
      if (request.method === 'POST' && path === '/carts') return openCart(request, response);
      if (id !== undefined && request.method === 'POST') return pay(id, request, response);
      const entry = id === undefined ? undefined : carts.get(id);
      if (request.method !== 'GET' || entry === undefined || entry.until < options.realNow()) {
        return sendPage(response, 404, expiredPage());
      }
      sendPage(response, 200, payPage(entry.cart, id ?? ''));
    };
    work().catch(() => sendProblem(response, 500, 'rail failed'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const port = (server.address() as AddressInfo).port;
  base = `http://127.0.0.1:${port}`;
  return {
    port,
    url: base,
    cart: (id) => carts.get(id)?.cart,
    deliver,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new RangeError('body too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function seeOther(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
}

function sendProblem(response: ServerResponse, status: number, title: string): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ title, status }));
}

function sendPage(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    .end(
      `<!doctype html><html lang="it"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Pagamento di prova</title><style>${STYLE}</style></head><body><header>Pagamento di prova</header><main>${body}</main></body></html>`,
    );
}

const STYLE = `*{box-sizing:border-box}body{margin:0;font:17px/1.5 system-ui,sans-serif;color:#17324d;background:#f2f5f8}
header{background:#17324d;color:#fff;padding:1rem 1.25rem;font-weight:600}
main{max-width:34rem;margin:1.5rem auto;padding:1.25rem;background:#fff;border:1px solid #c8d2dc;border-radius:8px}
h1{font-size:1.5rem;margin:0 0 .5rem}dl{margin:1rem 0}dt{color:#4a6077;font-size:.9rem}dd{margin:0 0 .7rem;overflow-wrap:anywhere}
dd.sum{font-size:1.4rem;font-weight:600}button{font:inherit;min-height:48px;padding:.5rem 1.5rem;border-radius:4px;border:2px solid #0059b3;margin:0 .5rem .5rem 0;cursor:pointer}
button.first{background:#0059b3;color:#fff}button.second{background:#fff;color:#0059b3}button:focus-visible{outline:3px solid #ff9900;outline-offset:2px}`;

function payPage(cart: RailCart, id: string): string {
  const rows = cart.notices.map(
    (notice) =>
      `<dt>Avviso</dt><dd>${formatNoticeNumber(escapeHtml(notice.noticeNumber))}</dd><dt>Oggetto</dt><dd>${escapeHtml(notice.description)}</dd>` +
      `<dt>Importo</dt><dd class="sum">${formatEuro(notice.amountCents)}</dd>`,
  );
  return (
    `<h1>Confermi il pagamento</h1><p>Questa pagina imita un prestatore di servizi di pagamento. Nessun denaro si muove.</p>` +
    `<dl>${rows.join('')}</dl><form method="post" action="/pay/${escapeHtml(id)}">` +
    `<button class="first" name="azione" value="paga">Paga</button><button class="second" name="azione" value="annulla">Annulla</button></form>`
  );
}

function expiredPage(): string {
  return '<h1>Questo pagamento non è più disponibile</h1><p>Torni alla pagina dell’ente e riprovi.</p>';
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

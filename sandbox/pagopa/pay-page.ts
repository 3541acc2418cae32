import { formatEuro } from '../../src/kernel/money.ts';
import { formatNoticeNumber } from '../../src/kernel/notice-number.ts';
import type { HttpReply } from './http-server.ts';

const STYLE = `*{box-sizing:border-box}body{margin:0;font:17px/1.5 system-ui,sans-serif;color:#17324d;background:#f2f5f8}
header{background:#17324d;color:#fff;padding:1rem 1.25rem;font-weight:600}
main{max-width:34rem;margin:1.5rem auto;padding:1.25rem;background:#fff;border:1px solid #c8d2dc;border-radius:8px}
h1{font-size:1.5rem;margin:0 0 .5rem}dl{margin:1rem 0}dt{color:#4a6077;font-size:.9rem}dd{margin:0 0 .7rem;overflow-wrap:anywhere}
dd.sum{font-size:1.4rem;font-weight:600}button{font:inherit;min-height:48px;padding:.5rem 1.5rem;border-radius:4px;border:2px solid #0059b3;margin:0 .5rem .5rem 0;cursor:pointer}
button.first{background:#0059b3;color:#fff}button.second{background:#fff;color:#0059b3}button:focus-visible{outline:3px solid #ff9900;outline-offset:2px}`;

export interface ShownNotice {
  readonly noticeNumber: string;
  readonly companyName: string;
  readonly description: string;
  readonly amountCents: number;
}

export function payPage(notices: readonly ShownNotice[], id: string): HttpReply {
  const rows = notices.map(
    ({ noticeNumber, companyName, description, amountCents }) =>
      `<dt>Ente</dt><dd>${escapeHtml(companyName)}</dd><dt>Avviso</dt><dd>${formatNoticeNumber(escapeHtml(noticeNumber))}</dd>` +
      `<dt>Oggetto</dt><dd>${escapeHtml(description)}</dd><dt>Importo</dt><dd class="sum">${formatEuro(amountCents)}</dd>`,
  );
  return page(
    200,
    `<h1>Confermi il pagamento</h1><p>Questa pagina imita un prestatore di servizi di pagamento. Nessun denaro si muove.</p>` +
      `<dl>${rows.join('')}</dl><form method="post" action="/pay/${escapeHtml(id)}">` +
      `<button class="first" name="azione" value="paga">Paga</button><button class="second" name="azione" value="annulla">Annulla</button></form>`,
  );
}

export function expiredPage(status: 404 | 409): HttpReply {
  return page(status, '<h1>Questo pagamento non è più disponibile</h1><p>Torni alla pagina dell’ente e riprovi.</p>');
}

/** Where the payer closes his browser: nothing leads back. */
export function paidPage(): HttpReply {
  return page(200, '<h1>Pagamento eseguito</h1><p>Può chiudere questa pagina.</p>');
}

function page(status: number, body: string): HttpReply {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: `<!doctype html><html lang="it"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Pagamento di prova</title><style>${STYLE}</style></head><body><header>Pagamento di prova</header><main>${body}</main></body></html>`,
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

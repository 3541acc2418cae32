import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatInstant } from '../../src/kernel/rome-time.ts';
import type { StoredSms } from '../smsc/behaviour.ts';
import type { StoredMail } from './stored-mail.ts';

export interface WebmailOptions {
  readonly inbox: (address: string) => readonly StoredMail[];
  readonly addresses: () => readonly string[];
  /** What reached a phone, oldest first. */
  readonly sms: (number: string) => readonly StoredSms[];
  readonly numbers: () => readonly string[];
}

export interface Webmail {
  readonly port: number;
  close(): Promise<void>;
}

const STYLE = `
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;font:17px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:#17324d;background:#f2f5f8}
header{background:#17324d;color:#fff;padding:1rem 1.25rem}
header strong{display:block;font-size:1.15rem}header span{opacity:.85;font-size:.9rem}
main{max-width:46rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 1rem;overflow-wrap:anywhere}
ul{list-style:none;margin:0;padding:0;background:#fff;border:1px solid #c8d2dc;border-radius:8px}
li+li{border-top:1px solid #dfe5eb}
li a{display:block;padding:.9rem 1.1rem;color:inherit;text-decoration:none;min-height:44px}
li a:hover{background:#eef4fb}a:focus-visible{outline:3px solid #ff9900;outline-offset:2px}
.from{font-weight:600}.when{float:right;color:#4a6077;font-size:.85rem}.subject{display:block;color:#0059b3}
article+article{margin-top:1rem}
article{background:#fff;border:1px solid #c8d2dc;border-radius:8px;padding:1.25rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem .9rem;margin:0 0 1rem;font-size:.95rem}
dt{color:#4a6077}dd{margin:0;overflow-wrap:anywhere}
.text{white-space:pre-wrap;overflow-wrap:anywhere;border-top:1px solid #dfe5eb;padding-top:1rem}
.text a,nav a{color:#0059b3;display:inline-block;padding:.2rem 0}
nav{margin-bottom:1rem}`;

/** Mailboxes to read in a browser: plain pages, no script, for the person who tries the demo. */
export async function startWebmail(options: WebmailOptions): Promise<Webmail> {
  const server: Server = createServer((request, response) => {
    const page = route(request.method ?? 'GET', request.url ?? '/', options);
    response.writeHead(page.status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    response.end(page.html);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function route(method: string, url: string, options: WebmailOptions): { status: number; html: string } {
  const path = url.split('?')[0] ?? '/';
  if (method !== 'GET' && method !== 'HEAD') return notFound();
  if (path === '/')
    return { status: 200, html: layout('Caselle di posta e telefoni', home(options) + phonesHome(options)) };
  const [, folder, rawAddress, rawNumber, ...rest] = path.split('/');
  if (folder === 'telefono' && rawAddress !== undefined && rawNumber === undefined) {
    const number = decode(rawAddress);
    if (number === null || !/^\+\d{7,15}$/.test(number)) return notFound();
    return { status: 200, html: layout(`SMS di ${number}`, phonePage(number, options.sms(number))) };
  }
  if (folder !== 'casella' || rawAddress === undefined || rest.length > 0) return notFound();
  const address = decode(rawAddress);
  if (address === null) return notFound();
  const inbox = options.inbox(address);
  if (rawNumber === undefined || rawNumber === '') {
    return { status: 200, html: layout(`Posta di ${address}`, listPage(address, inbox)) };
  }
  const mail = /^\d{1,9}$/.test(rawNumber) ? inbox[Number(rawNumber) - 1] : undefined;
  return mail ? { status: 200, html: layout(mail.subject, messagePage(address, mail)) } : notFound();
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text).toLowerCase();
  } catch {
    return null;
  }
}

function home(options: WebmailOptions): string {
  const rows = options
    .addresses()
    .map((address) => ({ address, last: options.inbox(address).at(-1)?.simAt ?? 0 }))
    .sort((a, b) => b.last - a.last || (a.address < b.address ? -1 : 1))
    .slice(0, 50);
  if (rows.length === 0) return '<h1>Caselle di posta</h1><p>Nessun messaggio è ancora arrivato.</p>';
  const items = rows.map(
    ({ address, last }) =>
      `<li><a href="${casella(address)}"><span class="when">${escapeHtml(formatInstant(last))}</span><span class="from">${escapeHtml(address)}</span></a></li>`,
  );
  return `<h1>Caselle con posta recente</h1><ul>${items.join('')}</ul>`;
}

function phonesHome(options: WebmailOptions): string {
  const rows = options
    .numbers()
    .map((number) => ({ number, last: options.sms(number).at(-1)?.simAt ?? 0 }))
    .sort((a, b) => b.last - a.last || (a.number < b.number ? -1 : 1))
    .slice(0, 50);
  if (rows.length === 0) return '';
  const items = rows.map(
    ({ number, last }) =>
      `<li><a href="/telefono/${encodeURIComponent(number)}"><span class="when">${escapeHtml(formatInstant(last))}</span><span class="from">${escapeHtml(number)}</span></a></li>`,
  );
  return `<h1>Telefoni con SMS recenti</h1><ul>${items.join('')}</ul>`;
}

function phonePage(number: string, inbox: readonly StoredSms[]): string {
  const title = `<h1>SMS ricevuti da ${escapeHtml(number)}</h1>`;
  if (inbox.length === 0) return `${title}<p>Nessun SMS. Se ne aspetta uno, ricarichi la pagina.</p>`;
  const items = inbox.map(
    (sms) =>
      `<article><dl><dt>Da</dt><dd>${escapeHtml(sms.from)}</dd><dt>Data</dt><dd>${escapeHtml(formatInstant(sms.simAt))}</dd></dl>` +
      `<div class="text">${linkify(sms.text)}</div></article>`,
  );
  return title + items.reverse().join('');
}

function listPage(address: string, inbox: readonly StoredMail[]): string {
  const title = `<h1>Posta in arrivo di ${escapeHtml(address)}</h1>`;
  if (inbox.length === 0) return `${title}<p>La casella è vuota. Se aspetta un messaggio, ricarichi la pagina.</p>`;
  const items = inbox
    .map((mail, n) => ({ mail, number: n + 1 }))
    .reverse()
    .map(
      ({ mail, number }) =>
        `<li><a href="${casella(address)}/${number}"><span class="when">${escapeHtml(formatInstant(mail.simAt))}</span>` +
        `<span class="from">${escapeHtml(mail.from.name || mail.from.address)}</span><span class="subject">${escapeHtml(mail.subject)}</span></a></li>`,
    );
  return `${title}<ul>${items.join('')}</ul>`;
}

function messagePage(address: string, mail: StoredMail): string {
  const optOut =
    mail.optOutUrl === null ? '' : `<dt>Disiscrizione</dt><dd>${anchor(mail.optOutUrl)} (proposta dal mittente)</dd>`;
  return (
    `<nav><a href="${casella(address)}">Torna alla posta in arrivo</a></nav><article><h1>${escapeHtml(mail.subject)}</h1>` +
    `<dl><dt>Da</dt><dd>${escapeHtml(mail.from.name)} &lt;${escapeHtml(mail.from.address)}&gt;</dd>` +
    `<dt>A</dt><dd>${escapeHtml(mail.to)}</dd><dt>Data</dt><dd>${escapeHtml(formatInstant(mail.simAt))}</dd>${optOut}</dl>` +
    `<div class="text">${linkify(mail.text)}</div></article>`
  );
}

function casella(address: string): string {
  return `/casella/${encodeURIComponent(address)}`;
}

/** Escaped text with its web addresses made clickable. */
function linkify(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, n) => (n % 2 === 1 ? anchor(part) : escapeHtml(part)))
    .join('');
}

function anchor(url: string): string {
  return `<a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(url)}</a>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function notFound(): { status: number; html: string } {
  return {
    status: 404,
    html: layout('Pagina non trovata', '<h1>Pagina non trovata</h1><p><a href="/">Caselle</a></p>'),
  };
}

function layout(title: string, body: string): string {
  return (
    `<!doctype html><html lang="it"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><header><strong>Posta di prova</strong>` +
    `<span>Caselle inventate: nessun messaggio esce da questo computer.</span></header><main>${body}</main></body></html>`
  );
}

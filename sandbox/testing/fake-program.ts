import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { civilDate } from '../../src/kernel/civil-date.ts';
import { makeNoticeNumber } from '../../src/kernel/notice-number.ts';
import { romeInstant } from '../../src/kernel/rome-time.ts';
import { startFakeStation } from '../pagopa/testing/fake-station.ts';
import type { PaymentData } from '../pagopa/types.ts';
import { textOf } from '../pagopa/xml.ts';
import type { TownBody, TownFile } from '../town/types.ts';

/** How the program of the test misbehaves. */
export interface Faults {
  /** Writes again although all was paid. */
  readonly ignoresPayments?: boolean;
  /** Writes again although somebody objected. */
  readonly ignoresStops?: boolean;
  /** Sends again what may have arrived. */
  readonly resendsBlindly?: boolean;
  /** Lets anybody in who types any item. */
  readonly believesAnyItem?: boolean;
  /** Says the amount in the message. */
  readonly saysAmounts?: boolean;
  /** First notice in the night. */
  readonly writesAtNight?: boolean;
}

interface Row {
  readonly id: string;
  readonly cents: number;
  readonly number: string;
  paid: boolean;
}

interface Debtor {
  readonly key: string;
  readonly body: TownBody;
  readonly name: string;
  readonly email: string;
  readonly items: readonly string[];
  readonly rows: Row[];
  held: boolean;
  paidAt: number;
}

interface Dispute {
  readonly id: string;
  readonly debtor: Debtor;
  readonly kind: string;
  readonly openedAt: number;
  state: string;
}

/** The smallest program that keeps the wire contract, in memory, to try the sandbox without the real one. */
export async function startFakeProgram(
  files: readonly TownFile[],
  bodies: readonly TownBody[],
  ports: { readonly smtp: number; readonly baseUrl: string; readonly subscriptionKey: string },
  faults: Faults = {},
) {
  const debtors = readDebtors(files, bodies);
  const sessions = new Map<string, { debtor: Debtor; code: string; inside: boolean }>();
  const carts = new Map<string, Row>();
  const disputes: Dispute[] = [];
  const receipts = new Map<string, string>();
  const station = await startFakeStation((told) => {
    const noticeNumber = textOf(told, 'noticeNumber') ?? '';
    receipts.set(textOf(told, 'receiptId') ?? '', book(noticeNumber));
  });
  for (const debtor of debtors) {
    for (const row of debtor.rows) station.positions.set(row.number, paymentOf(debtor, row));
  }
  const heldAddresses = new Set<string>();
  const bounced: string[] = [];
  const first = romeInstant(civilDate('2026-09-08'), faults.writesAtNight ? 180 : 600);
  const rounds = [first, romeInstant(civilDate('2026-09-17'), 600), romeInstant(civilDate('2026-09-28'), 600)];
  let now = romeInstant(civilDate('2026-09-07'), 0);
  let serial = 0;
  const smtp = createTransport({ host: '127.0.0.1', port: ports.smtp, ignoreTLS: true, pool: true, maxConnections: 2 });
  let base = '';

  const domain = (body: TownBody): string => `${body.slug}.example`;
  async function mail(debtor: Debtor, subject: string, text: string, id: string, optOut: string | null) {
    const from = { name: debtor.body.name, address: `avvisi@${domain(debtor.body)}` };
    const headers: Record<string, string> =
      optOut === null
        ? {}
        : { 'List-Unsubscribe': `<${optOut}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
    const envelope = { from: `b+1.${id}.00@ritorni.example`, to: debtor.email };
    const messageId = `<1.${id}@${domain(debtor.body)}>`;
    await smtp.sendMail({ from, to: debtor.email, subject, text, messageId, headers, envelope });
  }

  async function notice(debtor: Debtor, round: number): Promise<void> {
    const open = debtor.rows.reduce((sum, row) => (row.paid ? sum : sum + row.cents), 0);
    const silent = open < 1200 || now - debtor.paidAt < 7 * 86_400_000;
    if (silent && !faults.ignoresPayments) return;
    if ((debtor.held || heldAddresses.has(debtor.email)) && !faults.ignoresStops) return;
    if (debtor.email === '') return;
    const index = debtors.indexOf(debtor);
    const amount = faults.saysAmounts ? '\nDeve 84,00 euro.' : '';
    const text = `Gentile ${debtor.name},\n\n${debtor.body.name} Le ha scritto.${amount}\n\n${base}/l/t${index}\n\nStop: ${base}/o/t${index}\n`;
    const send = () => mail(debtor, `Una comunicazione, ${round}`, text, `n${index}-${round}`, `${base}/o/t${index}`);
    await send().catch(() => (faults.resendsBlindly ? send().catch(() => undefined) : undefined));
  }

  async function settle(): Promise<{ now: number; nextAt: number | null }> {
    for (let due = rounds[0]; due !== undefined && due <= now; due = rounds[0]) {
      const round = 4 - rounds.length;
      rounds.shift();
      for (const debtor of debtors) await notice(debtor, round);
    }
    return { now, nextAt: rounds[0] ?? null };
  }

  const page = (main: string): string => `<!doctype html><title>Prova</title><main>${main}</main>`;
  const arrival = (body: TownBody): string =>
    page(
      `<h1>${body.name}</h1><a href="/e/${body.slug}">È vero?</a><a href="/non-sono-io">Non sono io</a>` +
        `<a href="/segnala">Ho già pagato o non devo pagare</a>` +
        (body.kind === 'comune'
          ? '<form method="post" action="/avviso/codice"><button>Ricevi un codice</button></form>'
          : ''),
    );
  const codePage = page(
    '<form method="post" action="/codice"><input name="codice"><input name="elemento"><button>Continua</button></form>',
  );

  async function portal(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', base);
    const body = new URLSearchParams(await text(request));
    const sid = /bonario_sessione=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const session = sessions.get(sid);
    const html = (status: number, main: string): void => {
      response.writeHead(status, { 'content-type': 'text/html' }).end(main);
    };
    const go = (to: string, cookie?: string): void => {
      response.writeHead(303, { location: to, ...(cookie === undefined ? {} : { 'set-cookie': cookie }) }).end();
    };
    const [, area = '', id = '', action = ''] = url.pathname.split('/');
    const post = request.method === 'POST';
    if (area === 'e') return html(200, page(`${id}: si paga con il numero dell’avviso.`));
    if (area === 'l') {
      const debtor = debtors[Number(id.slice(1))];
      if (debtor === undefined) return html(404, page('scaduto'));
      serial += 1;
      sessions.set(`s${serial}`, { debtor, code: '', inside: false });
      return go('/avviso', `bonario_sessione=s${serial}; Path=/; HttpOnly`);
    }
    if (area === 'o') {
      const debtor = debtors[Number(id.slice(1))];
      if (!post) return html(200, page(`<form method="post" action="/o/${id}"><button>Non scrivermi</button></form>`));
      if (debtor) heldAddresses.add(debtor.email);
      return html(200, page('fatto'));
    }
    if (area === 'aiuto' || url.pathname === '/non-sono-io/fatto') return html(200, page('aiuto'));
    if (session === undefined) return html(401, page('sessione scaduta'));
    const { debtor } = session;
    if (post && request.headers['sec-fetch-site'] !== 'same-origin') return html(403, page('no'));
    if (url.pathname === '/avviso') return html(200, arrival(debtor.body));
    if (url.pathname === '/avviso/codice') {
      serial += 1;
      session.code = String(100_000 + serial);
      await mail(debtor, 'Il Suo codice di verifica', `Il codice:\n\n${session.code}\n`, `c${serial}`, null);
      return go('/codice');
    }
    if (url.pathname === '/codice' && !post) return html(200, codePage);
    if (url.pathname === '/codice') {
      const right = debtor.items.includes(body.get('elemento') ?? '') || faults.believesAnyItem === true;
      if (!right || body.get('codice') !== session.code) return html(422, codePage);
      session.inside = true;
      return go('/posizioni');
    }
    if (url.pathname === '/non-sono-io') {
      if (!post) return html(200, page('<form method="post" action="/non-sono-io"><button>Conferma</button></form>'));
      heldAddresses.add(debtor.email);
      return go('/non-sono-io/fatto');
    }
    if (url.pathname === '/segnala/fatto') return html(200, page('Segnalazione ricevuta'));
    if (area === 'segnala') {
      const radios = ['alreadyPaid', 'exempt', 'wrongAmount', 'notUnderstood', 'other']
        .map((value) => `<input type="radio" name="motivo" value="${value}">`)
        .join('');
      if (!post)
        return html(
          200,
          page(`<form method="post" action="${url.pathname}">${radios}<textarea name="testo"></textarea></form>`),
        );
      debtor.held = true;
      serial += 1;
      disputes.push({ id: `d${serial}`, debtor, kind: body.get('motivo') ?? '', openedAt: now, state: 'open' });
      return go(`/segnala/fatto?n=${serial}&entro=2026-10-30`);
    }
    if (!session.inside) return go('/avviso');
    if (area === 'esito') return html(200, page('In verifica'));
    if (area !== 'posizioni') return html(404, page('non c’è'));
    if (id === '') {
      const only = debtor.rows.length === 1 ? debtor.rows[0] : undefined;
      if (only) return go(`/posizioni/${only.id}`);
      return html(200, page(debtor.rows.map((row) => `<a href="/posizioni/${row.id}">posizione</a>`).join('')));
    }
    const row = debtor.rows.find((known) => known.id === id);
    if (row === undefined) return html(404, page('non c’è'));
    const euro = (row.cents / 100).toFixed(2).replace('.', ',');
    if (action === '') {
      const pay = row.paid ? '' : `<a href="/posizioni/${id}/paga">Paga</a>`;
      return html(
        200,
        page(`${debtor.name} ${euro} € avviso ${row.number} ${pay} <a href="/segnala/${id}">Ho già pagato</a>`),
      );
    }
    if (!post)
      return html(
        200,
        page(
          `<form method="post" action="/posizioni/${id}/paga"><input type="hidden" name="importo" value="${row.cents}"></form>`,
        ),
      );
    serial += 1;
    const cartId = `k${serial}`;
    carts.set(cartId, row);
    const back = (esito: string): string => `${base}/esito/${cartId}?esito=${esito}`;
    const answer = await fetch(`${ports.baseUrl}/carts`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'ocp-apim-subscription-key': ports.subscriptionKey },
      body: JSON.stringify({
        idCart: cartId,
        paymentNotices: [
          {
            noticeNumber: row.number,
            fiscalCode: debtor.body.codiceFiscale,
            amount: row.cents,
            companyName: debtor.body.name,
            description: 'Pagamento',
          },
        ],
        returnUrls: {
          returnOkUrl: back('ok'),
          returnCancelUrl: back('annullato'),
          returnErrorUrl: back('errore'),
          returnWaitingUrl: back('attesa'),
        },
      }),
    });
    return go(answer.headers.get('location') ?? '/');
  }

  function receipt(raw: string): { status: number; body: unknown } {
    const { receiptId, noticeNumber } = JSON.parse(raw) as { receiptId: string; noticeNumber: string };
    const known = receipts.get(receiptId);
    if (known !== undefined) return { status: 200, body: { status: known } };
    const status = book(noticeNumber);
    receipts.set(receiptId, status);
    return { status: 201, body: { status } };
  }

  function book(noticeNumber: string): string {
    const debtor = debtors.find(({ rows }) => rows.some(({ number }) => number === noticeNumber));
    const row = debtor?.rows.find(({ number }) => number === noticeNumber);
    if (row === undefined || debtor === undefined) return 'quarantined';
    row.paid = true;
    debtor.paidAt = now;
    station.positions.set(noticeNumber, 'PAA_PAGAMENTO_DUPLICATO');
    return 'booked';
  }

  function command(argv: readonly string[]): unknown {
    const [, verb, id] = argv;
    if (verb === 'list') {
      return {
        disputes: disputes.map(({ debtor, ...rest }) => ({ ...rest, debtorName: debtor.name, creditType: 'TARI' })),
      };
    }
    const dispute = disputes.find((known) => known.id === id);
    if (dispute === undefined) throw new Error('no such dispute');
    dispute.state = verb === 'accept' ? 'accepted' : 'rejected';
    dispute.debtor.held = verb === 'accept';
    return {};
  }

  const web = await listen(
    createServer((request, response) => {
      const work =
        request.url === '/api/v1/receipts'
          ? text(request).then((raw) => {
              const { status, body } = receipt(raw);
              response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
            })
          : portal(request, response);
      work.catch((error: unknown) => response.writeHead(500).end(String(error)));
    }),
  );
  base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), 'bonario-fake-'));
  const controlSocket = join(folder, 'control.sock');
  const control = await listen(
    createServer((request, response) => {
      text(request)
        .then(async (raw) => {
          const order = JSON.parse(raw) as { to?: number; argv?: string[] };
          if (request.url === '/sim/settle') return settle();
          if (request.url === '/command') return { exit: 0, output: command(order.argv ?? []) };
          if ((order.to ?? 0) < now) throw new Error('backwards');
          now = order.to ?? now;
          return { now };
        })
        .then((answer) => response.writeHead(200).end(JSON.stringify(answer)))
        .catch((error: unknown) => response.writeHead(409).end(String(error)));
    }),
    controlSocket,
  );
  const inbound = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, session, callback) {
      stream.resume();
      stream.on('end', () => {
        bounced.push(session.envelope.rcptTo[0]?.address ?? '');
        callback(null, 'ok');
      });
    },
  });
  await new Promise<void>((resolve) => void inbound.listen(0, '127.0.0.1', () => resolve()));

  return {
    portalUrl: base,
    stationUrl: station.url,
    controlSocket,
    inboundSmtp: (inbound.server.address() as AddressInfo).port,
    bounced,
    receipts,
    disputes,
    async close() {
      smtp.close();
      await station.close();
      for (const server of [web, control]) {
        server.closeAllConnections();
        await new Promise<void>((resolve) => void server.close(() => resolve()));
      }
      await new Promise<void>((resolve) => inbound.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listen(server: Server, path?: string): Promise<Server> {
  return new Promise((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', () => resolve(server));
    else server.listen(path, () => resolve(server));
  });
}

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
  return body;
}

/** Reads the town's files as a careless program would: rows that make no sense are left out. */
function readDebtors(files: readonly TownFile[], bodies: readonly TownBody[]): Debtor[] {
  const debtors = new Map<string, Debtor>();
  const ids = new Set<string>();
  let made = 0;
  for (const file of files) {
    const body = bodies.find(({ slug }) => slug === file.slug);
    if (body === undefined) continue;
    const rows: Record<string, string>[] = parse(file.csv, { bom: true, delimiter: ';', columns: true });
    for (const row of rows) {
      const cents = Math.round(Number((row.importo ?? '').replaceAll('.', '').replace(',', '.')) * 100);
      const code = row.codice_fiscale ?? '';
      const id = `${file.slug}-${row.id_posizione ?? ''}`;
      const odd =
        !(cents > 0) || code === '' || (row.scadenza ?? '') === '' || (row.scadenza ?? '').startsWith('31/02');
      if (odd || ids.has(id)) continue;
      ids.add(id);
      made += 1;
      const key = `${file.slug}|${code}`;
      const debtor = debtors.get(key) ?? {
        key,
        body,
        name: `${row.nome} ${row.cognome}`,
        email: row.email ?? '',
        items: [row.numero_documento ?? '', row.codice_utente ?? ''],
        rows: [],
        // Nobody writes to the dead.
        held: row.deceduto === 'S',
        paidAt: 0,
      };
      const number = row.numero_avviso || makeNoticeNumber(body.segregation, 9_000_000_000_000 + made);
      debtor.rows.push({ id, cents, number, paid: false });
      debtors.set(key, debtor);
    }
  }
  return [...debtors.values()];
}

function paymentOf({ body, name }: Debtor, row: Row): PaymentData {
  const amountCents = row.cents;
  return {
    creditorReferenceId: row.number.slice(1),
    amountCents,
    dueDate: '2026-06-16',
    description: 'Pagamento',
    companyName: body.name,
    debtor: { type: 'F', code: 'ANONIMO', fullName: name },
    transfers: [
      {
        id: 1,
        amountCents,
        fiscalCode: body.codiceFiscale,
        companyName: body.name,
        iban: body.iban,
        stamp: null,
        remittanceInformation: 'Pagamento',
        category: '9/0101101IM/',
        metadata: [],
      },
    ],
    metadata: [],
  };
}

import { sql } from 'kysely';
import type { CivilDate } from '../../kernel/civil-date.ts';
import { newId } from '../../kernel/ids.ts';
import { type Database, enteOf, instant, type Tx } from '../../platform/db/index.ts';
import { askPayment } from './ask-payment.ts';
import type { PaymentRail } from './rail.port.ts';

/** The node frees a notice about half an hour after an abandoned attempt (pagopa §10). */
const BLOCKED_MS = 30 * 60_000;
/** A cart lives ten minutes: a second click in that time goes back to the same page. */
const CART_MS = 10 * 60_000;

export type CheckoutStart =
  | { readonly kind: 'redirect'; readonly url: string; readonly checkoutId: string }
  | { readonly kind: 'alreadyPaid' }
  /** The office doubts what is owed (docs/adr/0010). */
  | { readonly kind: 'inDoubt' }
  | { readonly kind: 'inProgress'; readonly checkoutId: string }
  | { readonly kind: 'amountChanged'; readonly outstandingCents: number }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'notFound' };

/**
 * Starts a payment: what is owed is looked at again now, the cart is asked for outside any transaction, and the same
 * click told twice opens one cart.
 */
export async function startCheckout(
  deps: { readonly db: Database; readonly rail: PaymentRail; readonly realNow: () => number },
  enteId: number,
  input: {
    readonly debtId: string;
    readonly debtorId: string;
    readonly today: CivilDate;
    readonly seenCents: number;
    readonly idempotencyKey: string;
    readonly creditor: { readonly fiscalCode: string; readonly name: string };
    readonly description: string;
    readonly returnUrl: (checkoutId: string, outcome: 'ok' | 'annullato' | 'errore' | 'attesa') => string;
  },
): Promise<CheckoutStart> {
  const ready = await deps.db.tenant(enteId, (tx) => check(tx, input, deps.realNow()));
  if (ready.kind !== 'ready') return ready;
  const checkoutId = newId();
  const back = (outcome: Parameters<typeof input.returnUrl>[1]) => input.returnUrl(checkoutId, outcome);
  const cart = await deps.rail.createCart({
    cartId: checkoutId,
    notices: [
      {
        noticeNumber: ready.noticeNumber,
        creditorFiscalCode: input.creditor.fiscalCode,
        creditorName: input.creditor.name,
        amountCents: ready.amountCents,
        description: input.description,
      },
    ],
    returnUrls: { ok: back('ok'), cancel: back('annullato'), error: back('errore'), waiting: back('attesa') },
  });
  if (cart.kind === 'unavailable') return { kind: 'unavailable' };
  return deps.db.tenant(enteId, async (tx) => {
    const { rows } = await sql<{ checkout_id: string; url: string }>`
      insert into checkout (ente_id, checkout_id, debt_id, debtor_id, notice_number, amount_cents, state, idempotency_key, url, started_real)
      values (${enteId}, ${checkoutId}, ${input.debtId}, ${input.debtorId}, ${ready.noticeNumber}, ${ready.amountCents},
        'verifying', ${input.idempotencyKey}, ${cart.url}, ${instant(deps.realNow())})
      on conflict (ente_id, debtor_id, idempotency_key) do update set idempotency_key = excluded.idempotency_key
      returning checkout_id, url`.execute(tx.kysely);
    const kept = rows[0] ?? { checkout_id: checkoutId, url: cart.url };
    return { kind: 'redirect', url: kept.url, checkoutId: kept.checkout_id };
  });
}

async function check(
  tx: Tx,
  input: { debtId: string; debtorId: string; today: CivilDate; seenCents: number; idempotencyKey: string },
  realNow: number,
): Promise<
  Exclude<CheckoutStart, { kind: 'unavailable' }> | { kind: 'ready'; noticeNumber: string; amountCents: number }
> {
  const ente = enteOf(tx);
  const asked = await askPayment(tx, input.debtId, input.today);
  if (asked.kind === 'notFound' || asked.debtorId !== input.debtorId) return { kind: 'notFound' };
  if (asked.kind !== 'payable') return { kind: asked.kind };
  const { amountCents, noticeNumber } = asked;
  if (amountCents !== input.seenCents) return { kind: 'amountChanged', outstandingCents: amountCents };
  const { rows } = await sql<{ checkout_id: string; url: string; started_real: number; idempotency_key: string }>`
    select checkout_id, url, started_real, idempotency_key from checkout
    where ente_id = ${ente} and debt_id = ${input.debtId} and state = 'verifying' and started_real > ${instant(realNow - BLOCKED_MS)}
    order by started_real desc limit 1`.execute(tx.kysely);
  const open = rows[0];
  if (open !== undefined) {
    const sameClick = open.idempotency_key === input.idempotencyKey && open.started_real > realNow - CART_MS;
    if (sameClick) return { kind: 'redirect', url: open.url, checkoutId: open.checkout_id };
    return { kind: 'inProgress', checkoutId: open.checkout_id };
  }
  return { kind: 'ready', noticeNumber, amountCents };
}

export interface CheckoutRecord {
  readonly checkoutId: string;
  readonly debtId: string;
  readonly state: 'verifying' | 'paid' | 'cancelled' | 'failed';
}

export async function findCheckout(tx: Tx, debtorId: string, checkoutId: string): Promise<CheckoutRecord | null> {
  const { rows } = await sql<{ checkout_id: string; debt_id: string; state: CheckoutRecord['state'] }>`
    select checkout_id, debt_id, state from checkout
    where ente_id = ${enteOf(tx)} and checkout_id = ${checkoutId} and debtor_id = ${debtorId}`.execute(tx.kysely);
  const row = rows[0];
  return row === undefined ? null : { checkoutId: row.checkout_id, debtId: row.debt_id, state: row.state };
}

/** What the browser came back with: never proof of payment; only a receipt makes `paid`. */
export async function noteReturn(
  tx: Tx,
  debtorId: string,
  checkoutId: string,
  state: 'cancelled' | 'failed',
): Promise<void> {
  await sql`update checkout set state = ${state} where ente_id = ${enteOf(tx)} and checkout_id = ${checkoutId}
    and debtor_id = ${debtorId} and state = 'verifying'`.execute(tx.kysely);
}

/** Debts of a person with a payment under way: shown as "in verifica". */
export async function verifyingDebts(tx: Tx, debtorId: string, realNow: number): Promise<Set<string>> {
  const { rows } = await sql<{ debt_id: string }>`select distinct debt_id from checkout where ente_id = ${enteOf(tx)}
    and debtor_id = ${debtorId} and state = 'verifying' and started_real > ${instant(realNow - BLOCKED_MS)}`.execute(
    tx.kysely,
  );
  return new Set(rows.map((row) => row.debt_id));
}

import { sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import { enteOf, type Tx, unnestRows } from '../../platform/db/index.ts';
import type { WebhookFact } from './events.ts';

/**
 * Puts a fact into the outbox of every endpoint that asked for its kind, in the transaction of the fact itself: rolled
 * back with it, never lost after it. Costs one look-up where nobody listens. Returns how many rows were written.
 */
export async function announce(tx: Tx, fact: WebhookFact): Promise<number> {
  const ente = enteOf(tx);
  if (fact.ids.length === 0) return 0;
  const { rows: endpoints } = await sql<{ id: string }>`select endpoint_id as id from webhook_endpoint
    where ente_id = ${ente} and active and ${fact.kind} = any(kinds)`.execute(tx.kysely);
  if (endpoints.length === 0) return 0;
  const rows = (await describe(tx, fact)).flatMap(({ subjectId, data }) => {
    const eventId = newId();
    const body = JSON.stringify({ id: eventId, type: fact.kind, at: new Date(fact.at).toISOString(), data });
    return endpoints.map(({ id }) => ({ endpointId: id, eventId, subjectId, body }));
  });
  if (rows.length === 0) return 0;
  const done = await sql`
    insert into webhook_event (ente_id, endpoint_id, event_id, kind, subject_id, body, next_try_real)
    select ${ente}, u.endpoint, u.event, ${fact.kind}, u.subject, u.body, to_timestamp(0)
    from ${unnestRows({
      endpoint: { type: 'uuid', values: rows.map((r) => r.endpointId) },
      event: { type: 'uuid', values: rows.map((r) => r.eventId) },
      subject: { type: 'uuid', values: rows.map((r) => r.subjectId) },
      body: { type: 'text', values: rows.map((r) => r.body) },
    })} on conflict do nothing`.execute(tx.kysely);
  return Number(done.numAffectedRows ?? 0n);
}

interface Subject {
  readonly subjectId: string;
  /** Ids, codes and amounts: who it is stays here. */
  readonly data: Readonly<Record<string, string | number | null>>;
}

async function describe(tx: Tx, { kind, ids }: WebhookFact): Promise<Subject[]> {
  const ente = enteOf(tx);
  const wanted = [...new Set(ids)];
  if (kind === 'debt.paid' || kind === 'debt.cancelled') {
    const { rows } = await sql<{
      debt_id: string;
      credit_type: string;
      external_id: string;
      state: string;
      due_cents: number;
      paid_cents: number;
      outstanding_cents: number;
    }>`select debt_id, credit_type, external_id, state, due_cents, paid_cents, outstanding_cents from debt_now
      where ente_id = ${ente} and debt_id = any(${wanted}::uuid[]) order by debt_id`.execute(tx.kysely);
    return rows.map((r) => ({
      subjectId: r.debt_id,
      data: {
        debtId: r.debt_id,
        creditType: r.credit_type,
        externalId: r.external_id,
        state: r.state,
        dueCents: r.due_cents,
        paidCents: r.paid_cents,
        outstandingCents: r.outstanding_cents,
      },
    }));
  }
  if (kind === 'delivery.bounced') {
    // Handed over and failed after that (deliveries/delivery.states.ts).
    const { rows } = await sql<{
      delivery_id: string;
      campaign: string;
      channel: string;
      reason: string | null;
      fault: string | null;
    }>`select d.delivery_id, c.code as campaign, d.channel, d.reason, d.fault from delivery_now d
      join campaign_now c on c.ente_id = ${ente} and c.campaign_id = d.campaign_id
      where d.ente_id = ${ente} and d.delivery_id = any(${wanted}::uuid[]) and d.state = 6 and d.handed_over_at is not null
      order by d.delivery_id`.execute(tx.kysely);
    return rows.map((r) => ({
      subjectId: r.delivery_id,
      data: { deliveryId: r.delivery_id, campaign: r.campaign, channel: r.channel, reason: r.reason, fault: r.fault },
    }));
  }
  const { rows } = await sql<{
    dispute_id: string;
    kind: string;
    state: string;
    debt_id: string | null;
    deadline: string;
  }>`select dispute_id, kind, state, debt_id, deadline from dispute_now
    where ente_id = ${ente} and dispute_id = any(${wanted}::uuid[]) order by dispute_id`.execute(tx.kysely);
  return rows.map((r) => ({
    subjectId: r.dispute_id,
    data: { disputeId: r.dispute_id, kind: r.kind, state: r.state, debtId: r.debt_id, deadline: r.deadline },
  }));
}

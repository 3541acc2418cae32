import type { Row } from './database.ts';
import type { Heard } from './hosts.ts';
import type { Town } from './town.ts';
import type { Paid, World } from './world.ts';

/** One delivery as its row says. Names of states are those of `delivery.states.ts`. */
export interface DeliveryRow {
  readonly deliveryId: string;
  readonly personNo: number;
  readonly channel: string;
  readonly step: number;
  readonly attempt: number;
  readonly state: string;
  readonly reason: string | null;
  /** The channel ever had it. */
  readonly handedOver: boolean;
  /** The answer to the send itself said so. */
  readonly answered: boolean;
  readonly dueAt: number;
  /** Real time; null: never taken. */
  readonly leaseUntil: number | null;
}

export interface NoticeRow {
  readonly personNo: number;
  readonly state: string;
  readonly stopReason: string | null;
  readonly nextDueAt: number | null;
}

/** All that is known after a fault: what the providers heard, what is true, and what the program's rows say. */
export interface Evidence {
  readonly town: Town;
  readonly heard: readonly Heard[];
  readonly paid: readonly Paid[];
  /** Legal and real time of the look; they are one clock here. */
  readonly now: number;
  readonly deliveries: readonly DeliveryRow[];
  readonly notices: readonly NoticeRow[];
  readonly exclusions: readonly { readonly personNo: number; readonly reason: string }[];
  readonly debts: readonly { readonly externalId: string; readonly dueCents: number; readonly paidCents: number }[];
  readonly imports: readonly { readonly state: string; readonly accepted: number }[];
  /** Jobs that are not done, by queue and state. */
  readonly jobs: readonly { readonly name: string; readonly state: string }[];
  readonly campaigns: readonly { readonly state: string }[];
  readonly leaves: readonly { readonly kind: string; readonly rows: number; readonly accepted: number }[];
  readonly counts: { readonly signals: number; readonly receipts: number };
  /** `bonario verify`. */
  readonly verify: { readonly valid: boolean; readonly ledgerMismatches: number };
}

const STATES = [
  'queued',
  'taken',
  'handingOver',
  'handedOver',
  'delivered',
  'read',
  'failed',
  'expired',
  'uncertain',
  'void',
];

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
/** Every debtor has one debt, whose own id names the person. */
const PERSON = `(select min(b.external_id) from debt b where b.ente_id = 1 and b.debtor_id = x.debtor_id) as person`;

/** Looks once the program has ended: `verify` must have been asked before. */
export async function gather(world: World, verify: Evidence['verify']): Promise<Evidence> {
  const { town, clock, hosts, paid } = world;
  return world.store.read(async (ask) => {
    const deliveries = await ask(`select x.delivery_id, ${PERSON}, x.channel, x.step_no, x.attempt, x.state, x.reason,
      x.handed_over_at is not null as handed, x.provider_ref is not null as answered, ${ms('x.due_at')} as due,
      ${ms('x.lease_until')} as lease from delivery x where x.ente_id = 1
      order by x.step_no, x.attempt`);
    const notices = await ask(`select ${PERSON}, x.state, x.stop_reason, ${ms('x.next_due_at')} as due
      from notice x where x.ente_id = 1`);
    const exclusions = await ask(`select ${PERSON}, x.reason from exclusion x where x.ente_id = 1`);
    const debts = await ask(`select external_id, due_cents::float8 as due, paid_cents::float8 as paid from debt_now
      where ente_id = 1`);
    const imports = await ask(`select state, accepted from import where ente_id = 1`);
    const jobs = await ask(`select name, state::text as state from pgboss.job where state <> 'completed'
      and name not like '\\_\\_pgboss%'`);
    const campaigns = await ask(`select state from campaign where ente_id = 1`);
    const leaves = await ask(`select kind, sum(row_count)::int as n,
      coalesce(sum((facts->>'accepted')::int), 0)::int as accepted from audit_leaf where ente_id = 1 group by kind`);
    const counts = await ask(`select (select count(*)::int from delivery_signal where ente_id = 1) as signals,
      (select count(*)::int from receipt where ente_id = 1) as receipts`);
    return {
      town,
      heard: [...hosts.heard()],
      paid: [...paid],
      now: clock.now(),
      deliveries: deliveries.map((row) => ({
        deliveryId: String(row.delivery_id),
        personNo: personOf(row),
        channel: String(row.channel),
        step: Number(row.step_no),
        attempt: Number(row.attempt),
        state: STATES[Number(row.state)] ?? '?',
        reason: textOf(row.reason),
        handedOver: row.handed === true,
        answered: row.answered === true,
        dueAt: Number(row.due),
        leaseUntil: row.lease === null ? null : Number(row.lease),
      })),
      notices: notices.map((row) => ({
        personNo: personOf(row),
        state: String(row.state),
        stopReason: textOf(row.stop_reason),
        nextDueAt: row.due === null ? null : Number(row.due),
      })),
      exclusions: exclusions.map((row) => ({ personNo: personOf(row), reason: String(row.reason) })),
      debts: debts.map((row) => ({
        externalId: String(row.external_id),
        dueCents: Number(row.due),
        paidCents: Number(row.paid),
      })),
      imports: imports.map((row) => ({
        state: String(row.state),
        accepted: Number(row.accepted),
      })),
      jobs: jobs.map((row) => ({ name: String(row.name), state: String(row.state) })),
      campaigns: campaigns.map((row) => ({ state: String(row.state) })),
      leaves: leaves.map((row) => ({
        kind: String(row.kind),
        rows: Number(row.n),
        accepted: Number(row.accepted),
      })),
      counts: { signals: Number(counts[0]?.signals), receipts: Number(counts[0]?.receipts) },
      verify,
    };
  });
}

function personOf(row: Row): number {
  return Number(String(row.person).slice('P-'.length));
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** `bonario verify`, by its own word. */
export async function askVerify(world: World): Promise<Evidence['verify']> {
  const { output } = await world.say('manager', 'verify');
  const enti = output.enti as { ledgerMismatches: number }[];
  return { valid: output.valid === true, ledgerMismatches: enti[0]?.ledgerMismatches ?? -1 };
}

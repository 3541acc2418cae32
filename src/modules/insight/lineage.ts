import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import type { DeliveryLineage } from '../deliveries/lineage.port.ts';

/** Where these deliveries come from: notice, campaign, files. Asked for traces alone, of the few that are followed. */
export async function lineageOf(tx: Tx, deliveryIds: readonly string[]): Promise<DeliveryLineage[]> {
  const ente = enteOf(tx);
  const { rows } = await sql<{
    delivery_id: string;
    notice_id: string;
    campaign_id: string;
    step_no: number;
    attempt: number;
    first: boolean;
    due_at: number;
    notice_at: number;
    campaign_at: number | null;
  }>`select d.delivery_id, d.notice_id, d.campaign_id, d.step_no, d.attempt, d.due_at, n.created_at as notice_at,
      k.started_at as campaign_at,
      not exists (select from delivery_now e where e.ente_id = ${ente} and e.notice_id = d.notice_id
        and (e.step_no, e.attempt) < (d.step_no, d.attempt)) as first
    from delivery_now d
    join notice_created_now n on n.ente_id = ${ente} and n.notice_id = d.notice_id
    left join campaign_now k on k.ente_id = ${ente} and k.campaign_id = d.campaign_id
    where d.ente_id = ${ente} and d.delivery_id = any(${[...deliveryIds]}::uuid[])`.execute(tx.kysely);
  const firsts = rows.filter((row) => row.first).map((row) => row.notice_id);
  const { rows: files } = await sql<{ notice_id: string; import_id: string; at: number }>`
    select distinct l.notice_id, i.import_id, i.at
    from notice_line_now l
    join debt_now b on b.ente_id = ${ente} and b.debt_id = l.debt_id
    join import_now i on i.ente_id = ${ente} and i.import_id = b.import_id
    where l.ente_id = ${ente} and l.notice_id = any(${firsts}::uuid[]) order by i.at`.execute(tx.kysely);
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    noticeId: row.notice_id,
    campaignId: row.campaign_id,
    stepNo: row.step_no,
    attempt: row.attempt,
    first: row.first,
    dueAt: row.due_at,
    noticeAt: row.notice_at,
    campaignAt: row.campaign_at,
    imports: files
      .filter((file) => file.notice_id === row.notice_id)
      .map((file) => ({ importId: file.import_id, at: file.at })),
  }));
}

/** The notices that tell of a debt. */
export async function noticesOfDebt(tx: Tx, debtId: string): Promise<string[]> {
  const { rows } = await sql<{ notice_id: string }>`select notice_id from notice_line_now
    where ente_id = ${enteOf(tx)} and debt_id = ${debtId}`.execute(tx.kysely);
  return rows.map((row) => row.notice_id);
}

import { sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';

/**
 * Notices still at work of which a message has moved since they were last taken, out of up to `limit` marks; `marks` is
 * how many those were. Only the tick takes them, one tick of a body at a time.
 */
export async function takeMoved(tx: Tx, limit: number): Promise<{ marks: number; noticeIds: string[] }> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ marks: number; ids: string[] | null }>`
    with taken as (
      delete from delivery_moved where ente_id = ${ente} and mark_no in (
        select mark_no from delivery_moved where ente_id = ${ente} order by mark_no limit ${limit})
      returning notice_id
    )
    select (select count(*)::int from taken) as marks, (
      select array_agg(n.notice_id) from notice_now n
      where n.ente_id = ${ente} and n.state = 'active' and n.notice_id in (select notice_id from taken)) as ids`.execute(
    tx.kysely,
  );
  return { marks: rows[0]?.marks ?? 0, noticeIds: rows[0]?.ids ?? [] };
}

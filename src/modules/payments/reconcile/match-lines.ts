import { type RawBuilder, sql } from 'kysely';
import { instant, orderedId, type Tx } from '../../../platform/db/index.ts';
import { type Ground, ownNumber, ownTransfer } from './ground.ts';

/**
 * Matches lines of flows with transfers of receipts, and says of the rest why not (pagopa §12). Returns the ids of the
 * matches that stay.
 */
export async function matchLines(tx: Tx, ground: Ground, now: number): Promise<string[]> {
  await undoUnsure(tx, ground);
  const made: string[] = [];
  // A line without an index is tied to one transfer at a time: a receipt has at most five.
  for (const rule of ['keys', 'iuv'] as const) {
    for (let tied = await tie(tx, ground, rule, now); tied.length > 0; tied = await tie(tx, ground, rule, now)) {
      for (const { match_id, sure } of tied) if (sure) made.push(match_id);
    }
  }
  await explainRest(tx, ground);
  return made;
}

async function undoUnsure(tx: Tx, { ente }: Ground): Promise<void> {
  await sql`with undone as (
      delete from match where ente_id = ${ente} and state = 'held' and not sure and line_no is not null
      returning remittance_id, line_no
    ) update remittance_line l set state = 'open', reason = null from undone u
    where l.ente_id = ${ente} and l.remittance_id = u.remittance_id and l.line_no = u.line_no`.execute(tx.kysely);
}

/** The line `l` is tied to nothing. */
const untied = ({ ente }: Ground) => sql`not exists (select from match h where h.ente_id = ${ente} and h.state = 'held'
  and h.remittance_id = l.remittance_id and h.line_no = l.line_no)`;

/** The transfer `t` is on a line. */
const remitted = ({ ente }: Ground) => sql`exists (select from match h where h.ente_id = ${ente} and h.state = 'held'
  and h.line_no is not null and h.receipt_id = t.receipt_id and h.transfer_no = t.transfer_no)`;

/** Receipt's id, IUV and index: the only way that holds for a notice of another body, too. */
function byKeys(ground: Ground): RawBuilder<unknown> {
  return sql`select l.remittance_id, l.line_no, l.amount_cents, t.receipt_id, t.transfer_no,
      l.amount_cents = t.amount_cents as same
    from remittance_line l join receipt_transfer_now t on t.ente_id = ${ground.ente} and ${ownTransfer(ground)}
      and t.receipt_id = l.iur and t.creditor_reference = l.iuv
    where l.ente_id = ${ground.ente} and l.state in ('open', 'anomaly', 'elsewhere') and l.pay_status <> 'revoked'
      and (t.transfer_no = l.transfer_no or l.transfer_no is null and (l.amount_cents = t.amount_cents or 1 = (
        select count(*) from receipt_transfer o where o.ente_id = ${ground.ente} and o.receipt_id = t.receipt_id
          and o.beneficiary_fiscal_code = t.beneficiary_fiscal_code and o.iban is not null)))
      and ${untied(ground)} and not ${remitted(ground)}`;
}

/**
 * By IUV and amount, where the PSP had no receipt's id to give: no IUR, or a code that says so. Never for a receipt of
 * another body's notice, whose IUV may be one of ours by chance.
 */
function byIuv(ground: Ground): RawBuilder<unknown> {
  return sql`select l.remittance_id, l.line_no, l.amount_cents, t.receipt_id, t.transfer_no, true as same
    from remittance_line l join receipt_transfer_now t on t.ente_id = ${ground.ente} and ${ownTransfer(ground)}
      and t.creditor_reference = l.iuv and t.amount_cents = l.amount_cents and t.state <> 'shared'
    where l.ente_id = ${ground.ente} and l.state in ('open', 'anomaly', 'elsewhere')
      and (l.pay_status in ('standInNoRpt', 'noRpt') or l.iur is null and l.pay_status <> 'revoked')
      and (l.transfer_no is null or l.transfer_no = t.transfer_no)
      and ${untied(ground)} and not ${remitted(ground)}`;
}

/** Ties each line to one transfer and each transfer to one line, the best first. */
async function tie(
  tx: Tx,
  ground: Ground,
  rule: 'keys' | 'iuv',
  now: number,
): Promise<{ match_id: string; sure: boolean }[]> {
  const { ente } = ground;
  const id = orderedId(
    now,
    sql`row_number() over ()`,
    sql`concat_ws('|', b.remittance_id, b.line_no, b.receipt_id, b.transfer_no)`,
  );
  const [candidates, flag] = rule === 'keys' ? [byKeys(ground), sql`null`] : [byIuv(ground), sql`'withoutIur'`];
  const { rows } = await sql<{ match_id: string; sure: boolean }>`
    with ranked as (
      select c.*, row_number() over (partition by c.remittance_id, c.line_no
          order by c.same desc, c.receipt_id, c.transfer_no) as of_line,
        row_number() over (partition by c.receipt_id, c.transfer_no
          order by c.same desc, r.regulation_date, c.remittance_id, c.line_no) as of_transfer
      from (${candidates}) c join remittance r on r.ente_id = ${ente} and r.remittance_id = c.remittance_id
    ), tied as (
      insert into match (ente_id, match_id, rule, sure, state, remittance_id, line_no, receipt_id, transfer_no, amount_cents,
        matched_at)
      select ${ente}::int, ${id}, ${rule}::text, b.same and ${rule === 'keys'}::boolean, 'held', b.remittance_id, b.line_no,
        b.receipt_id, b.transfer_no, b.amount_cents, ${instant(now)}::timestamptz
      from ranked b where b.of_line = 1 and b.of_transfer = 1
      returning match_id, sure
    ), told as (
      update remittance_line l set state = case when b.same then 'matched' else 'anomaly' end,
        reason = case when b.same then ${flag} else 'amountDiffers' end
      from ranked b where b.of_line = 1 and b.of_transfer = 1 and l.ente_id = ${ente}
        and l.remittance_id = b.remittance_id and l.line_no = b.line_no
    )
    select match_id, sure from tied`.execute(tx.kysely);
  return rows;
}

/** Lines that nothing was found for. A number that is of none of our systems is no anomaly: a flow is of the whole body. */
async function explainRest(tx: Tx, ground: Ground): Promise<void> {
  const { ente } = ground;
  const ofReceipt = sql`select from receipt_transfer_now t where t.ente_id = ${ente} and ${ownTransfer(ground)}
    and t.receipt_id = l.iur`;
  await sql`update remittance_line l set state = case when c.why is null then 'elsewhere' else 'anomaly' end, reason = c.why
    from (
      select l.remittance_id, l.line_no, case
          when l.pay_status = 'revoked' then 'revoked'
          when exists (${ofReceipt} and t.creditor_reference = l.iuv
            and (l.transfer_no is null or t.transfer_no = l.transfer_no) and ${remitted(ground)}) then 'remittedTwice'
          when exists (${ofReceipt}) then 'keysDiffer'
          when ${ownNumber(ground, sql`l.iuv`)} then 'receiptMissing'
        end as why
      from remittance_line l where l.ente_id = ${ente} and ${untied(ground)}
        and (l.state in ('open', 'anomaly') or l.state = 'elsewhere' and exists (${ofReceipt}))
    ) c
    where l.ente_id = ${ente} and l.remittance_id = c.remittance_id and l.line_no = c.line_no
      and (l.state = 'open' or l.reason is distinct from c.why)`.execute(tx.kysely);
}

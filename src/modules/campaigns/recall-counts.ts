import { type RawBuilder, sql } from 'kysely';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { type FoundCause, SAID, touchedQuery } from './recall-cause.ts';

/** Who is touched, as whoever asks and whoever approves must see it. */
export interface RecallCounts {
  /** To whom something wrong was said, or may have been. */
  readonly people: number;
  /** Who was only about to be told: they hear nothing any more. */
  readonly waitingOnly: number;
  readonly channels: readonly {
    readonly channel: string;
    readonly people: number;
    readonly addresses: number;
  }[];
  /** Channels of the campaigns that said it: one that was not used yet may be until somebody approves. */
  readonly ahead: readonly string[];
  /** Of the ids of the notices, in order. */
  readonly digest: string;
}

export async function countTouched(tx: Tx, cause: FoundCause): Promise<RecallCounts> {
  const ente = enteOf(tx);
  const { rows } = await sql<Omit<RecallCounts, 'waitingOnly'> & { everybody: number }>`
    with touched as materialized (${touchedQuery(tx, cause)}), address as (
      select distinct d.debtor_id, d.channel, d.address_lookup from touched t
      join delivery_address_now d on d.ente_id = ${ente} and d.notice_id = t.notice_id
      where t.told and ${SAID} and ${cause.said}
    ), channel as (
      select a.channel, count(distinct a.debtor_id)::int as people, count(*)::int as addresses from address a group by a.channel
    )
    select
      (select count(distinct t.debtor_id)::int from touched t where t.told) as people,
      (select count(distinct t.debtor_id)::int from touched t) as everybody,
      (select coalesce(jsonb_agg(c order by c.channel), '[]') from channel c) as channels,
      (select coalesce(jsonb_agg(distinct s.channel), '[]') from step_now s where s.ente_id = ${ente}
        and s.campaign_id in (select t.campaign_id from touched t)) as ahead,
      (select ${digestOf(sql`t.notice_id`)} from touched t) as digest`.execute(tx.kysely);
  const [{ everybody, ...counts }] = rows as [RecallCounts & { everybody: number }];
  return { ...counts, waitingOnly: everybody - counts.people };
}

/** Of all the ids of a group, as `digestOfIds` gives it, without reading them into the program. */
export function digestOf(id: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`encode(sha256(convert_to(coalesce(string_agg(${id}::text, E'\n' order by ${id}), ''), 'UTF8')), 'hex')`;
}

/**
 * A channel that somebody touched was told on, or may have been, and that is not among `channels`; null: none. Asks only of
 * the campaigns that use another channel, so that it costs nothing where there are none.
 */
export async function wordlessChannel(tx: Tx, cause: FoundCause, channels: readonly string[]): Promise<string | null> {
  const ente = enteOf(tx);
  const { rows } = await sql<{ channel: string }>`
    with other as materialized (
      select s.campaign_id, s.channel from step_now s where s.ente_id = ${ente} and not s.channel = any(${[...channels]}::text[])
      union
      select r.recall_id, r.channel from recall_text_now r where r.ente_id = ${ente} and not r.channel = any(${[...channels]}::text[])
    )
    select o.channel from other o
    where exists (select from (${touchedQuery(tx, cause)}) t where t.campaign_id = o.campaign_id)
    order by o.channel limit 1`.execute(tx.kysely);
  return rows[0]?.channel ?? null;
}

import { type RawBuilder, sql } from 'kysely';
import { CodedError } from '../../kernel/errors.ts';
import { isUuid } from '../../kernel/ids.ts';
import { enteOf, type Tx } from '../../platform/db/index.ts';
import { digestOfIds } from '../audit/index.ts';
import { STATE_CODE } from '../deliveries/index.ts';
import { templateVersion } from '../notices/index.ts';
import { campaignMachine } from './campaign.states.ts';
import { findCampaign } from './campaigns.store.ts';

/** What was wrong: the one thing by which everybody touched is found. */
export type RecallCause =
  | { readonly kind: 'campaign'; readonly code: string }
  | { readonly kind: 'import'; readonly importId: string }
  | { readonly kind: 'text'; readonly code: string; readonly version: number }
  | { readonly kind: 'debts'; readonly creditType: string; readonly externalIds: readonly string[] };
export type RecallKind = RecallCause['kind'];

/** A cause that exists, as the queries need it. */
export interface FoundCause {
  readonly kind: RecallKind;
  readonly key: string;
  /** Of a list of debts; else empty. */
  readonly debtIds: readonly string[];
  /** A query of every `debt_id` that the cause names: each may be wrong where the recall doubts them. */
  readonly debts: RawBuilder<unknown>;
  /** Whether a notice `n` is touched. */
  readonly touches: RawBuilder<unknown>;
  /** Whether a delivery `d` of such a notice said what was wrong. */
  readonly said: RawBuilder<unknown>;
}

/**
 * Errors CAMPAIGN_UNKNOWN, CAMPAIGN_STATE (nothing of it was ever sent), IMPORT_UNKNOWN, TEMPLATE_UNKNOWN,
 * RECALL_DEBTS_UNKNOWN (with how many of the list are not there: a list that is half right is not guessed at).
 */
export async function findCause(tx: Tx, cause: RecallCause): Promise<FoundCause> {
  switch (cause.kind) {
    case 'campaign': {
      const { state } = await findCampaign(tx, cause.code);
      if (campaignMachine.next(state, 'recall') === null) {
        const message = `a campaign that is ${state} cannot be recalled`;
        throw new CodedError('CAMPAIGN_STATE', message, { state, event: 'recall' });
      }
      return ofCampaign(tx, cause.code);
    }
    case 'import':
      return ofImport(tx, cause.importId);
    case 'text':
      await templateVersion(tx, cause.code, cause.version);
      return ofText(tx, cause.code, cause.version);
    case 'debts': {
      const ids = [...new Set(cause.externalIds)];
      const { rows } = await sql<{ debt_id: string }>`select debt_id from debt_now
        where ente_id = ${enteOf(tx)} and credit_type = ${cause.creditType} and external_id = any(${ids}::text[])`.execute(
        tx.kysely,
      );
      if (rows.length === 0 || rows.length < ids.length) {
        const unknown = ids.length - rows.length;
        throw new CodedError('RECALL_DEBTS_UNKNOWN', 'some of these debts are not there', { unknown });
      }
      const debtIds = rows.map((row) => row.debt_id);
      return ofDebts(tx, digestOfIds(debtIds), debtIds, sql`select unnest(${debtIds}::uuid[])`);
    }
  }
}

/** The cause of a recall that was asked for, from what was stored of it. */
export async function storedCause(
  tx: Tx,
  recall: { readonly recallId: string; readonly kind: RecallKind; readonly key: string },
): Promise<FoundCause> {
  const { kind, key } = recall;
  switch (kind) {
    case 'campaign':
      return ofCampaign(tx, key);
    case 'import':
      return ofImport(tx, key);
    case 'text': {
      const [code = '', version] = key.split('|');
      return ofText(tx, code, Number(version));
    }
    case 'debts':
      return ofDebts(
        tx,
        key,
        [],
        sql`select r.debt_id from recall_debt r where r.ente_id = ${enteOf(tx)} and r.recall_id = ${recall.recallId}`,
      );
  }
}

/**
 * Whether such a recall doubts the debts themselves (docs/adr/0010): a file or a list of positions is wrong in what it
 * says is owed; a text in its words alone; of a campaign only the office knows, and unless it says so, they are doubted.
 */
export function doubtsDebts(kind: RecallKind, amountsStand: boolean): boolean {
  return kind === 'campaign' ? !amountsStand : kind !== 'text';
}

/** Whether a delivery `d` of a notice that a recall touches said what was wrong. */
export function saidBy(kind: RecallKind, key: string): RawBuilder<unknown> {
  if (kind !== 'text') return sql`true`;
  const [code = '', version] = key.split('|');
  return sql`d.template_code = ${code} and d.template_version = ${Number(version)}`;
}

async function ofCampaign(tx: Tx, code: string): Promise<FoundCause> {
  const { campaignId } = await findCampaign(tx, code);
  const touches = sql`n.campaign_id = ${campaignId}`;
  const debts = sql`select l.debt_id from notice_line_now l
    where l.ente_id = ${enteOf(tx)} and l.campaign_id = ${campaignId}`;
  return { kind: 'campaign', key: code, debtIds: [], debts, touches, said: saidBy('campaign', code) };
}

async function ofImport(tx: Tx, importId: string): Promise<FoundCause> {
  const ente = enteOf(tx);
  const { rows } = isUuid(importId)
    ? await sql`select 1 from import_now where ente_id = ${ente} and import_id = ${importId} and state = 'committed'`.execute(
        tx.kysely,
      )
    : { rows: [] };
  if (rows.length === 0) throw new CodedError('IMPORT_UNKNOWN', 'no such file was loaded', { importId });
  const touches = sql`n.notice_id in (select l.notice_id from notice_line_now l
    join debt_now b on b.ente_id = ${ente} and b.debt_id = l.debt_id
    where l.ente_id = ${ente} and b.import_id = ${importId})`;
  const debts = sql`select x.debt_id from debt_now x where x.ente_id = ${ente} and x.import_id = ${importId}`;
  return { kind: 'import', key: importId, debtIds: [], debts, touches, said: saidBy('import', importId) };
}

const NO_DEBTS = sql`select null::uuid where false`;

/** Also whoever has not had it yet, where it is still to come: the words are wrong for them, too. */
function ofText(tx: Tx, code: string, version: number): FoundCause {
  const ente = enteOf(tx);
  const key = `${code}|${version}`;
  const said = saidBy('text', key);
  const touches = sql`(n.notice_id in (select d.notice_id from delivery_address_now d where d.ente_id = ${ente} and ${said})
    or (n.state in ('planned', 'active') and exists (select from step_now s where s.ente_id = ${ente}
      and s.campaign_id = n.campaign_id and s.template_code = ${code} and s.template_version = ${version}
      and s.step_no >= n.next_step)))`;
  return { kind: 'text', key, debtIds: [], debts: NO_DEBTS, touches, said };
}

function ofDebts(tx: Tx, key: string, debtIds: readonly string[], list: RawBuilder<unknown>): FoundCause {
  const touches = sql`n.notice_id in (select l.notice_id from notice_line_now l
    where l.ente_id = ${enteOf(tx)} and l.debt_id in (${list}))`;
  return { kind: 'debts', key, debtIds, debts: list, touches, said: saidBy('debts', key) };
}

/** Of a delivery `d`: its person was told, or may have been. */
export const SAID = sql`(d.handed_over_at is not null or d.state in (${STATE_CODE.handingOver}, ${STATE_CODE.uncertain}))`;

/**
 * Every notice touched: `notice_id, debtor_id, campaign_id, told`. Who was never told and no longer waits has nothing to
 * be told. Each notice is asked by the index of its messages: a join of the two would be quick for a million where the
 * planner knows how many they are, and quadratic where it does not, as right after a campaign began.
 */
export function touchedQuery(tx: Tx, cause: FoundCause): RawBuilder<unknown> {
  const ente = enteOf(tx);
  return sql`select n.notice_id, n.debtor_id, n.campaign_id, x.told from notice_now n
    cross join lateral (select exists (select from delivery_address_now d where d.ente_id = ${ente}
      and d.notice_id = n.notice_id and ${SAID} and ${cause.said}) as told) x
    where n.ente_id = ${ente} and ${cause.touches} and (x.told or n.state in ('planned', 'active'))`;
}

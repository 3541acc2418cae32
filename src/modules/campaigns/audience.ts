import { type RawBuilder, sql } from 'kysely';
import { addDays, addMonths } from '../../kernel/civil-date.ts';
import { enteOf, instant, type Tx, unnestRows } from '../../platform/db/index.ts';
import { categoryOf, creditTypeOf, type Ente, type RuleBook } from '../creditors/index.ts';
import { needsDeadlineFacts } from '../debts/index.ts';
import type { CampaignDocument } from './campaign-document.ts';
import { minimumOf } from './check-campaign.ts';

/**
 * Who is in the audience, and for each either nothing or the first reason that keeps him out (architecture §3.3). The
 * rehearsal counts this very query and the plan inserts from it, so they cannot say different things.
 *
 * `among`: these persons alone, each as in the whole; null: everybody.
 *
 * Columns: debtor_id, purpose_group, health, office_id, debt_ids, told_types (the credits of those), total_cents, reason.
 */
export function audienceQuery(
  tx: Tx,
  ente: Ente,
  rules: RuleBook,
  doc: CampaignDocument,
  campaignId: string,
  now: number,
  among: readonly string[] | null = null,
): RawBuilder<unknown> {
  const id = enteOf(tx);
  const only = among === null ? sql`` : sql`and d.debtor_id = any(${[...among]}::uuid[])`;
  const types = doc.creditTypes.map((code) => creditTypeOf(ente, code));
  const perType = unnestRows({
    code: { type: 'text', values: types.map((t) => t.code) },
    // R31: a minimum per tax and year, under which nothing is due at all; none in force is not the same as none.
    tax_minimum: { type: 'int8', values: types.map((t) => rules.find<number>('taxMinimumCents', t)?.value ?? 0) },
    minimum_unknown: {
      type: 'bool',
      values: types.map((t) => categoryOf(t.nature) === 'tax' && rules.find('taxMinimumCents', t) === null),
    },
    // R28: a report handed over on this day or later may still be paid at its minimum: no friendly wave yet.
    fine_since: {
      type: 'date',
      values: types.map((t) => {
        const terms = rules.find<{ minimumUntilDay: number }>('fineTerms', t);
        return terms === null ? null : addDays(rules.on, -terms.value.minimumUntilDay);
      }),
    },
    fine_held: { type: 'bool', values: types.map((t) => rules.find('fineWithoutDate', t)?.value === 'hold') },
    // R11: what is older belongs in a bill that shows it apart, with its notice and form; no text of ours has them.
    old_before: {
      type: 'date',
      values: types.map((t) => {
        const years = rules.find<number>('oldConsumptionYears', t)?.value;
        return years === undefined ? null : addMonths(rules.on, -years * 12);
      }),
    },
    needs_deadline: { type: 'bool', values: types.map((t) => needsDeadlineFacts(rules, t)) },
    // R04: decadence this near belongs to the formal act, not to a friendly message.
    not_before: {
      type: 'date',
      values: types.map((t) => {
        const margin = rules.find<number>('decadenceMarginDays', t)?.value;
        return margin === undefined || doc.formalActScheduled ? null : addDays(rules.on, margin);
      }),
    },
  });
  const channels = [...new Set(doc.steps.map((step) => step.channel))];
  const years = doc.taxYears === null ? sql`` : sql`and d.tax_year = any(${[...doc.taxYears]}::int[])`;
  const at = instant(now);
  const typesWhere = (condition: RawBuilder<unknown>) =>
    sql`array_remove(array[${sql.join(
      types.map(({ code }) => sql`case when bool_or(credit_type = ${code} and ${condition}) then ${code} end`),
    )}]::text[], null)`;
  const told = sql`enough and barred is null`;
  // Grouped once, and otherwise joined with plain tables alone: of rows that were grouped twice the planner knows nothing,
  // and a nested loop over a million of them takes days. Of a person's addresses the best is looked at.
  return sql`
    with line as (
      select d.debt_id, d.debtor_id, d.purpose_group, d.health, d.office_id, d.credit_type, d.outstanding_cents,
        d.decadence_deadline < u.not_before as near_decadence,
        sum(d.outstanding_cents) over (partition by d.debtor_id, d.purpose_group, d.credit_type, d.tax_year)
          >= u.tax_minimum as enough,
        case
          when d.debt_id in (select x.debt_id from debt_doubt_now x where x.ente_id = ${id}) then 'inDoubt'
          when d.debt_id in (select x.debt_id from debt_in_plan_now x where x.ente_id = ${id}) then 'inPlan'
          when u.minimum_unknown then 'minimumUnknown'
          when d.component = 'sanction' and d.deadline_on < ${rules.on} then 'deadlinePast'
          when u.needs_deadline and d.deadline_on is null then 'deadlineUnknown'
          when d.consumption_from < u.old_before then 'oldConsumption'
          when coalesce(d.notified_on, d.violation_date) >= u.fine_since then 'fineTooEarly'
          when u.fine_since is not null and u.fine_held and coalesce(d.notified_on, d.violation_date) is null
            then 'fineDateUnknown'
        end as barred
      from debt_now d join ${perType} on u.code = d.credit_type
      -- What is open, as comparisons: the planner has an idea of how many rows they leave, and none of a computed state.
      where d.ente_id = ${id} and d.due_cents > 0 and d.paid_cents < d.due_cents and d.due_date <= ${doc.dueBy} ${years} ${only}
    ), person as (
      select debtor_id, purpose_group, bool_or(health) as health, min(office_id) as office_id,
        array_agg(debt_id) filter (where ${told}) as debt_ids,
        ${typesWhere(sql`true`)} as credit_types,
        ${typesWhere(told)} as told_types,
        coalesce(sum(outstanding_cents) filter (where ${told}), 0)::bigint as total_cents,
        coalesce(bool_or(near_decadence), false) as near_decadence,
        case when bool_and(barred is not null) then min(barred) end as barred
      from line group by debtor_id, purpose_group
    )
    select distinct on (p.debtor_id, p.purpose_group)
      p.debtor_id, p.purpose_group, p.health, p.office_id, p.debt_ids, p.told_types, p.total_cents,
      case
        when n.erased then 'erased'
        when n.deceased then 'deceased'
        when n.minor then 'minor'
        when p.near_decadence then 'nearDecadence'
        when p.barred is not null then p.barred
        when p.debt_ids is null or p.total_cents < ${minimumOf(rules, doc)} then 'belowMinimum'
        when exists (select from hold_now h where h.ente_id = ${id} and h.subject_kind = 'debtor'
          and h.subject = uuid_send(p.debtor_id) and h.until is null) then 'held'
        when exists (select from notice_now x join campaign_now k on k.ente_id = ${id} and k.campaign_id = x.campaign_id
            and k.state in ('running', 'paused')
          where x.ente_id = ${id} and x.debtor_id = p.debtor_id and x.purpose_group = p.purpose_group
            and x.campaign_id <> ${campaignId} and x.state in ('planned', 'active')) then 'otherCampaign'
        when c.contact_id is null then 'noContact'
        when c.dead_at is not null then 'deadContact'
        when not p.credit_types <@ c.purposes then 'contactPurpose'
        when c.held then 'addressHeld'
      end as reason
    from person p
    join debtor_now n on n.ente_id = ${id} and n.debtor_id = p.debtor_id
    left join (
      select a.debtor_id, a.contact_id, a.dead_at, a.purposes,
        exists (select from hold_now h where h.ente_id = ${id} and h.subject_kind = 'address'
          and h.subject = a.address_lookup and (h.until is null or h.until > ${at}::timestamptz)) as held
      from contact_state_now a where a.ente_id = ${id} and a.channel = any(${channels}::text[])
    ) c on c.debtor_id = p.debtor_id
    order by p.debtor_id, p.purpose_group, c.dead_at is null desc, p.credit_types <@ c.purposes desc, c.held`;
}

-- module: debts
-- The facts that decide how long a credit lives, as the file says them. Dates of a health service stay sealed with the
-- person's key: there the dates here are null, and only the deadline made from them is kept.
alter table debt
  add column component text not null default 'principal'
    check (component in ('principal', 'sanction', 'interest', 'notificationCost')),
  add column violation_kind text check (violation_kind in ('omittedPayment', 'omittedConfirmed', 'unfaithful', 'unknown')),
  add column violation_date date,
  add column notified_on date,
  add column user_class text check (user_class in ('household', 'microFirm', 'professional', 'other')),
  add column consumption_from date,
  add column consumption_to date,
  add column issue_term date,
  -- Written by one function alone (src/modules/debts/derive-deadline.ts); moved by no message (R03).
  add column deadline_kind text check (deadline_kind in ('decadence', 'limitation')),
  add column deadline_on date,
  add column deadline_disputed_on date,
  -- The fact it is counted from.
  add column deadline_fact text,
  -- Why none is known: the facts that are missing, `rule` where the body has still to choose, `stale` before the first
  -- reckoning of a debt that was here before this migration.
  add column deadline_missing text default 'stale'
-- ;;
-- The owner is bound by the tenants' policy, too: lifted for the one statement that carries over what is known.
alter table debt no force row level security
-- ;;
update debt set deadline_kind = 'decadence', deadline_on = decadence_deadline, deadline_fact = 'dueDate', deadline_missing = null
where decadence_deadline is not null
-- ;;
alter table debt force row level security
-- ;;
alter table debt alter column deadline_missing drop default
-- ;;
create or replace view debt_now with (security_invoker = true) as
select d.ente_id, d.debt_id, d.debtor_id, d.credit_type, d.external_id, d.import_id, d.tax_year, d.installment_no, d.due_date,
       case when d.deadline_kind = 'decadence' then d.deadline_on end as decadence_deadline,
       d.imported_notice_number, d.due_cents, d.paid_cents,
       greatest(d.due_cents - d.paid_cents, 0) as outstanding_cents,
       case when d.due_cents <= 0 then 'cancelled' when d.paid_cents >= d.due_cents then 'settled' else 'open' end as state,
       t.purpose_group, t.nature, t.health, t.office_id,
       d.component, d.violation_date, d.notified_on, d.consumption_from,
       d.deadline_kind, d.deadline_on, d.deadline_disputed_on, d.deadline_fact, d.deadline_missing
from debt d
join import i on i.ente_id = d.ente_id and i.import_id = d.import_id and i.state = 'committed'
join credit_type_now t on t.ente_id = d.ente_id and t.code = d.credit_type
-- ;;
-- One place says when a debt ends; two could differ.
alter table debt drop column decadence_deadline
-- ;;
create index debt_deadline on debt (ente_id, deadline_on, debt_id)
-- ;;
create index debt_deadline_disputed on debt (ente_id, deadline_disputed_on) where deadline_disputed_on is not null

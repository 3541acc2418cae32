-- module: payments
-- A debt paid in installments: asked for by the person, granted by the body's regulation or by a person of the office (R39).
create table plan (
  ente_id integer not null,
  plan_id uuid not null,
  debt_id uuid not null,
  debtor_id uuid not null,
  state text not null check (state in ('requested', 'accepted', 'refused', 'completed', 'forfeited', 'withdrawn')),
  -- What was owed when it was asked for.
  amount_cents bigint not null check (amount_cents > 0),
  installments smallint not null check (installments between 1 and 120),
  asked_on date not null,
  -- The terms as they were applied, with their legal basis: a later regulation changes no plan.
  terms jsonb not null,
  idempotency_key text not null,
  requested_at timestamptz not null,
  decided_at timestamptz,
  -- Null: granted at once, within the rule. A refusal is always a person's (GDPR art. 22).
  decided_by uuid,
  reason text,
  -- The express reminder without which no plan is forfeited (R41).
  reminded_at timestamptz,
  ended_at timestamptz,
  primary key (ente_id, plan_id),
  unique (ente_id, debtor_id, idempotency_key)
)
-- ;;
select protect_tenant_table('plan')
-- ;;
-- One at a time: a second request for the same debt finds the first.
create unique index plan_open on plan (ente_id, debt_id) where state in ('requested', 'accepted')
-- ;;
create index plan_debtor on plan (ente_id, debtor_id)
-- ;;
create table installment (
  ente_id integer not null,
  plan_id uuid not null,
  no smallint not null,
  due_on date not null,
  principal_cents bigint not null check (principal_cents > 0),
  interest_cents bigint not null check (interest_cents >= 0),
  paid_cents bigint not null default 0,
  -- Each has its own; that of the whole debt is out of use while the plan lives.
  notice_number text not null,
  primary key (ente_id, plan_id, no),
  unique (ente_id, notice_number),
  foreign key (ente_id, plan_id) references plan
)
-- ;;
select protect_tenant_table('installment')
-- ;;
create view plan_now with (security_invoker = true) as
select ente_id, plan_id, debt_id, debtor_id, state, amount_cents, installments, asked_on, requested_at, reminded_at from plan
-- ;;
grant select on plan_now to bonario_app
-- ;;
-- Debts of which nobody is reminded as a whole, since they are being paid in installments or that was asked for.
create view debt_in_plan_now with (security_invoker = true) as
select ente_id, debt_id from plan where state in ('requested', 'accepted')
-- ;;
grant select on debt_in_plan_now to bonario_app
-- ;;
-- Debts that no message speaks of: those, and those that the office doubts (docs/adr/0010).
create view debt_unasked_now with (security_invoker = true) as
select ente_id, debt_id from debt_in_plan_now union all select ente_id, debt_id from debt_doubt_now
-- ;;
grant select on debt_unasked_now to bonario_app

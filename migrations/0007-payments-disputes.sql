-- module: payments
create table payment_request (
  ente_id integer not null,
  notice_number text not null,
  debt_id uuid not null,
  origin text not null check (origin in ('imported', 'generated')),
  state text not null check (state in ('active', 'withdrawn')),
  primary key (ente_id, notice_number),
  foreign key (ente_id, debt_id) references debt
)
-- ;;
select protect_tenant_table('payment_request')
-- ;;
create index payment_request_debt on payment_request (ente_id, debt_id)
-- ;;
-- An IUV is unique for ever: a restored database may not generate until its counter is moved past a margin (§5).
create table notice_counter (
  ente_id integer not null,
  segregation_code text not null,
  next_base bigint not null,
  primary key (ente_id, segregation_code)
)
-- ;;
select protect_tenant_table('notice_counter')
-- ;;
create table receipt (
  ente_id integer not null,
  receipt_id text not null,
  notice_number text not null,
  debt_id uuid,
  amount_cents bigint not null,
  -- Part of the amount above what was outstanding: kept and flagged for refund.
  excess_cents bigint not null default 0,
  paid_at timestamptz not null,
  received_at timestamptz not null,
  psp text not null,
  state text not null check (state in ('booked', 'quarantined')),
  content_sha256 bytea not null,
  primary key (ente_id, receipt_id)
)
-- ;;
select protect_tenant_table('receipt')
-- ;;
create index receipt_debt on receipt (ente_id, debt_id)
-- ;;
create table checkout (
  ente_id integer not null,
  checkout_id uuid not null,
  debt_id uuid not null,
  debtor_id uuid not null,
  notice_number text not null,
  amount_cents bigint not null,
  state text not null check (state in ('verifying', 'paid', 'cancelled', 'failed')),
  idempotency_key text not null,
  url text not null,
  -- Real time: a cart lives ten minutes and a notice is blocked about thirty (pagopa §10).
  started_real timestamptz not null,
  primary key (ente_id, checkout_id),
  unique (ente_id, debtor_id, idempotency_key)
)
-- ;;
select protect_tenant_table('checkout')
-- ;;
create index checkout_debt on checkout (ente_id, debt_id)
-- ;;
create view payment_now with (security_invoker = true) as
select ente_id, receipt_id, debt_id, amount_cents, excess_cents, paid_at, state from receipt
-- ;;
grant select on payment_now to bonario_app
-- ;;
create view request_now with (security_invoker = true) as
select ente_id, notice_number, debt_id, origin from payment_request where state = 'active'
-- ;;
grant select on request_now to bonario_app
-- ;;
-- module: disputes
create table dispute_counter (
  ente_id integer not null,
  next_number integer not null,
  primary key (ente_id)
)
-- ;;
select protect_tenant_table('dispute_counter')
-- ;;
create table dispute (
  ente_id integer not null,
  dispute_id uuid not null,
  number integer not null,
  debtor_id uuid not null,
  notice_id uuid,
  debt_id uuid,
  kind text not null,
  state text not null check (state in ('open', 'accepted', 'rejected', 'withdrawn')),
  -- Encrypted with the person's key.
  statement bytea not null,
  answer bytea,
  idempotency_key text not null,
  opened_at timestamptz not null,
  deadline date not null,
  decided_at timestamptz,
  -- A person decides, and is named (R67).
  decided_by uuid,
  primary key (ente_id, dispute_id),
  unique (ente_id, number),
  unique (ente_id, debtor_id, idempotency_key)
)
-- ;;
select protect_tenant_table('dispute')
-- ;;
create view dispute_now with (security_invoker = true) as
select ente_id, dispute_id, number, debtor_id, notice_id, debt_id, kind, state, opened_at, deadline, decided_at from dispute
-- ;;
grant select on dispute_now to bonario_app

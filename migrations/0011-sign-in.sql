-- module: operators
-- How an operator enters the console. The key of the command line stays what it is; this is a second way in.
create table operator_login (
  ente_id integer not null,
  operator_id uuid not null,
  -- Lower case, unique within the body; people type `login@slug`.
  login text not null,
  -- Null until the invitation is taken up.
  password_hash text,
  key_wrapped bytea not null,
  totp_secret bytea not null,
  -- The last step of 30 seconds that was used: a code opens once (RFC 6238 §5.2).
  totp_step bigint not null default 0,
  invite_hash bytea,
  -- Real time, as everything about sessions (architecture §4.1).
  invite_until_real timestamptz,
  primary key (ente_id, operator_id),
  unique (ente_id, login),
  foreign key (ente_id, operator_id) references operator
)
-- ;;
select protect_tenant_table('operator_login')
-- ;;
create table operator_session (
  ente_id integer not null,
  session_hash bytea not null,
  operator_id uuid not null,
  opened_real timestamptz not null,
  last_used_real timestamptz not null,
  primary key (ente_id, session_hash),
  foreign key (ente_id, operator_id) references operator
)
-- ;;
select protect_tenant_table('operator_session')
-- ;;
-- Attempts per name (known or not) and per network address, both as keyed hashes.
create table operator_try (
  ente_id integer not null,
  try_id uuid not null,
  subject_kind text not null check (subject_kind in ('login', 'address')),
  subject bytea not null,
  at_real timestamptz not null,
  primary key (ente_id, try_id)
)
-- ;;
select protect_tenant_table('operator_try')
-- ;;
create index operator_try_subject on operator_try (ente_id, subject_kind, subject, at_real)
-- ;;
create view operator_now with (security_invoker = true) as
select ente_id, operator_id, name, active from operator
-- ;;
grant select on operator_now to bonario_app
-- ;;
-- module: debtors
-- Keyed hashes only: how a surname is found without being stored.
create view debtor_surname_now with (security_invoker = true) as
select ente_id, debtor_id, surname_lookup from debtor where key_wrapped is not null
-- ;;
grant select on debtor_surname_now to bonario_app
-- ;;
create view contact_state_now with (security_invoker = true) as
select ente_id, contact_id, debtor_id, channel, source, dead_at, dead_reason from contact_point
-- ;;
grant select on contact_state_now to bonario_app
-- ;;
-- module: debts
create view import_now with (security_invoker = true) as
select ente_id, import_id, credit_type, file_name, state, rows, accepted, rejected, quarantined, at from import
-- ;;
grant select on import_now to bonario_app
-- ;;
-- module: deliveries
create view signal_now with (security_invoker = true) as
select s.ente_id, s.delivery_id, d.debtor_id, s.kind, s.fault, s.code, s.at
from delivery_signal s
join delivery d on d.ente_id = s.ente_id and d.delivery_id = s.delivery_id
-- ;;
grant select on signal_now to bonario_app
-- ;;
-- module: disputes
-- The words are sealed with the person's key; who decided is named (R67).
create view dispute_text_now with (security_invoker = true) as
select ente_id, dispute_id, debtor_id, statement, answer, decided_by from dispute
-- ;;
grant select on dispute_text_now to bonario_app
-- ;;
-- module: audit
create view audit_leaf_now with (security_invoker = true) as
select ente_id, leaf_id, at, kind, actor, row_count, facts, seal_no from audit_leaf
-- ;;
grant select on audit_leaf_now to bonario_app
-- ;;
-- A person's history asks who of a notice was identified; the rest of the register is read by page.
create index audit_leaf_identified on audit_leaf (ente_id, (facts ->> 'noticeId')) where kind = 'citizen.identified'

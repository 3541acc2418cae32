-- module: conversations
-- Sessions and codes live in real time (architecture §4.1).
create table portal_session (
  ente_id integer not null,
  session_hash bytea not null,
  level text not null check (level in ('link', 'identified')),
  notice_id uuid not null,
  contact_id uuid not null,
  debtor_id uuid not null,
  delivery_id uuid not null,
  message_sent_at timestamptz,
  opened_real timestamptz not null,
  last_used_real timestamptz not null,
  primary key (ente_id, session_hash)
)
-- ;;
select protect_tenant_table('portal_session')
-- ;;
create table access_code (
  ente_id integer not null,
  code_id uuid not null,
  session_hash bytea not null,
  debtor_id uuid not null,
  address_lookup bytea not null,
  code_hash bytea not null,
  state text not null check (state in ('sending', 'sent', 'failed', 'used', 'spent')),
  outcome text,
  sent_real timestamptz not null,
  primary key (ente_id, code_id)
)
-- ;;
select protect_tenant_table('access_code')
-- ;;
create index access_code_session on access_code (ente_id, session_hash)
-- ;;
create index access_code_address on access_code (ente_id, address_lookup, sent_real)
-- ;;
-- Wrong answers per debtor and per address, across sessions, channels and days.
create table identity_try (
  ente_id integer not null,
  try_id uuid not null,
  subject_kind text not null,
  subject bytea not null,
  at_real timestamptz not null,
  primary key (ente_id, try_id)
)
-- ;;
select protect_tenant_table('identity_try')
-- ;;
create index identity_try_subject on identity_try (ente_id, subject_kind, subject, at_real)

-- module: creditors
create table ente (
  ente_id integer primary key,
  name text not null,
  kind text not null check (kind in ('comune', 'unione', 'provincia', 'asl')),
  codice_fiscale text not null,
  codice_ipa text not null,
  website text not null,
  sender_address text not null,
  accent text,
  -- 'MM-DD', the patron saint's day.
  patron_day text check (patron_day ~ '^\d\d-\d\d$'),
  -- Assigned by pagoPA to whoever generates the notice numbers; null: the body's numbers are only imported.
  segregation_code text check (segregation_code ~ '^\d\d$'),
  -- Numbers are generated only where our own rail answers for the segregation code (architecture §5).
  generates_notice_numbers boolean not null default false
)
-- ;;
select protect_tenant_table('ente')
-- ;;
create table office (
  ente_id integer not null references ente,
  office_id integer not null,
  name text not null,
  phone text not null,
  email text not null,
  hours text not null,
  address text not null,
  -- L. 212/2000 art. 7 c. 2: person responsible, body for self-review (R49).
  procedure_officer text not null,
  self_review_body text not null,
  primary key (ente_id, office_id)
)
-- ;;
select protect_tenant_table('office')
-- ;;
create table credit_type (
  ente_id integer not null references ente,
  code text not null,
  name text not null,
  -- Which rules of the statute apply: tax, healthCopay, ...
  nature text not null,
  health boolean not null,
  -- What may be told together; health is always a group of its own (architecture §3.4).
  purpose_group text not null,
  office_id integer not null,
  explanation text not null default '',
  primary key (ente_id, code),
  foreign key (ente_id, office_id) references office
)
-- ;;
select protect_tenant_table('credit_type')
-- ;;
-- Statutory defaults, the same for every body (reference table). nature '*' = every credit.
create table statute_rule (
  key text not null,
  nature text not null,
  valid_from date not null,
  valid_to date,
  value jsonb not null,
  legal_basis text not null,
  -- How sure we are: C confirmed, M from memory, U uncertain, D our own design.
  mark text not null check (mark in ('C', 'M', 'U', 'D')),
  primary key (key, nature, valid_from)
)
-- ;;
grant select on statute_rule to bonario_app
-- ;;
-- What the body's regulation says instead: needs its deliberation. credit_type '*' = every credit of the body.
create table ente_rule (
  ente_id integer not null references ente,
  key text not null,
  credit_type text not null,
  valid_from date not null,
  valid_to date,
  value jsonb not null,
  legal_basis text not null,
  primary key (ente_id, key, credit_type, valid_from)
)
-- ;;
select protect_tenant_table('ente_rule')
-- ;;
-- Opening hours of a channel as instants, precomputed so that SQL can join them (architecture §5).
create table calendar_window (
  ente_id integer not null references ente,
  channel text not null,
  opens_at timestamptz not null,
  closes_at timestamptz not null check (closes_at > opens_at),
  primary key (ente_id, channel, opens_at)
)
-- ;;
select protect_tenant_table('calendar_window')
-- ;;
create view calendar_window_now with (security_invoker = true) as
select ente_id, channel, opens_at, closes_at from calendar_window
-- ;;
grant select on calendar_window_now to bonario_app
-- ;;
create view credit_type_now with (security_invoker = true) as
select ente_id, code, nature, health, purpose_group, office_id from credit_type
-- ;;
grant select on credit_type_now to bonario_app

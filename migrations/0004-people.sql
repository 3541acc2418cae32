-- module: operators
create table operator (
  ente_id integer not null references ente,
  operator_id uuid not null,
  name text not null,
  roles text[] not null,
  key_hash bytea not null,
  active boolean not null default true,
  primary key (ente_id, operator_id),
  unique (ente_id, key_hash)
)
-- ;;
select protect_tenant_table('operator')
-- ;;
create table api_key (
  ente_id integer not null references ente,
  api_key_id uuid not null,
  label text not null,
  roles text[] not null,
  key_hash bytea not null,
  active boolean not null default true,
  primary key (ente_id, api_key_id),
  unique (ente_id, key_hash)
)
-- ;;
select protect_tenant_table('api_key')
-- ;;
-- module: debtors
create table debtor (
  ente_id integer not null references ente,
  debtor_id uuid not null,
  -- Keyed hashes: equality look-up without the value (architecture §4.4).
  cf_lookup bytea not null,
  surname_lookup bytea not null,
  -- The person's own key, wrapped by the body's; null once erased, and then `personal` says nothing to anybody.
  key_wrapped bytea,
  personal bytea not null,
  is_person boolean not null,
  -- An answer of the register or of the file; contact stops at once (R46, R47).
  deceased boolean not null default false,
  minor boolean not null default false,
  primary key (ente_id, debtor_id),
  unique (ente_id, cf_lookup)
)
-- ;;
select protect_tenant_table('debtor')
-- ;;
create index debtor_surname on debtor (ente_id, surname_lookup)
-- ;;
create table contact_point (
  ente_id integer not null,
  contact_id uuid not null,
  debtor_id uuid not null,
  channel text not null,
  address_lookup bytea not null,
  address bytea not null,
  -- Where the body got it and for which credits it may be used (law-and-practice §5.1, R66).
  source text not null,
  purposes text[] not null,
  verified_at timestamptz,
  dead_at timestamptz,
  dead_reason text,
  primary key (ente_id, contact_id),
  unique (ente_id, debtor_id, channel, address_lookup),
  foreign key (ente_id, debtor_id) references debtor
)
-- ;;
select protect_tenant_table('contact_point')
-- ;;
create index contact_point_address on contact_point (ente_id, address_lookup)
-- ;;
-- Things a person holds that did not come from the contact: keyed hashes of bill numbers, customer codes (§4.5).
create table held_item (
  ente_id integer not null,
  debtor_id uuid not null,
  item_lookup bytea not null,
  kind text not null,
  primary key (ente_id, debtor_id, item_lookup),
  foreign key (ente_id, debtor_id) references debtor
)
-- ;;
select protect_tenant_table('held_item')
-- ;;
-- Who may be written to, and where: what planning, taking and hand-over read.
create view contact_now with (security_invoker = true) as
select c.ente_id, c.contact_id, c.debtor_id, c.channel, c.address_lookup, c.purposes, c.dead_at is not null as dead,
       d.deceased, d.minor, d.key_wrapped is null as erased
from contact_point c
join debtor d on d.ente_id = c.ente_id and d.debtor_id = c.debtor_id
-- ;;
grant select on contact_now to bonario_app
-- ;;
create view debtor_now with (security_invoker = true) as
select ente_id, debtor_id, is_person, deceased, minor, key_wrapped is null as erased from debtor
-- ;;
grant select on debtor_now to bonario_app

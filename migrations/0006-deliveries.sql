-- module: deliveries
create table delivery (
  ente_id integer not null,
  delivery_id uuid not null,
  notice_id uuid not null,
  step_no smallint not null,
  -- A retry is a new row: what was tried stays told.
  attempt smallint not null,
  campaign_id uuid not null,
  debtor_id uuid not null,
  contact_id uuid not null,
  channel text not null,
  address_lookup bytea not null,
  purpose_group text not null,
  template_code text not null,
  template_version integer not null,
  max_per_person smallint not null,
  max_per_address smallint not null,
  -- See deliveries/delivery.states.ts; 0 = queued.
  state smallint not null default 0,
  reason text,
  fault text,
  due_at timestamptz not null,
  expires_at timestamptz not null,
  lease_owner uuid,
  -- Real time, unlike every other instant here (architecture §4.1).
  lease_until timestamptz,
  handed_over_at timestamptz,
  finished_at timestamptz,
  provider_ref text,
  text_sha256 bytea,
  -- The exact text, encrypted with the person's key (capability 92).
  text_content bytea,
  primary key (ente_id, delivery_id),
  unique (ente_id, notice_id, step_no, attempt)
)
-- ;;
select protect_tenant_table('delivery')
-- ;;
create index delivery_due on delivery (ente_id, due_at) where state = 0
-- ;;
create index delivery_busy on delivery (ente_id, lease_until) where state in (1, 2)
-- ;;
create index delivery_campaign on delivery (ente_id, campaign_id, state)
-- ;;
create index delivery_debtor on delivery (ente_id, debtor_id)
-- ;;
create table delivery_signal (
  ente_id integer not null,
  provider text not null,
  provider_event_id text not null,
  delivery_id uuid not null,
  kind text not null,
  fault text,
  code text not null,
  at timestamptz not null,
  primary key (ente_id, provider, provider_event_id)
)
-- ;;
select protect_tenant_table('delivery_signal')
-- ;;
create index delivery_signal_delivery on delivery_signal (ente_id, delivery_id)
-- ;;
-- Why somebody, or an address, may not be contacted (architecture §4.8). subject: the debtor's id or the address's keyed hash.
create table contact_hold (
  ente_id integer not null,
  hold_id uuid not null,
  subject_kind text not null check (subject_kind in ('debtor', 'address')),
  subject bytea not null,
  reason text not null,
  source_ref text not null,
  since timestamptz not null,
  -- Null: until lifted.
  until timestamptz,
  primary key (ente_id, hold_id),
  unique (ente_id, subject_kind, subject, reason, source_ref)
)
-- ;;
select protect_tenant_table('contact_hold')
-- ;;
-- The row that is locked so that a ceiling holds under any concurrency; what counts against it is in contact_slot.
create table contact_budget (
  ente_id integer not null,
  subject_kind text not null,
  subject bytea not null,
  primary key (ente_id, subject_kind, subject)
)
-- ;;
select protect_tenant_table('contact_budget')
-- ;;
create table contact_slot (
  ente_id integer not null,
  subject_kind text not null,
  subject bytea not null,
  delivery_id uuid not null,
  at timestamptz not null,
  primary key (ente_id, subject_kind, subject, delivery_id)
)
-- ;;
select protect_tenant_table('contact_slot')
-- ;;
create index contact_slot_delivery on contact_slot (ente_id, delivery_id)
-- ;;
create view delivery_now with (security_invoker = true) as
select ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id, channel, state, reason, fault,
       due_at, handed_over_at, finished_at
from delivery
-- ;;
grant select on delivery_now to bonario_app
-- ;;
create view hold_now with (security_invoker = true) as
select ente_id, subject_kind, subject, reason, since, until from contact_hold
-- ;;
grant select on hold_now to bonario_app

-- module: notices
create table template_version (
  ente_id integer not null,
  code text not null,
  version integer not null,
  channel text not null,
  subject text not null,
  body text not null,
  sha256 text not null,
  author_id uuid not null,
  at timestamptz not null,
  primary key (ente_id, code, version)
)
-- ;;
select protect_tenant_table('template_version')
-- ;;
create table notice (
  ente_id integer not null,
  notice_id uuid not null,
  campaign_id uuid not null,
  debtor_id uuid not null,
  purpose_group text not null,
  health boolean not null,
  office_id integer not null,
  state text not null check (state in ('planned', 'active', 'settled', 'stopped', 'exhausted', 'recalled')),
  stop_reason text,
  next_step smallint not null,
  next_attempt smallint not null,
  next_due_at timestamptz,
  created_at timestamptz not null,
  primary key (ente_id, notice_id),
  unique (ente_id, campaign_id, debtor_id, purpose_group)
)
-- ;;
select protect_tenant_table('notice')
-- ;;
create index notice_due on notice (ente_id, next_due_at) where next_due_at is not null
-- ;;
create index notice_debtor on notice (ente_id, debtor_id)
-- ;;
create table notice_line (
  ente_id integer not null,
  notice_id uuid not null,
  debt_id uuid not null,
  primary key (ente_id, notice_id, debt_id),
  foreign key (ente_id, notice_id) references notice
)
-- ;;
select protect_tenant_table('notice_line')
-- ;;
create index notice_line_debt on notice_line (ente_id, debt_id)
-- ;;
-- What a message carries: opens the neutral page, or opts out. Stored hashed (architecture §4.5).
create table link (
  ente_id integer not null,
  token_hash bytea not null,
  purpose text not null check (purpose in ('open', 'optOut')),
  notice_id uuid not null,
  contact_id uuid not null,
  delivery_id uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (ente_id, token_hash)
)
-- ;;
select protect_tenant_table('link')
-- ;;
create view notice_now with (security_invoker = true) as
select ente_id, notice_id, campaign_id, debtor_id, purpose_group, health, state, stop_reason, next_step, next_attempt, next_due_at
from notice
-- ;;
grant select on notice_now to bonario_app
-- ;;
-- Addresses at which a notice may be told: alive, held by nobody for good, and given for every credit it speaks of.
create view fit_contact with (security_invoker = true) as
select n.ente_id, n.notice_id, c.contact_id, c.channel, c.address_lookup
from notice n
join contact_now c on c.ente_id = n.ente_id and c.debtor_id = n.debtor_id
  and not c.dead and not c.erased and not c.deceased and not c.minor
where not exists (
    select from notice_line l join debt_now d on d.ente_id = l.ente_id and d.debt_id = l.debt_id
    where l.ente_id = n.ente_id and l.notice_id = n.notice_id and d.credit_type <> all (c.purposes))
  and not exists (
    select from hold_now h where h.ente_id = n.ente_id and h.subject_kind = 'address' and h.subject = c.address_lookup
      and h.until is null)
-- ;;
grant select on fit_contact to bonario_app
-- ;;
create view template_now with (security_invoker = true) as
select ente_id, code, max(version) as version from template_version group by ente_id, code
-- ;;
grant select on template_now to bonario_app
-- ;;
-- module: campaigns
create table campaign (
  ente_id integer not null,
  campaign_id uuid not null,
  code text not null,
  state text not null
    check (state in ('draft', 'inApproval', 'approved', 'running', 'paused', 'completed', 'recalled', 'stopped')),
  version integer not null,
  approved_version integer,
  submitted_by uuid,
  approved_by uuid,
  started_at timestamptz,
  completed_at timestamptz,
  primary key (ente_id, campaign_id),
  unique (ente_id, code)
)
-- ;;
select protect_tenant_table('campaign')
-- ;;
create table campaign_version (
  ente_id integer not null,
  campaign_id uuid not null,
  version integer not null,
  document jsonb not null,
  yaml text not null,
  sha256 text not null,
  author_id uuid not null,
  at timestamptz not null,
  primary key (ente_id, campaign_id, version)
)
-- ;;
select protect_tenant_table('campaign_version')
-- ;;
-- The approved cascade as rows, so that the tick is one statement.
create table campaign_step (
  ente_id integer not null,
  campaign_id uuid not null,
  step_no smallint not null,
  channel text not null,
  template_code text not null,
  template_version integer not null,
  wait_days smallint not null,
  only_if text not null check (only_if in ('always', 'notReached', 'unread')),
  max_per_person smallint not null,
  max_per_address smallint not null,
  primary key (ente_id, campaign_id, step_no)
)
-- ;;
select protect_tenant_table('campaign_step')
-- ;;
create table exclusion (
  ente_id integer not null,
  campaign_id uuid not null,
  debtor_id uuid not null,
  purpose_group text not null,
  reason text not null,
  primary key (ente_id, campaign_id, debtor_id, purpose_group)
)
-- ;;
select protect_tenant_table('exclusion')
-- ;;
create table rehearsal (
  ente_id integer not null,
  campaign_id uuid not null,
  version integer not null,
  at timestamptz not null,
  counts jsonb not null,
  digest bytea not null,
  primary key (ente_id, campaign_id, version)
)
-- ;;
select protect_tenant_table('rehearsal')
-- ;;
create view campaign_now with (security_invoker = true) as
select ente_id, campaign_id, code, state, started_at from campaign
-- ;;
grant select on campaign_now to bonario_app
-- ;;
create view step_now with (security_invoker = true) as
select ente_id, campaign_id, step_no, channel, template_code, template_version, wait_days, only_if, max_per_person, max_per_address
from campaign_step
-- ;;
grant select on step_now to bonario_app
-- ;;
create view exclusion_now with (security_invoker = true) as
select ente_id, campaign_id, debtor_id, purpose_group, reason from exclusion
-- ;;
grant select on exclusion_now to bonario_app

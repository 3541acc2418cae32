-- module: campaigns
-- Something wrong was sent: who asked to correct it, what the cause was, who approved it.
create table recall (
  ente_id integer not null,
  recall_id uuid not null,
  code text not null,
  state text not null check (state in ('requested', 'refused', 'running', 'completed')),
  cause_kind text not null check (cause_kind in ('campaign', 'import', 'text', 'debts')),
  -- Code of the campaign, id of the file, code and version of the text, digest of the list.
  cause_key text not null,
  note text not null,
  -- What the request showed to whoever had to approve it.
  shown jsonb not null,
  requested_by uuid not null,
  requested_at timestamptz not null,
  decided_by uuid,
  decided_at timestamptz,
  refused_reason text,
  completed_at timestamptz,
  -- Messages that were on the wire when it began: what becomes of them says whether they are corrected, too. Null: it has not
  -- begun.
  in_flight uuid[],
  primary key (ente_id, recall_id),
  unique (ente_id, code)
)
-- ;;
select protect_tenant_table('recall')
-- ;;
-- One cause is corrected once at a time.
create unique index recall_open on recall (ente_id, cause_kind, cause_key) where state in ('requested', 'running')
-- ;;
create table recall_text (
  ente_id integer not null,
  recall_id uuid not null,
  channel text not null,
  template_code text not null,
  template_version integer not null,
  primary key (ente_id, recall_id, channel),
  foreign key (ente_id, recall_id) references recall
)
-- ;;
select protect_tenant_table('recall_text')
-- ;;
-- The list of debts, where that is the cause.
create table recall_debt (
  ente_id integer not null,
  recall_id uuid not null,
  debt_id uuid not null,
  primary key (ente_id, recall_id, debt_id),
  foreign key (ente_id, recall_id) references recall
)
-- ;;
select protect_tenant_table('recall_debt')
-- ;;
-- The notices touched by the cause, as they were at the approval. told: a message was accepted, or nobody knows.
create table recall_notice (
  ente_id integer not null,
  recall_id uuid not null,
  notice_id uuid not null,
  debtor_id uuid not null,
  told boolean not null,
  primary key (ente_id, recall_id, notice_id)
)
-- ;;
select protect_tenant_table('recall_notice')
-- ;;
create view recall_now with (security_invoker = true) as
select ente_id, recall_id, code, state, cause_kind, cause_key, requested_at, decided_at from recall
-- ;;
grant select on recall_now to bonario_app
-- ;;
create view recall_text_now with (security_invoker = true) as
select ente_id, recall_id, channel, template_code, template_version from recall_text
-- ;;
grant select on recall_text_now to bonario_app
-- ;;
create view recall_notice_now with (security_invoker = true) as
select ente_id, recall_id, notice_id, debtor_id, told from recall_notice
-- ;;
grant select on recall_notice_now to bonario_app
-- ;;
-- The queue, the hand-over and the lists of messages ask whose messages these are and whether they may go: an approved
-- recall answers as a campaign does, under its own id.
create or replace view campaign_now with (security_invoker = true) as
select ente_id, campaign_id, code, state, started_at from campaign
union all
select ente_id, recall_id, code, state, decided_at from recall where state in ('running', 'completed')
-- ;;
-- module: deliveries
-- Of a correction: the holds of the person that do not stop it. Null: any other message, which every hold stops.
alter table delivery add column passes_holds text[]
-- ;;
-- Once to each address, by construction.
create unique index delivery_correction on delivery (ente_id, notice_id, channel, address_lookup, attempt)
  where passes_holds is not null
-- ;;
-- The few corrections that failed or expired and may be tried again: each tick asks for them.
create index delivery_correction_again on delivery (ente_id, campaign_id)
  where passes_holds is not null and handed_over_at is null
    and (state = 7 or (state = 6 and fault in ('temporary', 'technical')))
-- ;;
-- What was said to which address, for whoever must correct it.
create view delivery_address_now with (security_invoker = true) as
select ente_id, delivery_id, notice_id, debtor_id, contact_id, channel, address_lookup, template_code, template_version, state,
       handed_over_at
from delivery
-- ;;
grant select on delivery_address_now to bonario_app

-- module: campaigns
-- How fast a started campaign may go, from its approved document; no row: as fast as the channels do. The day's figure is
-- the smaller of what was asked for and of what the office can answer.
create table campaign_pace (
  ente_id integer not null,
  campaign_id uuid not null,
  per_day integer check (per_day >= 1),
  per_hour integer check (per_hour >= 1),
  check (per_day is not null or per_hour is not null),
  primary key (ente_id, campaign_id),
  foreign key (ente_id, campaign_id) references campaign
)
-- ;;
select protect_tenant_table('campaign_pace')
-- ;;
create view pace_now with (security_invoker = true) as
select ente_id, campaign_id, per_day, per_hour from campaign_pace
-- ;;
grant select on pace_now to bonario_app
-- ;;
-- module: deliveries
-- A paced campaign is a subject of its own beside the person and the address: its row in contact_budget is what takers
-- lock, its slots are what counts, by when they were used.
create index contact_slot_campaign on contact_slot (ente_id, subject, at) where subject_kind = 'campaign'
-- ;;
create view pace_use_now with (security_invoker = true) as
select ente_id, subject as campaign_key, delivery_id, at from contact_slot where subject_kind = 'campaign'
-- ;;
grant select on pace_use_now to bonario_app
-- ;;
-- module: notices
-- Notices that wait for their turn, in the order in which they are called.
create index notice_paced on notice (ente_id, campaign_id, next_step, next_due_at) where stop_reason = 'pacing'

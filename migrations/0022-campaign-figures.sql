-- module: campaigns
-- Counts and sums of a large campaign, as they were at an instant (legal time): its pages show these while they are fresh
-- (docs/performance.md, the console). No person is in them.
create table campaign_figures (
  ente_id integer not null,
  campaign_id uuid not null,
  as_of timestamptz not null,
  figures jsonb not null,
  primary key (ente_id, campaign_id),
  foreign key (ente_id, campaign_id) references campaign
)
-- ;;
select protect_tenant_table('campaign_figures')
-- ;;
create view campaign_figures_now with (security_invoker = true) as
select ente_id, campaign_id, as_of, figures from campaign_figures
-- ;;
grant select on campaign_figures_now to bonario_app

-- module: campaigns
-- What the console reads of a campaign; the state is written by moveCampaign alone.
create view campaign_detail_now with (security_invoker = true) as
select c.ente_id, c.campaign_id, c.code, c.state, c.version, c.approved_version, c.submitted_by, c.approved_by, c.started_at,
       c.completed_at, v.document ->> 'name' as name, v.yaml, v.at as version_at, v.author_id
from campaign c
join campaign_version v on v.ente_id = c.ente_id and v.campaign_id = c.campaign_id and v.version = c.version
-- ;;
grant select on campaign_detail_now to bonario_app
-- ;;
create view campaign_author_now with (security_invoker = true) as
select ente_id, campaign_id, version, author_id, at from campaign_version
-- ;;
grant select on campaign_author_now to bonario_app
-- ;;
create view rehearsal_now with (security_invoker = true) as
select ente_id, campaign_id, version, at, counts from rehearsal
-- ;;
grant select on rehearsal_now to bonario_app
-- ;;
-- module: notices
create view template_text_now with (security_invoker = true) as
select ente_id, code, version, channel, subject, body, author_id, at from template_version
-- ;;
grant select on template_text_now to bonario_app
-- ;;
create view notice_line_now with (security_invoker = true) as
select l.ente_id, n.campaign_id, l.notice_id, l.debt_id
from notice_line l
join notice n on n.ente_id = l.ente_id and n.notice_id = l.notice_id
-- ;;
grant select on notice_line_now to bonario_app
-- ;;
-- module: debts
-- Where the rows of a file went wrong; what they say stays sealed.
create view import_problem_now with (security_invoker = true) as
select ente_id, import_id, line, verdict, code, column_name from import_row where verdict in (2, 3)
-- ;;
grant select on import_problem_now to bonario_app
-- ;;
-- module: audit
create view campaign_fact_now with (security_invoker = true) as
select ente_id, leaf_id, at, kind, actor, row_count, facts from audit_leaf where kind like 'campaign.%'
-- ;;
grant select on campaign_fact_now to bonario_app

-- What else the console's pages need over a million messages; measured by `npm run bench -- console`.
-- module: deliveries
-- A few at most, and asked for by the first page.
create index delivery_uncertain on delivery (ente_id, due_at) where state = 8
-- ;;
-- An index answers alone only for pages that were vacuumed, and a campaign at work changes a few per cent of the table.
alter table delivery set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02)
-- ;;
-- module: notices
-- The campaign of the notice, so that the debts of a campaign are found without its notices.
alter table notice_line add column campaign_id uuid
-- ;;
-- The owner is bound by the tenants' policy, too: lifted for the one statement that carries over what is known.
alter table notice_line no force row level security
-- ;;
alter table notice no force row level security
-- ;;
update notice_line l set campaign_id = n.campaign_id
from notice n where n.ente_id = l.ente_id and n.notice_id = l.notice_id
-- ;;
alter table notice force row level security
-- ;;
alter table notice_line force row level security
-- ;;
alter table notice_line alter column campaign_id set not null
-- ;;
create index notice_line_campaign on notice_line (ente_id, campaign_id, notice_id, debt_id)
-- ;;
create or replace view notice_line_now with (security_invoker = true) as
select ente_id, campaign_id, notice_id, debt_id from notice_line
-- ;;
-- It served the way from a line to its campaign.
drop index notice_tally

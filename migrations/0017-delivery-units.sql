-- module: deliveries
-- What the provider bills of a message: the segments of an SMS, one of anything else. Null until it is handed over, and
-- for text messages that went out before this was kept.
alter table delivery add column units smallint
-- ;;
-- Never accepted, and the provider asked not to be tried before: legal time.
alter table delivery add column retry_at timestamptz
-- ;;
create or replace view delivery_now with (security_invoker = true) as
select ente_id, delivery_id, notice_id, step_no, attempt, campaign_id, debtor_id, contact_id, channel, state, reason, fault,
       due_at, handed_over_at, finished_at, coalesce(units, case when channel <> 'sms' then 1 end) as units, retry_at
from delivery

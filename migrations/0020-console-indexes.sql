-- module: deliveries
-- What progress and results count of a campaign is read from the index alone (docs/performance.md, the console).
drop index delivery_campaign
-- ;;
create index delivery_campaign on delivery (ente_id, campaign_id, state)
  include (notice_id, debtor_id, channel, step_no, due_at, handed_over_at, finished_at, reason, units)
-- ;;
-- module: notices
create index notice_tally on notice (ente_id, notice_id) include (campaign_id)
-- ;;
-- module: payments
create index receipt_paid on receipt (ente_id, paid_at) include (debt_id, amount_cents) where state = 'booked'

-- module: notices
-- The few notices that wait for what becomes of a delivery: the tick asks for them each time.
create index notice_waiting on notice (ente_id, notice_id) where state = 'active' and next_due_at is null
-- ;;
-- module: deliveries
create index delivery_failed on delivery (ente_id, notice_id) where state = 6

-- module: operators
-- For the day the telephone is lost: each code opens the console once, in the place of the app's. Keyed hashes only.
create table operator_recovery (
  ente_id integer not null,
  operator_id uuid not null,
  code_hash bytea not null,
  -- Real time, as everything about access; null: not used yet.
  used_real timestamptz,
  primary key (ente_id, operator_id, code_hash),
  foreign key (ente_id, operator_id) references operator
)
-- ;;
select protect_tenant_table('operator_recovery')
-- ;;
-- module: webhooks
-- The last outcomes of an endpoint are read by its page.
create index webhook_event_told on webhook_event (ente_id, endpoint_id, event_id desc) where attempts > 0

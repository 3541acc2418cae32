-- module: platform
-- What was last read of each body, numbers and codes only: row-level security lets nobody count over all bodies at once.
create table operations_reading (
  ente_id integer primary key,
  reading jsonb not null
)
-- ;;
grant select, insert, update, delete on operations_reading to bonario_app
-- ;;
-- module: notices
create view notice_created_now with (security_invoker = true) as
select ente_id, notice_id, created_at from notice
-- ;;
grant select on notice_created_now to bonario_app

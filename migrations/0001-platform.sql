-- module: platform
-- The role of every transaction of the program: owns nothing, bound by row-level security (architecture §4.3).
do $$
begin
  if not exists (select from pg_roles where rolname = 'bonario_app') then
    create role bonario_app nologin;
  end if;
end
$$
-- ;;
grant usage on schema public to bonario_app
-- ;;
-- The program looks at start whether it is the version the schema was made for.
grant select on schema_migration to bonario_app
-- ;;
-- One door for the policy, so that no table can get a different one. `nullif`: after a tenant transaction the setting
-- comes back as an empty string, not as null (data-engine §3).
create function protect_tenant_table(name text) returns void language plpgsql as $$
begin
  execute format('alter table %I enable row level security', name);
  execute format('alter table %I force row level security', name);
  execute format(
    'create policy tenant on %I using (ente_id = nullif(current_setting(''app.ente_id'', true), '''')::int)
     with check (ente_id = nullif(current_setting(''app.ente_id'', true), '''')::int)', name);
  execute format('grant select, insert, update, delete on %I to bonario_app', name);
end
$$
-- ;;
-- module: creditors
-- What must be known before the tenant is: ids only (architecture §4.3).
create table tenant (
  ente_id integer primary key,
  slug text not null unique check (slug ~ '^[a-z0-9-]{2,60}$')
)
-- ;;
grant select, insert on tenant to bonario_app
-- ;;
-- module: deliveries
-- The earliest instant (legal time) at which a body has work; idle bodies have no row and cost nothing.
create table tenant_due (
  ente_id integer primary key,
  next_at timestamptz not null
)
-- ;;
grant select, insert, update, delete on tenant_due to bonario_app
-- ;;
-- module: creditors
-- One row: proves at start that the master key is the one this data was written with.
create table installation (
  only_row boolean primary key default true check (only_row),
  key_check bytea not null
)
-- ;;
grant select, insert on installation to bonario_app

-- module: audit
-- A leaf is written once and never again: that it waits for a seal, and its place in one, are told apart from it, in rows
-- so slim that sealing costs a tenth (docs/performance.md).
create table audit_unsealed (
  ente_id integer not null,
  leaf_id uuid not null,
  -- Sealing reads them as one piece.
  digest bytea not null check (octet_length(digest) = 32),
  primary key (ente_id, leaf_id)
)
-- ;;
select protect_tenant_table('audit_unsealed')
-- ;;
revoke update on audit_unsealed from bonario_app
-- ;;
-- The leaves of a seal in the order of record.
create table audit_order (
  ente_id integer not null,
  seal_no integer not null,
  leaf_ids uuid[] not null,
  primary key (ente_id, seal_no)
)
-- ;;
select protect_tenant_table('audit_order')
-- ;;
revoke update, delete on audit_order from bonario_app
-- ;;
-- Ids hardly compress.
alter table audit_order alter column leaf_ids set storage external
-- ;;
-- The owner is bound by the tenants' policy, too: lifted for the statements that carry over what is known.
alter table audit_leaf no force row level security
-- ;;
alter table audit_unsealed no force row level security
-- ;;
alter table audit_order no force row level security
-- ;;
insert into audit_unsealed (ente_id, leaf_id, digest) select ente_id, leaf_id, digest from audit_leaf where seal_no is null
-- ;;
insert into audit_order (ente_id, seal_no, leaf_ids)
select ente_id, seal_no, array_agg(leaf_id order by position) from audit_leaf where seal_no is not null group by ente_id, seal_no
-- ;;
alter table audit_order force row level security
-- ;;
alter table audit_unsealed force row level security
-- ;;
alter table audit_leaf force row level security
-- ;;
drop view audit_leaf_now
-- ;;
-- Two places that say it could differ; and nobody has a reason to update a leaf any more. Their indexes go with them.
alter table audit_leaf drop column seal_no, drop column position
-- ;;
create view audit_leaf_now with (security_invoker = true) as
select ente_id, leaf_id, at, kind, actor, row_count, facts from audit_leaf
-- ;;
grant select on audit_leaf_now to bonario_app
-- ;;
create view audit_unsealed_now with (security_invoker = true) as
select ente_id, leaf_id from audit_unsealed
-- ;;
grant select on audit_unsealed_now to bonario_app

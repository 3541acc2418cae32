-- module: audit
-- A leaf is written in the fact's own transaction and is not chained; sealing gives it its place (architecture §4.10).
create table audit_leaf (
  ente_id integer not null,
  leaf_id uuid not null,
  at timestamptz not null,
  kind text not null,
  actor text not null,
  -- How many rows the fact touched, and the digest of its ordered rows; ids and commitments only, never personal data.
  row_count integer not null,
  facts jsonb not null,
  digest bytea not null,
  seal_no integer,
  position integer,
  primary key (ente_id, leaf_id)
)
-- ;;
select protect_tenant_table('audit_leaf')
-- ;;
revoke update, delete on audit_leaf from bonario_app
-- ;;
grant update (seal_no, position) on audit_leaf to bonario_app
-- ;;
create index audit_leaf_unsealed on audit_leaf (ente_id, leaf_id) where seal_no is null
-- ;;
create index audit_leaf_sealed on audit_leaf (ente_id, seal_no, position)
-- ;;
create table audit_seal (
  ente_id integer not null,
  seal_no integer not null,
  sealed_at timestamptz not null,
  leaf_count integer not null,
  merkle_root bytea not null,
  previous bytea not null,
  chained bytea not null,
  primary key (ente_id, seal_no)
)
-- ;;
select protect_tenant_table('audit_seal')
-- ;;
revoke update, delete on audit_seal from bonario_app

-- module: deliveries
-- What a provider's own reference stands for: a receipt comes with that alone, before the tenant is known; ids only (§4.3).
create table provider_ref (
  provider text not null,
  ref text not null,
  ente_id integer not null,
  delivery_id uuid not null,
  at_real timestamptz not null,
  primary key (provider, ref)
)
-- ;;
grant select, insert, update, delete on provider_ref to bonario_app

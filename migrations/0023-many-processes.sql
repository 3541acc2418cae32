-- module: platform
-- Who does what must be done by one process alone. Real time: a holder that does not renew loses it (platform/leases).
create table leader_lease (
  task text primary key,
  holder uuid not null,
  until_real timestamptz not null
)
-- ;;
grant select, insert, update, delete on leader_lease to bonario_app
-- ;;
-- Which bodies a coarse round has to look at, so that those where nothing happens cost it nothing: ids and instants.
create table tenant_chore (
  task text not null,
  ente_id integer not null,
  -- Real time, both: when something last happened in the body, and when to look at it next.
  touched_real timestamptz not null,
  at_real timestamptz not null,
  primary key (task, ente_id)
)
-- ;;
create index tenant_chore_due on tenant_chore (task, at_real)
-- ;;
grant select, insert, update, delete on tenant_chore to bonario_app
-- ;;
-- module: deliveries
-- What all processes together have taken from a provider's rate: counts and instants.
create table provider_rate (
  provider text primary key,
  -- How many messages may go at `at_real`.
  tokens double precision not null,
  -- By the database's own clock: those of several machines differ by more than a batch takes.
  at_real timestamptz not null,
  -- The legal day in Rome and what was taken of its budget.
  day date not null,
  taken integer not null,
  -- Per process: how many of its messages may be on the wire, and until when it is believed alive.
  wire jsonb not null
)
-- ;;
grant select, insert, update, delete on provider_rate to bonario_app
-- ;;
-- Whether a channel has anything due is asked once a second, beside a million due messages of another.
create index delivery_due_channel on delivery (ente_id, channel, due_at) where state = 0

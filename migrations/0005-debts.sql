-- module: debts
create table intake_profile (
  ente_id integer not null references ente,
  credit_type text not null,
  version integer not null,
  mapping jsonb not null,
  primary key (ente_id, credit_type, version),
  foreign key (ente_id, credit_type) references credit_type
)
-- ;;
select protect_tenant_table('intake_profile')
-- ;;
create table import (
  ente_id integer not null references ente,
  import_id uuid not null,
  credit_type text not null,
  file_name text not null,
  file_sha256 text not null,
  state text not null check (state in ('staging', 'staged', 'committing', 'committed', 'discarded')),
  -- Key of the staged rows, wrapped by the body's; destroyed when rejected rows are no longer needed.
  key_wrapped bytea,
  header bytea,
  rows integer not null default 0,
  accepted integer not null default 0,
  rejected integer not null default 0,
  quarantined integer not null default 0,
  created integer not null default 0,
  changed integer not null default 0,
  unchanged integer not null default 0,
  operator_id uuid not null,
  at timestamptz not null,
  primary key (ente_id, import_id),
  foreign key (ente_id, credit_type) references credit_type
)
-- ;;
select protect_tenant_table('import')
-- ;;
create index import_file on import (ente_id, credit_type, file_sha256)
-- ;;
-- Staged rows, ciphertext; accepted ones leave when they have become debts, the others stay to be corrected.
create table import_row (
  ente_id integer not null,
  import_id uuid not null,
  line integer not null,
  -- 1 accepted, 2 rejected, 3 quarantined
  verdict smallint not null,
  code text,
  column_name text,
  content bytea not null,
  primary key (ente_id, import_id, line),
  foreign key (ente_id, import_id) references import
)
-- ;;
select protect_tenant_table('import_row')
-- ;;
create table debt (
  ente_id integer not null,
  debt_id uuid not null,
  debtor_id uuid not null,
  credit_type text not null,
  -- The body's own id of the position: the same row of a later file is found again by it.
  external_id text not null,
  import_id uuid not null,
  line integer not null,
  tax_year integer,
  installment_no integer,
  due_date date not null,
  -- Last day to serve the formal act (R01); null where none is known. Moved by no message (R03).
  decadence_deadline date,
  -- Description, property, bill number: encrypted with the person's key.
  details bytea not null,
  imported_notice_number text,
  -- Sums of the committed entries, kept by the one function that writes entries.
  due_cents bigint not null,
  paid_cents bigint not null,
  primary key (ente_id, debt_id),
  unique (ente_id, credit_type, external_id),
  foreign key (ente_id, debtor_id) references debtor,
  foreign key (ente_id, credit_type) references credit_type,
  foreign key (ente_id, import_id) references import
)
-- ;;
select protect_tenant_table('debt')
-- ;;
create index debt_debtor on debt (ente_id, debtor_id)
-- ;;
create index debt_import on debt (ente_id, import_id)
-- ;;
create table debt_entry (
  ente_id integer not null,
  entry_id uuid not null,
  debt_id uuid not null,
  kind text not null check (kind in ('charge', 'adjustment', 'payment', 'relief')),
  component text not null,
  -- Charges and upward adjustments positive; payments and relief negative.
  amount_cents bigint not null,
  at timestamptz not null,
  source text not null,
  source_ref text not null,
  primary key (ente_id, entry_id),
  -- The same fact is booked once, however often it is told.
  unique (ente_id, debt_id, source, source_ref, component),
  foreign key (ente_id, debt_id) references debt
)
-- ;;
select protect_tenant_table('debt_entry')
-- ;;
-- What is owed, as everybody above reads it: a row appears when its import is flipped, its state follows its entries.
create view debt_now with (security_invoker = true) as
select d.ente_id, d.debt_id, d.debtor_id, d.credit_type, d.external_id, d.import_id, d.tax_year, d.installment_no, d.due_date,
       d.decadence_deadline, d.imported_notice_number, d.due_cents, d.paid_cents,
       greatest(d.due_cents - d.paid_cents, 0) as outstanding_cents,
       case when d.due_cents <= 0 then 'cancelled' when d.paid_cents >= d.due_cents then 'settled' else 'open' end as state,
       t.purpose_group, t.nature, t.health, t.office_id
from debt d
join import i on i.ente_id = d.ente_id and i.import_id = d.import_id and i.state = 'committed'
join credit_type_now t on t.ente_id = d.ente_id and t.code = d.credit_type
-- ;;
grant select on debt_now to bonario_app

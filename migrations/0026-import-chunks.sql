-- module: debts
-- Accepted rows on their way, many to a sealed piece: what is written once, read once and deleted costs a tenth of what
-- it did row by row (docs/performance.md). `import_row` keeps those that somebody may ask for singly.
create table import_chunk (
  ente_id integer not null,
  import_id uuid not null,
  first_line integer not null,
  rows integer not null,
  content bytea not null,
  primary key (ente_id, import_id, first_line),
  foreign key (ente_id, import_id) references import
)
-- ;;
select protect_tenant_table('import_chunk')
-- ;;
-- Ciphertext does not shrink.
alter table import_chunk alter column content set storage external

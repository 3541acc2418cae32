-- module: debts
-- Debts that the office has taken back as wrong, each until a later file names it again or the office says that it stands
-- (docs/adr/0010): nobody is asked to pay them. One row a recall, so that ending one leaves the other.
create table debt_doubt (
  ente_id integer not null,
  debt_id uuid not null,
  -- Of the recall.
  doubt_id uuid not null,
  since timestamptz not null,
  primary key (ente_id, debt_id, doubt_id)
)
-- ;;
select protect_tenant_table('debt_doubt')
-- ;;
create index debt_doubt_of on debt_doubt (ente_id, doubt_id)
-- ;;
create view debt_doubt_now with (security_invoker = true) as select ente_id, debt_id, doubt_id from debt_doubt
-- ;;
grant select on debt_doubt_now to bonario_app
-- ;;
-- When the program found it left half done, by a process that was gone; null: never.
alter table import add column interrupted_at timestamptz
-- ;;
-- module: campaigns
-- Whether the debts themselves may be wrong.
alter table recall add column doubts boolean not null default false
-- ;;
-- How far its corrections are prepared (`recall-prepare.ts`); null: everybody touched is still to be found.
alter table recall add column preparation jsonb
-- ;;
-- What an older version began it prepared at once. The owner is bound by the tenants' policy, too: lifted for the statement.
alter table recall no force row level security
-- ;;
update recall set preparation = '{"people": 0, "ready": 0, "upTo": null, "queued": 0}' where in_flight is not null
-- ;;
alter table recall force row level security
-- ;;
create index recall_notice_debtor on recall_notice (ente_id, recall_id, debtor_id)

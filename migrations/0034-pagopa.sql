-- module: payments
-- Which body a call of the pagoPA node is for: it names the body by its tax code, before anything else is known.
create table pagopa_body (
  fiscal_code text primary key,
  ente_id integer not null unique
)
-- ;;
grant select, insert, update, delete on pagopa_body to bonario_app
-- ;;
-- The stations that pagoPA knows for the body. The node reaches us by tax code and segregation code: a call that names
-- another station or broker was meant for somebody else's system.
create table station (
  ente_id integer not null,
  station_id text not null,
  broker_fiscal_code text not null,
  -- Codes of the notice numbers it answers for.
  segregation_codes text[] not null,
  active boolean not null default true,
  primary key (ente_id, station_id)
)
-- ;;
select protect_tenant_table('station')
-- ;;
-- How the money came, what the payer was charged beyond it, and the document it was told with, sealed with a key of its own,
-- wrapped by the body's: of some receipts nobody here knows the person.
alter table receipt
  add column channel text not null default 'api'
    check (channel in ('pagopa', 'api', 'file', 'counter', 'post', 'f24', 'directDebit')),
  add column creditor_reference text,
  add column fee_cents bigint,
  add column stand_in boolean not null default false,
  -- False: another receipt had been booked for the same notice; its money is to be given back.
  add column first_of_notice boolean not null default true,
  add column document bytea,
  add column document_key bytea,
  add column note text,
  drop constraint receipt_state_check,
  -- `shared`: the notice is another body's, and ours is one of its transfers.
  add constraint receipt_state_check check (state in ('booked', 'quarantined', 'shared'))
-- ;;
create index receipt_notice on receipt (ente_id, notice_number)
-- ;;
-- The transfers a receipt is made of: what the bank credits, one by one (pagopa §11, §12).
create table receipt_transfer (
  ente_id integer not null,
  receipt_id text not null,
  transfer_no smallint not null check (transfer_no between 1 and 5),
  beneficiary_fiscal_code text not null,
  amount_cents bigint not null check (amount_cents > 0),
  -- Null for a stamp, which no bank transfer follows.
  iban text,
  category text not null,
  primary key (ente_id, receipt_id, transfer_no),
  foreign key (ente_id, receipt_id) references receipt
)
-- ;;
select protect_tenant_table('receipt_transfer')
-- ;;
create view receipt_transfer_now with (security_invoker = true) as
select t.ente_id, t.receipt_id, t.transfer_no, t.beneficiary_fiscal_code, t.amount_cents, t.iban, t.category,
       r.creditor_reference, r.notice_number, r.debt_id, r.paid_at, r.channel, r.state, r.stand_in
from receipt_transfer t join receipt r on r.ente_id = t.ente_id and r.receipt_id = t.receipt_id
-- ;;
grant select on receipt_transfer_now to bonario_app
-- ;;
-- Money that came beyond what was owed: proposed to whoever keeps the accounts, who decides and is named.
create table refund (
  ente_id integer not null,
  refund_id uuid not null,
  receipt_id text not null,
  debt_id uuid,
  amount_cents bigint not null check (amount_cents > 0),
  reason text not null check (reason in ('excess', 'paidTwice', 'cancelledDebt')),
  state text not null check (state in ('proposed', 'ordered', 'dismissed')),
  proposed_at timestamptz not null,
  decided_by uuid,
  decided_at timestamptz,
  note text,
  primary key (ente_id, refund_id),
  unique (ente_id, receipt_id),
  foreign key (ente_id, receipt_id) references receipt
)
-- ;;
select protect_tenant_table('refund')
-- ;;
create index refund_open on refund (ente_id, proposed_at) where state = 'proposed'

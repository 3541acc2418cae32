-- module: payments
-- What a PSP says it has paid over to the body with one bank transfer, line by line (pagopa §12). What was published is
-- never changed: a correction comes as a higher revision, and takes its place.
create table remittance (
  ente_id integer not null,
  remittance_id uuid not null,
  -- Names the day and the PSP: a bank writes it into the text of the transfer.
  flow_id text not null,
  -- Null of a flow that came as a file: those follow each other by the instant they were made.
  revision bigint,
  source text not null check (source in ('api', 'xml')),
  psp text not null,
  sender text not null,
  made_at timestamptz not null,
  regulation_id text not null,
  regulation_date date not null,
  declared_count bigint not null,
  declared_cents bigint not null,
  counted_count bigint not null,
  -- By the code of each line: what was revoked is taken off.
  counted_cents bigint not null,
  -- `inconsistent`: what it declares is not what it holds. It is kept, and nothing is matched with it.
  state text not null check (state in ('consistent', 'inconsistent', 'superseded')),
  published_at timestamptz,
  loaded_at timestamptz not null,
  sha256 bytea not null,
  primary key (ente_id, remittance_id)
)
-- ;;
select protect_tenant_table('remittance')
-- ;;
-- Banks write text in capitals.
create unique index remittance_current on remittance (ente_id, upper(flow_id)) where state <> 'superseded'
-- ;;
create index remittance_flow on remittance (ente_id, flow_id)
-- ;;
create index remittance_published on remittance (ente_id, published_at) where source = 'api'
-- ;;
create table remittance_line (
  ente_id integer not null,
  remittance_id uuid not null,
  line_no integer not null,
  iuv text not null,
  iur text,
  transfer_no smallint,
  amount_cents bigint not null check (amount_cents > 0),
  pay_status text not null check (pay_status in ('executed', 'revoked', 'standIn', 'standInNoRpt', 'noRpt')),
  pay_date date not null,
  -- `elsewhere`: a number that none of our systems gave out. `void`: of a flow that is inconsistent or superseded.
  state text not null check (state in ('open', 'matched', 'anomaly', 'elsewhere', 'void')),
  -- Why it is an anomaly, or what to look at although it is matched.
  reason text,
  primary key (ente_id, remittance_id, line_no),
  foreign key (ente_id, remittance_id) references remittance
)
-- ;;
select protect_tenant_table('remittance_line')
-- ;;
create index remittance_line_unmatched on remittance_line (ente_id, iur) where state in ('open', 'anomaly', 'elsewhere')
-- ;;
-- A journal of the treasury bank (giornale di cassa), or a page of one.
create table treasury_journal (
  ente_id integer not null,
  journal_id text not null,
  sha256 bytea not null,
  -- Of the texts of its movements, wrapped by the body's.
  text_key bytea not null,
  movement_count integer not null,
  loaded_at timestamptz not null,
  primary key (ente_id, journal_id)
)
-- ;;
select protect_tenant_table('treasury_journal')
-- ;;
-- Money that came in, or that was taken back from what had come in.
create table treasury_movement (
  ente_id integer not null,
  -- What the bank calls it, whichever journal tells of it.
  movement_key text not null,
  journal_id text not null,
  movement_no text not null,
  -- What a movement that takes back names again; null where the bank gave no number.
  document text,
  booked_on date not null,
  value_on date,
  -- Negative: takes back.
  amount_cents bigint not null check (amount_cents <> 0),
  -- As the bank wrote it: sometimes with the names of people, so sealed.
  text bytea not null,
  -- What the text refers to: the places where a flow's id may end, parted by blanks, in capitals; or an IUV.
  flow_ids text,
  iuv text,
  -- `reversed`: taken back, or what takes back. `elsewhere`: no credit of pagoPA, or of another system of the body.
  state text not null check (state in ('open', 'matched', 'anomaly', 'elsewhere', 'reversed')),
  reason text,
  primary key (ente_id, movement_key),
  foreign key (ente_id, journal_id) references treasury_journal
)
-- ;;
select protect_tenant_table('treasury_movement')
-- ;;
create index treasury_movement_unmatched on treasury_movement (ente_id, booked_on)
  where state in ('open', 'anomaly', 'elsewhere')
-- ;;
-- A transfer of a receipt is matched with a line of a flow, a flow with the bank's credit; where the bank credits a payment
-- alone, its transfer is matched with the credit.
create table match (
  ente_id integer not null,
  match_id uuid not null,
  rule text not null check (rule in ('keys', 'iuv', 'flow', 'singleCredit', 'manual')),
  -- One that is not is made anew each time: by then something better may have come.
  sure boolean not null,
  -- By hand: one person proposes, another approves.
  state text not null check (state in ('held', 'proposed', 'refused', 'freed')),
  remittance_id uuid,
  line_no integer,
  movement_key text,
  receipt_id text,
  transfer_no smallint,
  amount_cents bigint not null,
  matched_at timestamptz not null,
  reason text,
  proposed_by uuid,
  decided_by uuid,
  decided_at timestamptz,
  primary key (ente_id, match_id),
  foreign key (ente_id, remittance_id) references remittance,
  foreign key (ente_id, movement_key) references treasury_movement,
  foreign key (ente_id, receipt_id, transfer_no) references receipt_transfer
)
-- ;;
select protect_tenant_table('match')
-- ;;
create unique index match_line on match (ente_id, remittance_id, line_no) where state = 'held' and line_no is not null
-- ;;
create unique index match_remitted on match (ente_id, receipt_id, transfer_no) where state = 'held' and line_no is not null
-- ;;
create unique index match_movement on match (ente_id, movement_key) where state = 'held'
-- ;;
create unique index match_flow on match (ente_id, remittance_id) where state = 'held' and line_no is null
-- ;;
create unique index match_credited on match (ente_id, receipt_id, transfer_no) where state = 'held' and line_no is null
-- ;;
create index match_unsure on match (ente_id, match_id) where state = 'held' and not sure
-- ;;
create index match_proposed on match (ente_id, matched_at) where state = 'proposed'

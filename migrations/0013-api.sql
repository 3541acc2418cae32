-- module: webhooks
-- Where a program of the body is told what happens. The secret of the signatures is sealed with a key of its own.
create table webhook_endpoint (
  ente_id integer not null,
  endpoint_id uuid not null,
  url text not null,
  kinds text[] not null,
  key_wrapped bytea not null,
  secret bytea not null,
  active boolean not null,
  created_at timestamptz not null,
  primary key (ente_id, endpoint_id)
)
-- ;;
select protect_tenant_table('webhook_endpoint')
-- ;;
-- The outbox: written in the transaction of the fact, so that no fact goes untold and nothing undone is told. One row per
-- event and endpoint; ids and amounts only, nobody's name.
create table webhook_event (
  ente_id integer not null,
  endpoint_id uuid not null,
  event_id uuid not null,
  kind text not null,
  subject_id uuid not null,
  body text not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'givenUp')),
  attempts integer not null default 0,
  last_status integer,
  -- Real time (architecture §4.1): a simulation must not hurry a server of somebody else.
  first_try_real timestamptz,
  next_try_real timestamptz not null,
  primary key (ente_id, endpoint_id, event_id),
  foreign key (ente_id, endpoint_id) references webhook_endpoint
)
-- ;;
select protect_tenant_table('webhook_event')
-- ;;
create index webhook_event_due on webhook_event (ente_id, next_try_real) where state = 'waiting'
-- ;;
-- A message bounces once, however often its signals are folded.
create unique index webhook_event_bounced on webhook_event (ente_id, endpoint_id, subject_id) where kind = 'delivery.bounced'
-- ;;
-- What a program was answered under its Idempotency-Key, kept for a day: sealed, for an answer may hold what it had sent.
create table api_request (
  ente_id integer not null,
  api_key_id uuid not null,
  idempotency_key text not null,
  request_sha256 bytea not null,
  work_id uuid not null,
  started_real timestamptz not null,
  -- Null: still at work, or cut short by a crash.
  status smallint,
  key_wrapped bytea,
  answer bytea,
  primary key (ente_id, api_key_id, idempotency_key)
)
-- ;;
select protect_tenant_table('api_request')
-- ;;
create index api_request_started on api_request (ente_id, started_real)
-- ;;
-- module: deliveries
-- Pages of the API go by key.
create index delivery_campaign_page on delivery (ente_id, campaign_id, delivery_id)
-- ;;
-- module: disputes
-- The citizen's words, still sealed with the person's key: for whoever has to answer them.
create view dispute_words_now with (security_invoker = true) as
select ente_id, dispute_id, debtor_id, statement, answer from dispute
-- ;;
grant select on dispute_words_now to bonario_app

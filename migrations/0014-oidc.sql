-- module: conversations
-- The body's aggregator for SPID and CIE (OpenID Connect). `ways`: per way what is asked for and what is taken as level 2.
create table sign_in_provider (
  ente_id integer not null references ente,
  issuer text not null,
  client_id text not null,
  client_auth text not null check (client_auth in ('secretBasic', 'secretPost', 'privateKeyJwt')),
  -- The secret or the private key (PKCS #8), sealed with a key of its own that the body's wraps.
  key_wrapped bytea not null,
  secret bytea not null,
  scope text not null,
  fiscal_number_claims text[] not null,
  ways jsonb not null,
  primary key (ente_id)
)
-- ;;
select protect_tenant_table('sign_in_provider')
-- ;;
-- A sign-in on its way, in real time: keyed hashes only. `nonce` and code verifier are derived again from the browser's
-- cookie and the state, so nothing here lets anybody finish it.
create table sign_in (
  ente_id integer not null,
  state_hash bytea not null,
  browser_hash bytea not null,
  way text not null check (way in ('spid', 'cie')),
  started_real timestamptz not null,
  primary key (ente_id, state_hash)
)
-- ;;
select protect_tenant_table('sign_in')
-- ;;
-- A session of level `oidc` may come without any message, and belongs to a person who may owe nothing here.
alter table portal_session drop constraint portal_session_level_check
-- ;;
alter table portal_session add constraint portal_session_level_check check (level in ('oidc', 'link', 'identified'))
-- ;;
alter table portal_session
  alter column notice_id drop not null,
  alter column contact_id drop not null,
  alter column debtor_id drop not null,
  alter column delivery_id drop not null
-- ;;
alter table portal_session add constraint portal_session_message check (level = 'oidc'
  or (notice_id is not null and contact_id is not null and debtor_id is not null and delivery_id is not null))

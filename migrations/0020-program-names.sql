-- module: operators
-- The register names the program that acted.
create view api_key_now with (security_invoker = true) as
select ente_id, api_key_id, label from api_key
-- ;;
grant select on api_key_now to bonario_app

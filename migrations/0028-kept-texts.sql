-- module: deliveries
-- The words of a message are written once and the message's state many times: they are kept apart from the row, whole
-- (ciphertext does not compress), so that a change of state does not write them again (docs/performance.md).
alter table delivery alter column text_content set storage external
-- ;;
alter table delivery set (toast_tuple_target = 256)

-- module: notices
-- As before, but the planner is not led to believe that one address in two hundred is fit: then it looked up
-- each person singly (docs/performance.md, the tick). Null credits fit no address.
create or replace view fit_contact with (security_invoker = true) as
select n.ente_id, n.notice_id, c.contact_id, c.channel, c.address_lookup,
       n.campaign_id, n.debtor_id, n.purpose_group, n.state, n.next_step, n.next_attempt, n.next_due_at
from notice n
join contact_now c on c.ente_id = n.ente_id and c.debtor_id = n.debtor_id
  and not c.dead and not c.erased and not c.deceased and not c.minor and coalesce(n.credit_types <@ c.purposes, false)
where not exists (
  select from hold_now h where h.ente_id = n.ente_id and h.subject_kind = 'address' and h.subject = c.address_lookup
    and h.until is null)

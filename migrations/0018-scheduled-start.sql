-- module: campaigns
alter table campaign drop constraint campaign_state_check
-- ;;
alter table campaign add constraint campaign_state_check
  check (state in ('draft', 'inApproval', 'approved', 'scheduled', 'running', 'paused', 'completed', 'recalled', 'stopped'))
-- ;;
-- Legal instant of a start that was set for later. Kept until its plan is made, so that a crash in between loses nothing.
alter table campaign add column start_at timestamptz
-- ;;
-- Why a start that was set for later did not happen, until somebody proposes the campaign anew.
alter table campaign add column start_refused jsonb

export { type Leader, makeLeader, soleLeader } from './leader.ts';
export { doneChore, dueChores, type TenantChore, touchChores } from './tenant-chores.ts';

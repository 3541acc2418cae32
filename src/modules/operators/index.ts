export {
  API_ROLES,
  type ApiRole,
  apiKeyByKey,
  createApiKey,
  createOperator,
  enteOfKey,
  listOperators,
  type Operator,
  operatorByKey,
  ROLES,
  type Role,
  requireRole,
  withdrawApiKey,
  withdrawOperator,
} from './operators.store.ts';
export { MIN_PASSWORD } from './passwords.ts';
export {
  addOperator,
  changeRoles,
  listPeople,
  type Managing,
  type Person,
  reactivateOperator,
  resetAccess,
  suspendOperator,
} from './people.ts';
export { type ApiKey, addApiKey, listApiKeys, revokeApiKey } from './programs.ts';
export { recoveryCodesLeft } from './recovery-codes.ts';
export {
  closeOperatorSession,
  enteOfOperatorSession,
  findOperatorSession,
  openOperatorSession,
  sweepOperatorAccess,
} from './sign-in.store.ts';
export {
  type Enrolment,
  type EnrolmentFault,
  enrol,
  enteOfInvitation,
  type Invitation,
  inviteOperator,
  openInvitation,
  renewRecoveryCodes,
  type SignInDeps,
  signIn,
} from './sign-in.ts';

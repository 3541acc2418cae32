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
  type SignInDeps,
  signIn,
} from './sign-in.ts';

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
} from './operators.store.ts';

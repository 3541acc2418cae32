export { digestOfIds, type Facts, type Seal, sealNext, sealsAfter, writeLeaf } from './audit.store.ts';
export { exportSeal, readExportedSeals } from './exported-roots.ts';
export { type VerifyReport, verifyAudit } from './verify-audit.ts';

export {
  digestOfIds,
  type Facts,
  type Seal,
  sealNext,
  sealsAfter,
  type VerifyReport,
  verifyAudit,
  writeLeaf,
} from './audit.store.ts';
export { exportSeal, readExportedSeals } from './exported-roots.ts';

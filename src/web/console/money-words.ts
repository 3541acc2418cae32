import type { Bucket, Side } from '../../modules/payments/index.ts';

export const SIDES: readonly Side[] = ['transfers', 'lines', 'flows', 'credits'];
export const BUCKETS: readonly Bucket[] = ['matched', 'open', 'anomaly', 'elsewhere', 'reversed'];

const SIDE_WORDS: Readonly<Record<Side, string>> = {
  transfers: 'Versamenti delle ricevute',
  lines: 'Righe dei flussi',
  flows: 'Flussi',
  credits: 'Accrediti in tesoreria',
};

const BUCKET_WORDS: Readonly<Record<Bucket, string>> = {
  matched: 'abbinati',
  open: 'in attesa',
  anomaly: 'anomalie',
  elsewhere: 'di altri sistemi',
  reversed: 'stornati',
};

const KIND_WORDS: Readonly<Record<string, string>> = {
  notRemitted: 'nessun flusso la rendiconta',
  creditMissing: 'l’accredito non è arrivato',
  inconsistent: 'i totali del flusso non tornano',
  amountDiffers: 'importo diverso',
  receiptMissing: 'manca la ricevuta',
  withoutIur: 'senza identificativo della riscossione',
  revoked: 'pagamento revocato',
  flowMissing: 'manca il flusso',
  manual: 'abbinato a mano',
};

export const sideWords = (side: Side): string => SIDE_WORDS[side];
export const bucketWords = (bucket: Bucket): string => BUCKET_WORDS[bucket];
/** The program's own word where there is none for people. */
export const moneyKind = (kind: string): string => KIND_WORDS[kind] ?? kind;

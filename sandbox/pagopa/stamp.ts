import { euro, romeDateTime } from './texts.ts';
import type { Payment, Stamp, Transfer } from './types.ts';
import { branch, leaf } from './xml.ts';

const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';

/**
 * The stamp a PSP sells, base64 (pagopa §9). What it says is as real; the signature of the Agenzia delle Entrate's
 * certificate cannot be made here, and an empty one stands in its place.
 */
export function marcaDaBollo(transfer: Transfer, stamp: Stamp, { psp, receiptId, paidAt }: Payment): string {
  const written = branch(
    'marcaDaBollo',
    [
      branch('PSP', [leaf('CodiceFiscale', psp.fiscalCode), leaf('Denominazione', psp.name)]),
      leaf('IUBD', `${receiptId.slice(0, 12)}${transfer.id}`),
      leaf('OraAcquisto', romeDateTime(paidAt)),
      leaf('Importo', euro(transfer.amountCents)),
      leaf('TipoBollo', stamp.type),
      branch('ImprontaDocumento', [
        branch('DigestMethod', [], { Algorithm: SHA256 }),
        leaf('ds:DigestValue', stamp.documentHash),
      ]),
      '<ds:Signature/>',
    ],
    { xmlns: 'http://www.agenziaentrate.gov.it/2014/MarcaDaBollo', 'xmlns:ds': SIGNATURE },
  );
  return Buffer.from(written).toString('base64');
}

import { parseCivilDate } from '../../../../kernel/civil-date.ts';
import { CodedError } from '../../../../kernel/errors.ts';
import { romeInstant } from '../../../../kernel/rome-time.ts';
import { sealDocument } from '../../../../modules/payments/index.ts';
import type { StationBody } from './bodies.ts';
import { type NodeReceipt, type Request, readReceipt } from './read-request.ts';
import { Refused } from './refused.ts';
import type { StationDeps } from './station-deps.ts';
import { receiptTaken } from './write-answer.ts';

/**
 * A receipt of the node: stored first, answered after. The body whose notice it is books it; one that only shares in it
 * keeps its own transfers (pagopa §3.3). Told again it is answered as before.
 */
export async function takeReceiptOf(
  deps: StationDeps,
  body: StationBody,
  request: Request,
  raw: Uint8Array,
): Promise<string> {
  const receipt = readReceipt(request);
  if (!/^\S{1,70}$/.test(receipt.receiptId)) throw new Refused('PAA_SINTASSI_EXTRAXSD', 'receiptId');
  if (receipt.outcome !== 'OK' || receipt.amountCents === 0)
    throw new Refused('PAA_SEMANTICA', 'Pagamento non riuscito');
  const { idPA, idStation } = request.to;
  const shared = receipt.fiscalCode !== idPA;
  const transfers = shared ? receipt.transfers.filter((one) => one.fiscalCode === idPA) : receipt.transfers;
  if (transfers.length === 0) throw new Refused('PAA_SEMANTICA', 'Nessun versamento per questo ente');
  const { enteId } = body.ente;
  const input = {
    receiptId: receipt.receiptId,
    noticeNumber: receipt.noticeNumber,
    amountCents: shared ? transfers.reduce((sum, one) => sum + one.amountCents, 0) : receipt.amountCents,
    paidAt: paidAtOf(receipt, deps),
    psp: receipt.psp,
    details: {
      channel: 'pagopa' as const,
      creditorReference: receipt.creditorReference,
      feeCents: receipt.feeCents,
      standIn: receipt.standIn,
      transfers,
      document: sealDocument(deps.vaultOf(enteId), receipt.receiptId, Buffer.from(raw).toString('utf8')),
    },
  };
  const booked = await deps.takeReceipt(enteId, input, `station:${idStation}`, shared).catch((error: unknown) => {
    if (!(error instanceof CodedError) || error.code !== 'RECEIPT_CONFLICT') throw error;
    deps.log.warn({ receiptId: receipt.receiptId, enteId }, 'another receipt under a known id');
    throw new Refused('PAA_RECEIPT_DUPLICATA');
  });
  // Kept all the same, for a person to look at, and for the file that is still to be loaded.
  if (booked.status === 'quarantined') throw new Refused('PAA_PAGAMENTO_SCONOSCIUTO');
  return receiptTaken(request.operation);
}

function paidAtOf({ paidAt }: NodeReceipt, deps: StationDeps): number {
  if (paidAt === null) return deps.clock.now();
  const [, day = '', hours = '0', minutes = '0', seconds = '0', zone] =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(paidAt) ?? [];
  const time = `${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}:${seconds.padStart(2, '0')}`;
  const date = parseCivilDate(day);
  const at =
    zone !== undefined || deps.zone === 'utc'
      ? Date.parse(`${day}T${time}${zone ?? 'Z'}`)
      : date.ok
        ? romeInstant(date.value, Number(hours) * 60 + Number(minutes)) + Number(seconds) * 1_000
        : Number.NaN;
  // A day that no calendar has.
  if (!date.ok || Number.isNaN(at)) throw new Refused('PAA_SINTASSI_EXTRAXSD', 'paymentDateTime');
  return at;
}

import { paymentProblems, readPayment, readVerified, type Verified, verifyProblems } from './answers.ts';
import type { Registry } from './registry.ts';
import { type Addressee, type Demand, demandRequest, type GetDetails, getRequest, verifyRequest } from './requests.ts';
import type { Heard, StationCall } from './station-calls.ts';
import type { NodeAnswer, NodeFault, Notice, Payment, PaymentData } from './types.ts';
import { textOf, type XmlElement } from './xml.ts';

/** Positions that PagoPA keeps: for bodies on GPD to answer from, for the others to stand in with (pagopa §7, §8). */
export interface PositionArchive {
  /** What is asked now; a `PAA_…` code where its state forbids payment; null when it is not there. */
  find(notice: Notice, why: 'gpd' | 'standIn'): PaymentData | string | null;
  paid(payment: Payment): void;
}

export interface Asked {
  readonly data: PaymentData;
  readonly standIn: boolean;
}

/** What is due for a notice: from its body, from GPD, or from ACA where the body does not answer. */
export interface AskCreditor {
  verify(notice: Notice): Promise<NodeAnswer<{ readonly shown: Verified }>>;
  get(notice: Notice, details: GetDetails): Promise<Asked | NodeFault>;
  /** From ACA, the body not asked. */
  kept(notice: Notice): Asked | NodeFault;
  demand(creditor: string, demand: Demand): Promise<NodeAnswer<{ readonly noticeNumber: string }>>;
}

export function makeAskCreditor(
  registry: Registry,
  archive: PositionArchive,
  call: (call: StationCall) => Promise<Heard>,
): AskCreditor {
  function addressee(notice: Notice): Addressee | NodeFault {
    if (registry.creditor(notice.creditor) === undefined) return { code: 'PPT_DOMINIO_SCONOSCIUTO' };
    const station = registry.stationOf(notice);
    if (station === undefined) return { code: 'PPT_STAZIONE_INT_PA_SCONOSCIUTA' };
    return { creditor: notice.creditor, station };
  }

  /** Stand-in needs a body that did not answer; one that said no has answered. */
  function insteadOf(heard: Heard, notice: Notice): PaymentData | null {
    if (heard.outcome !== 'timeout' && heard.outcome !== 'unreachable') return null;
    const kept = archive.find(notice, 'standIn');
    return typeof kept === 'string' ? null : kept;
  }

  return {
    async verify(notice) {
      const to = addressee(notice);
      if ('code' in to) return ko(to);
      if (to.station.url === null) {
        const found = archive.find(notice, 'gpd') ?? 'PAA_PAGAMENTO_SCONOSCIUTO';
        return typeof found === 'string' ? ko(fromCreditor(found)) : { outcome: 'OK', shown: shown(found) };
      }
      const heard = await call({
        operation: 'paVerifyPaymentNotice',
        to,
        request: verifyRequest(to, notice),
        noticeNumber: notice.noticeNumber,
        check: (answer) => verifyProblems(answer, notice.creditor),
      });
      if (heard.answer !== null) return { outcome: 'OK', shown: readVerified(heard.answer) };
      const kept = insteadOf(heard, notice);
      return kept === null ? ko(faultOf(heard)) : { outcome: 'OK', shown: shown(kept) };
    },
    async get(notice, details) {
      const to = addressee(notice);
      if ('code' in to) return to;
      if (to.station.url === null) {
        const found = archive.find(notice, 'gpd') ?? 'PAA_PAGAMENTO_SCONOSCIUTO';
        return typeof found === 'string' ? fromCreditor(found) : { data: found, standIn: false };
      }
      const version = to.station.version ?? 2;
      const heard = await call({
        operation: version === 1 ? 'paGetPayment' : 'paGetPaymentV2',
        to,
        request: getRequest(to, version, notice, details),
        noticeNumber: notice.noticeNumber,
        check(answer) {
          const data = readPayment(answer);
          return data === null ? ['data is missing'] : paymentProblems(data, notice, registry, details.transferType);
        },
      });
      const data = heard.answer === null ? null : readPayment(heard.answer);
      if (data !== null) return { data, standIn: false };
      const kept = insteadOf(heard, notice);
      return kept === null ? faultOf(heard) : { data: kept, standIn: true };
    },
    kept(notice) {
      const kept = archive.find(notice, 'standIn') ?? 'PAA_PAGAMENTO_SCONOSCIUTO';
      return typeof kept === 'string' ? fromCreditor(kept) : { data: kept, standIn: true };
    },
    async demand(creditor, demand) {
      const station = registry.creditor(creditor)?.stations.find(({ url }) => url !== null);
      if (station === undefined) return ko({ code: 'PPT_STAZIONE_INT_PA_SCONOSCIUTA' });
      const to = { creditor, station };
      const numberIn = (answer: XmlElement): string | undefined => textOf(answer, 'qrCode', 'noticeNumber');
      const heard = await call({
        operation: 'paDemandPaymentNotice',
        to,
        request: demandRequest(to, demand),
        noticeNumber: null,
        check: (answer) => [
          ...(numberIn(answer) === undefined ? ['qrCode is missing'] : []),
          ...verifyProblems(answer, creditor),
        ],
      });
      const noticeNumber = heard.answer === null ? undefined : numberIn(heard.answer);
      return noticeNumber === undefined ? ko(faultOf(heard)) : { outcome: 'OK', noticeNumber };
    },
  };
}

function shown({ amountCents, dueDate, description, companyName, officeName }: PaymentData): Verified {
  return { amountCents, dueDate, description, companyName, officeName, allCcp: false };
}

export function ko(fault: NodeFault): { readonly outcome: 'KO'; readonly fault: NodeFault } {
  return { outcome: 'KO', fault };
}

/** The payer's PSP sees the creditor's own code inside (pagopa §4). */
function fromCreditor(original: string): NodeFault {
  return { code: 'PPT_ERRORE_EMESSO_DA_PAA', original };
}

function faultOf({ outcome, faultCode }: Heard): NodeFault {
  if (outcome === 'KO') return fromCreditor(faultCode ?? '');
  if (outcome === 'timeout') return { code: 'PPT_STAZIONE_INT_PA_TIMEOUT' };
  if (outcome === 'unreachable') return { code: 'PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE' };
  return { code: 'PPT_STAZIONE_INT_PA_ERRORE_RESPONSE' };
}

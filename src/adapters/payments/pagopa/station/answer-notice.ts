import type { CivilDate } from '../../../../kernel/civil-date.ts';
import { isSensitive } from '../../../../modules/creditors/index.ts';
import { displayName, loadPersons, type Personal } from '../../../../modules/debtors/index.ts';
import { debtTitle } from '../../../../modules/debts/index.ts';
import { type NoticeAnswer, payableNotice, transfersOf } from '../../../../modules/payments/index.ts';
import { answersFor, type StationBody } from './bodies.ts';
import { type Request, readNotice } from './read-request.ts';
import { Refused } from './refused.ts';
import type { StationDeps } from './station-deps.ts';
import { type FaultCode, type NoticeDebtor, type NoticeToPay, paymentToMake, verified } from './write-answer.ts';

type Payable = Extract<NoticeAnswer, { readonly kind: 'payable' }>;

/** Why a notice cannot be paid, as the node says it to whoever tries (pagopa §4). */
const REFUSALS: Readonly<Record<Exclude<NoticeAnswer['kind'], 'payable'>, readonly [FaultCode, string?]>> = {
  unknown: ['PAA_PAGAMENTO_SCONOSCIUTO'],
  alreadyPaid: ['PAA_PAGAMENTO_DUPLICATO'],
  cancelled: ['PAA_PAGAMENTO_ANNULLATO'],
  overdue: ['PAA_PAGAMENTO_SCADUTO'],
  inDoubt: ['PAA_SEMANTICA', 'L’ente sta verificando l’importo'],
  notCollected: ['PAA_SEMANTICA', 'Il credito non è configurato per pagoPA'],
};

/**
 * Verify, get and the spontaneous demand: reads alone, so that they may be asked as often as the node likes. The amount is
 * that of this moment, whatever the notice or the request says (pagopa §6).
 */
export async function answerNotice(
  deps: StationDeps,
  body: StationBody,
  request: Request,
  today: CivilDate,
): Promise<string> {
  const { operation } = request;
  if (operation === 'paDemandPaymentNoticeRequest') throw new Refused('PAA_PAGAMENTO_SCONOSCIUTO');
  const { fiscalCode, noticeNumber, transferType } = readNotice(request);
  if (fiscalCode !== request.to.idPA) throw new Refused('PAA_ID_DOMINIO_ERRATO');
  if (!answersFor(body, request.to, noticeNumber)) throw new Refused('PAA_PAGAMENTO_SCONOSCIUTO');
  const { enteId } = body.ente;
  const found = await deps.db.tenant(
    enteId,
    async (tx) => {
      const payable = await payableNotice(tx, noticeNumber, body.rules.at(today));
      if (payable.kind !== 'payable') throw new Refused(...REFUSALS[payable.kind]);
      const debtor =
        operation === 'paVerifyPaymentNoticeReq'
          ? null
          : ((await loadPersons(tx, deps.vaultOf(enteId), [payable.debtorId])).get(payable.debtorId)?.personal ?? null);
      return { payable, debtor };
    },
    { prepared: true },
  );
  const notice = noticeToPay(body, noticeNumber, found.payable);
  if (operation === 'paVerifyPaymentNoticeReq') return verified(operation, notice);
  if (operation === 'paGetPaymentReq' || operation === 'paGetPaymentV2Request') {
    return paymentToMake(operation, notice, debtorOf(found.debtor), transferType);
  }
  throw new Refused('PAA_SEMANTICA');
}

function noticeToPay(body: StationBody, noticeNumber: string, payable: Payable): NoticeToPay {
  const { ente } = body;
  const type = body.creditTypes.get(payable.creditType);
  const office = ente.offices.find((one) => one.officeId === type?.officeId);
  // Health is told to nobody who does not need it, and a bank does not: the notice number says enough.
  const silent = type === undefined || isSensitive(type);
  const title = { tax_year: payable.taxYear, installment_no: payable.installmentNo };
  return {
    noticeNumber,
    amountCents: payable.amountCents,
    dueDate: payable.dueDate,
    description: silent ? `Avviso di pagamento ${noticeNumber}` : debtTitle(type.name, title),
    companyName: ente.name,
    officeName: silent ? null : (office?.name ?? null),
    fiscalCode: ente.codiceFiscale,
    transfers: transfersOf(payable.terms, { fiscalCode: ente.codiceFiscale, name: ente.name }, payable.amountCents),
  };
}

/** An erased person still owes: the node takes a debtor without a name. */
function debtorOf(personal: Personal | null): NoticeDebtor {
  if (personal === null) return { fiscalCode: null, fullName: '', streetName: null, postalCode: null, city: null };
  const { codiceFiscale, address: streetName, postalCode, city } = personal;
  const fiscalCode = /^[A-Z0-9]{2,16}$/.test(codiceFiscale) ? codiceFiscale : null;
  return { fiscalCode, fullName: displayName(personal), streetName, postalCode, city };
}

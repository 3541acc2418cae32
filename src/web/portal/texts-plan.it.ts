/** The part of the catalogue that speaks of receipts and of installments (C7). Joined into `texts` (texts.it.ts). */
import { type CivilDate, formatDateLong } from '../../kernel/civil-date.ts';
import { type Cents, formatEuro } from '../../kernel/money.ts';
import type { InstallmentView, PaymentView, PlanOfferView } from './dialogue.ts';

const percent = (bp: number) => `${(bp / 100).toLocaleString('it-IT', { maximumFractionDigits: 2 })}%`;

export const planTexts = {
  receipt: {
    title: 'Ricevuta di pagamento',
    back: 'Torna all’importo',
    lead: 'Questo pagamento è registrato presso l’ente.',
    listTitle: 'Pagamenti registrati',
    show: 'Vedi la ricevuta',
    body: 'Ente',
    subject: 'Oggetto',
    amount: 'Importo versato',
    fee: 'Commissione, trattenuta da chi ha eseguito il pagamento',
    paidAt: 'Data del pagamento',
    how: 'Come',
    psp: 'Chi ha eseguito il pagamento',
    notice: 'Numero dell’avviso',
    iuv: 'Identificativo del versamento (IUV)',
    id: 'Identificativo della ricevuta',
    print: 'Può stampare questa pagina, o salvarla, con i comandi del browser.',
    channels: {
      pagopa: 'pagoPA',
      api: 'comunicato all’ente',
      file: 'comunicato all’ente',
      counter: 'allo sportello',
      post: 'alla posta',
      f24: 'con modello F24',
      directDebit: 'con addebito sul conto',
    } satisfies Record<PaymentView['channel'], string>,
  },

  plan: {
    link: 'Pagare a rate',
    linkNote: 'Vede subito date e importi',
    title: 'Pagare a rate',
    back: 'Torna all’importo',
    lead: (cents: Cents, most: number) =>
      `Può dividere ${formatEuro(cents)} in rate, da 2 a ${most}. Ogni rata ha il suo avviso di pagamento.`,
    count: 'Quante rate?',
    option: (n: number) => `${n} rate`,
    show: 'Mostra le rate',
    previewTitle: (n: number) => `Le ${n} rate`,
    caption: 'Rate, con data e importo',
    no: 'Rata',
    due: 'Entro il',
    amount: 'Importo',
    state: 'Stato',
    total: 'In tutto',
    interest: (bp: number) => `Gli importi comprendono gli interessi, al tasso del ${percent(bp)} l’anno.`,
    noInterest: 'Non ci sono interessi.',
    rule: (basis: string) => `Regola applicata: ${basis}.`,
    automatic: 'Se conferma, il piano è subito attivo e l’avviso per l’intero importo non vale più.',
    decided:
      'Se conferma, la richiesta arriva all’ufficio, che Le risponde. Fino ad allora può pagare l’intero importo.',
    confirm: (n: number, automatic: boolean) => (automatic ? `Conferma: ${n} rate` : `Chiedi di pagare in ${n} rate`),
    tooMany: (most: number) => `Si può dividere in ${most} rate al massimo. Scelga di nuovo.`,
    refusal: {
      notOffered: 'Per questo importo le rate non sono previste.',
      openPlan: 'Per questo importo c’è già una richiesta di rate.',
      inDoubt: 'Su questo importo c’è stato un errore nostro e l’ufficio lo sta verificando. Per ora non deve pagare.',
      alreadyPaid: 'Questo importo risulta già pagato.',
      forfeited:
        'Il piano di rate di questo importo si è chiuso perché alcune rate non risultano pagate: non se ne può avere un altro.',
      notFound: 'Per questo importo le rate non sono previste.',
    } satisfies Record<Exclude<PlanOfferView['kind'], 'offered'>, string>,
    office: (office: string) => `Se è in difficoltà, può parlare con l’ufficio: ${office}.`,
    installmentTitle: (no: number, count: number) => `Rata ${no} di ${count}`,
    nextDue: (date: CivilDate, late: boolean) =>
      late ? `La scadenza era il ${formatDateLong(date)}` : `Entro il ${formatDateLong(date)}`,
    pay: (no: number) => `Paga la rata ${no}`,
    requested:
      'Abbiamo ricevuto la Sua richiesta di pagare a rate: l’ufficio Le risponderà. Intanto sospendiamo i promemoria.',
    accepted: 'Sta pagando questo importo a rate. Non riceverà promemoria per l’intero importo.',
    late: (n: number) =>
      n === 1
        ? 'Una rata è scaduta e non risulta pagata. Se può, la paghi ora; se non riesce, parli con l’ufficio.'
        : `${n} rate sono scadute e non risultano pagate. Se può, le paghi ora; se non riesce, parli con l’ufficio.`,
    refused: (reason: string | null) =>
      `L’ufficio non ha potuto accogliere la richiesta di rate${reason === null ? '.' : `: «${reason}»`}`,
    forfeited: 'Il piano di rate si è chiuso perché alcune rate non risultano pagate. Ora è dovuto quanto resta.',
    completed: 'Ha pagato tutte le rate.',
    states: { toPay: 'Da pagare', late: 'Scaduta', paid: 'Pagata' } satisfies Record<InstallmentView['state'], string>,
    rounded: 'L’importo si paga arrotondato all’euro, come prevede la legge per i tributi locali.',
  },
} as const;

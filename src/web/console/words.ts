import { formatDate, year } from '../../kernel/civil-date.ts';
import { romeDate, romeMinutes } from '../../kernel/rome-time.ts';
import type { BadgeLook } from '../ui/parts.tsx';

/** 07/09/2026, 10:05 */
export function when(at: number): string {
  const minutes = romeMinutes(at);
  const time = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
  return `${formatDate(romeDate(at))}, ${time}`;
}

/** "2026/1042": what the citizen quotes. */
export function numberText(row: { number: number; opened_at: number }): string {
  return `${year(romeDate(row.opened_at))}/${row.number}`;
}

export const DISPUTE_KINDS: Readonly<Record<string, string>> = {
  alreadyPaid: 'Ha già pagato',
  exempt: 'È esente',
  wrongAmount: 'Importo sbagliato',
  notUnderstood: 'Non capisce',
  other: 'Altro',
};

export const disputeKind = (kind: string) => DISPUTE_KINDS[kind] ?? kind;

interface Worded {
  readonly text: string;
  readonly look: BadgeLook;
}

const DISPUTE_STATES: Readonly<Record<string, Worded>> = {
  open: { text: 'da decidere', look: 'wait' },
  accepted: { text: 'accolta', look: 'ok' },
  rejected: { text: 'non accolta', look: 'off' },
  withdrawn: { text: 'ritirata', look: 'off' },
};

export const disputeState = (state: string): Worded => DISPUTE_STATES[state] ?? { text: state, look: 'off' };

const DEBT_STATES: Readonly<Record<string, Worded>> = {
  open: { text: 'da pagare', look: 'due' },
  settled: { text: 'pagato', look: 'ok' },
  doubted: { text: 'in dubbio', look: 'wait' },
  cancelled: { text: 'non dovuto', look: 'off' },
};

export const debtState = (state: string): Worded => DEBT_STATES[state] ?? { text: state, look: 'off' };

const DELIVERY_STATES: Readonly<Record<string, Worded>> = {
  queued: { text: 'in coda', look: 'wait' },
  taken: { text: 'in partenza', look: 'wait' },
  handingOver: { text: 'in consegna al gestore', look: 'wait' },
  handedOver: { text: 'consegnato al gestore', look: 'due' },
  delivered: { text: 'arrivato', look: 'ok' },
  read: { text: 'aperto', look: 'ok' },
  failed: { text: 'non arrivato', look: 'late' },
  expired: { text: 'scaduto prima di partire', look: 'off' },
  uncertain: { text: 'non si sa se è arrivato', look: 'late' },
  void: { text: 'non inviato', look: 'off' },
};

export const deliveryState = (state: string): Worded => DELIVERY_STATES[state] ?? { text: state, look: 'off' };

const CHANNELS: Readonly<Record<string, string>> = { email: 'E-mail', sms: 'SMS', pec: 'PEC', voice: 'Telefonata' };
export const channelName = (channel: string) => CHANNELS[channel] ?? channel;

const FACTS: Readonly<Record<string, string>> = {
  'import.committed': 'File caricato',
  'import.discarded': 'File scartato',
  'ente.created': 'Ente creato',
  'operator.added': 'Operatore aggiunto',
  'operator.withdrawn': 'Chiave tolta a un operatore',
  'operator.invited': 'Operatore invitato alla console',
  'operator.enrolled': 'Invito accettato',
  'operator.rolesChanged': 'Permessi di un operatore cambiati',
  'operator.suspended': 'Operatore sospeso',
  'operator.reactivated': 'Operatore riattivato',
  'operator.recoveryMade': 'Codici di riserva creati',
  'operator.recoveryUsed': 'Entrato con un codice di riserva',
  'operator.signedIn': 'Accesso alla console',
  'apiKey.added': 'Chiave per un programma aggiunta',
  'apiKey.withdrawn': 'Chiave di un programma tolta',
  'rule.set': 'Regola messa in vigore',
  'person.erased': 'Dati di una persona cancellati',
  'person.revealed': 'Codice fiscale mostrato per intero',
  'message.read': 'Testo di un messaggio aperto',
  'dispute.read': 'Segnalazione aperta',
  'debt.cancelled': 'Posizione annullata da un programma',
  'webhook.added': 'Indirizzo per i programmi aggiunto',
  'webhook.removed': 'Indirizzo per i programmi tolto',
  'webhook.tried': 'Indirizzo per i programmi provato',
  'noticeCounter.advanced': 'Numeri avviso spostati avanti',
  'campaign.submitted': 'Campagna proposta',
  'campaign.sentBack': 'Campagna rimandata',
  'campaign.approved': 'Campagna approvata',
  'campaign.scheduled': 'Avvio di una campagna programmato',
  'campaign.calledOff': 'Avvio programmato annullato',
  'campaign.startRefused': 'Campagna non partita all’ora fissata',
  'campaign.started': 'Campagna avviata',
  'campaign.paused': 'Campagna sospesa',
  'campaign.resumed': 'Campagna ripresa',
  'campaign.stopped': 'Campagna fermata',
  'campaign.completed': 'Campagna conclusa',
  'campaign.sampleOpened': 'Esempio di un messaggio aperto',
  'campaign.testSent': 'Prova di un messaggio mandata all’ente',
  'template.saved': 'Testo salvato',
  'campaign.planned': 'Avvisi preparati',
  'delivery.handedOver': 'Messaggi consegnati al gestore',
  'delivery.signals': 'Esiti ricevuti',
  'delivery.resolved': 'Esito incerto chiarito',
  'citizen.identified': 'Persona identificata',
  'address.notMe': 'Recapito: «non sono io»',
  'address.optOut': 'Recapito: non vuole messaggi',
  'dispute.opened': 'Segnalazione ricevuta',
  'dispute.accepted': 'Segnalazione accolta',
  'dispute.rejected': 'Segnalazione non accolta',
  'receipt.booked': 'Pagamento registrato',
  'receipt.quarantined': 'Ricevuta messa da parte',
};

export const factName = (kind: string) => FACTS[kind] ?? kind;

import type { ApiRole, Role } from '../../modules/operators/index.ts';
import type { EventKind, WebhookOutcome } from '../../modules/webhooks/index.ts';
import type { BadgeLook } from '../ui/parts.tsx';

interface Permission {
  readonly name: string;
  readonly what: string;
}

export const ROLE_WORDS: Readonly<Record<Role, Permission>> = {
  see: { name: 'Vedere', what: 'persone, campagne, risultati e registro' },
  import: { name: 'Importare', what: 'caricare i file delle posizioni' },
  write: { name: 'Scrivere', what: 'preparare campagne e testi' },
  approve: { name: 'Approvare', what: 'autorizzare le campagne scritte da altri' },
  decide: { name: 'Decidere', what: 'rispondere alle segnalazioni e chiarire gli invii incerti' },
  manage: { name: 'Gestire', what: 'operatori, programmi collegati e regole dell’ente' },
};

export const API_ROLE_WORDS: Readonly<Record<ApiRole, Permission>> = {
  receipts: { name: 'Ricevute', what: 'raccontare i pagamenti' },
  debts: { name: 'Posizioni', what: 'caricare, leggere e annullare le posizioni' },
  campaigns: { name: 'Campagne', what: 'leggere e muovere le campagne' },
  deliveries: { name: 'Invii', what: 'leggere gli invii e i loro esiti' },
  disputes: { name: 'Segnalazioni', what: 'leggere le segnalazioni e rispondere' },
};

export const EVENT_WORDS: Readonly<Record<EventKind, string>> = {
  'debt.paid': 'Posizione pagata',
  'debt.cancelled': 'Posizione non più dovuta',
  'dispute.opened': 'Segnalazione ricevuta',
  'dispute.answered': 'Segnalazione decisa',
  'delivery.bounced': 'Messaggio tornato indietro',
};

export const roleNames = (roles: readonly Role[]) => roles.map((role) => ROLE_WORDS[role].name).join(', ');

export function outcomeWords(outcome: WebhookOutcome): { readonly text: string; readonly look: BadgeLook } {
  const answer = outcome.lastStatus === null ? 'nessuna risposta' : `risposta ${outcome.lastStatus}`;
  if (outcome.state === 'delivered') return { text: `ricevuto, ${answer}`, look: 'ok' };
  if (outcome.state === 'givenUp') return { text: `abbandonato, ${answer}`, look: 'late' };
  return { text: `si riprova, ${answer}`, look: 'wait' };
}

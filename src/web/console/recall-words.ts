import {
  type CorrectionOutcome,
  isPrepared,
  type RecallRecord,
  type RecallState,
} from '../../modules/campaigns/index.ts';
import type { BadgeLook } from '../ui/parts.tsx';
import { counted } from './campaign-words.ts';

export const RECALLS = '/console/rettifiche';
export const NEW_RECALL = '/console/rettifiche-nuova';

/** `Rettifica n. 3`. */
export function recallTitle(code: string): string {
  return `Rettifica n. ${code.replace('rettifica-', '')}`;
}

const STATES: Readonly<Record<RecallState, readonly [words: string, look: BadgeLook]>> = {
  requested: ['aspetta la seconda persona', 'wait'],
  refused: ['respinta', 'off'],
  running: ['in corso', 'due'],
  completed: ['conclusa', 'ok'],
};

export function recallState(recall: RecallRecord): readonly [words: string, look: BadgeLook] {
  return isPreparing(recall) ? ['in preparazione', 'due'] : STATES[recall.state];
}

/** Approved, and its corrections are not all queued yet. */
export function isPreparing(recall: RecallRecord): boolean {
  return recall.state === 'running' && !isPrepared(recall);
}

/** How far it is, while it is being prepared. */
export function preparationWords({ preparation }: RecallRecord): string {
  if (preparation === null) return 'Il programma sta cercando le persone coinvolte e ferma quello che aspetta.';
  const { ready, people } = preparation;
  return `Quello che aspettava è fermo. Correzioni pronte per ${counted(ready, 'persona', 'persone')} su ${counted(people, 'persona', 'persone')}.`;
}

/** What becomes of the debts that it touches. */
export function doubtWords({ kind, doubts }: Pick<RecallRecord, 'kind' | 'doubts'>): string {
  if (doubts) {
    return 'Gli importi sono in dubbio: dall’approvazione il cittadino li vede «in verifica» e non può pagarli, finché un nuovo file non li nomina o l’ufficio non li conferma.';
  }
  return kind === 'text'
    ? 'Era sbagliato soltanto il testo: gli importi restano pagabili.'
    : 'Gli importi sono giusti e restano pagabili.';
}

const OUTCOMES: Readonly<Record<CorrectionOutcome, string>> = {
  corrected: 'corretto',
  notReached: 'non raggiunto',
  uncertain: 'esito incerto',
  waiting: 'in coda',
};

/** Of one address. */
export function correctionWords(outcome: CorrectionOutcome): string {
  return OUTCOMES[outcome];
}

/** What was wrong, as the office calls it. `fileName`: of the file, where that was the cause. */
export function causeWords({ kind, key }: Pick<RecallRecord, 'kind' | 'key'>, fileName: string | null): string {
  switch (kind) {
    case 'campaign':
      return `la campagna «${key}»`;
    case 'import':
      return `il file «${fileName ?? key}»`;
    case 'text':
      return `il testo «${key.replace('|', '», versione ')}`;
    case 'debts':
      return 'un elenco di posizioni';
  }
}

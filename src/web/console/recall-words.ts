import type { CorrectionOutcome, RecallRecord, RecallState } from '../../modules/campaigns/index.ts';
import type { BadgeLook } from '../ui/parts.tsx';

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

export function recallState(state: RecallState): readonly [words: string, look: BadgeLook] {
  return STATES[state];
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

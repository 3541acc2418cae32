const DISPUTES: Readonly<Record<string, string>> = {
  alreadyPaid: 'ha già pagato',
  exempt: 'è esente',
  wrongAmount: 'importo sbagliato',
  notUnderstood: 'non capisce',
  other: 'altro',
};

export function disputeText(kind: string): string {
  return DISPUTES[kind] ?? kind;
}

const STATES: Readonly<Record<string, string>> = {
  draft: 'bozza',
  inApproval: 'in approvazione',
  approved: 'approvata',
  scheduled: 'programmata',
  running: 'in corso',
  paused: 'sospesa',
  completed: 'conclusa',
  recalled: 'richiamata',
  stopped: 'fermata',
  staging: 'in lettura',
  staged: 'letto, da caricare',
  committing: 'in caricamento',
  committed: 'caricato',
  discarded: 'scartato',
};

const INTERRUPTED: Readonly<Record<string, string>> = {
  committing: 'interrotto, in ripresa',
  committed: 'caricato, dopo un’interruzione',
  discarded: 'interrotto: lo carichi di nuovo',
};

export function importText(one: { readonly state: string; readonly interruptedAt: number | null }): string {
  return (one.interruptedAt === null ? undefined : INTERRUPTED[one.state]) ?? stateText(one.state);
}

const RECALL_STATES: Readonly<Record<string, string>> = {
  requested: 'aspetta la seconda persona',
  refused: 'respinta',
  running: 'in corso',
  completed: 'conclusa',
};

export function recallStateText(state: string): string {
  return RECALL_STATES[state] ?? state;
}

const CORRECTIONS: Readonly<Record<string, string>> = {
  corrected: 'corretto',
  notReached: 'non raggiunto',
  uncertain: 'esito incerto',
  waiting: 'in coda',
};

export function correctionText(outcome: string): string {
  return CORRECTIONS[outcome] ?? outcome;
}

/** The state of a campaign or of a file, for people; JSON keeps the program's own word. */
export function stateText(state: string): string {
  return STATES[state] ?? state;
}

const SIDES: Readonly<Record<string, string>> = {
  transfers: 'versamenti delle ricevute',
  lines: 'righe dei flussi',
  flows: 'flussi',
  credits: 'accrediti in tesoreria',
};

export function sideText(side: string): string {
  return SIDES[side] ?? side;
}

const BUCKETS: Readonly<Record<string, string>> = {
  matched: 'abbinati',
  open: 'in attesa',
  anomaly: 'anomalie',
  elsewhere: 'di altri',
  reversed: 'stornati',
};

export function bucketText(bucket: string): string {
  return BUCKETS[bucket] ?? bucket;
}

const MONEY_REASONS: Readonly<Record<string, string>> = {
  notRemitted: 'nessun flusso la rendiconta',
  creditMissing: 'l’accredito non è arrivato',
  inconsistent: 'i totali del flusso non tornano',
  amountDiffers: 'importo diverso',
  receiptMissing: 'manca la ricevuta',
  withoutIur: 'riga senza identificativo della riscossione',
  revoked: 'pagamento revocato',
  flowMissing: 'manca il flusso',
  paidTwice: 'versamento rendicontato due volte',
};

/** Why money does not match; the program's own word where there is none for people. */
export function moneyReason(kind: string): string {
  return MONEY_REASONS[kind] ?? kind;
}

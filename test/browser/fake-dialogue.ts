import { civilDate } from '../../src/kernel/civil-date.ts';
import type {
  CheckoutView,
  CodeRequest,
  Dialogue,
  DialogueView,
  EntePublic,
  Identification,
  InstallmentView,
  MessageView,
  PaymentStart,
  PaymentView,
  PlanOfferView,
  PlanRequest,
  PlanView,
  PositionState,
  PositionView,
  ReportView,
} from '../../src/modules/conversations/dialogue.ts';

export const comune: EntePublic = {
  enteId: 1,
  slug: 'comune-esempio',
  name: 'Comune di Esempio',
  codiceFiscale: '00123456789',
  accent: null,
  senderAddress: 'tributi@comune.esempio.example',
  website: 'http://comune.esempio.example',
  offersCode: true,
  office: {
    name: 'Ufficio Tributi',
    phone: '0123 456 789',
    email: 'tributi@comune.esempio.example',
    hours: 'lunedì e mercoledì 9-12, giovedì 15-17',
    address: 'Piazza del Municipio 1, 00000 Esempio',
  },
};

export const asl: EntePublic = {
  ...comune,
  enteId: 2,
  slug: 'asl-valle',
  name: 'Azienda sanitaria locale della Valle',
  codiceFiscale: '00987654321',
  accent: '#7a1f3d',
  senderAddress: 'avvisi@asl-valle.example',
  website: 'http://asl-valle.example',
  offersCode: false,
  office: { ...comune.office, name: 'Ufficio Entrate', phone: '', email: 'entrate@asl-valle.example' },
};

export function position(changes: Partial<PositionView> = {}): PositionView {
  return {
    debtId: 'd1',
    title: 'TARI 2026, seconda rata',
    explanation: 'È la seconda rata della tassa sui rifiuti per il 2026, calcolata su 84 metri quadri e due persone.',
    reference: 'Via Garibaldi 12, interno 3',
    dueDate: civilDate('2026-12-02'),
    state: 'toPay',
    outstandingCents: 124_850,
    toPayCents: 124_850,
    dueCents: 124_850,
    paidCents: 0,
    breakdown: [
      { label: 'Tassa sui rifiuti', cents: 118_900 },
      { label: 'Tributo provinciale (TEFA)', cents: 5_950 },
    ],
    noticeNumber: '302000000012345678',
    plan: null,
    payments: [],
    report: null,
    office: comune.office,
    ...changes,
  };
}

/** A report of the person, in each of its states. */
export function report(state: ReportView['state']): ReportView {
  return {
    number: '2026/1042',
    state,
    deadline: civilDate('2027-01-12'),
    answeredAt: state === 'open' ? null : Date.UTC(2026, 11, 3, 9, 0),
    answer: state === 'open' ? null : 'Buongiorno,\nabbiamo controllato i versamenti.\n\nCordiali saluti',
  };
}

export function payment(): PaymentView {
  return {
    receiptId: '7f3d2c9a1b',
    noticeNumber: '302000000012345678',
    creditorReference: '02000000012345678',
    amountCents: 124_850,
    feeCents: 120,
    paidAt: Date.UTC(2026, 11, 1, 9, 30),
    psp: 'Banca di Prova S.p.A.',
    channel: 'pagopa',
  };
}

/** Three installments: one paid, one late, one to come. */
export function plan(state: PlanView['state']): PlanView {
  const installments = (['paid', 'late', 'toPay'] as const).map<InstallmentView>((one, i) => ({
    no: i + 1,
    dueOn: civilDate(`2026-1${i}-31`.replace('2026-11-31', '2026-11-30')),
    cents: 41_700,
    leftCents: one === 'paid' ? 0 : 41_700,
    state: one,
    noticeNumber: `30200000001234567${i}`,
  }));
  const active = state === 'accepted' || state === 'completed' || state === 'forfeited';
  return {
    state,
    count: 3,
    reason: state === 'refused' ? 'Il regolamento chiede una difficoltà documentata.' : null,
    installments: active ? installments : [],
    next: state === 'accepted' ? (installments[1] ?? null) : null,
  };
}

/** One message of each outcome. */
export function everyMessage(): MessageView[] {
  const outcomes: MessageView['outcome'][] = ['sent', 'arrived', 'opened', 'failed', 'unknown'];
  return outcomes.map((outcome, i) => ({
    id: outcome,
    at: Date.UTC(2026, 10, 20 - i, 9, 5),
    channel: i % 2 === 0 ? 'email' : 'sms',
    address: i % 2 === 0 ? 'm•••@posta.esempio.example' : '•••••4567',
    about: ['TARI'],
    outcome,
    subject: i % 2 === 0 ? 'Comune di Esempio: una comunicazione personale per Lei' : '',
    text: outcome === 'failed' ? null : 'Gentile Maria Rossi,\n\nla può leggere qui:\nhttp://portale.example/l/•••',
  }));
}

/** A position in each state, ids after the states. */
export function everyState(): PositionView[] {
  const states: PositionState[] = [
    'toPay',
    'overdue',
    'verifying',
    'doubted',
    'paid',
    'cancelled',
    'disputed',
    'suspended',
    'inPlan',
  ];
  return states.map((state, i) =>
    position({
      debtId: state,
      state,
      title: `TARI ${2020 + i}, seconda rata`,
      ...(state === 'paid' ? { payments: [payment()], paidCents: 124_850, outstandingCents: 0 } : {}),
      ...(state === 'inPlan' ? { plan: plan('accepted'), toPayCents: 41_700 } : {}),
      ...(state === 'overdue' ? { paidCents: 24_850, outstandingCents: 100_000 } : {}),
    }),
  );
}

interface Call {
  readonly what: string;
  readonly input: unknown;
}

/** An offer of up to six installments, parted into `count`. */
export function offered(count: number): PlanOfferView {
  const each = Math.floor(124_850 / count);
  return {
    kind: 'offered',
    most: 6,
    count,
    amountCents: 124_850,
    automatic: true,
    rateBp: 160,
    legalBasis: 'Regolamento delle entrate, art. 21 (delibera C.C. n. 5/2020)',
    installments: Array.from({ length: count }, (_, i) => ({
      no: i + 1,
      dueOn: civilDate(`2027-0${i + 1}-28`),
      cents: i === 0 ? 124_850 - each * (count - 1) : each,
    })),
  };
}

export const GOOD_CODE = '123456';
export const GOOD_ITEM = 'UT-2024-0042';

/**
 * A Dialogue that lives in memory: one link per token, identified by GOOD_CODE and GOOD_ITEM, every answer replaceable.
 * It keeps what it was asked, so that tests see what a page did.
 */
export class FakeDialogue implements Dialogue {
  enti: EntePublic[] = [comune, asl];
  /** What each link's token leads to. */
  links = new Map<string, { ente: EntePublic; name: string; positions: PositionView[]; sentAt: number | null }>();
  sessions = new Map<string, { token: string; identified: boolean }>();
  checkouts = new Map<string, CheckoutView>();
  optOutTokens = new Set(['o-known']);
  calls: Call[] = [];
  triesLeft = 4;
  codeAnswer: CodeRequest = { kind: 'sent', resendAfterSeconds: 60 };
  identifyAnswer: Identification | null = null;
  paymentAnswer: PaymentStart | null = null;
  offerAnswer: PlanOfferView = offered(4);
  planAnswer: PlanRequest = { kind: 'accepted' };
  /** What an identified person was written. */
  sent: MessageView[] = [];
  failWith: Error | null = null;
  #count = 0;

  /** Adds a link; returns its token. */
  link(token: string, positions: PositionView[], ente: EntePublic = comune): string {
    this.links.set(token, { ente, name: 'Maria Rossi', positions, sentAt: Date.UTC(2026, 10, 24, 9, 5) });
    return token;
  }

  /** A session already at a level, for tests that begin there. */
  session(token: string, level: DialogueView['level']): string {
    this.#count += 1;
    const session = `s${this.#count}`;
    this.sessions.set(session, { token, identified: level === 'identified' });
    return session;
  }

  #open(session: string) {
    const found = this.sessions.get(session);
    const link = found === undefined ? undefined : this.links.get(found.token);
    return found === undefined || link === undefined ? null : { found, link };
  }

  #note(what: string, input: unknown): void {
    if (this.failWith !== null) throw this.failWith;
    this.calls.push({ what, input });
  }

  async listEnti() {
    this.#note('listEnti', null);
    return this.enti;
  }

  async enteBySlug(slug: string) {
    return this.enti.find((ente) => ente.slug === slug) ?? null;
  }

  async openLink(token: string) {
    this.#note('openLink', token);
    const link = this.links.get(token);
    return link === undefined ? null : { session: this.session(token, 'link'), ente: link.ente };
  }

  async view(session: string): Promise<DialogueView | null> {
    const open = this.#open(session);
    if (open === null) return null;
    const { link, found } = open;
    return {
      ente: link.ente,
      level: found.identified ? 'identified' : 'link',
      messageSentAt: link.sentAt,
      personName: found.identified ? link.name : null,
      positions: found.identified ? link.positions : [],
    };
  }

  async messages(session: string) {
    this.#note('messages', session);
    return this.#open(session)?.found.identified === true ? this.sent : null;
  }

  async requestCode(session: string): Promise<CodeRequest> {
    this.#note('requestCode', session);
    return this.codeAnswer;
  }

  async identify(session: string, code: string, item: string): Promise<Identification> {
    this.#note('identify', { session, code, item });
    if (this.identifyAnswer !== null) return this.identifyAnswer;
    const open = this.#open(session);
    if (open === null) return { kind: 'sessionExpired' };
    if (code !== GOOD_CODE || item !== GOOD_ITEM) {
      this.triesLeft -= 1;
      return { kind: 'mismatch', triesLeft: this.triesLeft };
    }
    open.found.identified = true;
    return { kind: 'identified' };
  }

  async startPayment(
    session: string,
    input: { debtId: string; seenCents: number; idempotencyKey: string },
  ): Promise<PaymentStart> {
    this.#note('startPayment', { session, ...input });
    if (this.paymentAnswer !== null) return this.paymentAnswer;
    const found = this.#open(session)?.link.positions.find((p) => p.debtId === input.debtId);
    if (found === undefined) return { kind: 'notFound' };
    this.checkouts.set('c1', { checkoutId: 'c1', state: 'verifying', position: found });
    return { kind: 'redirect', url: 'http://127.0.0.1:9/pay/1', checkoutId: 'c1' };
  }

  async checkout(_session: string, checkoutId: string) {
    return this.checkouts.get(checkoutId) ?? null;
  }

  async checkoutReturned(session: string, checkoutId: string, outcome: 'ok' | 'cancelled' | 'failed') {
    this.#note('checkoutReturned', { session, checkoutId, outcome });
  }

  async planOffer(session: string, debtId: string, count: number | null): Promise<PlanOfferView | null> {
    this.#note('planOffer', { session, debtId, count });
    if (this.#open(session) === null) return null;
    return this.offerAnswer.kind === 'offered' ? offered(count ?? this.offerAnswer.count) : this.offerAnswer;
  }

  async askPlan(session: string, input: { debtId: string; count: number; idempotencyKey: string }) {
    this.#note('askPlan', { session, ...input });
    return this.#open(session) === null ? null : this.planAnswer;
  }

  async openDispute(
    session: string,
    input: { debtId: string | null; kind: string; text: string; idempotencyKey: string },
  ) {
    this.#note('openDispute', { session, ...input });
    return this.#open(session) === null ? null : { number: '1042', deadline: civilDate('2027-01-12') };
  }

  async notMe(session: string) {
    this.#note('notMe', session);
    return this.#open(session) === null ? null : ({ done: true } as const);
  }

  async optOut(token: string) {
    this.#note('optOut', token);
    return this.optOutTokens.has(token);
  }

  async close(session: string) {
    this.#note('close', session);
    this.sessions.delete(session);
  }
}

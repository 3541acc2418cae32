import { describe, expect, it } from 'vitest';
import { civilDate } from '../src/kernel/civil-date.ts';
import { romeInstant } from '../src/kernel/rome-time.ts';
import { disclosures, wordsOf } from './disclosure.ts';
import { type BodyRules, countHarm, type Harm } from './harm.ts';
import type { Contact, Payment, Stop, StrangerPage } from './journal.ts';
import type { Debt, Person, Town } from './town/types.ts';

const DAY = 86_400_000;
/** Monday 7 September 2026, 10:00 in Rome. */
const MONDAY = romeInstant(civilDate('2026-09-07'), 600);

const person = (id: string, firstName: string): Person => ({
  id,
  firstName,
  lastName: 'Vignaroli',
  sex: 'F',
  birth: civilDate('1970-01-01'),
  codiceFiscale: `CODE${id}`,
  address: 'Via del Mulino 4',
  cap: '99010',
  place: 'Collefiorito',
  phone: null,
  email: `${id}@cassetta.example`,
  deceased: false,
  minor: false,
});

const debt = (id: string, personId: string, amountCents: number): Debt => ({
  id,
  slug: 'colle',
  creditType: 'TARI',
  personId,
  year: 2024,
  instalment: null,
  serviceDate: null,
  dueDate: civilDate('2024-06-16'),
  amountCents,
  noticeNumber: null,
  wrong: null,
  kind: 'good',
  oddity: null,
});

const town: Town = {
  seed: 1,
  start: civilDate('2026-09-07'),
  bodies: [
    {
      slug: 'colle',
      kind: 'comune',
      name: 'Comune di Colle',
      codiceFiscale: '12345678903',
      segregation: '02',
      iban: 'IT60X0542811101000000123456',
    },
    {
      slug: 'asl',
      kind: 'asl',
      name: 'Azienda Sanitaria della Valle',
      codiceFiscale: '00488410010',
      segregation: '03',
      iban: 'IT60X0542811101000000123456',
    },
  ],
  people: new Map([person('p1', 'Alba'), person('p2', 'Bianca')].map((p) => [p.id, p])),
  debts: [debt('d1', 'p1', 10_000), debt('d2', 'p1', 20_000), debt('d3', 'p2', 5000), debt('d4', 'p2', 900)],
  mailboxes: new Map(),
  phones: new Map(),
  papers: new Map(),
  files: [],
};

const RULES: BodyRules[] = [
  {
    slug: 'colle',
    ceilingPerPerson: 2,
    ceilingPerAddress: 3,
    windows: { fromMinutes: 480, toMinutes: 1200, saturday: true },
    patron: '09-10',
  },
];

let serial = 0;
function mail(simAt: number, more: Partial<Contact> = {}): Contact {
  serial += 1;
  return {
    channel: 'email',
    messageId: `<${serial}@x>`,
    address: 'p1@cassetta.example',
    subject: `Una comunicazione ${serial}`,
    text: 'Gentile Alba Vignaroli,\nil Comune di Colle Le ha scritto: http://127.0.0.1/l/302000000001234559',
    kind: 'notice',
    personId: 'p1',
    candidates: more.personId === null ? [] : [more.personId ?? 'p1'],
    slug: 'colle',
    asked: false,
    simAt,
    realAt: simAt,
    ...more,
  };
}

const paid = (debtId: string, simAt: number, personId = 'p1'): Payment => ({
  personId,
  slug: 'colle',
  debtId,
  amountCents: town.debts.find((d) => d.id === debtId)?.amountCents ?? 0,
  how: 'pagopa',
  simAt,
  realAt: simAt,
});

const stop = (kind: Stop['kind'], simAt: number, more: Partial<Stop> = {}): Stop => ({
  kind,
  slug: 'colle',
  personId: 'p1',
  address: 'p1@cassetta.example',
  debtIds: ['d1', 'd2'],
  answer: null,
  simAt,
  realAt: simAt,
  ...more,
});

const page = (text: string): StrangerPage => ({
  personId: 'p1',
  slug: 'colle',
  path: '/avviso',
  text,
  simAt: MONDAY,
  realAt: MONDAY,
});

function harm(log: {
  contacts?: Contact[];
  payments?: Payment[];
  stops?: Stop[];
  pages?: StrangerPage[];
  publicText?: string;
}): Harm {
  const journal = { contacts: [], payments: [], stops: [], pages: [], ...log };
  const publicText = new Map([['colle', log.publicText ?? '']]);
  return countHarm({ journal, town, rules: RULES, publicText }).harm;
}

const NONE: Harm = {
  contactsAfterPayment: 0,
  contactsAfterDispute: 0,
  duplicateDeliveries: 0,
  disclosuresToOthers: 0,
  overCeiling: 0,
  outsideWindow: 0,
};

describe('a quiet log', () => {
  it('counts nothing', () => {
    const contacts = [mail(MONDAY), mail(MONDAY + 4 * DAY), mail(MONDAY + 8 * DAY)];
    expect(harm({ contacts })).toEqual(NONE);
  });
});

describe('contacts after payment', () => {
  it('counts each mail after all was paid, for ever', () => {
    const payments = [paid('d1', MONDAY), paid('d2', MONDAY)];
    const contacts = [mail(MONDAY - 2 * DAY), mail(MONDAY + 60_000), mail(MONDAY + 30 * DAY)];
    expect(harm({ contacts, payments })).toEqual({ ...NONE, contactsAfterPayment: 2 });
  });

  it('allows one second, on both clocks', () => {
    const payments = [paid('d1', MONDAY), paid('d2', MONDAY)];
    const inFlight = mail(MONDAY, { realAt: MONDAY + 1000 });
    const lateInReal = mail(MONDAY, { realAt: MONDAY + 1001 });
    const lateInStory = mail(MONDAY + 60_000, { realAt: MONDAY + 5 });
    expect(harm({ contacts: [inFlight], payments }).contactsAfterPayment).toBe(0);
    expect(harm({ contacts: [lateInReal], payments }).contactsAfterPayment).toBe(1);
    expect(harm({ contacts: [lateInStory], payments }).contactsAfterPayment).toBe(1);
  });

  it('does not count what came before, though the story stands still', () => {
    const payments = [paid('d1', MONDAY), paid('d2', MONDAY)];
    expect(harm({ contacts: [mail(MONDAY, { realAt: MONDAY - 5000 })], payments }).contactsAfterPayment).toBe(0);
  });

  it('gives seven days of silence after a part payment', () => {
    const payments = [paid('d1', MONDAY)];
    const contacts = [mail(MONDAY + 6 * DAY), mail(MONDAY + 7 * DAY)];
    expect(harm({ contacts, payments }).contactsAfterPayment).toBe(1);
  });

  it('takes what is left under the minimum as paid', () => {
    const contacts = [mail(MONDAY + 20 * DAY, { personId: 'p2', address: 'p2@cassetta.example' })];
    expect(harm({ contacts, payments: [paid('d3', MONDAY, 'p2')] }).contactsAfterPayment).toBe(1);
  });

  it('leaves other bodies and other people alone', () => {
    const payments = [paid('d1', MONDAY), paid('d2', MONDAY)];
    const contacts = [mail(MONDAY + DAY, { slug: 'asl' }), mail(MONDAY + DAY, { personId: 'p2' })];
    expect(harm({ contacts, payments }).contactsAfterPayment).toBe(0);
  });
});

describe('contacts after dispute', () => {
  it('counts until the office has answered no', () => {
    const answer = { simAt: MONDAY + 5 * DAY, realAt: MONDAY + 5 * DAY, accepted: false };
    const stops = [stop('dispute', MONDAY, { answer })];
    const contacts = [mail(MONDAY + DAY), mail(MONDAY + 4 * DAY), mail(MONDAY + 8 * DAY)];
    expect(harm({ contacts, stops })).toEqual({ ...NONE, contactsAfterDispute: 2 });
  });

  it('goes on counting when the office has said yes to everything', () => {
    const answer = { simAt: MONDAY + 5 * DAY, realAt: MONDAY + 5 * DAY, accepted: true };
    const contacts = [mail(MONDAY + 8 * DAY)];
    expect(harm({ contacts, stops: [stop('dispute', MONDAY, { answer })] }).contactsAfterDispute).toBe(1);
    const half = stop('dispute', MONDAY, { answer, debtIds: ['d1'] });
    expect(harm({ contacts, stops: [half] }).contactsAfterDispute).toBe(0);
  });

  it('counts anybody behind an address that said "non sono io" or opted out', () => {
    for (const kind of ['notMe', 'optOut'] as const) {
      const contacts = [mail(MONDAY + DAY, { personId: 'p2' }), mail(MONDAY + DAY, { address: 'p2@cassetta.example' })];
      expect(harm({ contacts, stops: [stop(kind, MONDAY)] }).contactsAfterDispute).toBe(1);
    }
  });

  it('allows what came before it, and codes that were asked for', () => {
    const contacts = [mail(MONDAY - DAY), mail(MONDAY + DAY, { kind: 'code', asked: true, text: '123456' })];
    expect(harm({ contacts, stops: [stop('dispute', MONDAY)] }).contactsAfterDispute).toBe(0);
  });
});

describe('duplicates', () => {
  it('counts the same message stored again', () => {
    const first = mail(MONDAY);
    expect(harm({ contacts: [first, { ...first, simAt: MONDAY + 3 * DAY }] }).duplicateDeliveries).toBe(1);
  });

  it('counts the same subject to the same person twice in one day', () => {
    const subject = 'Una comunicazione per Lei';
    expect(harm({ contacts: [mail(MONDAY, { subject }), mail(MONDAY + 3_600_000, { subject })] })).toEqual({
      ...NONE,
      duplicateDeliveries: 1,
    });
    expect(harm({ contacts: [mail(MONDAY, { subject }), mail(MONDAY + DAY, { subject })] }).duplicateDeliveries).toBe(
      0,
    );
    const others = [mail(MONDAY, { subject }), mail(MONDAY, { subject, personId: 'p2' })];
    expect(harm({ contacts: others }).duplicateDeliveries).toBe(0);
  });

  it('lets a person ask for two codes in a day', () => {
    const code = (): Contact => mail(MONDAY, { kind: 'code', asked: true, subject: 'Codice', text: '123456' });
    expect(harm({ contacts: [code(), code()] }).duplicateDeliveries).toBe(0);
  });
});

describe('disclosures', () => {
  it('counts mails that say how much, why or for what', () => {
    const texts = ['Deve 84,00', 'Sono 84 €', 'La TARI 2024', 'il Suo debito', 'Avviso n. 12', 'un importo da pagare'];
    expect(harm({ contacts: texts.map((text, n) => mail(MONDAY + n * 8 * DAY, { text })) }).disclosuresToOthers).toBe(
      6,
    );
    expect(harm({ contacts: [mail(MONDAY, { subject: 'TARI' })] }).disclosuresToOthers).toBe(1);
  });

  it('counts pages shown to strangers', () => {
    expect(harm({ pages: [page('Importo 84,00'), page('Alba Vignaroli'), page('Via del Mulino 4')] })).toEqual({
      ...NONE,
      disclosuresToOthers: 3,
    });
    expect(harm({ pages: [page('3020 0000 0001 2345 59')] }).disclosuresToOthers).toBe(1);
  });

  it('leaves out what the body says to everybody', () => {
    const pages = [page('Il Comune di Colle Le ha scritto. Ufficio TARI.')];
    expect(harm({ pages, publicText: 'Ufficio TARI, via Roma 1' }).disclosuresToOthers).toBe(0);
    expect(harm({ pages }).disclosuresToOthers).toBe(1);
    const health = mail(MONDAY, { slug: 'asl', text: 'L’Azienda Sanitaria della Valle Le ha scritto.' });
    expect(harm({ contacts: [health] }).disclosuresToOthers).toBe(0);
  });

  it('does not take a debit card, a date or a long link for a disclosure', () => {
    const innocent = 'Mai il numero della carta di debito. 24/11/2026 alle 9:05, tel. 059 123456. http://x/l/1,50';
    expect(disclosures(innocent, [])).toEqual([]);
  });

  it('reads HTML as a person does', () => {
    expect(wordsOf('<style>a{}</style><p>84,00&nbsp;&euro;</p>').trim()).toBe('84,00 €');
  });
});

describe('ceilings', () => {
  it('counts each contact above the ceiling of a person in seven days', () => {
    const contacts = [mail(MONDAY), mail(MONDAY + DAY), mail(MONDAY + 3 * DAY + 1), mail(MONDAY + 7 * DAY)];
    expect(harm({ contacts }).overCeiling).toBe(2);
    const spaced = [mail(MONDAY), mail(MONDAY + DAY), mail(MONDAY + 7 * DAY), mail(MONDAY + 8 * DAY)];
    expect(harm({ contacts: spaced }).overCeiling).toBe(0);
  });

  it('counts per address whoever it is about', () => {
    const about = (n: number): Contact => mail(MONDAY + n * 60_000, { personId: n % 2 === 0 ? 'p1' : 'p2' });
    expect(harm({ contacts: [about(0), about(1), about(2), about(3)] }).overCeiling).toBe(1);
    expect(harm({ contacts: [about(0), about(1), about(2)] }).overCeiling).toBe(0);
  });
});

describe('windows', () => {
  const at = (day: string, minutes: number): Contact => mail(romeInstant(civilDate(day), minutes));
  const outside = (contact: Contact): number => harm({ contacts: [contact] }).outsideWindow;

  it('counts by the wall clock of Rome', () => {
    expect([479, 480, 1199, 1200].map((minutes) => outside(at('2026-09-07', minutes)))).toEqual([1, 0, 0, 1]);
    // After the clocks change.
    expect([479, 480].map((minutes) => outside(at('2026-10-26', minutes)))).toEqual([1, 0]);
  });

  it('counts Sundays, holidays and the patron day, and Saturdays where they are off', () => {
    expect(outside(at('2026-09-13', 600))).toBe(1);
    expect(outside(at('2026-12-08', 600))).toBe(1);
    expect(outside(at('2026-09-10', 600))).toBe(1);
    expect(outside(at('2026-09-12', 600))).toBe(0);
    const rules = RULES.map((rule) => ({ ...rule, windows: { ...rule.windows, saturday: false } }));
    const journal = { contacts: [at('2026-09-12', 600)], payments: [], stops: [], pages: [] };
    expect(countHarm({ journal, town, rules, publicText: new Map() }).harm.outsideWindow).toBe(1);
  });

  it('allows a code at night', () => {
    const code = mail(MONDAY - 8 * 3_600_000, { kind: 'code', asked: true, text: '123456' });
    expect(outside(code)).toBe(0);
  });
});

describe('SMS', () => {
  const sms = (simAt: number, more: Partial<Contact> = {}): Contact =>
    mail(simAt, {
      channel: 'sms',
      subject: '',
      address: '+393331000001',
      text: 'Comune di Colle: la legga qui: http://127.0.0.1/l/1-abc_- Non vuole SMS? http://127.0.0.1/o/1-abc',
      ...more,
    });
  const counted = (contacts: readonly Contact[], more: { payments?: Payment[]; stops?: Stop[] } = {}): Harm =>
    countHarm({
      journal: { contacts: [...contacts], payments: more.payments ?? [], stops: more.stops ?? [], pages: [] },
      town,
      rules: RULES,
      publicText: new Map(),
    }).harm;
  const HOUR = DAY / 24;
  const family = { personId: null, candidates: ['p1', 'p2'] };

  it('counts beside e-mail for the person, and apart for the address', () => {
    expect(counted([mail(MONDAY), sms(MONDAY + HOUR)]).overCeiling).toBe(0);
    expect(counted([mail(MONDAY), sms(MONDAY + HOUR), sms(MONDAY + DAY)]).overCeiling).toBe(1);
  });

  it('counts each SMS over the ceiling of a phone that a family shares', () => {
    const four = [0, 1, 2, 4].map((days) => sms(MONDAY + days * DAY, family));
    expect(counted(four.slice(0, 3)).overCeiling).toBe(0);
    expect(counted(four).overCeiling).toBe(1);
  });

  it('has hours of its own: 9 to 19, Monday to Friday', () => {
    const at = (minutes: number, day = 0) =>
      counted([sms(MONDAY + (minutes - 600) * 60_000 + day * DAY)]).outsideWindow;
    expect([at(539), at(540), at(1139), at(1140), at(600, 5)]).toEqual([1, 0, 0, 1, 1]);
    expect(counted([mail(MONDAY - HOUR * 1.5)]).outsideWindow).toBe(0);
  });

  it('counts what comes after STOP, on whomever the SMS was for', () => {
    const stopped = stop('optOut', MONDAY, { address: '+393331000001' });
    expect(counted([sms(MONDAY + DAY, family)], { stops: [stopped] }).contactsAfterDispute).toBe(1);
    expect(counted([sms(MONDAY + DAY, { address: '+393331000002' })], { stops: [stopped] }).contactsAfterDispute).toBe(
      0,
    );
  });

  it('of a shared phone, counts a payment only when all have paid', () => {
    const one = [paid('d1', MONDAY), paid('d2', MONDAY)];
    expect(counted([sms(MONDAY + DAY, family)], { payments: one }).contactsAfterPayment).toBe(0);
    const both = [...one, paid('d3', MONDAY, 'p2')];
    expect(counted([sms(MONDAY + DAY, family)], { payments: both }).contactsAfterPayment).toBe(1);
  });

  it('lets a shared phone ring once for each, not more, on one day', () => {
    const two = [sms(MONDAY, family), sms(MONDAY + HOUR, family)];
    expect(counted(two).duplicateDeliveries).toBe(0);
    expect(counted([...two, sms(MONDAY + 2 * HOUR, family)]).duplicateDeliveries).toBe(1);
    expect(counted([sms(MONDAY), sms(MONDAY + HOUR)]).duplicateDeliveries).toBe(1);
  });

  it.each(['https://pagopa.example/123', 'http://127.0.0.1/paga/1', 'www.paga.example', 'http://127.0.0.1/l/1?x=1'])(
    'takes a link to anything but the two doors of the portal for a disclosure: %s',
    (link) => {
      expect(counted([sms(MONDAY, { text: `Comune di Colle: ${link}` })]).disclosuresToOthers).toBe(1);
    },
  );

  it('may not speak of money or its reason', () => {
    expect(counted([sms(MONDAY)]).disclosuresToOthers).toBe(0);
    expect(counted([sms(MONDAY, { text: 'Comune di Colle: la Sua TARI' })]).disclosuresToOthers).toBe(1);
  });
});

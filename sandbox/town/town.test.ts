import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { parseCivilDate } from '../../src/kernel/civil-date.ts';
import { checkCodiceFiscale } from '../../src/kernel/codice-fiscale.ts';
import { parseEuro } from '../../src/kernel/money.ts';
import { parseNoticeNumber } from '../../src/kernel/notice-number.ts';
import { columnsOf } from './csv.ts';
import { numberOf } from './phones.ts';
import { makeTown } from './town.ts';
import { fullName, type Town, type TownBody } from './types.ts';

const COMUNE: TownBody = {
  slug: 'collefiorito',
  kind: 'comune',
  name: 'Comune di Collefiorito',
  codiceFiscale: '12345678903',
  segregation: '02',
  iban: 'IT60X0542811101000000123456',
};
const ASL: TownBody = { ...COMUNE, slug: 'asl-valle', kind: 'asl', name: 'ASL della Valle', segregation: '03' };

function rowsOf(town: Town, slug: string): Record<string, string>[] {
  const csv = town.files.find((file) => file.slug === slug)?.csv ?? '';
  return parse(csv, { bom: true, delimiter: ';', columns: true });
}

const town = makeTown({ seed: 7, debts: 2000, start: '2026-09-07', bodies: [COMUNE, ASL] });
const tari = rowsOf(town, 'collefiorito');
const ticket = rowsOf(town, 'asl-valle');

describe('the files', () => {
  it('has as many rows as asked, 80 to 20', () => {
    expect([tari.length, ticket.length]).toEqual([1600, 400]);
  });

  it('has the agreed columns and starts with a byte order mark', () => {
    expect(Object.keys(tari[0] ?? {})).toEqual(columnsOf('TARI'));
    expect(Object.keys(ticket[0] ?? {})).toEqual(columnsOf('TICKET'));
    expect(columnsOf('TARI').join(';')).toBe(
      'id_posizione;codice_fiscale;cognome;nome;email;origine_recapito;telefono;indirizzo;cap;comune;descrizione;anno;rata;scadenza;importo;numero_documento;codice_utente;numero_avviso;deceduto',
    );
    expect(town.files.every((file) => file.csv.startsWith('\uFEFF'))).toBe(true);
  });

  it('is readable by the kernel for every good debt', () => {
    const good = new Map(town.debts.filter((debt) => debt.kind === 'good').map((debt) => [debt.id, debt]));
    let seen = 0;
    for (const row of [...tari, ...ticket]) {
      const debt = good.get(row.id_posizione ?? '');
      if (debt === undefined) continue;
      seen += 1;
      expect(checkCodiceFiscale(row.codice_fiscale ?? '').ok).toBe(true);
      expect(parseEuro(row.importo ?? '')).toEqual({ ok: true, value: debt.amountCents });
      expect(parseCivilDate(row.scadenza ?? '')).toEqual({ ok: true, value: debt.dueDate });
      expect(debt.dueDate < '2026-09-07').toBe(true);
    }
    expect(seen).toBeGreaterThan(1900);
  });

  it('spoils about one row and a half in a hundred', () => {
    const unreadable = [...tari, ...ticket].filter(
      (row) =>
        !checkCodiceFiscale(row.codice_fiscale ?? '').ok ||
        !parseEuro(row.importo ?? '').ok ||
        !parseCivilDate(row.scadenza ?? '').ok,
    ).length;
    const ids = [...tari, ...ticket].map((row) => row.id_posizione);
    const repeated = ids.length - new Set(ids).size;
    expect(repeated).toBeGreaterThan(0);
    expect(unreadable + repeated).toBe(30);
  });

  it('imports notice numbers with the segregation code of the body for a third of the rows', () => {
    const numbers = tari.map((row) => row.numero_avviso ?? '').filter((number) => number !== '');
    expect(numbers.length / tari.length).toBeGreaterThan(0.28);
    expect(numbers.length / tari.length).toBeLessThan(0.4);
    for (const number of numbers) {
      const parsed = parseNoticeNumber(number);
      expect(parsed.ok && parsed.value.checkOk && parsed.value.segregation === '02').toBe(true);
    }
  });

  it('names no service that could tell an illness', () => {
    expect(new Set(ticket.map((row) => row.descrizione))).toEqual(new Set(['Ticket prestazione ambulatoriale']));
  });
});

describe('the people', () => {
  const people = [...town.people.values()];
  const share = (part: number, whole: number): number => part / whole;

  it('has phones that are mostly their owners’, some of a family, some of strangers, one number once', () => {
    const written = people.flatMap((p) => (p.phone === null ? [] : [p]));
    const owners = (phone: string | null) => town.phones.get(numberOf(phone ?? ''))?.owners ?? [];
    expect(share(written.filter((p) => owners(p.phone).includes(p.id)).length, written.length)).toBeCloseTo(0.85, 1);
    expect(written.every((p) => town.phones.has(numberOf(p.phone ?? '')))).toBe(true);
    const shared = [...town.phones.values()].filter((phone) => phone.owners.length > 1);
    expect(shared.length).toBeGreaterThan(0);
    for (const { owners: ids } of shared) {
      expect(new Set(ids.map((id) => town.people.get(id)?.lastName)).size).toBe(1);
    }
    const states = new Set([...town.phones.values()].map((phone) => phone.state));
    expect([...states].sort()).toEqual(['cut', 'off', 'twice', 'unknownAtSubmit', 'unknownLater', 'works']);
    for (const number of town.phones.keys()) expect(number).toMatch(/^\+393\d{9}$/);
  });

  it('has mail and phone about as often as the profile says', () => {
    expect(share(people.filter((p) => p.email !== null).length, people.length)).toBeCloseTo(0.62, 1);
    expect(share(people.filter((p) => p.phone !== null).length, people.length)).toBeCloseTo(0.8, 1);
  });

  it('delivers about 94 addresses in a hundred', () => {
    const boxes = [...town.mailboxes.values()];
    const delivered = boxes.filter((box) => box.state === 'works' || box.state === 'cutAfterData').length;
    expect(share(delivered, boxes.length)).toBeGreaterThan(0.91);
    expect(share(delivered, boxes.length)).toBeLessThan(0.97);
    expect(new Set(boxes.map((box) => box.state)).size).toBe(5);
  });

  it('sends 5 to 8 addresses in a hundred to a stranger', () => {
    const withMail = people.filter((p) => p.email !== null);
    const wrong = withMail.filter((p) => !town.mailboxes.get(p.email ?? '')?.owners.includes(p.id));
    expect(share(wrong.length, withMail.length)).toBeGreaterThan(0.045);
    expect(share(wrong.length, withMail.length)).toBeLessThan(0.085);
  });

  it('has people who owe both bodies, people with many debts, families and shared mailboxes', () => {
    const bodies = new Map<string, Set<string>>();
    const rows = new Map<string, number>();
    for (const debt of town.debts) {
      bodies.set(debt.personId, (bodies.get(debt.personId) ?? new Set()).add(debt.slug));
      rows.set(debt.personId, (rows.get(debt.personId) ?? 0) + 1);
    }
    expect([...bodies.values()].filter((set) => set.size === 2).length).toBeGreaterThan(30);
    expect([...rows.values()].filter((n) => n >= 3).length).toBeGreaterThan(30);
    expect(new Set(people.map((p) => `${p.address}|${p.place}`)).size).toBeLessThan(people.length);
    expect([...town.mailboxes.values()].filter((box) => box.owners.length > 1).length).toBeGreaterThan(0);
  });

  it('can tell people apart by address and name, and by the items they hold', () => {
    const addressed = people.filter((p) => p.email !== null).map((p) => `${p.email}|${fullName(p)}`);
    expect(new Set(addressed).size).toBe(addressed.length);
    const documents = [...town.papers.values()].map((papers) => papers.customerCode);
    expect(new Set(documents).size).toBe(documents.length);
    expect(new Set(people.map((p) => p.codiceFiscale)).size).toBe(people.length);
  });

  it('has few deceased, few minors', () => {
    expect(people.filter((p) => p.minor).length).toBeGreaterThan(0);
    expect(people.filter((p) => p.deceased).length).toBeGreaterThan(0);
    expect(people.filter((p) => p.minor || p.deceased).length).toBeLessThan(people.length * 0.03);
  });
});

describe('the amounts', () => {
  it('owes a bill of about 340 € a year and tickets of about 30 €', () => {
    const mean = (list: number[]): number => list.reduce((a, b) => a + b, 0) / list.length / 100;
    const whole = town.debts.filter((d) => d.creditType === 'TARI' && d.kind === 'good' && d.instalment === null);
    expect(mean(whole.map((debt) => debt.amountCents))).toBeGreaterThan(300);
    expect(mean(whole.map((debt) => debt.amountCents))).toBeLessThan(380);
    const tickets = town.debts.filter((d) => d.creditType === 'TICKET' && d.kind === 'good');
    expect(mean(tickets.map((debt) => debt.amountCents))).toBeGreaterThan(26);
    expect(mean(tickets.map((debt) => debt.amountCents))).toBeLessThan(36);
    expect(town.debts.filter((d) => d.kind === 'good' && d.amountCents < 1200).length).toBeGreaterThan(5);
  });

  it('makes the wrong ones in clumps: each cause in few groups', () => {
    const wrong = town.debts.filter((debt) => debt.wrong !== null && debt.slug === 'collefiorito');
    expect(wrong.length / 1600).toBeCloseTo(0.03, 2);
    for (const cause of new Set(wrong.map((debt) => debt.wrong?.cause))) {
      const groups = new Set(wrong.filter((d) => d.wrong?.cause === cause).map((d) => `${d.year}|${d.instalment}`));
      expect(groups.size).toBeLessThanOrEqual(2);
    }
  });
});

describe('determinism', () => {
  it('draws the same town from the same seed and another from another', () => {
    const again = makeTown({ seed: 7, debts: 2000, start: '2026-09-07', bodies: [COMUNE, ASL] });
    expect(again.files).toEqual(town.files);
    expect([...again.mailboxes]).toEqual([...town.mailboxes]);
    const other = makeTown({ seed: 8, debts: 2000, start: '2026-09-07', bodies: [COMUNE, ASL] });
    expect(other.files[0]?.csv).not.toBe(town.files[0]?.csv);
  });

  it('draws from the other profiles too', () => {
    for (const profile of ['southern-city', 'union', 'romagna'] as const) {
      const kind = profile === 'romagna' ? 'asl' : 'comune';
      const drawn = makeTown({ seed: 1, debts: 60, start: '2026-09-07', bodies: [{ ...COMUNE, kind, profile }] });
      expect(rowsOf(drawn, 'collefiorito')).toHaveLength(60);
    }
  });
});

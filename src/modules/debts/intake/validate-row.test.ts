import { describe, expect, it } from 'vitest';
import { computeCfCheck } from '../../../kernel/codice-fiscale.ts';
import { NO_FACTS } from '../debt-facts.ts';
import { guessProfile } from './guess-profile.ts';
import { CTX, cells, HEADER, personCode } from './intake.fixtures.ts';
import type { IntakeProfile } from './profile.ts';
import { type IntakeContext, validateRow } from './validate-row.ts';
import type { DebtRow, RowVerdict } from './verdict.ts';

const PROFILE = guessProfile(HEADER).profile;

/** 08P07 is 7 September 2008: eighteen on the day of these tests. */
const withCheck = (first15: string) => first15 + computeCfCheck(first15);

function verdict(change: Record<string, string> = {}, ctx: IntakeContext = CTX, profile = PROFILE): RowVerdict {
  return validateRow({ line: 7, cells: cells(change) }, HEADER, profile, ctx);
}

function accepted(change: Record<string, string> = {}, profile = PROFILE): DebtRow {
  const result = verdict(change, CTX, profile);
  if (result.kind !== 'accepted') throw new Error(`${result.code}: ${result.message}`);
  return result.row;
}

describe('validateRow', () => {
  it('gives typed values', () => {
    expect(accepted({ rata: 'unica', numero_avviso: '3020 0000 0001 2345 59' })).toEqual({
      line: 7,
      externalId: 'P-1',
      codiceFiscale: 'RSSMRA85T10A562S',
      codiceFiscaleKind: 'person',
      surname: 'Rossi',
      name: 'Mario',
      companyName: null,
      email: 'mario.rossi@posta.example',
      phone: '+393451234567',
      otherPhones: [],
      contactSource: 'tributi 2023',
      contactPurposes: ['TARI'],
      address: 'Via Roma 1',
      postalCode: '40100',
      city: 'Borgo',
      description: 'Tassa rifiuti 2024',
      taxYear: 2024,
      installmentNo: 0,
      dueDate: '2024-06-30',
      amountCents: 123_456,
      documentNumber: 'B-77',
      customerCode: 'U-9',
      noticeNumber: '302000000001234559',
      deceased: false,
      ...NO_FACTS,
      warnings: [],
    });
  });

  it.each([
    ['CF_FORMAT', 'codice_fiscale', 'RSSMRA85'],
    ['CF_FORMAT', 'codice_fiscale', '488410010'],
    ['CF_FORMAT', 'codice_fiscale', '00000000000'],
    ['CF_CHECK', 'codice_fiscale', 'RSSMRA85T10A562X'],
    ['CF_CHECK', 'codice_fiscale', '12345678901'],
    ['AMOUNT_NOT_A_NUMBER', 'importo', 'dodici'],
    ['AMOUNT_NEGATIVE', 'importo', '-12,00'],
    ['AMOUNT_NEGATIVE', 'importo', '(12,00)'],
    ['AMOUNT_TOO_LARGE', 'importo', '12345678901234'],
    ['AMOUNT_TOO_LARGE', 'importo', '12.345.678.901.234,00'],
    ['AMOUNT_TOO_MANY_DECIMALS', 'importo', '12,3456'],
    ['AMOUNT_AMBIGUOUS', 'importo', '1,234'],
    ['DATE_NO_SUCH_DAY', 'scadenza', '31/02/2024'],
    ['DATE_NOT_A_DATE', 'scadenza', '30/06/24'],
    ['DATE_NOT_A_DATE', 'scadenza', '45473'],
    ['DATE_OUT_OF_RANGE', 'scadenza', '30/06/0204'],
    ['YEAR_FORMAT', 'anno', '2023/2024'],
    ['MISSING_VALUE', 'id_posizione', ' '],
    ['MISSING_VALUE', 'codice_fiscale', ''],
    ['MISSING_VALUE', 'importo', '-'],
    ['MISSING_VALUE', 'scadenza', ''],
    ['MISSING_VALUE', 'cognome', ''],
    ['NOTICE_NUMBER_FORMAT', 'numero_avviso', '3,02E+17'],
    ['NOTICE_NUMBER_FORMAT', 'numero_avviso', '30200000000123455'],
    ['FORMULA_CELL', 'id_posizione', '=1+1'],
    ['FORMULA_CELL', 'id_posizione', '+cmd'],
    ['FORMULA_CELL', 'cognome', '@SUM(A1)'],
    ['FORMULA_CELL', 'nome', "-cmd|' /C calc'!A0"],
    ['FORMULA_CELL', 'importo', '=A1'],
    ['FORMULA_CELL', 'descrizione', '=HYPERLINK("x")'],
    ['CONTROL_CHARACTER', 'cognome', 'Ros\nsi'],
    ['CONTROL_CHARACTER', 'cognome', 'Ros\u0081si'],
    ['CELL_TOO_LONG', 'descrizione', 'x'.repeat(4_001)],
    ['VALUE_TOO_LONG', 'id_posizione', 'x'.repeat(101)],
  ])('rejects with %s in %s: %j', (code, column, value) => {
    const result = verdict({ [column]: value });
    expect(result).toMatchObject({ kind: 'rejected', code, column });
    if (result.kind === 'rejected') {
      expect(result.message).toMatch(new RegExp(`^Riga 7, colonna «${column}»: .+\\.$`));
      expect(result.message.length).toBeLessThan(220);
    }
  });

  it('rejects rows of another width, and says when the file looks cut', () => {
    const short = cells().slice(0, 10);
    const check = (record: { line: number; cells: string[]; unterminated?: true }) =>
      validateRow(record, HEADER, PROFILE, CTX);
    expect(check({ line: 3, cells: short })).toMatchObject({ code: 'WIDTH', column: null });
    expect(check({ line: 3, cells: short, unterminated: true })).toMatchObject({ code: 'TRUNCATED_ROW' });
    expect(check({ line: 3, cells: [...cells(), ''], unterminated: true })).toMatchObject({ code: 'WIDTH' });
  });

  it('reads both number styles and all date forms', () => {
    for (const text of ['1.234,56', '1,234.56', '1234,56', '1234.56', '€ 1.234,56']) {
      expect(accepted({ importo: text }).amountCents, text).toBe(123_456);
    }
    for (const text of [
      '2024-06-30',
      '30/06/2024',
      '30-6-2024',
      '30.06.2024',
      '30/06/2024 00:00:00',
      '2024-06-30T00:00:00',
    ]) {
      expect(accepted({ scadenza: text }).dueDate, text).toBe('2024-06-30');
    }
  });

  it('holds amounts to the style the profile states', () => {
    const styled = (decimals: 'it' | 'en'): IntakeProfile => ({
      ...PROFILE,
      fields: { ...PROFILE.fields, amount: { columns: ['importo'], decimals } },
    });
    expect(accepted({ importo: '1,234' }, styled('en')).amountCents).toBe(123_400);
    expect(accepted({ importo: '1,234.5' }, styled('en')).amountCents).toBe(123_450);
    expect(accepted({ importo: '1.234' }, styled('it')).amountCents).toBe(123_400);
    for (const [text, style, code] of [
      ['1.234', 'en', 'AMOUNT_TOO_MANY_DECIMALS'],
      ['12,50', 'en', 'AMOUNT_NOT_A_NUMBER'],
      ['12.50', 'it', 'AMOUNT_NOT_A_NUMBER'],
      ['1,234', 'it', 'AMOUNT_TOO_MANY_DECIMALS'],
      ['-1,234.00', 'en', 'AMOUNT_NEGATIVE'],
    ] as const) {
      expect(verdict({ importo: text }, CTX, styled(style)), `${text} ${style}`).toMatchObject({ code });
    }
  });

  it('drops bad contacts and small things with a warning, and keeps the debt', () => {
    const row = accepted({
      email: 'a@b.example, c@d.example',
      telefono: '051 123456 / 800123456',
      cap: '184',
      rata: 'boh',
      nome: '',
      numero_avviso: '302000100440009424',
    });
    expect(row).toMatchObject({ email: null, phone: '+39051123456', postalCode: null, installmentNo: null });
    expect(row.noticeNumber).toBe('302000100440009424');
    expect(row.warnings.map((w) => w.code).sort()).toEqual([
      'EMAIL_DROPPED',
      'INSTALLMENT_DROPPED',
      'NAME_MISSING',
      'NOTICE_NUMBER_CHECK',
      'PHONE_DROPPED',
      'POSTAL_CODE_DROPPED',
    ]);
    expect(row.warnings[0]?.message).toContain('Riga 7');
    expect(accepted({ telefono: '+39 345 1234567', email: '=cmd' })).toMatchObject({
      phone: '+393451234567',
      email: null,
    });
  });

  it('warns about a health contact whose source is unknown', () => {
    const health = { ...CTX, creditType: { code: 'TICKET', health: true } };
    const result = verdict({ origine_recapito: '' }, health);
    expect(result).toMatchObject({
      kind: 'accepted',
      row: { contactPurposes: [], warnings: [{ code: 'CONTACT_SOURCE_MISSING' }] },
    });
  });

  it.each([
    ['DECEASED', { deceduto: 'S' }],
    ['DECEASED', { deceduto: '12/03/2025' }],
    ['DECEASED', { deceduto: 'vedi nota' }],
    ['MINOR', { codice_fiscale: personCode('12', 1) }],
    ['MINOR', { codice_fiscale: withCheck('VRDGPP08P08A001') }],
    ['AMOUNT_ZERO', { importo: '0,00' }],
    ['DECADENCE_PAST', { scadenza: '31/12/2020' }],
    ['DUE_FAR_FUTURE', { scadenza: '08/09/2027' }],
  ])('quarantines with %s: %j', (code, change) => {
    expect(verdict(change)).toMatchObject({ kind: 'quarantined', code, row: { externalId: 'P-1' } });
  });

  it('does not quarantine just inside each border', () => {
    for (const change of [
      { deceduto: 'N' },
      { codice_fiscale: withCheck('VRDGPP08P07A001') },
      { importo: '0,01' },
      { scadenza: '01/01/2021' },
      { scadenza: '07/09/2027' },
    ]) {
      expect(verdict(change).kind, JSON.stringify(change)).toBe('accepted');
    }
    const noRule = { ...CTX, rules: { ...CTX.rules, quarantineDueYearUpTo: null } };
    expect(verdict({ scadenza: '31/12/2019' }, noRule).kind).toBe('accepted');
  });

  it('reads fixed values and joined columns', () => {
    const fields = {
      ...PROFILE.fields,
      dueDate: { fixed: '2025-01-31' },
      address: { columns: ['indirizzo', 'comune'] },
    };
    expect(accepted({ scadenza: 'x' }, { version: 1, fields })).toMatchObject({
      dueDate: '2025-01-31',
      address: 'Via Roma 1 Borgo',
    });
  });

  it('refuses the file when a row belongs to another body', () => {
    const header = [...HEADER, 'cf_ente'];
    const { profile } = guessProfile(header);
    const check = (ente: string) => validateRow({ line: 9, cells: [...cells(), ente] }, header, profile, CTX);
    expect(check('00488410010').kind).toBe('accepted');
    expect(check('')).toMatchObject({ kind: 'rejected', code: 'MISSING_VALUE' });
    expect(() => check('12345678903')).toThrow(
      expect.objectContaining({ code: 'INTAKE_OTHER_BODY', details: { line: 9 } }),
    );
  });
});

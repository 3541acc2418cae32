import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { guessProfile } from './guess-profile.ts';
import { HEADER } from './intake.fixtures.ts';
import { bindProfile, checkProfile, INTAKE_FIELDS, type IntakeProfile, IntakeProfileSchema } from './profile.ts';

describe('guessProfile', () => {
  it('knows every column of the TARI file', () => {
    const guess = guessProfile(HEADER);
    expect(guess.unmapped).toEqual([]);
    expect(guess.missing).toEqual([]);
    expect(guess.profile.fields.customerCode).toEqual({ columns: ['codice_utente'] });
    expect(guess.profile.fields.contactSource).toEqual({ columns: ['origine_recapito'] });
    expect(Value.Check(IntakeProfileSchema, JSON.parse(JSON.stringify(guess.profile)))).toBe(true);
  });

  it('ignores case, accents and signs, and reads English', () => {
    const guess = guessProfile(['ID', 'Cod. Fisc.', 'Città', 'Due date', 'Amount', 'Sconosciuta', '']);
    expect(guess.missing).toEqual([]);
    expect(guess.profile.fields.city).toEqual({ columns: ['Città'] });
    expect(guess.unmapped).toEqual(['Sconosciuta']);
  });

  it('prefers what is still to be paid and joins street and number', () => {
    const { profile, unmapped, missing } = guessProfile(['cf', 'importo', 'residuo', 'via', 'civico']);
    expect(profile.fields.amount).toEqual({ columns: ['residuo'] });
    expect(profile.fields.address).toEqual({ columns: ['via', 'civico'] });
    expect(unmapped).toEqual(['importo']);
    expect(missing).toEqual(['externalId', 'dueDate']);
  });
});

describe('checkProfile', () => {
  const base: IntakeProfile = {
    version: 1,
    fields: {
      externalId: { columns: ['id'] },
      codiceFiscale: { columns: ['CF'] },
      dueDate: { fixed: '30/06/2024' },
      amount: { columns: ['importo'], decimals: 'en' },
    },
  };

  it('accepts a profile that fits, names compared without case', () => {
    expect(checkProfile(base, ['Id', 'cf ', 'importo', 'altro'])).toEqual([]);
    const bound = bindProfile(base, ['Id', 'cf', 'importo']);
    expect(bound.get('amount')).toEqual({ indexes: [2], fixed: null, column: 'importo', decimals: 'en' });
    expect(bound.get('dueDate')).toMatchObject({ fixed: '30/06/2024', column: null });
  });

  it('names each thing that is wrong', () => {
    const { dueDate: _, ...fields } = base.fields;
    const bad: IntakeProfile = {
      version: 1,
      fields: { ...fields, codiceFiscale: { fixed: 'X' }, surname: { columns: ['a', 'b'] } },
    };
    const found = checkProfile(bad, ['id', 'a', 'b']).map((p) => `${p.code} ${p.field} ${p.column}`);
    expect(found.sort()).toEqual([
      'FIXED_NOT_ALLOWED codiceFiscale null',
      'MANY_COLUMNS surname null',
      'MISSING_COLUMN amount importo',
      'MISSING_FIELD dueDate null',
    ]);
    expect(() => bindProfile(bad, ['id', 'a', 'b'])).toThrow(expect.objectContaining({ code: 'INTAKE_PROFILE' }));
  });

  it('has a schema that holds every field and nothing else', () => {
    expect(Object.keys(IntakeProfileSchema.properties.fields.properties)).toEqual([...INTAKE_FIELDS]);
    expect(Value.Check(IntakeProfileSchema, { ...base, fields: { ...base.fields, altro: { fixed: 'x' } } })).toBe(
      false,
    );
    expect(Value.Check(IntakeProfileSchema, { version: 1, fields: { amount: { columns: [] } } })).toBe(false);
  });
});

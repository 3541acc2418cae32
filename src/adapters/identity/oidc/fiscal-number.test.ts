import { describe, expect, it } from 'vitest';
import { computeCfCheck } from '../../../kernel/codice-fiscale.ts';
import { codiceFiscaleOf } from './fiscal-number.ts';

const CF = `RSSMRA80A01H501${computeCfCheck('RSSMRA80A01H501')}`;
const OMOCODE = `RSSMRA80A01H50M${computeCfCheck('RSSMRA80A01H50M')}`;

describe('codiceFiscaleOf', () => {
  it('takes the code with its prefix or without, in any case, omocode forms as they are', () => {
    for (const claim of [CF, `TINIT-${CF}`, `tinit-${CF.toLowerCase()}`, ` TINIT-${CF} `]) {
      expect(codiceFiscaleOf(claim)).toBe(CF);
    }
    expect(codiceFiscaleOf(`TINIT-${OMOCODE}`)).toBe(OMOCODE);
  });

  it('takes nothing that is no person’s code of ours', () => {
    const wrong = CF.slice(0, 15) + (CF.endsWith('A') ? 'B' : 'A');
    for (const claim of [
      '',
      'TINIT-',
      wrong,
      `VATIT-${CF}`,
      `TINFR-${CF}`,
      `TINIT-TINIT-${CF}`,
      '12345678903',
      7,
      null,
      [CF],
    ]) {
      expect(codiceFiscaleOf(claim)).toBeNull();
    }
  });
});

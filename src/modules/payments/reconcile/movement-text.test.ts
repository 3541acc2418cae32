import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referencesOf } from './movement-text.ts';

const FLOW = '2026-09-03PSPITMMXXX-0000000123';

describe('the text of a cumulative credit', () => {
  it.each([
    `/PUR/LGPE-RIVERSAMENTO/URI/${FLOW}`,
    `RI1/PUR/LGPE-RIVERSAMENTO/URI/${FLOW} ACCREDITO BOLLETTINO P.A.`,
    `:RI3:/PUR/LGPE- RIVERSAMENTO/URI/${FLOW} :SEC:CASH`,
    `L GPE-RIVERSAMENTO/TXT/2/URI/${FLOW}/ZZ4/4184`,
    `ACCREDITI VARI LGPE-RIVERSAMENTO URI ${FLOW}`,
    '/PUR/LGPE-RIVERSAMENTO/URI/2026-0 9-03PSPITMMXXX-00000\n00123 BANCA DI PROVA',
    `/pur/lgpe-riversamento/uri/${FLOW.toLowerCase()}`,
  ])('names its flow: %s', (text) => {
    expect(referencesOf(text)).toMatchObject({ flowIds: expect.arrayContaining([FLOW]), iuv: null });
  });

  it('does not swallow what is written behind', () => {
    expect(referencesOf(`/PUR/LGPE-RIVERSAMENTO/URI/${FLOW}/TXT/7`).flowIds).toEqual([FLOW]);
    expect(referencesOf(`LGPE-RIVERSAMENTO/URI/${FLOW} SALDO`).flowIds).toEqual([FLOW]);
    // Whether this is the end of the id or another word, the text does not say: the flows there are will.
    expect(referencesOf(`LGPE-RIVERSAMENTO/URI/${FLOW} 12`).flowIds).toEqual([FLOW, `${FLOW}12`]);
  });

  it('names it wherever the bank puts blanks', () => {
    const text = `/PUR/LGPE-RIVERSAMENTO/URI/${FLOW}`;
    const blanks = fc.array(fc.tuple(fc.nat(text.length), fc.constantFrom(' ', '\n', '  ', '\u00a0')), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(blanks, fc.constantFrom('', ' ALTRO', '/TXT/1', ' - 12'), (where, behind) => {
        let spaced = text;
        for (const [at, blank] of where) spaced = spaced.slice(0, at) + blank + spaced.slice(at);
        expect(referencesOf(spaced + behind).flowIds).toContain(FLOW);
      }),
    );
  });
});

describe('the text of a single credit', () => {
  const IUV = '02000000001234559';
  it.each([
    [`/RFB/${IUV}`, IUV],
    [`/RFB/${IUV}/120.00/TXT/TARI 2026`, IUV],
    [`RFB ${IUV} 120.00 TARI`, IUV],
    [`/RFB/0200000000 1234559/120.00`, IUV],
    ['/RFB/001234567890123/5.00', '001234567890123'],
    ['/RFS/RF78567483937849450550875/10.00', 'RF78567483937849450550875'],
    ['/RFS/rf45w9/10.00', 'RF45W9'],
    ['/RFB/AB12CD/10.00', 'AB12CD'],
  ])('%s is of IUV %s', (text, iuv) => {
    expect(referencesOf(text)).toEqual({ flowIds: [], iuv });
  });
});

describe('another text', () => {
  it.each([
    '',
    'BONIFICO DI MARIO ROSSI PER TARI',
    'LGPE-RIVERSAMENTO',
    '/PUR/LGPE-RIVERSAMENTO/URI/',
    'ORFBAND 3',
    '/RFB/',
  ])('%j refers to nothing', (text) => {
    expect(referencesOf(text)).toEqual({ flowIds: [], iuv: null });
  });

  it('is never a reason to fail', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.constantFrom('', 'LGPE-RIVERSAMENTO/URI/', '/RFB/'),
        (text, mark) => {
          const { flowIds, iuv } = referencesOf(mark + text);
          for (const id of flowIds) expect(id).toMatch(/^[A-Z0-9_-]{11,35}$/);
          if (iuv !== null) expect(iuv).toMatch(/^[A-Z0-9]{1,35}$/);
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../../../test/support/any-text.ts';
import { makeNoticeNumber } from '../../../kernel/notice-number.ts';
import { MAX_POSTAL_CENTS, paymentQr, postalDataMatrix } from './payment-codes.ts';

const NAV = '302000000001234559';
const slip = {
  noticeNumber: NAV,
  account: '123456',
  amountCents: 12_000,
  creditorCode: '77777777777',
  payerCode: 'RSSMRA80A01H501U',
  payerName: 'Rossi Mario',
  subject: 'TARI 2026',
};
const number = fc.bigInt({ min: 0n, max: 10n ** 13n - 1n }).map((base) => makeNoticeNumber('02', base));
const account = fc.integer({ min: 1, max: 999_999_999_999 }).map(String);
const bodyCode = fc.integer({ min: 0, max: 99_999_999_999 }).map((code) => String(code).padStart(11, '0'));

describe('what the QR code says', () => {
  it('is the example of pagoPA', () => {
    expect(paymentQr(NAV, '77777777777', 12_000)).toBe('PAGOPA|002|302000000001234559|77777777777|12000');
  });

  it('has two digits of amount at least', () => {
    expect(paymentQr(NAV, '77777777777', 5)).toMatch(/\|05$/);
  });

  it('gives back number, body and cents, and fits version 4 at level M', () => {
    fc.assert(
      fc.property(number, bodyCode, fc.integer({ min: 1, max: 99_999_999_999 }), (nav, body, cents) => {
        const said = paymentQr(nav, body, cents);
        const [mark, version, ...rest] = said.split('|');
        expect([mark, version]).toEqual(['PAGOPA', '002']);
        expect([rest[0], rest[1], Number(rest[2])]).toEqual([nav, body, cents]);
        // Bytes that version 4 holds at level M (ISO/IEC 18004).
        expect(Buffer.byteLength(said)).toBeLessThanOrEqual(62);
      }),
    );
  });
});

describe('what the postal Data Matrix says', () => {
  it('has every field at its place', () => {
    const said = postalDataMatrix(slip);
    const fields = [13, 15, 33, 35, 47, 49, 59, 60, 63, 66, 77, 93, 133, 243, 255, 256];
    expect(fields.map((end, i) => said.slice(fields[i - 1] ?? 0, end))).toEqual([
      'codfase=NBPA;',
      '18',
      NAV,
      '12',
      '000000123456',
      '10',
      '0000012000',
      '3',
      '896',
      '1P1',
      '77777777777',
      'RSSMRA80A01H501U',
      'ROSSI MARIO'.padEnd(40),
      'TARI 2026'.padEnd(110),
      ' '.repeat(12),
      'A',
    ]);
  });

  it('takes off accents, curly marks and what Latin letters cannot write', () => {
    const said = postalDataMatrix({ ...slip, payerName: 'Niccolò D’Ængelo–Müßig 🙂', subject: 'È città, שלום «già»' });
    expect(said.slice(93, 133).trimEnd()).toBe("NICCOLO D'NGELO-MUSSIG");
    expect(said.slice(133, 243).trimEnd()).toBe('E CITTA,  GIA');
  });

  it('is always 256 characters of basic Latin, whatever people are called', () => {
    const text = fc.oneof(anyText(200), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(
        number,
        account,
        fc.integer({ min: 1, max: MAX_POSTAL_CENTS }),
        text,
        text,
        text,
        (noticeNumber, postalAccount, amountCents, payerCode, payerName, subject) => {
          const said = postalDataMatrix({
            ...slip,
            noticeNumber,
            account: postalAccount,
            amountCents,
            payerCode,
            payerName,
            subject,
          });
          expect(said).toMatch(/^codfase=NBPA;[\x20-\x60\x7b-\x7e]{243}$/);
          expect([said.slice(15, 33), Number(said.slice(49, 59)), said.at(-1)]).toEqual([
            noticeNumber,
            amountCents,
            'A',
          ]);
        },
      ),
    );
  });

  it('is refused where a number does not fit', () => {
    for (const wrong of [{ amountCents: MAX_POSTAL_CENTS + 1 }, { account: '1'.repeat(13) }, { creditorCode: '7' }]) {
      expect(() => postalDataMatrix({ ...slip, ...wrong })).toThrow(
        expect.objectContaining({ code: 'NOTICE_DOCUMENT' }),
      );
    }
  });
});

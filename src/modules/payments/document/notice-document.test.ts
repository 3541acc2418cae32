import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../../../test/support/any-text.ts';
import { creditor, noticeFacts, payment, payments, postalAccount } from '../../../../test/support/payment-notices.ts';
import { fitText } from './fit-text.ts';
import { makeNotice } from './notice-document.ts';
import { NOTICE_LIMITS, type NoticeFacts } from './notice-facts.ts';

const odd = fc.oneof(anyText(300), fc.string({ unit: 'grapheme', maxLength: 200 }));
const length = (text: string | null) => [...(text ?? '')].length;
/** Seen by nobody, or able to turn round what is seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

describe('a text of the notice', () => {
  it('keeps accents, and everything up to its limit', () => {
    expect(fitText('Niccolò Ærøskøbing-Šimunović', 40)).toBe('Niccolò Ærøskøbing-Šimunović');
    expect(fitText('e\u0300', 1)).toBe('è');
    expect(fitText('x'.repeat(140), 140)).toBe('x'.repeat(140));
    expect(fitText('x'.repeat(141), 140)).toBe(`${'x'.repeat(139)}…`);
    expect(fitText('🙂'.repeat(4), 3)).toBe('🙂🙂…');
  });

  it('is one line, without what cannot be seen', () => {
    expect(fitText('  a\u0000\r\n\tb \u00a0 c\u200b ', 9)).toBe('a b c');
    expect(fitText('pagato \u202eorue 001\u202c', 40)).toBe('pagato orue 001');
    expect(fitText('\ud83dx', 4)).toBe('\ufffdx');
  });

  it('fits its limit whatever it was, and fits it again unchanged', () => {
    fc.assert(
      fc.property(odd, fc.integer({ min: 1, max: 140 }), (text, max) => {
        const fitted = fitText(text, max);
        expect(length(fitted)).toBeLessThanOrEqual(max);
        expect(fitted).not.toMatch(UNSEEN);
        expect(fitText(fitted, max)).toBe(fitted);
      }),
    );
  });
});

describe('a payment notice', () => {
  it('has texts that fit, whatever people and streets are called', () => {
    const seen = odd.filter((text) => fitText(text, 200) !== '');
    fc.assert(
      fc.property(seen, odd, odd, seen, (name, address, fiscalCode, subject) => {
        const { addressee, subject: printed } = makeNotice(
          noticeFacts({
            addressee: { name, address, fiscalCode },
            subject,
            creditor: creditor({ postal: postalAccount }),
          }),
        );
        expect(length(addressee.name)).toBeLessThanOrEqual(NOTICE_LIMITS.addresseeName);
        expect(length(addressee.address)).toBeLessThanOrEqual(NOTICE_LIMITS.address);
        expect(length(addressee.fiscalCode)).toBeLessThanOrEqual(NOTICE_LIMITS.addresseeCode);
        expect(length(printed)).toBeLessThanOrEqual(NOTICE_LIMITS.subject);
        expect(`${addressee.name}${addressee.address}${addressee.fiscalCode}${printed}`).not.toMatch(UNSEEN);
      }),
    );
  });

  it('writes codes in capitals and begins its subject with one', () => {
    const {
      addressee,
      creditor: body,
      subject,
    } = makeNotice(
      noticeFacts({
        subject: 'mensa scolastica',
        creditor: creditor({ cbill: 'a0edt' }),
        addressee: { fiscalCode: 'rssmra80a01h501u', name: 'Maria Rossi', address: null },
      }),
    );
    expect([subject, body.cbill, addressee.fiscalCode]).toEqual(['Mensa scolastica', 'A0EDT', 'RSSMRA80A01H501U']);
  });

  it('codes each payment, with a slip where there is a postal account', () => {
    const choice = { kind: 'installments', single: payment(9), installments: payments(2) } as const;
    const withSlip = makeNotice(noticeFacts({ choice, creditor: creditor({ postal: postalAccount }) })).choice;
    if (withSlip.kind !== 'installments') throw new Error('another choice');
    const { noticeNumber } = payment(2);
    expect(withSlip.installments[1]?.qr).toBe(`PAGOPA|002|${noticeNumber}|77777777777|10002`);
    expect(withSlip.installments[1]?.slip?.dataMatrix.slice(15, 33)).toBe(noticeNumber);
    const without = makeNotice(noticeFacts({ choice })).choice;
    expect(without.kind === 'installments' && without.single?.slip).toBeNull();
  });

  it('takes a number as it is printed, in groups of four', () => {
    const choice = { kind: 'single', payment: payment(1, { noticeNumber: '3020 0000 0001 2345 59' }) } as const;
    expect(makeNotice(noticeFacts({ choice })).choice).toMatchObject({
      payment: { noticeNumber: '302000000001234559' },
    });
  });

  it('takes the largest amount that the guide allows, and that a slip can say', () => {
    const of = (amountCents: number, postal: NoticeFacts['creditor']['postal']) => () =>
      makeNotice(
        noticeFacts({
          choice: { kind: 'single', payment: payment(1, { amountCents }) },
          creditor: creditor({ postal }),
        }),
      );
    expect(of(99_999_999_999, null)).not.toThrow();
    expect(of(9_999_999_999, postalAccount)).not.toThrow();
    for (const wrong of [
      of(100_000_000_000, null),
      of(10_000_000_000, postalAccount),
      of(0, null),
      of(-1, null),
      of(1.5, null),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: 'NOTICE_DOCUMENT', details: { field: 'amountCents' } }));
    }
  });

  it.each<[field: string, Partial<NoticeFacts>]>([
    ['creditor.fiscalCode', { creditor: creditor({ fiscalCode: '123' }) }],
    ['creditor.name', { creditor: creditor({ name: ' \u200b' }) }],
    ['creditor.postal.account', { creditor: creditor({ postal: { ...postalAccount, account: '12A' } }) }],
    ['creditor.postal.authorisation', { creditor: creditor({ postal: { ...postalAccount, authorisation: '' } }) }],
    ['addressee.name', { addressee: { fiscalCode: null, name: '\u0000', address: null } }],
    ['subject', { subject: '' }],
    ['noticeNumber', { choice: { kind: 'single', payment: payment(1, { noticeNumber: '3020' }) } }],
    ['noticeNumber', { choice: { kind: 'trafficFine', discounted: payment(1), reduced: payment(1) } }],
    ['installments', { choice: { kind: 'installments', single: null, installments: payments(1) } }],
  ])('is refused with %s', (field, over) => {
    expect(() => makeNotice(noticeFacts(over))).toThrow(
      expect.objectContaining({ code: 'NOTICE_DOCUMENT', details: { field } }),
    );
  });
});

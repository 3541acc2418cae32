import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { officialSoap } from '../../../../../test/support/official-schemas.ts';
import { IBAN, POSTAL_IBAN, PROVINCE } from '../../../../../test/support/pagopa.ts';
import { civilDate } from '../../../../kernel/civil-date.ts';
import { parseXml, textOf } from '../../../../platform/xml/index.ts';
import { type NoticeDebtor, type NoticeToPay, paymentToMake, refusal, verified } from './write-answer.ts';

const official = officialSoap('pagopa', 'pagopa-api', 'wsdl', 'xsd', 'paForNode.xsd');
/** Anything that somebody may be called, and much that nobody is. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'Nicolò D’Àmico & figli <srl>',
    'x'.repeat(141),
    '\u{1F600}'.repeat(150),
    ']]>',
    '\u202Eabc',
  ),
);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const cents = fc.integer({ min: 1, max: 99_999_999_999 });
const debtor: fc.Arbitrary<NoticeDebtor> = fc.record({
  fiscalCode: fc.constantFrom(null, 'RSSMRA80A01H501U', '80000001014'),
  fullName: text,
  streetName: maybe(text),
  postalCode: maybe(text),
  city: maybe(text),
});
const notice: fc.Arbitrary<NoticeToPay> = fc
  .record({
    amount: cents,
    share: fc.boolean(),
    postal: fc.boolean(),
    metadata: fc.boolean(),
    description: text,
    company: text,
    office: maybe(text),
  })
  .map(({ amount, share, postal, metadata, description, company, office }) => {
    const account = postal ? { iban: IBAN, postalIban: POSTAL_IBAN } : { iban: IBAN };
    const first = { no: 1, fiscalCode: '80000001014', name: company, account, category: '9/0101101IM/' };
    const entries = metadata ? ([['TARI-TEFA-1', 'A000|2024|3944']] as const) : [];
    const parts = share && amount > 1 ? [amount - 1, 1] : [amount];
    return {
      noticeNumber: '302000000001234559',
      amountCents: amount,
      dueDate: civilDate('2026-06-16'),
      // The program never writes an empty one: a credit has a name.
      description: `TARI ${description}`,
      companyName: `Comune ${company}`,
      officeName: office,
      fiscalCode: '80000001014',
      transfers: parts.map((amountCents, i) =>
        i === 0
          ? { ...first, amountCents, metadata: entries }
          : { ...PROVINCE, no: 2, amountCents, account: PROVINCE, metadata: entries },
      ),
    };
  });

describe('every answer of the station', () => {
  it('is what the official schema says, whatever is known of debtor, body and debt', () => {
    const types = fc.constantFrom('POSTAL', 'PAGOPA', undefined);
    fc.assert(
      fc.property(notice, debtor, types, (one, who, type) => {
        for (const xml of [
          verified('paVerifyPaymentNoticeReq', one),
          paymentToMake('paGetPaymentReq', one, who, type),
          paymentToMake('paGetPaymentV2Request', one, who, type),
        ]) {
          const root = parseXml(Buffer.from(xml));
          expect(textOf(root.children[0]?.children[0], 'outcome')).toBe('OK');
          official?.(xml);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is so also when it refuses', () => {
    fc.assert(
      fc.property(text, maybe(text), (id, description) => {
        official?.(refusal('paGetPaymentV2Request', 'PAA_SEMANTICA', id, description ?? undefined));
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { creditor, noticeFacts, payment, postalAccount } from '../../../../test/support/payment-notices.ts';
import { symbolBoxes } from '../../../../test/support/pdf-picture.ts';
import { CHOICES, render, symbolsOf, withSlip } from '../../../../test/support/rendered-notices.ts';
import {
  makeNotice,
  NOTICE_LIMITS,
  type NoticeFacts,
  paymentsOf,
} from '../../../modules/payments/document/document.port.ts';
import { planPages } from './page-plan.ts';

describe('the codes on the page, read back at 150 dots an inch', () => {
  it.each(Object.entries(CHOICES))('of %s say what they should, without and with slips', async (_, choice) => {
    for (const body of [creditor(), withSlip]) {
      const facts = noticeFacts({ choice, creditor: body });
      const coded = paymentsOf(makeNotice(facts).choice);
      const read = (await symbolsOf(render(facts))).flat();
      const texts = (format: string) => read.filter((one) => one.format === format).map((one) => one.text);
      expect(texts('QRCode').sort()).toEqual(coded.map((one) => one.qr).sort());
      expect(texts('DataMatrix').sort()).toEqual(coded.flatMap((one) => one.slip?.dataMatrix ?? []).sort());
      for (const one of read) if (one.format === 'QRCode') expect(one).toMatchObject({ version: '4', level: 'M' });
    }
  });

  it('are of 25 millimetres, drawn and not painted', () => {
    const pdf = render(noticeFacts({ creditor: withSlip }));
    const boxes = symbolBoxes(pdf, pdf.pages[0] ?? 0);
    expect(boxes).toHaveLength(2);
    for (const side of boxes.flatMap(({ width, height }) => [width, height])) expect(side).toBeCloseTo(25, 1);
    expect([...pdf.objects.values()].filter((source) => /\/Subtype\s*\/Image/.test(source))).toEqual([]);
  });
});

describe('the layout at its longest texts', () => {
  const capitals = (max: number) =>
    'COMUNITÀ MONTANA DI '
      .repeat(max)
      .slice(0, max - 1)
      .concat('A');
  const widest = (max: number) => 'W'.repeat(max);
  const longest = (text: (max: number) => string, over: Partial<NoticeFacts>, postal: boolean): NoticeFacts =>
    noticeFacts({
      subject: text(NOTICE_LIMITS.subject),
      addressee: {
        fiscalCode: widest(16),
        name: text(NOTICE_LIMITS.addresseeName),
        address: text(NOTICE_LIMITS.address),
      },
      creditor: {
        fiscalCode: '77777777777',
        name: text(NOTICE_LIMITS.creditorName),
        office: text(NOTICE_LIMITS.office),
        contacts: text(NOTICE_LIMITS.contacts),
        cbill: widest(NOTICE_LIMITS.cbill),
        logo: null,
        online: 'siteAndApp',
        counter: text(NOTICE_LIMITS.counter),
        postal: postal
          ? {
              account: '123456789012',
              holder: text(NOTICE_LIMITS.accountHolder),
              authorisation: postalAccount.authorisation,
            }
          : null,
      },
      ...over,
    });

  it.each(Object.entries(CHOICES))(
    'of %s loses no code, and keeps its pages but for the oddest letters',
    async (_, choice) => {
      for (const text of [capitals, widest]) {
        for (const secondLanguage of [null, 'de'] as const) {
          for (const postal of [false, true]) {
            const facts = longest(text, { choice, secondLanguage }, postal);
            const pdf = render(facts);
            const read = await symbolsOf(pdf);
            expect(read.flat()).toHaveLength(paymentsOf(facts.choice).length * (postal ? 2 : 1));
            // The notes on a fine in two languages take half of the first page: its slip may be on the next one.
            const tight = choice.kind === 'trafficFine' && secondLanguage !== null && postal;
            if (text === capitals && !tight) expect(pdf.pages).toHaveLength(planPages(makeNotice(facts)).length);
          }
        }
      }
    },
  );

  it('holds the largest amounts', () => {
    const amounts = [
      { choice: { kind: 'single', payment: payment(1, { amountCents: 99_999_999_999, dueDate: null }) } } as const,
      { choice: { kind: 'single', payment: payment(1, { amountCents: 9_999_999_999 }) }, creditor: withSlip } as const,
    ];
    for (const over of amounts) expect(render(noticeFacts(over)).pages).toHaveLength(1);
  });
});

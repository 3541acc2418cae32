import type { Browser } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../../../test/browser/launch.ts';
import { creditor, noticeFacts, payment, postalAccount } from '../../../../test/support/payment-notices.ts';
import { readSymbols } from '../../../../test/support/read-symbols.ts';
import { makeNotice, paymentsOf } from '../../../modules/payments/document/document.port.ts';
import { noticeInput } from './notice-data.ts';
import { makePrintable } from './printable.ts';
import { openTypst, readTextFonts } from './typst-compiler.ts';

const { browser, reason } = await launchBrowser();
afterAll(() => browser?.close());

/** A4 at 150 dots an inch. */
const DOTS = { width: 1240, height: 1754 };

describe.skipIf(browser === null)(`the whole page, with its texts, in a browser${reason ?? ''}`, () => {
  it('shows both codes so that they can be read', async () => {
    const document = makeNotice(
      noticeFacts({
        creditor: creditor({ postal: postalAccount }),
        choice: { kind: 'single', payment: payment(7, { amountCents: 9_999_999_999 }) },
      }),
    );
    const typst = openTypst();
    const laidOut = typst.layOut(noticeInput([document], makePrintable(readTextFonts())));
    const picture = await photograph(browser as Browser, typst.engine.plainSvg(laidOut));
    const read = await readSymbols(picture);
    const [coded] = paymentsOf(document.choice);
    expect(read.map((one) => one.text)).toEqual([coded?.qr, coded?.slip?.dataMatrix]);
  });
});

async function photograph(chromium: Browser, svg: string): Promise<Uint8Array> {
  const page = await chromium.newPage({ viewport: DOTS });
  try {
    const sized = svg.replace(/<svg /, `<svg style="display:block;width:${DOTS.width}px;height:${DOTS.height}px" `);
    await page.setContent(`<body style="margin:0">${sized}</body>`);
    return await page.screenshot();
  } finally {
    await page.close();
  }
}

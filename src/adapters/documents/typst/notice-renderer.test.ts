import { afterEach, describe, expect, it } from 'vitest';
import { creditor, noticeFacts, postalAccount } from '../../../../test/support/payment-notices.ts';
import { readPdf } from '../../../../test/support/pdf.ts';
import {
  MAX_NOTICES_PER_FILE,
  makeNotice,
  type NoticeRenderer,
} from '../../../modules/payments/document/document.port.ts';
import { openNoticeRenderer } from './index.ts';

let renderer: NoticeRenderer | null = null;
afterEach(() => renderer?.close());
const open = (threads: number) => {
  renderer = openNoticeRenderer({ threads });
  return renderer;
};
const notice = (subject: string) => makeNotice(noticeFacts({ subject, creditor: creditor({ postal: postalAccount }) }));
const broken = makeNotice(
  noticeFacts({ creditor: creditor({ logo: { format: 'png', bytes: Buffer.from('no picture') } }) }),
);
const pagesOf = (pdf: Uint8Array) => readPdf(pdf).pages.length;

describe('the renderer of notices', () => {
  it('gives each caller its own file, however many ask at once', async () => {
    const { renderNotices } = open(2);
    const counts = [3, 1, 5, 2, 4, 1, 1];
    const files = await Promise.all(
      counts.map((count, i) => renderNotices(Array.from({ length: count }, () => notice(`Mensa ${i}`)))),
    );
    expect(files.map(pagesOf)).toEqual(counts);
  });

  it('gives the same file whoever made it', async () => {
    const { renderNotice, renderNotices } = open(2);
    const [one, other] = await Promise.all([renderNotice(notice('Mensa')), renderNotices([notice('Mensa')])]);
    expect(Buffer.from(one).equals(other)).toBe(true);
  });

  it('goes on when a thread has made its share', async () => {
    renderer = openNoticeRenderer({ threads: 1, noticesPerThread: 2 });
    const { renderNotices } = renderer;
    const files = await Promise.all([1, 2, 1, 3].map((count) => renderNotices(Array(count).fill(notice('Mensa')))));
    expect(files.map(pagesOf)).toEqual([1, 2, 1, 3]);
  });

  it('goes on after a notice that cannot be made, and says nothing of what was in it', async () => {
    const { renderNotice } = open(1);
    const [failed, made] = await Promise.allSettled([renderNotice(broken), renderNotice(notice('Mensa'))]);
    expect(failed).toMatchObject({ reason: { code: 'NOTICE_RENDER', message: 'Typst could not make the notices' } });
    expect(made.status).toBe('fulfilled');
  });

  it('refuses an empty file and one that would be too large', async () => {
    const { renderNotices } = open(1);
    await expect(renderNotices([])).rejects.toMatchObject({ code: 'NOTICE_FILE_SIZE' });
    const many = Array.from({ length: MAX_NOTICES_PER_FILE + 1 }, () => notice('Mensa'));
    await expect(renderNotices(many)).rejects.toMatchObject({ code: 'NOTICE_FILE_SIZE' });
  });

  it('ends what is under way when it closes, and refuses the rest', async () => {
    const { renderNotice, close } = open(1);
    const under = renderNotice(notice('Mensa'));
    const waiting = renderNotice(notice('Mensa'));
    const [made, refused] = await Promise.allSettled([under, waiting, close()]);
    expect(made.status).toBe('fulfilled');
    expect(refused).toMatchObject({ reason: { code: 'RENDERER_CLOSED' } });
    await expect(renderNotice(notice('Mensa'))).rejects.toMatchObject({ code: 'RENDERER_CLOSED' });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../kernel/hash.ts';
import { dsn, QMAIL_UNKNOWN, readReceipt } from './bounce-samples.ts';
import { classifyReport } from './classify-bounce.ts';
import { MAX_REPORT_BYTES, parseReport } from './parse-dsn.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('taking a report apart', () => {
  it('finds the fields of RFC 3464, folded lines joined and types taken off', async () => {
    const { report, eventId } = await parseReport(
      bytes(dsn({ status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 no such\r\n\tuser' })),
    );
    expect(eventId).toBe('<20260310120000.4F2A1@mx.posta.example>');
    expect(report.reportType).toBe('delivery-status');
    expect(report.recipients).toEqual([{ action: 'failed', status: '5.1.1', diagnostic: '550 5.1.1 no such user' }]);
  });

  it('leaves out the returned message', async () => {
    for (const raw of [dsn({ status: '5.1.1' }), QMAIL_UNKNOWN]) {
      expect((await parseReport(bytes(raw))).report.text).not.toMatch(/spamhaus/);
    }
  });

  it('names a report without a Message-ID by the digest of its bytes, the same each time', async () => {
    const raw = bytes(readReceipt('displayed'));
    expect((await parseReport(raw)).eventId).toBe(sha256Hex(raw));
    const other = bytes(readReceipt('deleted'));
    expect((await parseReport(other)).eventId).not.toBe(sha256Hex(raw));
  });

  it('does not trust a Message-ID that is too long or has odd characters', async () => {
    for (const id of [`<${'x'.repeat(300)}@a.example>`, '<a b@c.example>']) {
      const raw = bytes(`Message-ID: ${id}\r\n\r\nciao`);
      expect((await parseReport(raw)).eventId).toBe(sha256Hex(raw));
    }
  });

  it('reads a report whose returned message is larger than the bound', async () => {
    const large = dsn({ status: '5.1.1' }).replace('spamhaus', 'x'.repeat(MAX_REPORT_BYTES + 10));
    expect(classifyReport((await parseReport(bytes(large))).report)).toMatchObject({ kind: 'bounced', code: '5.1.1' });
  });

  it('takes any bytes, and any cut of a report, without throwing', async () => {
    const whole = bytes(dsn({ status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 gone' }));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 2000 }),
          fc.nat({ max: whole.length }).map((n) => whole.subarray(0, n)),
          fc.tuple(fc.nat({ max: whole.length - 1 }), fc.uint8Array({ maxLength: 40 })).map(([at, noise]) => {
            const copy = Uint8Array.from(whole);
            copy.set(noise.subarray(0, copy.length - at), at);
            return copy;
          }),
        ),
        async (raw) => {
          const { report, eventId } = await parseReport(raw);
          expect(eventId.length).toBeGreaterThan(0);
          expect(classifyReport(report).code.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not drown in depth, headers, dashes or angle brackets', async () => {
    const nest = (n: number) =>
      Array.from({ length: n }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join('');
    const hostile = [
      nest(3000),
      `X: ${'y'.repeat(900_000)}\r\n\r\nciao`,
      `From: mailer-daemon@x.example\r\nSubject: failure notice\r\n\r\n${'-'.repeat(900_000)}`,
      `Content-Type: text/html\r\n\r\n${'<'.repeat(900_000)}`,
      `From: mailer-daemon@x.example\r\nSubject: failure notice\r\n\r\n${'mailbox '.repeat(100_000)}`,
      dsn({ diagnostic: `smtp; ${'account x'.repeat(50_000)}` }),
    ];
    for (const raw of hostile)
      expect(classifyReport((await parseReport(bytes(raw))).report).kind).toMatch(/unknown|bounced/);
  });
});

import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../../../modules/deliveries/channel.port.ts';
import { mimeMessage } from './mime-message.ts';

const MESSAGE: OutboundMessage = {
  enteId: 7,
  deliveryId: '018f0000-0000-7000-8000-000000000001',
  to: 'maria.rossi@posta.example',
  sender: { name: 'Comune di Forlì «Uffici»', address: 'avvisi@forlì.example' },
  subject: 'Comune di Forlì: una comunicazione personale, così com’è, per Lei e per chi La aiuta a leggerla',
  text: 'Gentile Maria,\n\nè già qui.\n.\nriga = lunga '.concat('à'.repeat(200), '\nfine '),
  html: '<p>Gentile Maria,<br>\nè già qui =_parti --=_parti</p>\n',
  optOutUrl: `https://avvisi.example/o/7-${'x'.repeat(22)}`,
};
const written = (over: Partial<OutboundMessage> = {}) =>
  mimeMessage({ ...MESSAGE, ...over }, { messageId: '<7.x@avvisi.example>', at: Date.UTC(2026, 8, 7, 8) });
const read = (over?: Partial<OutboundMessage>) => PostalMime.parse(written(over));
const lf = (text: string | undefined) => text?.replaceAll('\r\n', '\n').replace(/\n+$/, '');

describe('a mail as it is written', () => {
  it('is read back as it was meant', async () => {
    const mail = await read();
    expect(mail.subject).toBe(MESSAGE.subject);
    expect(mail.from).toMatchObject({ name: MESSAGE.sender.name, address: 'avvisi@xn--forl-tpa.example' });
    expect(mail.to).toMatchObject([{ address: MESSAGE.to }]);
    expect(lf(mail.text)).toBe(lf(MESSAGE.text));
    expect(lf(mail.html)).toBe(lf(MESSAGE.html ?? ''));
    expect(mail).toMatchObject({ messageId: '<7.x@avvisi.example>', date: '2026-09-07T08:00:00.000Z' });
    const header = (key: string) => mail.headers.find((line) => line.key === key)?.value;
    expect(header('list-unsubscribe')).toBe(`<${MESSAGE.optOutUrl}>`);
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(header('auto-submitted')).toBe('auto-generated');
  });

  it('has no other part and no way out where there is none', async () => {
    const mail = await read({ html: null, optOutUrl: null });
    expect(lf(mail.text)).toBe(lf(MESSAGE.text));
    expect(mail.html).toBeUndefined();
    expect(mail.headers.map((line) => line.key)).not.toContain('list-unsubscribe');
  });

  it('keeps to seven bits and short lines, all of them ended alike', () => {
    const bytes = written();
    expect(bytes.every((byte) => byte < 0x80)).toBe(true);
    const lines = bytes.toString('latin1').split('\r\n');
    expect(lines.filter((line) => /[\r\n]/.test(line))).toEqual([]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78);
  });

  it('cannot be given another header or part, whatever the words are', async () => {
    const words = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('x\r\nBcc: altri@posta.example', '--=_parti--', '"; a', 'è\n\n<b>', '=?utf-8?Q?x?='),
    );
    await fc.assert(
      fc.asyncProperty(words, words, words, async (subject, name, text) => {
        const mail = await read({ subject, text, sender: { name, address: 'a@b.example' } });
        expect(mail.headers.map((line) => line.key).sort()).toEqual(
          (await read()).headers.map((line) => line.key).sort(),
        );
        expect(mail.attachments).toEqual([]);
        expect(mail.from?.address).toBe('a@b.example');
        expect(lf(mail.html)).toBe(lf(MESSAGE.html ?? ''));
      }),
      { numRuns: 60 },
    );
  });
});

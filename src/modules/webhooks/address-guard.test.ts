import { describe, expect, it } from 'vitest';
import { checkWebhookUrl, isPublicAddress } from './address-guard.ts';
import { makePostWebhook, publicLookup } from './post-webhook.ts';
import { waitAfter } from './send-due.ts';

describe('addresses', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'localhost',
    '',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['93.184.216.34', '1.1.1.1', '172.32.0.1', '2a01:4f8::1', '2606:4700::1111'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('webhook URLs', () => {
  it.each([
    'http://ente.example/x',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://localhost/',
    'https://a.localhost',
    'https://stampante.local/',
    'https://metadata.google.internal/',
    'https://utente:segreto@ente.example/',
    'ftp://ente.example/',
    'file:///etc/passwd',
    'ente.example',
    '',
  ])('%s is refused', (url) => {
    expect(() => checkWebhookUrl(url, false)).toThrow(/not allowed/);
  });

  it('takes https, and everything but credentials where the setting allows it', () => {
    expect(checkWebhookUrl('https://ente.example:8443/fatti?t=1', false).host).toBe('ente.example:8443');
    expect(checkWebhookUrl('http://127.0.0.1:9/', true).port).toBe('9');
    expect(() => checkWebhookUrl('http://a:b@127.0.0.1/', true)).toThrow();
  });
});

describe('the wire', () => {
  it('does not connect to a name that points into this network', async () => {
    const error = await new Promise((resolve) => publicLookup('localhost', {}, (e) => resolve(e)));
    expect(error).toMatchObject({ code: 'EADDRREFUSED' });
    await expect(makePostWebhook(false)('https://127.0.0.1:1/', {}, '')).rejects.toThrow(/not allowed/);
  });
});

describe('waits', () => {
  it('double from half a minute to six hours', () => {
    expect([1, 2, 3, 10, 11, 50].map((n) => waitAfter(n) / 1000)).toEqual([30, 60, 120, 15_360, 21_600, 21_600]);
  });
});

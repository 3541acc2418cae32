import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idVariants, parseReceiptText, readReceipt } from './dlr.ts';

const STANDARD =
  'id:0489708364 sub:001 dlvrd:001 submit date:2611240800 done date:2611240801 stat:DELIVRD err:000 text:Gentile';

describe('parseReceiptText', () => {
  it.each([
    [STANDARD, '0489708364', 'delivered', null, 'DELIVRD'],
    ['id:1d305b4c stat:UNDELIV err:027 text:', '1d305b4c', 'bounced', 'temporary', 'UNDELIV err:027'],
    ['ID: 77-a SUB: 001 STAT: EXPIRED ERR: 0', '77-a', 'bounced', 'temporary', 'EXPIRED'],
    ['id:7 stat:REJECTD err:0x45', '7', 'bounced', 'policy', 'REJECTD err:0x45'],
    ['id:7 stat:DELETED', '7', 'bounced', 'technical', 'DELETED'],
    ['id:7 stat:ENROUTE', '7', 'delayed', null, 'ENROUTE'],
    ['id:7 stat:EN_ROUTE', '7', 'delayed', null, 'ENROUTE'],
    ['id:7 stat:ACCEPTD', '7', 'delayed', null, 'ACCEPTD'],
    ['id:7 stat:UNKNOWN err:', '7', 'unknown', null, 'UNKNOWN'],
    ['id:7 stat:WHATEVER', '7', 'unknown', null, 'WHATEVER'],
    ['id:7,sub:1,status:delivered,error:0', '7', 'delivered', null, 'DELIVRD'],
    ['message_id=abc; state=2', 'abc', 'delivered', null, 'DELIVRD'],
    ['msgid:abc|stat:5|err:1', 'abc', 'bounced', 'temporary', 'UNDELIV err:1'],
    ['stat:FAILED id:9', '9', 'bounced', 'temporary', 'UNDELIV'],
    ['id:9 sub: dlvrd: submit date: done date:26112408010 stat:DELIVRD', '9', 'delivered', null, 'DELIVRD'],
    // The message's own words come last and do not count.
    ['id:9 stat:UNDELIV text:id:8 stat:DELIVRD', '9', 'bounced', 'temporary', 'UNDELIV'],
    ['id:9 stat:UNDELIV stat:DELIVRD', '9', 'bounced', 'temporary', 'UNDELIV'],
  ])('%s', (text, messageId, kind, fault, code) => {
    expect(parseReceiptText(text)).toEqual({ messageId, kind, fault, code });
  });

  it.each([
    '',
    'nothing of ours',
    'id: stat:DELIVRD',
    'id:7',
    'stat:DELIVRD',
    'paid:7 estate:DELIVRD',
    'text:id:7 stat:DELIVRD',
  ])('finds none in %j', (text) => {
    expect(parseReceiptText(text)).toBeNull();
  });
});

describe('readReceipt', () => {
  const fields = { esmClass: 4, text: STANDARD };

  it('goes by esm_class or by the TLV, never by words alone', () => {
    expect(readReceipt(fields)?.kind).toBe('delivered');
    expect(readReceipt({ ...fields, esmClass: 0x44 })?.kind).toBe('delivered');
    expect(readReceipt({ ...fields, esmClass: 0 })).toBeNull();
    expect(readReceipt({ ...fields, esmClass: 0x40 })).toBeNull();
    expect(readReceipt({ ...fields, esmClass: 0x08 })).toBeNull();
    expect(readReceipt({ ...fields, esmClass: 0, receiptedMessageId: '0489708364' })?.kind).toBe('delivered');
    expect(readReceipt({ ...fields, esmClass: 0x20 })?.kind).toBe('delayed');
  });

  it('believes the TLVs before the words', () => {
    const receipt = readReceipt({ ...fields, receiptedMessageId: 'tlv-1', messageState: 5 });
    expect(receipt).toEqual({ messageId: 'tlv-1', kind: 'bounced', fault: 'temporary', code: 'UNDELIV' });
    expect(readReceipt({ esmClass: 4, text: '', receiptedMessageId: 'tlv-1', messageState: 2 })?.kind).toBe(
      'delivered',
    );
    expect(readReceipt({ esmClass: 4, text: '', receiptedMessageId: 'tlv-1' })?.code).toBe('NOSTATE');
    expect(readReceipt({ ...fields, messageState: 77 })?.kind).toBe('delivered');
    expect(readReceipt({ esmClass: 4, text: '' })).toBeNull();
  });

  it.each([
    [0, 'delayed'],
    [1, 'delayed'],
    [2, 'delivered'],
    [3, 'bounced'],
    [4, 'bounced'],
    [5, 'bounced'],
    [6, 'delayed'],
    [7, 'unknown'],
    [8, 'bounced'],
    [9, 'bounced'],
  ])('message_state %i is %s', (messageState, kind) => {
    expect(readReceipt({ esmClass: 4, text: '', receiptedMessageId: 'x', messageState })?.kind).toBe(kind);
  });

  it('stops an id where the next TLV ran in, and keeps the network error', () => {
    const receipt = readReceipt({
      esmClass: 4,
      text: '',
      receiptedMessageId: 'abc\u0004\u0027',
      messageState: 5,
      networkErrorCode: Buffer.from([3, 0, 27]),
    });
    expect(receipt).toMatchObject({ messageId: 'abc', code: 'UNDELIV err:27' });
  });

  it('never throws, and what it gives is bounded and printable', () => {
    const word = fc.constantFrom(
      'id',
      'stat',
      ':',
      '=',
      ' ',
      'DELIVRD',
      'UNDELIV',
      'err',
      'text',
      ',',
      '0',
      'à',
      '\u0000',
      '@',
    );
    const value = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.integer({ min: -5, max: 300 }),
      fc.constant(Buffer.alloc(3, 9)),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.oneof(
          fc.string({ unit: word, maxLength: 300 }),
          fc.string({ unit: 'binary' }),
          fc.string({ maxLength: 3000 }),
        ),
        value,
        value,
        value,
        (esmClass, text, receiptedMessageId, messageState, networkErrorCode) => {
          for (const receipt of [
            readReceipt({ esmClass, text, receiptedMessageId, messageState, networkErrorCode }),
            parseReceiptText(text),
          ]) {
            if (receipt === null) continue;
            expect(receipt.messageId).toMatch(/^[\x21-\x7e]{1,65}$/);
            expect(receipt.code).toMatch(/^[A-Za-z0-9 :.-]{1,60}$/);
            expect(receipt.fault === null).toBe(receipt.kind !== 'bounced');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('idVariants', () => {
  it('knows the two writings of one number', () => {
    expect(idVariants('0489708364')).toEqual(expect.arrayContaining(['489708364', '1d305b4c', '1D305B4C']));
    expect(idVariants('1d305b4c')).toEqual(expect.arrayContaining(['489708364', '0489708364', '1D305B4C']));
    expect(idVariants('1D305B4C')).toContain('1d305b4c');
    expect(idVariants('42')).toEqual([]);
    expect(idVariants('a-not-a-number-0123456789')).not.toContain('a-not-a-number-0123456789');
  });

  it('finds any number of eight hex digits or less from its decimal, and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0x100000, max: 0xffffffff }), (n) => {
        expect(idVariants(String(n))).toContain(n.toString(16));
        expect(idVariants(String(n).padStart(10, '0'))).toContain(n.toString(16).padStart(8, '0'));
        expect(idVariants(n.toString(16))).toContain(String(n));
        expect(idVariants(n.toString(16).padStart(8, '0'))).toContain(String(n).padStart(10, '0'));
      }),
    );
  });
});

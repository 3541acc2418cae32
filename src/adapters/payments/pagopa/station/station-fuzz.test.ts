import { describe, expect, it } from 'vitest';
import { officialSoap } from '../../../../../test/support/official-schemas.ts';
import { qrCode, receiptXml, soap } from '../../../../../test/support/pagopa-messages.ts';
import { makeLog } from '../../../../platform/log/index.ts';
import { makeStation } from './station.ts';

const RUNS = process.env.BONARIO_LONG_TESTS === '1' ? 100_000 : 3_000;
const official = officialSoap('pagopa', 'pagopa-api', 'wsdl', 'xsd', 'paForNode.xsd');

/** Small, seeded, so that a failure comes again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const idPA = '80000001014';
const number = '302000000001234559';
const GOOD = [
  soap('paVerifyPaymentNoticeReq', idPA, qrCode(idPA, number)),
  soap('paGetPaymentReq', idPA, qrCode(idPA, number)),
  soap('paGetPaymentV2Request', idPA, `${qrCode(idPA, number)}<amount>1.00</amount>`),
  receiptXml(1, { idPA, noticeNumber: number, amountCents: 100 }),
  receiptXml(2, { idPA, noticeNumber: number, amountCents: 100 }),
  soap(
    'paDemandPaymentNoticeRequest',
    idPA,
    '<idServizio>00001</idServizio><idSoggettoServizio>00001</idSoggettoServizio><datiSpecificiServizioRequest>PGEvPg==</datiSpecificiServizioRequest>',
  ),
].map((text) => Buffer.from(text));

const HOSTILE = [
  '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
  '<?xml version="1.0" encoding="UTF-16"?>',
  '<?xml version="1.0" encoding="EBCDIC"?>',
  '<!--',
  ']]>',
  '<![CDATA[',
  '&#0;',
  '&#xD800;',
  '&lol;',
  '\u0000',
  '\uFEFF',
  '<a>'.repeat(200),
  `<x ${'a="1" '.repeat(50)}/>`,
  '<idPA/>',
  ' '.repeat(10_000),
  'A'.repeat(50_000),
  '<?php echo 1 ?>',
  "' or 1=1 --",
  '</s:Body>',
  '\u202E\u{1F600}',
].map((text) => Buffer.from(text));

function spoil(bytes: Buffer, roll: (sides: number) => number): Buffer {
  const at = roll(bytes.length);
  const hostile = HOSTILE[roll(HOSTILE.length)] ?? Buffer.alloc(0);
  switch (roll(7)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), hostile, bytes.subarray(at)]);
    case 2: {
      const copy = Buffer.from(bytes);
      for (let n = 0; n <= roll(8); n += 1) copy[roll(copy.length)] = roll(256);
      return copy;
    }
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + roll(60)))]);
    case 4:
      return Buffer.concat([hostile, bytes]);
    case 5:
      return Buffer.from(bytes.toString('utf8'), 'utf16le');
    default:
      return Buffer.concat([bytes, bytes.subarray(at)]);
  }
}

describe('a station under hostile requests', () => {
  let booked = 0;
  let systemErrors = 0;
  const log = makeLog('silent', null);
  const station = makeStation({
    // Knows nobody: a request that is understood after all finds no body, and nothing can be changed.
    db: { engine: 'pglite', system: async () => null, tenant: async () => null } as never,
    vaultOf: () => {
      throw new Error('not asked');
    },
    clock: { now: () => 0 },
    monotonic: { now: () => 0 },
    log: Object.assign(Object.create(log), {
      error: () => {
        systemErrors += 1;
      },
    }),
    takeReceipt: async () => {
      booked += 1;
      throw new Error('not asked');
    },
    zone: 'rome',
    receiptsDown: 'refuse',
  });

  it('understands the sound ones', async () => {
    for (const bytes of GOOD) {
      const { status, xml } = await station.answer(bytes);
      expect([status, xml]).toEqual([200, expect.stringContaining('PAA_ID_DOMINIO_ERRATO')]);
    }
  });

  it(`answers ${RUNS} spoiled ones with a refusal, each as the protocol has it, and no error of its own`, async () => {
    const roll = dice(20_261_124);
    for (let n = 0; n < RUNS; n += 1) {
      let bytes: Buffer = GOOD[roll(GOOD.length)] ?? Buffer.alloc(0);
      for (let times = 0; times <= roll(3); times += 1) bytes = spoil(bytes, roll);
      const { status, xml } = await station.answer(bytes, roll(2) === 0 ? '' : '"paSendRTV2"');
      expect([200, 500]).toContain(status);
      expect(xml).toMatch(status === 200 ? /<outcome>KO<\/outcome>/ : /soapenv:Fault/);
      expect(xml).not.toMatch(/\bat .*\.ts|Error:/);
      if (n % 10 === 0 && status === 200) official?.(xml);
    }
    expect([booked, systemErrors]).toEqual([0, 0]);
  });
});

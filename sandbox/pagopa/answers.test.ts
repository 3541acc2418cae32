import { afterEach, describe, expect, it } from 'vitest';
import { officialSoap } from '../../test/support/official-schemas.ts';
import { ko, type Misdeed, xml } from './testing/fake-station.ts';
import { problemsBy } from './testing/official.ts';
import { COMUNE, IBAN, POSTAL_IBAN, paymentData, startWorld, type World } from './testing/world.ts';

const validate = problemsBy(officialSoap('pagopa', 'pagopa-api', 'wsdl', 'xsd', 'paForNode.xsd'));
let world: World;

async function begin(): Promise<World> {
  world = await startWorld({ validate });
  return world;
}

afterEach(() => world.close());

describe('an answer that the node cannot use', () => {
  const dropped =
    (name: string): Misdeed =>
    (right) =>
      xml(right.replace(new RegExp(`<${name}>.*?</${name}>`, 's'), ''));
  const GET: readonly [string, Misdeed, 'malformed' | 'refused', RegExp][] = [
    ['HTTP 500', () => xml('<x/>', 500), 'malformed', /HTTP 500/],
    ['no XML', () => xml('not found'), 'malformed', /./],
    ['a document type', (right) => xml(`<!DOCTYPE x [<!ENTITY a "b">]>${right}`), 'malformed', /document type/],
    [
      'a SOAP fault',
      (right) => xml(right.replace(/<p:paGetPaymentV2Response>.*<\/p:paGetPaymentV2Response>/s, '<s:Fault/>')),
      'malformed',
      /instead of/,
    ],
    [
      'the other version',
      (right) => xml(right.replaceAll('paGetPaymentV2Response', 'paGetPaymentRes')),
      'malformed',
      /instead of/,
    ],
    [
      'qualified children',
      (right) => xml(right.replace('<outcome>OK</outcome>', '<p:outcome>OK</p:outcome>')),
      'malformed',
      /outcome/,
    ],
    [
      'children out of order',
      (right) => xml(right.replace(/(<paymentAmount>.*?<\/paymentAmount>)(<dueDate>.*?<\/dueDate>)/s, '$2$1')),
      'malformed',
      /paymentAmount/,
    ],
    ['an empty element', (right) => xml(right.replace(/<city>.*?<\/city>/, '<city></city>')), 'malformed', /city/],
    [
      'an amount with one decimal',
      (right) => xml(right.replace('120.00</paymentAmount>', '120.0</paymentAmount>')),
      'malformed',
      /paymentAmount/,
    ],
    ['no company name', dropped('companyName'), 'malformed', /companyName/],
    ['an OK without data', dropped('data'), 'refused', /data is missing/],
    [
      'a sum that is none',
      (right) => xml(right.replace('120.00</transferAmount>', '119.00</transferAmount>')),
      'refused',
      /sum/,
    ],
    [
      'an account that is not the body’s',
      (right) => xml(right.replace(IBAN, 'IT42L1234512345123456789012')),
      'refused',
      /not registered/,
    ],
    [
      'an account that is none',
      (right) => xml(right.replace(IBAN, 'IT00X0542811101000000123456')),
      'refused',
      /no IBAN/,
    ],
    [
      'a body that is not enabled',
      (right) => xml(right.replace(`<fiscalCodePA>${COMUNE}`, '<fiscalCodePA>00000000000')),
      'refused',
      /not enabled/,
    ],
    [
      'another notice',
      (right) => xml(right.replace(/<creditorReferenceId>\d{17}/, '<creditorReferenceId>02000000009999999')),
      'refused',
      /creditorReferenceId/,
    ],
    [
      'a KO without a fault',
      () => xml(ko('paGetPaymentV2', 'PAA_SEMANTICA', COMUNE).replace(/<fault>.*<\/fault>/s, '')),
      'malformed',
      /without a fault/,
    ],
    [
      'a KO of another body',
      () => xml(ko('paGetPaymentV2', 'PAA_SEMANTICA', '00000000000')),
      'malformed',
      /another body/,
    ],
    ['a code of nobody', () => xml(ko('paGetPaymentV2', 'ERRORE', COMUNE)), 'malformed', /no code/],
  ];

  it.each(GET)('%s', async (_, misdeed, outcome, problem) => {
    const { pagopa, station, notice } = await begin();
    station.misbehave('paGetPaymentV2', misdeed);
    const given = notice(1);
    const answer = await pagopa.node.activate(given);
    expect(answer).toEqual({ outcome: 'KO', fault: { code: 'PPT_STAZIONE_INT_PA_ERRORE_RESPONSE' } });
    const [broken] = pagopa.node.exchanges.broken();
    expect(broken).toMatchObject({ operation: 'paGetPaymentV2', outcome, noticeNumber: given.noticeNumber });
    expect(broken?.problems.join(' ')).toMatch(problem);
    expect(pagopa.node.barred(given)).toBeNull();
  });

  const VERIFY = ['dueDate', 'detailDescription', 'paymentDescription', 'fiscalCodePA', 'companyName'];
  it.each(VERIFY)('a verify without %s, which the schema would allow', async (name) => {
    const { pagopa, station, notice } = await begin();
    station.misbehave('paVerifyPaymentNotice', dropped(name));
    expect(await pagopa.node.verify(notice(1))).toMatchObject({
      fault: { code: 'PPT_STAZIONE_INT_PA_ERRORE_RESPONSE' },
    });
    expect(pagopa.node.exchanges.broken()[0]?.problems).toEqual([`${name} is missing`]);
  });

  it('lacks the postal account that the post office wants', async () => {
    const { pagopa, notice } = await begin();
    const given = notice(1);
    expect(await pagopa.node.activate(given, { transferType: 'POSTAL' })).toMatchObject({ outcome: 'KO' });
    const [transfer] = paymentData(given.noticeNumber).transfers;
    if (transfer === undefined) throw new Error('no transfer');
    const postal = notice(2, { transfers: [{ ...transfer, iban: POSTAL_IBAN }] });
    expect(await pagopa.node.activate(postal, { transferType: 'POSTAL' })).toMatchObject({ outcome: 'OK' });
  });
});

import { iuvOf, makeNoticeNumber } from '../../../src/kernel/notice-number.ts';
import { type Pagopa, type PagopaOptions, type PaidReceipt, startPagopa } from '../pagopa.ts';
import type { Creditor, Notice, PaymentData } from '../types.ts';
import { type FakeStation, startFakeStation } from './fake-station.ts';
import { makeSimTime, type SimTime } from './sim-time.ts';

export const COMUNE = '12345678903';
export const PROVINCIA = '90123456780';
export const BROKER = '98765432106';
export const IBAN = 'IT60X0542811101000000123456';
export const POSTAL_IBAN = 'IT51L0760111100000000123456';
export const IBAN_PROVINCIA = 'IT42L1234512345123456789012';
/** Wednesday 2 December 2026, 10:00 in Rome. */
export const START = Date.UTC(2026, 11, 2, 9, 0, 0);

/** A platform with one municipality whose station is a fake, and a province that gets shares. */
export interface World {
  readonly pagopa: Pagopa;
  readonly station: FakeStation;
  readonly provincia: FakeStation;
  readonly time: SimTime;
  readonly told: readonly PaidReceipt[];
  /** A notice the station knows, payable. */
  notice(base: number, data?: Partial<PaymentData>): Notice;
  close(): Promise<void>;
}

export interface WorldOptions extends Partial<Omit<PagopaOptions, 'creditors'>> {
  readonly version?: 1 | 2;
  readonly receiptVersion?: 1 | 2;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const [station, provincia] = await Promise.all([startFakeStation(), startFakeStation()]);
  const time = makeSimTime(START);
  const told: PaidReceipt[] = [];
  const { version = 2, receiptVersion = version, ...rest } = options;
  const creditors: Creditor[] = [
    {
      fiscalCode: COMUNE,
      name: 'Comune di Prova',
      ibans: [IBAN, POSTAL_IBAN],
      stations: [
        {
          id: `${BROKER}_01`,
          brokerFiscalCode: BROKER,
          url: station.url,
          segregationCodes: ['02'],
          version,
          receiptVersion,
        },
        { id: `${BROKER}_09`, brokerFiscalCode: BROKER, url: null, segregationCodes: ['09'] },
      ],
    },
    {
      fiscalCode: PROVINCIA,
      name: 'Provincia di Prova',
      ibans: [IBAN_PROVINCIA],
      stations: [
        { id: `${BROKER}_02`, brokerFiscalCode: BROKER, url: provincia.url, segregationCodes: ['03'], broadcast: true },
      ],
    },
  ];
  const pagopa = await startPagopa({
    simNow: time.now,
    realNow: () => performance.now(),
    later: time.later,
    onReceipt: (receipt) => void told.push(receipt),
    ...rest,
    creditors,
  });
  return {
    pagopa,
    station,
    provincia,
    time,
    told,
    notice(base, data = {}) {
      const noticeNumber = makeNoticeNumber('02', base);
      station.positions.set(noticeNumber, { ...paymentData(noticeNumber), ...data });
      return { creditor: COMUNE, noticeNumber };
    },
    async close() {
      await Promise.all([pagopa.close(), station.close(), provincia.close()]);
    },
  };
}

export function paymentData(noticeNumber: string, amountCents = 12_000): PaymentData {
  return {
    creditorReferenceId: iuvOf(noticeNumber),
    amountCents,
    dueDate: '2026-12-16',
    description: 'TARI 2026, utenza domestica',
    companyName: 'Comune di Prova',
    debtor: {
      type: 'F',
      code: 'RSSMRA80A01H501U',
      fullName: 'Nicolò D’Agostino Però',
      streetName: 'Via dell’Università',
      civicNumber: '12/B',
      postalCode: '47121',
      city: 'Forlì',
      country: 'IT',
    },
    transfers: [
      {
        id: 1,
        amountCents,
        fiscalCode: COMUNE,
        iban: IBAN,
        stamp: null,
        remittanceInformation: 'TARI 2026',
        category: '9/0101101IM/',
        metadata: [],
      },
    ],
    metadata: [],
  };
}

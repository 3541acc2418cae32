import { isIban } from '../../src/kernel/iban.ts';
import { parseNoticeNumber } from '../../src/kernel/notice-number.ts';
import type { Creditor, Notice, Psp, Station } from './types.ts';

/** What the platform knows of bodies and their stations; told anew when a town is made. */
export interface Registry {
  creditor(fiscalCode: string): Creditor | undefined;
  /** The station that answers for a notice: by body and segregation code (pagopa §1). */
  stationOf(notice: Notice): Station | undefined;
  /** Stations that get the receipts of others' notices in which the body is named. */
  broadcast(fiscalCode: string): readonly Station[];
  isRegistered(fiscalCode: string, iban: string): boolean;
  replace(creditors: readonly Creditor[]): void;
}

export function makeRegistry(creditors: readonly Creditor[]): Registry {
  let known = new Map<string, Creditor>();
  const replace = (all: readonly Creditor[]): void => {
    for (const iban of all.flatMap(({ ibans }) => ibans)) {
      if (!isIban(iban)) throw new Error(`pagopa: ${iban} is no IBAN`);
    }
    known = new Map(all.map((one) => [one.fiscalCode, one]));
  };
  replace(creditors);
  return {
    replace,
    creditor: (fiscalCode) => known.get(fiscalCode),
    stationOf({ creditor, noticeNumber }) {
      const parsed = parseNoticeNumber(noticeNumber);
      // Other aux digits carry no segregation code: the body's first station has the old numbers.
      const segregation = parsed.ok ? parsed.value.segregation : null;
      const stations = known.get(creditor)?.stations ?? [];
      return segregation === null
        ? stations[0]
        : stations.find(({ segregationCodes }) => segregationCodes.includes(segregation));
    },
    broadcast: (fiscalCode) =>
      known.get(fiscalCode)?.stations.filter(({ broadcast, url }) => broadcast === true && url !== null) ?? [],
    isRegistered: (fiscalCode, iban) => known.get(fiscalCode)?.ibans.includes(iban) === true,
  };
}

/** ABI 07601 is that of the postal accounts. */
export function isPostal(iban: string): boolean {
  return /^IT\d{2}[A-Z]07601/.test(iban);
}

/** Invented: a bank with a web page, the post office and a tobacconist. */
export const PSPS = {
  bank: {
    id: 'PROVAIT1',
    name: 'Banca di prova S.p.A.',
    fiscalCode: '90000000011',
    brokerId: '90000000011',
    channelId: '90000000011_01',
    channelDescription: 'app',
    paymentMethod: 'creditCard',
    feeCents: 120,
    bic: 'PROVIT2AXXX',
  },
  post: {
    id: 'PROVAIT2',
    name: 'Ufficio postale di prova',
    fiscalCode: '90000000022',
    brokerId: '90000000022',
    channelId: '90000000022_02',
    channelDescription: 'sportello',
    paymentMethod: 'cash',
    feeCents: 150,
    bic: 'PROVIT2BXXX',
  },
  tobacconist: {
    id: 'PROVAIT3',
    name: 'Tabaccheria di prova',
    fiscalCode: '90000000033',
    brokerId: '90000000044',
    channelId: '90000000044_01',
    channelDescription: 'esercente',
    paymentMethod: 'cash',
    feeCents: 200,
    bic: 'PROVIT2CXXX',
  },
} as const satisfies Record<string, Psp>;

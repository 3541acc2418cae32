import { makeStation, type Station, type StationDeps } from '../../src/adapters/payments/pagopa/station/index.ts';
import { civilDate } from '../../src/kernel/civil-date.ts';
import { systemMonotonic } from '../../src/kernel/clocks.ts';
import { takeReceipt, takeSharedReceipt } from '../../src/modules/campaigns/index.ts';
import { setEnteRule } from '../../src/modules/creditors/index.ts';
import { noticeNumberOf, registerBody, saveStation } from '../../src/modules/payments/index.ts';
import { makeLog } from '../../src/platform/log/index.ts';
import { parseXml, textOf, type XmlElement } from '../../src/platform/xml/index.ts';
import type { CampaignRun } from './campaign-run.ts';
import { BROKER, IBAN, STATION } from './pagopa-messages.ts';

export * from './pagopa-messages.ts';

export const POSTAL_IBAN = 'IT15A0760111101000000123456';
export const PROVINCE = { fiscalCode: '80011111111', name: 'Provincia di Prova', iban: IBAN, category: '9/0201102IM/' };

/** A body with a station, its credit collected on one account. */
export async function connectStation(
  run: CampaignRun,
  rules: Readonly<Record<string, unknown>> = {},
  over: Partial<StationDeps> = {},
): Promise<Station> {
  const station = { stationId: STATION, brokerFiscalCode: BROKER, segregationCodes: ['02'], active: true };
  await run.tx(async (tx) => {
    await saveStation(tx, station);
    const all = { pagopaCategory: '9/0101101IM/', collectionAccount: { iban: IBAN }, ...rules };
    for (const [key, value] of Object.entries(all)) {
      if (value === null) continue;
      const legalBasis = 'Delibera G.C. n. 1/2020 (di prova)';
      await setEnteRule(tx, { key, creditType: '*', validFrom: civilDate('2020-01-01'), value, legalBasis });
    }
  });
  await run.store.db.system((tx) => registerBody(tx, run.ente.codiceFiscale, run.enteId));
  const deps = { db: run.store.db, now: run.now };
  return makeStation({
    db: run.store.db,
    vaultOf: run.store.vaultOf,
    clock: { now: run.now },
    monotonic: systemMonotonic,
    log: makeLog('silent', null),
    takeReceipt: (enteId, input, actor, shared) =>
      shared ? takeSharedReceipt(deps, enteId, input, actor) : takeReceipt(deps, enteId, input, actor),
    zone: 'rome',
    receiptsDown: 'refuse',
    ...over,
  });
}

export const numberOf = async (run: CampaignRun, debtId: string) =>
  (await run.tx((tx) => noticeNumberOf(tx, debtId))) ?? '';

export interface Told {
  readonly status: number;
  readonly xml: string;
  /** The element inside the body. */
  readonly answer: XmlElement;
  readonly outcome: string | undefined;
  readonly fault: string | undefined;
}

export async function ask(station: Station, xml: string, soapAction?: string): Promise<Told> {
  const { status, xml: text } = await station.answer(Buffer.from(xml), soapAction);
  const answer = parseXml(Buffer.from(text)).children[0]?.children[0];
  if (answer === undefined) throw new Error('an empty answer');
  return { status, xml: text, answer, outcome: textOf(answer, 'outcome'), fault: textOf(answer, 'fault', 'faultCode') };
}

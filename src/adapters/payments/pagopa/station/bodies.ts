import type { Monotonic } from '../../../../kernel/clocks.ts';
import { parseNoticeNumber } from '../../../../kernel/notice-number.ts';
import { romeDate } from '../../../../kernel/rome-time.ts';
import { type CreditType, type Ente, loadEnte, loadRules, type RuleBook } from '../../../../modules/creditors/index.ts';
import { bodyOf, type Station, stationsOf } from '../../../../modules/payments/index.ts';
import type { Database } from '../../../../platform/db/index.ts';
import type { Addressee } from './read-request.ts';
import { Refused } from './refused.ts';

/** What a station must know of a body before it looks at a notice. */
export interface StationBody {
  readonly ente: Ente;
  readonly stations: readonly Station[];
  readonly rules: RuleBook;
  readonly creditTypes: ReadonlyMap<string, CreditType>;
}

/** How long a setting that was changed may still be answered with, real time: a bank asks hundreds of times a second. */
const KEPT_MS = 5_000;

/** Finds bodies by their tax code, each read anew every few seconds; null: none of this installation. */
export function makeBodies(deps: {
  readonly db: Database;
  readonly now: () => number;
  readonly monotonic: Monotonic;
}): (fiscalCode: string) => Promise<StationBody | null> {
  const known = new Map<string, { readonly until: number; readonly body: Promise<StationBody | null> }>();

  async function load(fiscalCode: string): Promise<StationBody | null> {
    const enteId = await deps.db.system((tx) => bodyOf(tx, fiscalCode));
    if (enteId === null) return null;
    return deps.db.tenant(enteId, async (tx) => {
      const [ente, stations, rules] = await Promise.all([
        loadEnte(tx),
        stationsOf(tx),
        loadRules(tx, romeDate(deps.now())),
      ]);
      return { ente, stations, rules, creditTypes: new Map(ente.creditTypes.map((type) => [type.code, type])) };
    });
  }

  return async (fiscalCode) => {
    const at = deps.monotonic.now();
    const kept = known.get(fiscalCode);
    if (kept !== undefined && kept.until > at) return kept.body;
    const body = load(fiscalCode);
    known.set(fiscalCode, { until: at + KEPT_MS, body });
    // Neither a failure nor a code that anybody may make up is kept.
    const found = await body.catch((error: unknown) => {
      known.delete(fiscalCode);
      throw error;
    });
    if (found === null) known.delete(fiscalCode);
    return found;
  };
}

/** The order of checks that the platform expects: body, broker, station (pagopa §4). */
export function addressee(body: StationBody | null, to: Addressee): StationBody {
  if (body === null) throw new Refused('PAA_ID_DOMINIO_ERRATO');
  const active = body.stations.filter((station) => station.active);
  const brokered = active.filter((station) => station.brokerFiscalCode === to.idBrokerPA);
  if (brokered.length === 0) throw new Refused('PAA_ID_INTERMEDIARIO_ERRATO');
  if (!brokered.some((station) => station.stationId === to.idStation)) throw new Refused('PAA_STAZIONE_INT_ERRATA');
  return body;
}

/** Whether a station answers for this number: the code in it says whose it is (pagopa §1). */
export function answersFor(body: StationBody, to: Addressee, noticeNumber: string): boolean {
  const parsed = parseNoticeNumber(noticeNumber);
  if (!parsed.ok || parsed.value.segregation === null) return parsed.ok;
  const station = body.stations.find((one) => one.stationId === to.idStation);
  return station?.segregationCodes.includes(parsed.value.segregation) ?? false;
}

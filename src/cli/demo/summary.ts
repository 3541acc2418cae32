import type { VerifyReport } from '../../modules/audit/index.ts';
import type { DeliveryCounts, EnteSummary } from '../../modules/insight/index.ts';
import type { MoneyReport } from './money.ts';

/** What the sandbox counted from its own logs and its ground truth. */
export interface SandboxReport {
  readonly harm: Harm;
  readonly failures: readonly string[];
  /** One line per harm, at most 40. */
  readonly harmDetails: readonly string[];
  /** How often each thing happened on the journeys. */
  readonly outcomes: Readonly<Record<string, number>>;
}

export interface Harm {
  readonly contactsAfterPayment: number;
  readonly contactsAfterDispute: number;
  readonly duplicateDeliveries: number;
  readonly disclosuresToOthers: number;
  readonly overCeiling: number;
  readonly outsideWindow: number;
}

/** The last line of `demo --once --json` (architecture §7). */
export interface DemoSummary extends MoneyReport {
  readonly creditors: number;
  readonly debts: { readonly imported: number; readonly rejected: number; readonly quarantined: number };
  readonly people: EnteSummary['people'];
  /** Times that somebody showed who he is, by how, as the simulated citizens counted them. */
  readonly identified: { readonly code: number; readonly spid: number; readonly cie: number };
  readonly deliveries: { readonly email: DeliveryCounts; readonly sms: DeliveryCounts };
  readonly money: EnteSummary['money'];
  readonly harm: Harm;
  readonly unexplained: number;
  readonly audit: { readonly events: number; readonly chainValid: boolean };
  readonly seconds: number;
}

export function mergeSummaries(parts: {
  readonly creditors: number;
  readonly imported: DemoSummary['debts'];
  readonly enti: readonly EnteSummary[];
  readonly audits: readonly VerifyReport[];
  readonly report: SandboxReport;
  readonly money: MoneyReport;
  readonly seconds: number;
}): DemoSummary {
  const { enti, audits } = parts;
  const sum = (of: (ente: EnteSummary) => number) => enti.reduce((total, ente) => total + of(ente), 0);
  const excluded: Record<string, number> = {};
  for (const { people } of enti) {
    for (const [reason, n] of Object.entries(people.excluded)) excluded[reason] = (excluded[reason] ?? 0) + n;
  }
  const counts = (channel: string): DeliveryCounts => {
    const of = (figure: (counts: DeliveryCounts) => number) =>
      sum(({ deliveries }) => {
        const own = deliveries[channel];
        return own === undefined ? 0 : figure(own);
      });
    return {
      planned: of((c) => c.planned),
      handedOver: of((c) => c.handedOver),
      failed: of((c) => c.failed),
      void: of((c) => c.void),
      expired: of((c) => c.expired),
      uncertain: of((c) => c.uncertain),
      queued: of((c) => c.queued),
      outcomes: {
        delivered: of((c) => c.outcomes.delivered),
        bounced: of((c) => c.outcomes.bounced),
        read: of((c) => c.outcomes.read),
      },
    };
  };
  const { outcomes } = parts.report;
  return {
    creditors: parts.creditors,
    debts: parts.imported,
    people: {
      audience: sum((e) => e.people.audience),
      contacted: sum((e) => e.people.contacted),
      excluded: Object.fromEntries(Object.entries(excluded).sort(([a], [b]) => a.localeCompare(b))),
      paid: sum((e) => e.people.paid),
      disputed: sum((e) => e.people.disputed),
      optedOut: sum((e) => e.people.optedOut),
    },
    identified: {
      code: (outcomes.identified ?? 0) + (outcomes['family:identified'] ?? 0),
      spid: outcomes['signedIn:spid'] ?? 0,
      cie: outcomes['signedIn:cie'] ?? 0,
    },
    deliveries: { email: counts('email'), sms: counts('sms') },
    money: { dueCents: sum((e) => e.money.dueCents), paidCents: sum((e) => e.money.paidCents) },
    ...parts.money,
    harm: parts.report.harm,
    unexplained: sum((e) => e.unexplained),
    audit: { events: audits.reduce((n, a) => n + a.events, 0), chainValid: audits.every((a) => a.valid) },
    seconds: parts.seconds,
  };
}

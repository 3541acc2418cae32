import { makeBounceSender } from '../../sandbox/mail/bounces.ts';
import type { MailFault, MailStage } from '../../sandbox/mail/mail-faults.ts';
import { startMailHost } from '../../sandbox/mail/mail-host.ts';
import type { StoredMail } from '../../sandbox/mail/stored-mail.ts';
import type { SmsBehaviour, StoredSms } from '../../sandbox/smsc/behaviour.ts';
import { type Smsc, startSmsc } from '../../sandbox/smsc/smsc.ts';

export const SMSC_ACCOUNT = { systemId: 'bonario', password: 'prova' } as const;

/** One message that a provider took, by the provider's own log. */
export interface Heard {
  readonly channel: 'email' | 'sms';
  readonly to: string;
  readonly subject: string;
  /** E-mail: the delivery in its Message-ID. */
  readonly deliveryId: string | null;
  /** Real and legal epoch ms. */
  readonly at: number;
  readonly legalAt: number;
}

/** What goes wrong at the providers; every field may be set while they run. */
export interface Weather {
  mail: (stage: MailStage, address: string) => Promise<MailFault | null> | MailFault | null;
  sms: (number: string) => SmsBehaviour;
  /** Addresses whose mail comes back after it was accepted. */
  readonly bouncing: Set<string>;
}

/** The providers, in the process that survives. */
export interface Hosts {
  readonly smtpPort: number;
  readonly smsc: Smsc;
  readonly weather: Weather;
  heard(): readonly Heard[];
  /** Bounces that the program has not taken yet. */
  owed(): number;
  close(): Promise<void>;
}

const FAIR_WEATHER = { mail: () => null, sms: (): SmsBehaviour => ({ kind: 'works', afterMs: 100, receipts: 2 }) };
const BOUNCE_AFTER_MS = 60;
const BOUNCE_RETRY_MS = 150;
/** A report is told so often: the second one must change nothing. */
const BOUNCES = 2;

export async function startHosts(options: {
  readonly inboundPort: number;
  readonly realNow: () => number;
  readonly legalNow: () => number;
}): Promise<Hosts> {
  const weather: Weather = { ...FAIR_WEATHER, bouncing: new Set() };
  const log: Heard[] = [];
  const bounces = makeBounceSender(options.inboundPort);
  let owed = 0;
  let closed = false;

  async function comeBack(mail: StoredMail): Promise<void> {
    const cause = { status: '5.1.1', diagnostic: `550 5.1.1 <${mail.to}>: User unknown` };
    owed += 1;
    for (let told = 0; told < BOUNCES && !closed; ) {
      await new Promise((resolve) => setTimeout(resolve, told === 0 ? BOUNCE_AFTER_MS : BOUNCE_RETRY_MS));
      // Refused, or nobody there: a mail server tries again.
      if (await bounces.bounce(mail, cause, options.legalNow()).catch(() => false)) told += 1;
    }
    owed -= 1;
  }

  const mail = await startMailHost({
    mailboxOf: () => undefined,
    isTownDomain: () => false,
    simNow: options.legalNow,
    realNow: options.realNow,
    behave: (stage, address) => weather.mail(stage, address),
    onMail(stored) {
      const { to, subject, messageId, realAt, simAt } = stored;
      const deliveryId = /^<?1\.([0-9a-f-]{36})@/.exec(messageId)?.[1] ?? null;
      log.push({ channel: 'email', to, subject, deliveryId, at: realAt, legalAt: simAt });
      if (weather.bouncing.has(to)) void comeBack(stored);
    },
  });
  const smsc = await startSmsc({
    ...SMSC_ACCOUNT,
    behaviourOf: (number) => weather.sms(number),
    simNow: options.legalNow,
    realNow: options.realNow,
    later: (afterMs, _label, run) => void setTimeout(() => void run(), afterMs).unref(),
    onSms: ({ to, realAt, simAt }: StoredSms) =>
      log.push({ channel: 'sms', to, subject: '', deliveryId: null, at: realAt, legalAt: simAt }),
  });
  return {
    smtpPort: mail.port,
    smsc,
    weather,
    heard: () => log,
    owed: () => owed,
    async close() {
      closed = true;
      bounces.close();
      await Promise.all([mail.close(), smsc.close()]);
    },
  };
}

export function fairWeather(weather: Weather): void {
  Object.assign(weather, FAIR_WEATHER);
  weather.bouncing.clear();
}

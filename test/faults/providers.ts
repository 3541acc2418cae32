import type { MailFault } from '../../sandbox/mail/mail-faults.ts';
import type { SmsBehaviour } from '../../sandbox/smsc/behaviour.ts';
import { finish, type Outcome } from './finish.ts';
import { importFile, runCampaign, untilQuiet } from './user.ts';
import { openWorld, type WorldOptions } from './world.ts';

const refuse = (code: number, words: string): MailFault => ({ kind: 'refuse', code, words });

/** By address: what its host does at DATA, once or always, and how often a message may be there in the end. */
const MAIL_FAULTS: readonly (readonly [what: string, stage: 'rcpt' | 'data', fault: MailFault, always: boolean])[] = [
  ['takes it and cuts the line', 'data', { kind: 'cut' }, false],
  ['cuts the line and keeps nothing', 'data', { kind: 'lose' }, false],
  ['says yes twice', 'data', { kind: 'twice' }, false],
  ['is slow', 'data', { kind: 'slow', ms: 700 }, true],
  ['is busy once', 'rcpt', refuse(451, '4.3.0 try again'), false],
  ['closes for now', 'rcpt', refuse(421, '4.3.2 closing'), false],
  ['knows nobody', 'rcpt', refuse(550, '5.1.1 unknown'), true],
  ['refuses every content', 'data', refuse(554, '5.7.1 refused'), true],
  ['cuts the line at the address', 'rcpt', { kind: 'cut' }, false],
];
/** What takes as long as a time-out: for the long form. */
const MAIL_SILENCE: typeof MAIL_FAULTS = [['takes it and never answers', 'data', { kind: 'hang' }, false]];

const SMS_FAULTS: readonly SmsBehaviour[] = [
  { kind: 'works', afterMs: 50, receipts: 3 },
  { kind: 'works', answers: 2, afterMs: 50 },
  { kind: 'works', receiptFirst: true, answerAfterMs: 150 },
  { kind: 'works', answerAfterMs: 900, afterMs: 0 },
  { kind: 'throttled', status: 88 },
  { kind: 'refused', status: 69, answerAfterMs: 100 },
  { kind: 'unknown', at: 'submit' },
  { kind: 'unknown', at: 'receipt' },
  { kind: 'cut', afterMs: 50 },
];
const SMS_SILENCE: typeof SMS_FAULTS = [{ kind: 'mute', afterMs: 50 }];

/**
 * Providers at their worst, each address in its own way: they answer twice, late or not at all, cut the line after they
 * have accepted, refuse, and tell what became of a message before they have answered for it, and more than once.
 */
export async function badProviders(options: WorldOptions, silence: boolean): Promise<Outcome> {
  const world = await openWorld(options);
  const { weather } = world.hosts;
  const mail = silence ? [...MAIL_FAULTS, ...MAIL_SILENCE] : MAIL_FAULTS;
  const sms = silence ? [...SMS_FAULTS, ...SMS_SILENCE] : SMS_FAULTS;
  const met = new Set<string>();
  try {
    for (const { no, email } of world.town.people) {
      // Also those of whose message the host takes its time: their bounce comes before its answer.
      if (email !== null && no % (mail.length + 1) === 3) weather.bouncing.add(email);
    }
    weather.mail = (stage, address) => {
      const no = Number(/\d+/.exec(address)?.[0] ?? -1);
      const [what, at, fault, always] = mail[no % (mail.length + 1)] ?? [];
      if (fault === undefined || at !== stage || (always !== true && met.has(`${address} ${what}`))) return null;
      met.add(`${address} ${what}`);
      return fault;
    };
    weather.sms = (number) => sms[Number(number.slice(-4)) % sms.length] ?? { kind: 'works' };
    await importFile(world);
    await runCampaign(world);
    await untilQuiet(world);
    return await finish(world);
  } finally {
    await world.close();
  }
}

/** For a while everything is refused by everybody, or nobody is there at all. */
export async function closedDoors(options: WorldOptions): Promise<Outcome> {
  const world = await openWorld(options);
  const { weather } = world.hosts;
  try {
    weather.mail = () => refuse(421, '4.3.2 closed');
    weather.sms = () => ({ kind: 'throttled', status: 20 });
    await importFile(world);
    await runCampaign(world);
    await untilQuiet(world);
    // Tries are made again after hours and days, each a little later.
    return await finish(world, 3);
  } finally {
    await world.close();
  }
}

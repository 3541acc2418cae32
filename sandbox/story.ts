import { makeAttribution } from './citizens/attribution.ts';
import { makeCitizens } from './citizens/citizens.ts';
import { planUnprompted } from './citizens/counter.ts';
import { makeClerk } from './clerk.ts';
import { makeContactCheck } from './contact-check.ts';
import { makeDice } from './dice.ts';
import { wordsOf } from './disclosure.ts';
import { makeDriver } from './driver.ts';
import { makeEventQueue } from './event-queue.ts';
import { makeHttpClient } from './http-client.ts';
import { type Contact, type Journal, type Moment, makeJournal } from './journal.ts';
import { makeBounceSender } from './mail/bounces.ts';
import type { MailHost } from './mail/mail-host.ts';
import type { StoredMail } from './mail/stored-mail.ts';
import type { Pagopa, PaidReceipt } from './pagopa/index.ts';
import type { PlayRequest, Story, StoryBody } from './play-types.ts';
import { DEFAULT_PROFILES, loadProfile, overrideBehaviour } from './profile.ts';
import { makeProgramControl } from './program-control.ts';
import { makeReport, type Report } from './report.ts';
import type { Smsc } from './smsc/smsc.ts';
import { makeTruth } from './town/truth.ts';
import type { Town } from './town/types.ts';
import { bounceEvent, notePayment, publicPages } from './wire.ts';

/** One line per simulated day; the counts are of the whole story so far. */
export interface ProgressLine {
  readonly day: number;
  readonly at: number;
  readonly mails: number;
  readonly sms: number;
  readonly paid: number;
  readonly paidCents: number;
  readonly disputed: number;
  readonly notMe: number;
  readonly optedOut: number;
}

/** What the story needs of the servers around it. */
export interface StoryWorld {
  readonly town: Town;
  readonly host: MailHost;
  readonly smsc: Smsc;
  readonly pagopa: Pagopa;
  readonly simNow: () => number;
  readonly setSimNow: (at: number) => void;
  readonly realNow: () => number;
}

/** A story in the course of being played, or played to its end. */
export interface RunningStory {
  readonly journal: Journal;
  readonly bodies: ReadonlyMap<string, StoryBody>;
  /** A mail or an SMS was taken. */
  onMail(mail: StoredMail): void;
  /** Has the provider of SMS do something later in the story. */
  later(afterMs: number, label: string, run: () => Promise<void>): void;
  /** The program has a receipt of the node. */
  onReceipt(receipt: PaidReceipt): void;
  /** First instant, simulated. */
  readonly from: number;
  play(onProgress: (line: ProgressLine) => void): Promise<Report>;
  close(): void;
}

export function makeStory(request: PlayRequest, world: StoryWorld): RunningStory {
  const { town, host, smsc, pagopa } = world;
  const journal = makeJournal();
  const fail = (what: string): void => void journal.failures.push(what);
  const queue = makeEventQueue();
  const truth = makeTruth(town);
  const dice = makeDice(request.seed);
  const attribute = makeAttribution(town);
  const check = makeContactCheck(town, fail);
  const bodies = storyBodies(request, town);
  const control = makeProgramControl(request.controlSocket);
  const bounces = makeBounceSender(request.inboundSmtp);
  const portal = makeHttpClient({ url: request.portalUrl });
  const paySite = makeHttpClient({ url: pagopa.pageUrl });
  const now = (): Moment => ({ simAt: world.simNow(), realAt: world.realNow() });
  const driver = makeDriver({
    control,
    queue,
    start: request.start,
    days: request.days,
    setNow: world.setSimNow,
    onDay: (day, at) => onProgress({ day, at, ...totals(journal) }),
    onFailure: fail,
  });
  let onProgress: (line: ProgressLine) => void = () => undefined;
  const story: Story = {
    town,
    truth,
    dice,
    bodies,
    journal,
    host,
    smsc,
    pagopa,
    portal,
    paySite,
    portalOrigin: new URL(request.portalUrl).origin,
    control,
    from: driver.from,
    until: driver.until,
    now,
    // What would come after the end is left out: the queue need not hold it.
    schedule: (event) => {
      if (event.at < driver.until) queue.push({ ...event, at: Math.max(event.at, world.simNow()) });
    },
    settle: driver.settle,
    codesAsked: new Map(),
  };
  const clerk = makeClerk(story);
  const citizens = makeCitizens(story, clerk.onStop);

  function onMail(mail: StoredMail): void {
    const who = attribute(mail);
    const asked = mail.kind === 'code' && takeAsked(story, mail.to);
    const contact: Contact = {
      channel: mail.channel,
      simAt: mail.simAt,
      realAt: mail.realAt,
      messageId: mail.messageId,
      address: mail.to,
      subject: mail.subject,
      text: `${mail.text}\n${wordsOf(mail.html)}`,
      kind: mail.kind,
      ...who,
      asked,
    };
    journal.contacts.push(contact);
    check(contact, mail);
    if (!mail.delivered && mail.channel === 'email') story.schedule(bounceEvent(story, bounces, mail, contact));
    else if (mail.delivered && mail.kind === 'notice') citizens.onNotice(mail, contact);
  }

  return {
    journal,
    bodies,
    onMail,
    later: (afterMs, label, run) =>
      story.schedule({
        at: world.simNow() + afterMs,
        name: 'receipt',
        group: 'receipts',
        label: `receipt|${label}`,
        run,
      }),
    onReceipt: (receipt) => notePayment(story, receipt, 'pagopa'),
    from: driver.from,
    async play(progress) {
      onProgress = progress;
      world.setSimNow(driver.from);
      const publicText = await publicPages(story);
      planUnprompted(story);
      await driver.run();
      return makeReport({
        journal,
        town,
        host,
        smsc,
        rules: [...bodies.values()].map((body) => body.play),
        publicText,
      });
    },
    close() {
      control.close();
      bounces.close();
      portal.close();
      paySite.close();
    },
  };
}

function storyBodies(request: PlayRequest, town: Town): Map<string, StoryBody> {
  const bodies = new Map<string, StoryBody>();
  for (const play of request.bodies) {
    const body = town.bodies.find(({ slug }) => slug === play.slug);
    if (body === undefined) throw new Error(`play: the town has no body ${play.slug}`);
    const profile = loadProfile(body.profile ?? DEFAULT_PROFILES[body.kind]);
    bodies.set(play.slug, { ...body, play, behaviour: overrideBehaviour(profile.behaviour, request.behaviour ?? {}) });
  }
  return bodies;
}

function totals(journal: Journal): Omit<ProgressLine, 'day' | 'at'> {
  const stops = (kind: string): number => journal.stops.filter((stop) => stop.kind === kind).length;
  return {
    mails: journal.contacts.filter(({ channel }) => channel === 'email').length,
    sms: journal.contacts.filter(({ channel }) => channel === 'sms').length,
    paid: journal.payments.length,
    paidCents: journal.payments.reduce((sum, payment) => sum + payment.amountCents, 0),
    disputed: stops('dispute'),
    notMe: stops('notMe'),
    // STOP by SMS is one word to all bodies.
    optedOut: new Set(
      journal.stops.flatMap(({ kind, address, slug }) =>
        kind === 'optOut' ? [address.startsWith('+') ? address : `${address} ${slug}`] : [],
      ),
    ).size,
  };
}

function takeAsked(story: Story, address: string): boolean {
  const asked = story.codesAsked.get(address) ?? 0;
  if (asked > 0) story.codesAsked.set(address, asked - 1);
  return asked > 0;
}

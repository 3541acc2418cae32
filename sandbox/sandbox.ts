import { addDays, daysBetween } from '../src/kernel/civil-date.ts';
import { systemMonotonic } from '../src/kernel/clocks.ts';
import { romeDate } from '../src/kernel/rome-time.ts';
import { type Idp, startIdp } from './idp/idp.ts';
import { type MailHost, startMailHost } from './mail/mail-host.ts';
import { startWebmail, type Webmail } from './mail/webmail.ts';
import { type Creditor, type Pagopa, startPagopa } from './pagopa/index.ts';
import { phoneBehaviour } from './phones/phone-behaviour.ts';
import { readSms } from './phones/read-sms.ts';
import type { PlayRequest } from './play-types.ts';
import type { Report } from './report.ts';
import { type Sample, sample } from './sample.ts';
import { type Smsc, startSmsc } from './smsc/smsc.ts';
import { makeStory, type ProgressLine, type RunningStory } from './story.ts';
import { makeTown, type TownRequest } from './town/town.ts';
import { fullName, type Town, type TownFile } from './town/types.ts';

/** Italy in a box: the servers of an invented town, and the story that is played in it. */
export interface Sandbox {
  readonly ports: { readonly smtp: number; readonly smsc: number; readonly mail: number };
  /** Addresses and keys of the platform's APIs. */
  readonly pagopa: Record<'checkout' | 'fdr', { readonly baseUrl: string; readonly subscriptionKey: string }> & {
    readonly checkout: { readonly pageOrigin: string };
  };
  /** SPID and CIE of the town, and the program's account there. */
  readonly idp: Pick<Idp, 'issuer' | 'clientId' | 'clientSecret'>;
  town(request: TownRequest): readonly TownFile[];
  /** Throws when there is no town, or a story is being played already. */
  play(request: PlayRequest, onProgress: (line: ProgressLine) => void): Promise<Report>;
  sample(): Sample | null;
  /** Moves the platform and the bank on by so many days after a story, and gives what the bank wrote since its beginning. */
  journals(days: number): readonly { readonly slug: string; readonly xml: string }[];
  close(): Promise<void>;
}

/** The program's account at the provider of SMS; a fixed one, for tests on loopback. */
export const SMSC_ACCOUNT = { systemId: 'bonario', password: 'prova' } as const;

const AFTER_STORY_MS = 2_000;
const DAY_MS = 86_400_000;

/** The bodies of a story as the platform has them registered, each with its own station in the program. */
function creditorsOf(request: PlayRequest, town: Town): Creditor[] {
  return town.bodies.map(({ codiceFiscale, name, iban, segregation }) => ({
    fiscalCode: codiceFiscale,
    name,
    ibans: [iban],
    stations: [
      {
        id: `${codiceFiscale}_01`,
        brokerFiscalCode: codiceFiscale,
        url: request.stationUrl ?? `${request.portalUrl}/pagopa/paForNode`,
        segregationCodes: [segregation],
      },
    ],
  }));
}

export async function startSandbox(): Promise<Sandbox> {
  const realNow = (): number => systemMonotonic.now();
  let town: Town | null = null;
  let domains = new Set<string>();
  let story: RunningStory | null = null;
  let playing = false;
  // During a story time stands still between two steps of the driver; after it, it runs on from the last instant.
  let stoodAt = realNow();
  let since = realNow();
  const simNow = (): number => (playing ? stoodAt : stoodAt + (realNow() - since));

  const host: MailHost = await startMailHost({
    mailboxOf: (address) => town?.mailboxes.get(address),
    isTownDomain: (domain) => domains.has(domain),
    simNow,
    realNow,
    // Once the story is over, the mails people ask for in the demo are no part of its count.
    onMail: (mail) => {
      if (playing) story?.onMail(mail);
    },
  });
  const later = (afterMs: number, label: string, run: () => Promise<void>): void => {
    if (playing && story !== null) story.later(afterMs, label, run);
    // After the story somebody is looking at the clock on the wall.
    else setTimeout(() => void run(), Math.min(afterMs, AFTER_STORY_MS)).unref();
  };
  // Money takes days that the story does not have any more.
  let daysAfter = 0;
  const pagopa: Pagopa = await startPagopa({
    creditors: [],
    realNow,
    simNow: () => simNow() + daysAfter * DAY_MS,
    later,
    onReceipt: (receipt) => story?.onReceipt(receipt),
  });
  const phones = phoneBehaviour(() => town);
  const smsc: Smsc = await startSmsc({
    ...SMSC_ACCOUNT,
    behaviourOf: phones.behaviourOf,
    simNow,
    realNow,
    later,
    onSms(sms) {
      if (playing) story?.onMail(readSms(sms, phones.reaches(sms.to)));
    },
  });
  const idp: Idp = await startIdp({
    realNow,
    people: () =>
      [...(town?.people.values() ?? [])]
        .filter((person) => !person.minor && !person.deceased)
        .map((person) => ({ codiceFiscale: person.codiceFiscale, name: fullName(person) })),
  });
  const webmail: Webmail = await startWebmail({
    inbox: host.inbox,
    addresses: host.addresses,
    sms: (number) => (phones.reaches(number) ? smsc.inbox(number) : []),
    numbers: () => [...new Set(smsc.messages.map(({ to }) => to))].filter(phones.reaches),
  });

  return {
    ports: { smtp: host.port, smsc: smsc.port, mail: webmail.port },
    pagopa: {
      checkout: {
        baseUrl: `${pagopa.apiUrl}/checkout/ec/v2`,
        pageOrigin: pagopa.pageUrl,
        subscriptionKey: pagopa.keys.checkout,
      },
      fdr: { baseUrl: `${pagopa.apiUrl}/fdr-org/service/v1`, subscriptionKey: pagopa.keys.fdr },
    },
    idp,
    town(request) {
      if (playing) throw new Error('town: a story is being played');
      town = makeTown(request);
      domains = new Set([...town.mailboxes.keys()].map((address) => address.slice(address.lastIndexOf('@') + 1)));
      story?.close();
      story = null;
      host.clear();
      smsc.clear();
      phones.clear();
      return town.files;
    },
    async play(request, onProgress) {
      if (town === null) throw new Error('play: no town yet');
      if (playing) throw new Error('play: a story is being played');
      story?.close();
      const setSimNow = (at: number): void => {
        stoodAt = at;
      };
      daysAfter = 0;
      pagopa.begin(creditorsOf(request, town));
      story = makeStory(request, { town, host, smsc, pagopa, simNow, setSimNow, realNow });
      playing = true;
      try {
        return await story.play(onProgress);
      } finally {
        playing = false;
        since = realNow();
      }
    },
    journals(days) {
      if (town === null || story === null || playing) throw new Error('journals: no story was played');
      daysAfter = days;
      const from = romeDate(story.from);
      const length = daysBetween(from, romeDate(stoodAt)) + days;
      return [...story.bodies.values()].flatMap(({ slug, codiceFiscale }) =>
        Array.from({ length }, (_, n) => ({ slug, xml: pagopa.treasury.journal(codiceFiscale, addDays(from, n)) })),
      );
    },
    sample: () => (town === null ? null : sample(town, host, story?.journal ?? null)),
    async close() {
      story?.close();
      await Promise.all([host.close(), smsc.close(), pagopa.close(), webmail.close(), idp.close()]);
    },
  };
}

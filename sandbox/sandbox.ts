import { systemMonotonic } from '../src/kernel/clocks.ts';
import { type Idp, startIdp } from './idp/idp.ts';
import { type MailHost, startMailHost } from './mail/mail-host.ts';
import { startWebmail, type Webmail } from './mail/webmail.ts';
import { phoneBehaviour } from './phones/phone-behaviour.ts';
import { readSms } from './phones/read-sms.ts';
import type { PlayRequest } from './play-types.ts';
import { type Rail, startRail } from './rail.ts';
import type { Report } from './report.ts';
import { type Sample, sample } from './sample.ts';
import { type Smsc, startSmsc } from './smsc/smsc.ts';
import { makeStory, type ProgressLine, type RunningStory } from './story.ts';
import { makeTown, type TownRequest } from './town/town.ts';
import { fullName, type Town, type TownFile } from './town/types.ts';

/** Italy in a box: the servers of an invented town, and the story that is played in it. */
export interface Sandbox {
  readonly ports: { readonly smtp: number; readonly smsc: number; readonly rail: number; readonly mail: number };
  /** SPID and CIE of the town, and the program's account there. */
  readonly idp: Pick<Idp, 'issuer' | 'clientId' | 'clientSecret'>;
  town(request: TownRequest): readonly TownFile[];
  /** Throws when there is no town, or a story is being played already. */
  play(request: PlayRequest, onProgress: (line: ProgressLine) => void): Promise<Report>;
  sample(): Sample | null;
  close(): Promise<void>;
}

/** The program's account at the provider of SMS; a fixed one, for tests on loopback. */
export const SMSC_ACCOUNT = { systemId: 'bonario', password: 'prova' } as const;

const AFTER_STORY_MS = 2_000;

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
  const rail: Rail = await startRail({
    realNow,
    simNow,
    postReceipt: (receipt) => story?.postReceipt(receipt) ?? Promise.resolve(0),
  });
  const phones = phoneBehaviour(() => town);
  const smsc: Smsc = await startSmsc({
    ...SMSC_ACCOUNT,
    behaviourOf: phones.behaviourOf,
    simNow,
    realNow,
    later(afterMs, label, run) {
      if (playing && story !== null) story.later(afterMs, label, run);
      // After the story somebody is looking at the clock on the wall.
      else setTimeout(() => void run(), Math.min(afterMs, AFTER_STORY_MS)).unref();
    },
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
    ports: { smtp: host.port, smsc: smsc.port, rail: rail.port, mail: webmail.port },
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
      story = makeStory(request, { town, host, smsc, rail, simNow, setSimNow, realNow });
      playing = true;
      try {
        return await story.play(onProgress);
      } finally {
        playing = false;
        since = realNow();
      }
    },
    sample: () => (town === null ? null : sample(town, host, story?.journal ?? null)),
    async close() {
      story?.close();
      await Promise.all([host.close(), smsc.close(), rail.close(), webmail.close(), idp.close()]);
    },
  };
}

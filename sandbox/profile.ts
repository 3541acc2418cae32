import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Delay = Type.Array(Type.Tuple([Share, Type.Number({ minimum: 0 })]), { minItems: 1 });

const BehaviourSchema = Type.Object({
  /** Own events fall on multiples of this many minutes, so that fewer instants have to be played. */
  gridMinutes: Type.Integer({ minimum: 1, maximum: 60 }),
  openRate: Share,
  openDelay: Delay,
  followLink: Share,
  strangerFollows: Share,
  strangerNotMe: Share,
  strangerTriesCode: Share,
  strangerGuesses: Type.Integer({ minimum: 1, maximum: 5 }),
  relativeReads: Share,
  payAfterSeeing: Share,
  payDelay: Delay,
  payAll: Share,
  payAtCounterAfterSeeing: Share,
  cancelAtRail: Share,
  claimWrong: Share,
  claimRight: Share,
  optOut: Share,
  /** Answers STOP to an SMS. */
  smsStop: Share,
  wrongItemFirst: Share,
  checksSender: Share,
  closesSession: Share,
  /** Signs in by SPID or CIE where a code would do too, and where nothing else does. The same people, and more. */
  signsInBesideCode: Share,
  signsInOnlyWay: Share,
  /** Of those: with the identity card. */
  signsInByCie: Share,
  payUnprompted: Share,
  paperAfterNeutralPage: Share,
  dsnDelay: Delay,
  /** Working days in which the office answers a dispute, first and last. */
  clerkDays: Type.Tuple([Type.Integer({ minimum: 1 }), Type.Integer({ minimum: 1 })]),
});

const TownSchema = Type.Object({
  emailPresent: Share,
  phonePresent: Share,
  /** Of the numbers in the files: how many are somebody else's or a family's, and what becomes of an SMS. */
  phone: Type.Object({
    wrong: Share,
    shared: Share,
    unknownAtSubmit: Share,
    unknownLater: Share,
    off: Share,
    twice: Share,
    cut: Share,
  }),
  strangerShare: Share,
  strangerIsCitizen: Share,
  sharedEmail: Share,
  mailbox: Type.Object({ unknownUser: Share, bouncesLater: Share, full: Share, cutAfterData: Share }),
  amountMeanEuro: Type.Number({ minimum: 1 }),
  amountSigma: Type.Number({ minimum: 0 }),
  minimumEuroShare: Share,
  importedNoticeShare: Share,
  twoInstalments: Share,
  debtsPerPerson: Type.Record(Type.String(), Share),
  years: Type.Record(Type.String(), Share),
  provenance: Type.Array(Type.Tuple([Type.String(), Share]), { minItems: 1 }),
  badRows: Share,
  doubtfulRows: Share,
  deceased: Share,
  sharedWithOtherBodies: Share,
  wrong: Type.Object({
    share: Share,
    causes: Type.Array(
      Type.Object({
        id: Type.String(),
        motive: Type.Union([Type.Literal('alreadyPaid'), Type.Literal('exempt'), Type.Literal('wrongAmount')]),
        weight: Share,
      }),
      { minItems: 1 },
    ),
    foundOnDay: Type.Union([Type.Null(), Type.Integer({ minimum: 0 })]),
  }),
});

const ProfileSchema = Type.Object({
  name: Type.String(),
  basis: Type.String(),
  kind: Type.Union([Type.Literal('comune'), Type.Literal('asl')]),
  town: TownSchema,
  behaviour: BehaviourSchema,
});

export type Behaviour = Static<typeof BehaviourSchema>;
export type TownFigures = Static<typeof TownSchema>;
export type Profile = Static<typeof ProfileSchema>;

export const DEFAULT_PROFILES = { comune: 'northern-comune', asl: 'asl' } as const;

/** Reads `profiles/<name>.json` (design/citizens.md §4.6). Throws when it is missing or a figure is out of range. */
export function loadProfile(name: string): Profile {
  if (!/^[a-z-]+$/.test(name)) throw new Error(`no such town profile: ${name}`);
  const raw: unknown = JSON.parse(readFileSync(new URL(`./profiles/${name}.json`, import.meta.url), 'utf8'));
  if (!Value.Check(ProfileSchema, raw)) {
    const first = Value.Errors(ProfileSchema, raw)[0];
    throw new Error(`town profile ${name}: ${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`);
  }
  return raw;
}

/** The behaviour of a profile with some figures replaced; throws when one is unknown or out of range. */
export function overrideBehaviour(base: Behaviour, changes: Readonly<Record<string, unknown>>): Behaviour {
  const merged: unknown = { ...base, ...changes };
  const unknownKey = Object.keys(changes).find((key) => !(key in base));
  if (unknownKey !== undefined) throw new Error(`behaviour: unknown figure ${unknownKey}`);
  if (!Value.Check(BehaviourSchema, merged)) {
    const first = Value.Errors(BehaviourSchema, merged)[0];
    throw new Error(`behaviour: ${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`);
  }
  return merged;
}

export interface BehaviourLine {
  readonly label: string;
  readonly value: string;
}

/** The main figures in Italian, for whoever wants to see on what ground the simulated citizens act. */
export function describeBehaviour(profile: Profile): readonly BehaviourLine[] {
  const percent = (share: number): string => `${String(Math.round(share * 1000) / 10).replace('.', ',')} %`;
  const { town, behaviour: b } = profile;
  return [
    { label: 'Righe con un indirizzo e-mail', value: percent(town.emailPresent) },
    { label: 'Righe con un numero di telefono', value: percent(town.phonePresent) },
    { label: 'Numeri che sono di un’altra persona', value: percent(town.phone.wrong) },
    { label: 'Indirizzi che sono di un’altra persona', value: percent(town.strangerShare) },
    { label: 'Importi sbagliati, per poche cause comuni', value: percent(town.wrong.share) },
    { label: 'Righe illeggibili o impossibili nel file', value: percent(town.badRows) },
    { label: 'Messaggi letti', value: percent(b.openRate) },
    { label: 'Lettori che seguono il collegamento', value: percent(b.followLink) },
    { label: 'Estranei che scelgono «Non sono io»', value: percent(b.strangerNotMe) },
    { label: 'Estranei che chiedono comunque il codice', value: percent(b.strangerTriesCode) },
    { label: 'Chi entra con SPID o CIE, potendo usare il codice', value: percent(b.signsInBesideCode) },
    { label: 'Chi entra con SPID o CIE, se è l’unico modo', value: percent(b.signsInOnlyWay) },
    { label: 'Chi ha visto l’importo e paga', value: percent(b.payAfterSeeing) },
    { label: 'Chi paga senza aspettare l’avviso', value: percent(b.payUnprompted) },
    { label: 'Segnalazioni se l’importo è sbagliato', value: percent(b.claimWrong) },
    { label: 'Segnalazioni se l’importo è giusto', value: percent(b.claimRight) },
    { label: 'Chi chiede di non ricevere più messaggi', value: percent(b.optOut) },
    { label: 'Chi risponde STOP a un SMS', value: percent(b.smsStop) },
  ];
}

import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Dice } from './dice.ts';
import type { SimEvent } from './event-queue.ts';
import type { HttpClient } from './http-client.ts';
import type { Journal, Moment } from './journal.ts';
import type { MailHost } from './mail/mail-host.ts';
import type { Pagopa } from './pagopa/index.ts';
import type { Behaviour } from './profile.ts';
import type { ProgramControl } from './program-control.ts';
import type { Smsc } from './smsc/smsc.ts';
import type { TownRequest } from './town/town.ts';
import type { Truth } from './town/truth.ts';
import type { Town, TownBody } from './town/types.ts';

const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const Seed = Type.Union([Type.String(), Type.Integer()]);

const Hours = Type.Object({
  fromMinutes: Type.Integer({ minimum: 0, maximum: 1440 }),
  toMinutes: Type.Integer({ minimum: 0, maximum: 1440 }),
  saturday: Type.Optional(Type.Boolean()),
});

const PlayBodySchema = Type.Object({
  slug: Type.String({ minLength: 1 }),
  apiKey: Type.String(),
  operatorKey: Type.String(),
  ceilingPerPerson: Type.Integer({ minimum: 0 }),
  ceilingPerAddress: Type.Integer({ minimum: 0 }),
  windows: Hours,
  smsWindows: Type.Optional(Hours),
  patron: Type.Optional(Type.String({ pattern: '^\\d\\d-\\d\\d$' })),
  minimumCents: Type.Optional(Type.Integer({ minimum: 0 })),
});

const PlaySchema = Type.Object({
  portalUrl: Type.String({ pattern: '^http://' }),
  /** Where the program's pagoPA station listens; beside its portal when missing. */
  stationUrl: Type.Optional(Type.String({ pattern: '^http://' })),
  inboundSmtp: Port,
  controlSocket: Type.String({ minLength: 1 }),
  bodies: Type.Array(PlayBodySchema, { minItems: 1 }),
  start: Day,
  days: Type.Integer({ minimum: 1, maximum: 400 }),
  seed: Seed,
  behaviour: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

const TownSchema = Type.Object({
  seed: Seed,
  debts: Type.Integer({ minimum: 0, maximum: 2_000_000 }),
  start: Day,
  bodies: Type.Array(
    Type.Object({
      slug: Type.String({ minLength: 1 }),
      kind: Type.Union([Type.Literal('comune'), Type.Literal('asl')]),
      name: Type.String({ minLength: 1 }),
      codiceFiscale: Type.String({ pattern: '^\\d{11}$' }),
      segregation: Type.String({ pattern: '^\\d{2}$' }),
      iban: Type.String({ pattern: '^[A-Z]{2}\\d{2}[A-Z0-9]{11,30}$' }),
      profile: Type.Optional(Type.String()),
    }),
    { minItems: 1 },
  ),
});

export type PlayBody = Static<typeof PlayBodySchema>;
export type PlayRequest = Static<typeof PlaySchema>;

/** Throws with the first thing that is wrong. */
export function playRequest(raw: unknown): PlayRequest {
  return checked(PlaySchema, raw, 'play');
}

/** Throws with the first thing that is wrong. */
export function townRequest(raw: unknown): TownRequest {
  return checked(TownSchema, raw, 'town');
}

function checked<S extends typeof PlaySchema | typeof TownSchema>(schema: S, raw: unknown, what: string): Static<S> {
  if (Value.Check(schema, raw)) return raw;
  const first = Value.Errors(schema, raw)[0];
  throw new Error(`${what}: ${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`);
}

/** One body while the story goes on. */
export interface StoryBody extends TownBody {
  readonly play: PlayBody;
  readonly behaviour: Behaviour;
}

/** All that the simulated people share while one story is played. */
export interface Story {
  readonly town: Town;
  readonly truth: Truth;
  readonly dice: Dice;
  readonly bodies: ReadonlyMap<string, StoryBody>;
  readonly journal: Journal;
  readonly host: MailHost;
  readonly smsc: Smsc;
  readonly pagopa: Pagopa;
  readonly portal: HttpClient;
  /** The payment pages. */
  readonly paySite: HttpClient;
  readonly portalOrigin: string;
  readonly control: ProgramControl;
  /** First and last instant, simulated. */
  readonly from: number;
  readonly until: number;
  readonly now: () => Moment;
  readonly schedule: (event: SimEvent) => void;
  /** Lets the program do what is due now; calls queue up behind each other. */
  readonly settle: () => Promise<void>;
  /** Codes asked for and not yet arrived, by address. */
  readonly codesAsked: Map<string, number>;
}

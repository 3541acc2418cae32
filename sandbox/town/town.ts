import { type CivilDate, civilDate } from '../../src/kernel/civil-date.ts';
import { type Dice, makeDice } from '../dice.ts';
import { DEFAULT_PROFILES, loadProfile, type Profile } from '../profile.ts';
import { type Cells, cellsOf, writeCsv } from './csv.ts';
import { creditTypeOf, type DebtMaker, makeDebts, markWrong } from './debts.ts';
import { BAD_ODDITIES, DOUBTFUL_ODDITIES, spoil } from './odd-rows.ts';
import { makeRegistry, type Registry } from './people.ts';
import { type Debt, type Papers, type Person, pairKey, type Town, type TownBody, type TownFile } from './types.ts';

export interface TownRequest {
  readonly seed: string | number;
  /** Rows of all files together, odd ones included. */
  readonly debts: number;
  /** `YYYY-MM-DD`, the first simulated day. */
  readonly start: string;
  readonly bodies: readonly TownBody[];
}

const COMUNE_SHARE = 0.8;

/** Draws a town: its people, what they owe, what the bodies' files say of it. The same request gives the same town. */
export function makeTown(request: TownRequest): Town {
  const dice = makeDice(request.seed);
  const start = civilDate(request.start);
  const registry = makeRegistry(dice, start);
  const papers = new Map<string, Papers>();
  const debts: Debt[] = [];
  const files: TownFile[] = [];
  const place = placeOf(request.bodies);
  const shares = rowsPerBody(request.bodies, request.debts);
  for (const body of request.bodies) {
    const profile = loadProfile(body.profile ?? DEFAULT_PROFILES[body.kind]);
    const drawn = drawBody(
      { dice, start, registry, papers, place, body, profile, known: debts },
      shares.get(body) ?? 0,
    );
    debts.push(...drawn.debts);
    files.push(drawn.file);
  }
  const { people, mailboxes, phones } = registry;
  return { seed: request.seed, start, bodies: request.bodies, people, debts, mailboxes, phones, papers, files };
}

interface BodyContext {
  readonly dice: Dice;
  readonly start: CivilDate;
  readonly registry: Registry;
  readonly papers: Map<string, Papers>;
  readonly place: string;
  readonly body: TownBody;
  readonly profile: Profile;
  /** Debts of the bodies drawn before. */
  readonly known: readonly Debt[];
}

function drawBody(context: BodyContext, rows: number): { debts: Debt[]; file: TownFile } {
  const { dice, start, body, profile } = context;
  const figures = profile.town;
  const maker = makeDebts(dice, body, figures, start);
  const bad = odds(context, maker, 'bad', BAD_ODDITIES, count(rows, figures.badRows));
  const doubtful = odds(context, maker, 'doubtful', DOUBTFUL_ODDITIES, count(rows, figures.doubtfulRows));
  const good = markWrong(dice, drawGood(context, maker, rows - bad.length - doubtful.length), figures);
  const all = [...good, ...doubtful, ...bad].sort(
    (a, b) => dice.fraction(a.id, 'order') - dice.fraction(b.id, 'order'),
  );
  const cells = all.map((debt) => cellsFor(context, debt));
  // A repeated id is an exact copy of a good row, further down.
  const copies = all.filter((debt) => debt.oddity === 'duplicateId');
  for (const [n, copy] of copies.entries()) {
    const original = good[dice.int(0, Math.max(0, good.length - 1), body.slug, 'copied', n)];
    if (original) cells[all.indexOf(copy)] = { ...cellsFor(context, original) };
  }
  const creditType = creditTypeOf(body);
  const name = `${creditType.toLowerCase()}-${body.slug}.csv`;
  const file: TownFile = { slug: body.slug, creditType, name, csv: writeCsv(creditType, cells) };
  return { debts: all.filter((debt) => debt.oddity !== 'duplicateId'), file };
}

function drawGood(context: BodyContext, maker: DebtMaker, wanted: number): Debt[] {
  const { dice, registry, place, body, profile, known } = context;
  const figures = profile.town;
  const neighbours = [...new Set(known.filter((debt) => debt.kind === 'good').map((debt) => debt.personId))].filter(
    (id) => dice.chance(figures.sharedWithOtherBodies / 2, body.slug, id, 'also'),
  );
  const debts: Debt[] = [];
  while (debts.length < wanted) {
    // Some who owe here owe the other body too: the same person in two files.
    const neighbour = dice.chance(figures.sharedWithOtherBodies, body.slug, 'turn', debts.length)
      ? registry.people.get(neighbours.shift() ?? '')
      : undefined;
    const owing = neighbour ? [neighbour] : registry.household(figures, place);
    for (const person of owing) {
      const drawn = Number(dice.weighted(figures.debtsPerPerson, body.slug, person.id, 'how-many'));
      debts.push(...maker.forPerson(person, Math.min(drawn, wanted - debts.length)));
    }
  }
  return debts;
}

function odds(
  context: BodyContext,
  maker: DebtMaker,
  kind: 'bad' | 'doubtful',
  kinds: readonly string[],
  wanted: number,
): Debt[] {
  return Array.from({ length: wanted }, (_, n) => {
    const oddity = kinds[n % kinds.length] ?? '';
    // A person of his own for each odd row, so that what the program makes of it touches nobody else.
    const person = context.registry.single(context.profile.town, context.place, oddity === 'minor');
    return maker.odd(person, kind, oddity);
  });
}

function cellsFor(context: BodyContext, debt: Debt): Cells {
  const { dice, registry, body, profile } = context;
  const person = registry.people.get(debt.personId);
  if (person === undefined) throw new RangeError('debt of nobody');
  const sources = Object.fromEntries(profile.town.provenance);
  const cells = cellsOf(
    debt,
    person,
    papersOf(context, person),
    dice.weighted(sources, body.slug, person.id, 'source'),
  );
  return debt.oddity === null ? cells : spoil(cells, debt.oddity);
}

function papersOf(context: BodyContext, person: Person): Papers {
  const { dice, body } = context;
  const key = pairKey(person.id, body.slug);
  const known = context.papers.get(key);
  if (known) return known;
  // The serial part holds the person's number, so that two people never share an item.
  const serial = Number(person.id.slice(1));
  const made = {
    documentNumber: `${dice.int(2018, 2022, key, 'bill-year')}/${String(serial * 37 + dice.int(0, 36, key, 'bill')).padStart(6, '0')}`,
    customerCode: `${body.kind === 'comune' ? 'U' : 'A'}${String(serial * 113 + dice.int(0, 112, key, 'code')).padStart(8, '0')}`,
  };
  context.papers.set(key, made);
  return made;
}

function count(rows: number, share: number): number {
  return rows < 20 ? 0 : Math.max(1, Math.round(rows * share));
}

/** 80 % of the rows to the comuni and 20 % to the ASL, when both kinds are there. */
function rowsPerBody(bodies: readonly TownBody[], total: number): Map<TownBody, number> {
  const comuni = bodies.filter((body) => body.kind === 'comune');
  const others = bodies.filter((body) => body.kind === 'asl');
  const forComuni = others.length === 0 ? total : comuni.length === 0 ? 0 : Math.round(total * COMUNE_SHARE);
  const shares = new Map<TownBody, number>();
  for (const [group, rows] of [[comuni, forComuni] as const, [others, total - forComuni] as const]) {
    for (const [n, body] of group.entries()) {
      shares.set(body, Math.floor(rows / group.length) + (n < rows % group.length ? 1 : 0));
    }
  }
  return shares;
}

function placeOf(bodies: readonly TownBody[]): string {
  const comune = bodies.find((body) => body.kind === 'comune');
  return comune ? comune.name.replace(/^Comune di /, '') : 'Collefiorito';
}

import { readFileSync } from 'node:fs';
import { type CivilDate, parseCivilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { type Facts, writeLeaf } from '../../modules/audit/index.ts';
import { type SignInSettings, saveSignIn } from '../../modules/conversations/index.ts';
import { createEnte, loadEnte } from '../../modules/creditors/index.ts';
import { erasePerson, findDebtor } from '../../modules/debtors/index.ts';
import { setRule } from '../../modules/debts/index.ts';
import {
  API_ROLES,
  createApiKey,
  createOperator,
  inviteOperator,
  listOperators,
  ROLES,
  requireRole,
  withdrawApiKey,
  withdrawOperator,
} from '../../modules/operators/index.ts';
import { advanceCounter, registerBody, saveStation } from '../../modules/payments/index.ts';
import type { Tx } from '../../platform/db/index.ts';
import {
  actingOperator,
  type CliCommand,
  type CommandContext,
  done,
  optionText,
  pathFrom,
  refused,
  table,
} from '../command.ts';
import { parseEnte } from './ente-document.ts';

/** A change by who manages the body: done and written in the register in one transaction. Null: nothing was changed. */
async function managing<T>(
  ctx: CommandContext,
  kind: string,
  change: (tx: Tx, enteId: number) => Promise<{ value: T; facts: Facts } | null>,
): Promise<T | null> {
  const { enteId, operator } = await actingOperator(ctx);
  requireRole(operator, 'manage');
  return ctx.app.db.tenant(enteId, async (tx) => {
    const made = await change(tx, enteId);
    if (made === null) return null;
    const actor = `operator:${operator.operatorId}`;
    await writeLeaf(tx, { at: ctx.app.now(), kind, actor, rowCount: 1, facts: made.facts });
    return made.value;
  });
}

const withdrawing = (
  group: 'operator' | 'api-key',
  what: string,
  kind: string,
  withdraw: (tx: Tx, id: string) => Promise<boolean>,
): CliCommand => ({
  usage: `${group} withdraw <id>`,
  what,
  async run(ctx, [id = '']) {
    const gone = await managing(ctx, kind, async (tx) =>
      (await withdraw(tx, id)) ? { value: true, facts: { id } } : null,
    );
    if (gone === null) return refused({ withdrawn: false }, 'Nessuna chiave attiva con questo identificativo.');
    return done({ withdrawn: true, id }, 'La chiave non vale più.');
  },
});

export const bodyCommands: readonly CliCommand[] = [
  {
    usage: 'ente create <file>',
    what: 'crea un ente da un documento YAML, con il primo operatore; stampa la sua chiave una volta sola',
    options: [['--manager <name>', 'nome del primo operatore']],
    async run(ctx, [file = ''], options) {
      const ente = parseEnte(readFileSync(pathFrom(ctx, file), 'utf8'));
      const name = optionText(options, 'manager') ?? 'Responsabile';
      const { enteId } = ente;
      const created = await ctx.app.db.tenant(enteId, async (tx) => {
        await createEnte(tx, ente);
        const first = await createOperator(tx, ctx.app.vaultOf(enteId), { name, roles: ROLES });
        const facts = { slug: ente.slug, operatorId: first.operatorId };
        await writeLeaf(tx, { at: ctx.app.now(), kind: 'ente.created', actor: 'system', rowCount: 1, facts });
        return first;
      });
      return done({ enteId, ...created }, `Creato ${ente.name}. Chiave di ${name}, da conservare: ${created.key}`);
    },
  },
  {
    usage: 'rule set <name>',
    what: 'mette in vigore una regola dell’ente, con la deliberazione che la stabilisce',
    options: [
      ['--type <code>', 'tipo di credito; senza, vale per tutti'],
      ['--from <date>', 'da quando vale; senza, da oggi'],
      ['--value <json>', 'il valore, in JSON'],
      ['--basis <text>', 'numero e data della deliberazione'],
    ],
    async run(ctx, [key = ''], options) {
      const basis = needed(options, 'basis');
      const value = jsonOf(needed(options, 'value'));
      const validFrom = dateOr(optionText(options, 'from'), romeDate(ctx.app.now()));
      const creditType = optionText(options, 'type') ?? '*';
      await managing(ctx, 'rule.set', async (tx, enteId) => {
        const rule = { key, creditType, validFrom, value, legalBasis: basis };
        await setRule(tx, ctx.app.vaultOf(enteId), rule, romeDate(ctx.app.now()));
        return { value: true, facts: { key, creditType, validFrom, basis } };
      });
      return done({ rule: key, creditType, validFrom, value }, `In vigore dal ${validFrom}: ${key}.`);
    },
  },
  {
    usage: 'sign-in set <file>',
    what: 'collega l’accesso dei cittadini con SPID e CIE, da un documento JSON; il segreto sta in un file a parte',
    options: [['--secret <file>', 'file con il segreto, o con la chiave privata']],
    async run(ctx, [file = ''], options) {
      const secret = readFileSync(pathFrom(ctx, needed(options, 'secret')), 'utf8').trim();
      const settings = jsonOf(readFileSync(pathFrom(ctx, file), 'utf8')) as Omit<SignInSettings, 'secret'>;
      await managing(ctx, 'signIn.set', async (tx, enteId) => {
        await saveSignIn(tx, ctx.app.vaultOf(enteId), { ...settings, secret });
        return { value: true, facts: { issuer: settings.issuer, clientId: settings.clientId } };
      });
      return done({ issuer: settings.issuer }, `Accesso collegato: ${settings.issuer}.`);
    },
  },
  {
    usage: 'operator add <name>',
    what: 'aggiunge un operatore; stampa la sua chiave una volta sola',
    options: [['--roles <list>', `ruoli separati da virgola: ${ROLES.join(', ')}`]],
    async run(ctx, [name = ''], options) {
      const roles = rolesOf(options, ROLES);
      const made = await managing(ctx, 'operator.added', async (tx, enteId) => {
        const value = await createOperator(tx, ctx.app.vaultOf(enteId), { name, roles });
        return { value, facts: { operatorId: value.operatorId, roles } };
      });
      return done(made, `Aggiunto ${name}. Chiave, da conservare: ${made?.key}`);
    },
  },
  {
    usage: 'operator invite <id>',
    what: 'dà a un operatore il codice per entrare nella console; vale tre giorni e una volta sola',
    options: [['--login <name>', 'nome con cui entra; senza, dal suo nome']],
    async run(ctx, [id = ''], options) {
      const made = await managing(ctx, 'operator.invited', async (tx, enteId) => {
        const login = optionText(options, 'login') ?? undefined;
        const invited = await inviteOperator(tx, ctx.app.vaultOf(enteId), id, ctx.app.realNow(), login);
        const { slug } = await loadEnte(tx);
        return { value: { ...invited, login: `${invited.login}@${slug}` }, facts: { operatorId: id } };
      });
      const text = `Codice di invito per ${made?.login}: ${made?.code}\nSi usa una volta sola in ${ctx.app.portalUrl}/console/invito`;
      return done(made, text);
    },
  },
  {
    usage: 'operator list',
    what: 'gli operatori e i loro ruoli',
    async run(ctx) {
      const { enteId, operator } = await actingOperator(ctx);
      requireRole(operator, 'manage');
      const operators = await ctx.app.db.tenant(enteId, (tx) => listOperators(tx));
      const rows = operators.map((o) => [o.name, o.roles.join(', '), o.active ? 'sì' : 'no', o.operatorId]);
      return done({ operators }, table(['nome', 'ruoli', 'attivo', 'id'], rows));
    },
  },
  withdrawing('operator', 'toglie la chiave a un operatore', 'operator.withdrawn', withdrawOperator),
  {
    usage: 'api-key add <label>',
    what: 'crea una chiave per un programma; la stampa una volta sola',
    options: [['--roles <list>', `ruoli separati da virgola: ${API_ROLES.join(', ')}`]],
    async run(ctx, [label = ''], options) {
      const roles = rolesOf(options, API_ROLES);
      const made = await managing(ctx, 'apiKey.added', async (tx, enteId) => {
        const value = await createApiKey(tx, ctx.app.vaultOf(enteId), { label, roles });
        return { value, facts: { apiKeyId: value.apiKeyId, roles } };
      });
      return done(made, `Chiave per «${label}», da conservare: ${made?.key}`);
    },
  },
  withdrawing('api-key', 'toglie la chiave a un programma', 'apiKey.withdrawn', withdrawApiKey),
  {
    usage: 'person erase <codiceFiscale>',
    what: 'distrugge la chiave di una persona: i suoi dati non si possono più leggere',
    async run(ctx, [codiceFiscale = '']) {
      const erased = await managing(ctx, 'person.erased', async (tx, enteId) => {
        const debtorId = await findDebtor(tx, ctx.app.vaultOf(enteId), codiceFiscale);
        if (debtorId === null || !(await erasePerson(tx, debtorId))) return null;
        return { value: true, facts: { debtorId } };
      });
      if (erased === null) return refused({ erased: false }, 'Nessuna persona con questo codice fiscale.');
      return done({ erased }, 'Dati cancellati.');
    },
  },
  {
    usage: 'station set <id>',
    what: 'dichiara una stazione pagoPA dell’ente (codice fiscale dell’intermediario, trattino basso, due cifre)',
    options: [
      ['--segregation <list>', 'codici di segregazione a cui risponde, separati da virgola'],
      ['--off', 'la stazione non risponde più'],
    ],
    async run(ctx, [stationId = ''], options) {
      const segregationCodes = needed(options, 'segregation').split(',');
      const active = options.off !== true;
      const station = { stationId, brokerFiscalCode: stationId.split('_')[0] ?? '', segregationCodes, active };
      const body = await managing(ctx, 'station.set', async (tx, enteId) => {
        await saveStation(tx, station);
        const { codiceFiscale } = await loadEnte(tx);
        return { value: { codiceFiscale, enteId }, facts: { stationId, segregationCodes, active } };
      });
      if (body !== null) await ctx.app.db.system((tx) => registerBody(tx, body.codiceFiscale, body.enteId));
      return done(
        station,
        active ? `La stazione ${stationId} risponde.` : `La stazione ${stationId} non risponde più.`,
      );
    },
  },
  {
    usage: 'notice-counter advance',
    what: 'dopo un ripristino: sposta i numeri avviso oltre quelli già dati',
    async run(ctx) {
      const next = await managing(ctx, 'noticeCounter.advanced', async (tx) => {
        const code = (await loadEnte(tx)).segregationCode;
        if (code === null) throw new CodedError('NO_SEGREGATION_CODE', 'this body has no segregation code');
        const value = await advanceCounter(tx, code, ctx.app.highWater);
        return { value, facts: { next: value } };
      });
      return done({ next }, `Il prossimo numero avviso parte da ${next}.`);
    },
  },
];

function needed(options: Readonly<Record<string, unknown>>, name: string): string {
  const value = optionText(options, name);
  if (value === null) throw new CodedError('OPTION_MISSING', `missing --${name}`, { option: `--${name}` });
  return value;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CodedError('OPTION_VALUE', 'not JSON', { option: '--value', allowed: 'JSON' });
  }
}

function dateOr(text: string | null, otherwise: CivilDate): CivilDate {
  if (text === null) return otherwise;
  const date = parseCivilDate(text);
  if (!date.ok) throw new CodedError('OPTION_VALUE', 'not a date', { option: '--from', allowed: 'gg/mm/aaaa' });
  return date.value;
}

function rolesOf<T extends string>(options: Readonly<Record<string, unknown>>, known: readonly T[]): T[] {
  const wanted = needed(options, 'roles')
    .split(',')
    .map((one) => one.trim());
  const found = known.filter((role) => wanted.includes(role));
  if (found.length !== wanted.length) {
    throw new CodedError('OPTION_VALUE', 'unknown role', { option: '--roles', allowed: known.join(', ') });
  }
  return found;
}

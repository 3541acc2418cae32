import { CodedError } from '../../kernel/errors.ts';
import { isUuid } from '../../kernel/ids.ts';
import { requireRole } from '../../modules/operators/index.ts';
import {
  addWebhook,
  EVENT_KINDS,
  type EventKind,
  listWebhooks,
  makePostWebhook,
  removeWebhook,
  tryWebhook,
} from '../../modules/webhooks/index.ts';
import { actingOperator, type CliCommand, type CommandContext, done, optionText, refused, table } from '../command.ts';

const KINDS = Object.keys(EVENT_KINDS) as EventKind[];

async function manager(ctx: CommandContext): Promise<{ enteId: number; actor: string }> {
  const { enteId, operator } = await actingOperator(ctx);
  requireRole(operator, 'manage');
  return { enteId, actor: `operator:${operator.operatorId}` };
}

/** An id that is none names nothing. */
function known(id: string): string {
  if (!isUuid(id)) throw new CodedError('WEBHOOK_UNKNOWN', 'no such endpoint');
  return id;
}

/** The facts named, or all of them. */
function kindsOf(options: Readonly<Record<string, unknown>>): EventKind[] {
  const text = optionText(options, 'events');
  if (text === null) return KINDS;
  const wanted = text.split(',').map((one) => one.trim());
  const found = KINDS.filter((kind) => wanted.includes(kind));
  if (found.length === wanted.length) return found;
  throw new CodedError('OPTION_VALUE', 'unknown event', { option: '--events', allowed: KINDS.join(', ') });
}

export const webhookCommands: readonly CliCommand[] = [
  {
    usage: 'webhook add <url>',
    what: 'aggiunge un indirizzo a cui raccontare i fatti; stampa il segreto delle firme una volta sola',
    options: [['--events <list>', `fatti separati da virgola: ${KINDS.join(', ')}; senza, tutti`]],
    async run(ctx, [url = ''], options) {
      const { enteId, actor } = await manager(ctx);
      const { app } = ctx;
      const kinds = kindsOf(options);
      const input = { url, kinds, actor, now: app.now(), allowPrivate: app.config.webhookPrivate };
      const made = await app.db.tenant(enteId, (tx) => addWebhook(tx, app.vaultOf(enteId), input));
      return done(made, `Aggiunto ${made.endpointId}. Segreto delle firme, da conservare: ${made.secret}`);
    },
  },
  {
    usage: 'webhook list',
    what: 'gli indirizzi a cui si raccontano i fatti, e quanto resta da raccontare',
    async run(ctx) {
      const { enteId } = await manager(ctx);
      const endpoints = await ctx.app.db.tenant(enteId, listWebhooks);
      const rows = endpoints.map((one) => [
        one.endpointId,
        one.url,
        one.kinds.join(', '),
        String(one.waiting),
        String(one.givenUp),
      ]);
      return done({ endpoints }, table(['id', 'indirizzo', 'fatti', 'in attesa', 'abbandonati'], rows));
    },
  },
  {
    usage: 'webhook remove <id>',
    what: 'toglie un indirizzo: quello che aspettava non sarà raccontato',
    async run(ctx, [id = '']) {
      const { enteId, actor } = await manager(ctx);
      await ctx.app.db.tenant(enteId, (tx) => removeWebhook(tx, known(id), actor, ctx.app.now()));
      return done({ removed: true, id }, 'Indirizzo tolto.');
    },
  },
  {
    usage: 'webhook test <id>',
    what: 'manda subito a un indirizzo una prova firmata e dice che cosa risponde',
    async run(ctx, [id = '']) {
      const { enteId, actor } = await manager(ctx);
      const { db, vaultOf, now, realNow, config } = ctx.app;
      const post = makePostWebhook(config.webhookPrivate);
      const status = await tryWebhook({ db, vaultOf, now, realNow, post }, enteId, known(id), actor);
      const answer = { id, status };
      if (status === null) return refused(answer, 'Nessuna risposta: controlli l’indirizzo e che sia acceso.');
      const text = `Ha risposto ${status}.`;
      return status >= 200 && status < 300
        ? done(answer, text)
        : refused(answer, `${text} Serve una risposta da 200 a 299.`);
    },
  },
];

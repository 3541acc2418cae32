import staticFiles from '@fastify/static';
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { generateSync } from 'otplib';
import { romeDate } from '../../src/kernel/rome-time.ts';
import { createOperator, inviteOperator, type Role } from '../../src/modules/operators/index.ts';
import { makePostWebhook } from '../../src/modules/webhooks/index.ts';
import { type ConsoleDeps, registerConsole } from '../../src/web/console/index.ts';
import { assetsFolder } from '../../src/web/ui/assets.ts';
import type { CampaignRun } from '../support/campaign-run.ts';
import { highWaterOf, importsOf } from '../support/ground.ts';

export const PASSWORD = 'una frase abbastanza lunga';

/** Real time under the hand of a test. */
export class RealClock {
  at = Date.UTC(2026, 8, 7, 8, 0);
  now = () => this.at;
}

export interface ConsoleUnderTest {
  readonly app: FastifyInstance;
  readonly real: RealClock;
  /** An operator with these roles, invited. */
  invite(name: string, roles: readonly Role[]): Promise<{ operatorId: string; code: string; login: string }>;
  /** Invited, enrolled and signed in: the session cookie, and what opens the next time. */
  enrol(name: string, roles: readonly Role[]): Promise<Desk>;
  get(url: string, session?: string): Promise<LightMyRequestResponse>;
  post(
    url: string,
    form: Readonly<Record<string, string>>,
    session?: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<LightMyRequestResponse>;
}

export interface Desk {
  readonly operatorId: string;
  readonly login: string;
  readonly secret: string;
  readonly session: string;
}

/** The console over one body of a test store, without the rest of the program. */
export async function consoleOf(run: CampaignRun, over: Partial<ConsoleDeps> = {}): Promise<ConsoleUnderTest> {
  const real = new RealClock();
  const app = Fastify({ logger: false });
  registerConsole(app, {
    db: run.store.db,
    vaultOf: run.store.vaultOf,
    now: run.now,
    realNow: real.now,
    imports: importsOf(run.store),
    campaigns: run.campaigns,
    highWater: highWaterOf(run.store),
    reconcileTerms: async () => ({ today: romeDate(run.now()), days: 7 }),
    tenants: async () => [
      { enteId: run.enteId, slug: run.ente.slug },
      { enteId: 999, slug: 'altro-ente' },
    ],
    postWebhook: makePostWebhook(true),
    allowPrivateWebhooks: true,
    exportedSeals: () => [],
    baseUrl: 'http://127.0.0.1',
    secureCookies: false,
    ...over,
  });
  app.register(staticFiles, { root: assetsFolder, prefix: '/assets/', index: false });
  await app.ready();

  const cookies = (session?: string) => (session === undefined ? {} : { cookies: { bonario_console: session } });
  const get: ConsoleUnderTest['get'] = (url, session) => app.inject({ method: 'GET', url, ...cookies(session) });
  const post: ConsoleUnderTest['post'] = (url, form, session, headers = {}) =>
    app.inject({
      method: 'POST',
      url,
      payload: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
      ...cookies(session),
    });
  const invite: ConsoleUnderTest['invite'] = async (name, roles) => {
    const vault = run.store.vaultOf(run.enteId);
    return run.tx(async (tx) => {
      const { operatorId } = await createOperator(tx, vault, { name, roles });
      const { code, login } = await inviteOperator(tx, vault, operatorId, real.now());
      return { operatorId, code, login };
    });
  };
  return {
    app,
    real,
    invite,
    async enrol(name, roles) {
      const { operatorId, code, login } = await invite(name, roles);
      const secret = secretIn((await post('/console/invito', { invito: code })).body);
      const form = { invito: code, passo: '2', password: PASSWORD, ripeti: PASSWORD, codice: codeAt(secret, real.at) };
      const session = sessionIn(await post('/console/invito', form));
      return { operatorId, login, secret, session };
    },
    get,
    post,
  };
}

export const codeAt = (secret: string, at: number) => generateSync({ secret, epoch: Math.floor(at / 1000) });

export function secretIn(html: string): string {
  const found = /class="c-secret">([A-Z2-7 ]+)</.exec(html)?.[1];
  if (found === undefined) throw new Error('the page shows no key for the authenticator app');
  return found.replace(/ /g, '');
}

export function sessionIn(response: LightMyRequestResponse): string {
  const cookie = response.cookies.find((one) => one.name === 'bonario_console');
  if (cookie === undefined) throw new Error(`no session: ${response.statusCode} ${response.body.slice(0, 300)}`);
  return cookie.value;
}

/** The token of the page's forms. */
export function tokenOf(html: string): string {
  return /name="gettone" value="([0-9a-f]+)"/.exec(html)?.[1] ?? '';
}

import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { comune, FakeDialogue, position } from './fake-dialogue.ts';
import { portalApp } from './portal-server.ts';

type Level = 'link' | 'identified' | 'none';

export interface PortalClient {
  readonly app: FastifyInstance;
  readonly dialogue: FakeDialogue;
  get(url: string, level?: Level, token?: string): Promise<LightMyRequestResponse>;
  head(url: string): Promise<LightMyRequestResponse>;
  post(
    url: string,
    form: Readonly<Record<string, string>>,
    level?: Level,
    headers?: Readonly<Record<string, string>>,
  ): Promise<LightMyRequestResponse>;
  /** What the Dialogue was asked under this name, in order. */
  calls(what: string): unknown[];
}

/** A visitor of the portal without a browser; `t1` is the link of a person with one position, `d1`. */
export async function portalClient(options: Parameters<typeof portalApp>[1] = {}): Promise<PortalClient> {
  const dialogue = new FakeDialogue();
  dialogue.link('t1', [position()]);
  const { app } = await portalApp(dialogue, options);

  const request = (inject: InjectOptions, level: Level, token = 't1') => {
    const session = level === 'none' ? {} : { bonario_sessione: dialogue.session(token, level) };
    return app.inject({ cookies: { bonario_ente: comune.slug, ...session }, ...inject });
  };
  return {
    app,
    dialogue,
    get: (url, level = 'none', token = 't1') => request({ method: 'GET', url }, level, token),
    head: (url) => request({ method: 'HEAD', url }, 'none'),
    post: (url, form, level = 'none', headers = {}) =>
      request(
        {
          method: 'POST',
          url,
          payload: new URLSearchParams(form).toString(),
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        },
        level,
      ),
    calls: (what) => dialogue.calls.filter((call) => call.what === what).map((call) => call.input),
  };
}

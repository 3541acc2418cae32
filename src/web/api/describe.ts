import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { EVENT_KINDS } from '../../modules/webhooks/index.ts';
import { type ApiDocument, apiPage } from './api-page.view.tsx';

const INTRODUCTION = `API di Bonario per i programmi dell'ente: gestionali, piattaforme di pagamento, portali.

Ogni richiesta porta \`Authorization: Bearer <chiave>\`; una chiave vale per un ente e per i ruoli che le sono stati dati. Ogni POST porta \`Idempotency-Key\`. Le azioni di cui risponde una persona portano anche \`Bonario-Operator-Key\`. Gli errori sono \`application/problem+json\`: \`code\` è stabile, \`detail\` è una frase in italiano. Gli importi sono centesimi interi, gli istanti RFC 3339 in UTC, le date civili di Roma. Le liste si leggono una pagina per volta: \`after\` riceve il \`next\` della pagina prima. Una chiave che chiede troppo in fretta riceve 429 e, in \`Retry-After\`, i secondi da aspettare; le ricevute non hanno limite.`;

const TOLD = `Inviato con POST almeno una volta, senza un ordine promesso. \`Bonario-Signature\` è \`v1=\` seguito dall'HMAC-SHA256 esadecimale di \`<Bonario-Timestamp>.<corpo così come è arrivato>\`, con il segreto dell'indirizzo. Contro le ripetizioni: rifiuti un \`Bonario-Timestamp\` (secondi) lontano più di cinque minuti dal Suo orologio e ricordi gli \`id\` già visti. Si risponde con 2xx entro dieci secondi; altrimenti si riprova, ad attese doppie, per tre giorni. I reindirizzamenti non sono seguiti. Una prova, chiesta dalla console o con \`bonario webhook test\`, ha \`type\` \`prova\` e \`data\` vuoto.`;

/** Collects the endpoints that are registered after it, in this scope and below. */
export async function describeApi(api: FastifyInstance): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Bonario', version: '1', description: INTRODUCTION },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
      security: [{ apiKey: [] }],
      webhooks: webhooks(),
    },
    // Named as they are, instead of numbered.
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => String(json.$id ?? `def-${i}`) },
  });
}

function webhooks() {
  const body = Type.Object({
    id: Type.String({ description: 'Lo stesso a ogni ripetizione.' }),
    type: Type.Enum(Object.keys(EVENT_KINDS)),
    at: Type.String({ description: 'Quando è successo.' }),
    data: Type.Object({}, { description: 'Identificativi, codici e importi; nessun dato che dica chi è la persona.' }),
  });
  const header = (name: string) => ({
    name,
    in: 'header' as const,
    required: true,
    schema: { type: 'string' as const },
  });
  return Object.fromEntries(
    Object.keys(EVENT_KINDS).map((kind) => [
      kind,
      {
        post: {
          summary: kind,
          description: TOLD,
          tags: ['Avvisi ai programmi'],
          parameters: ['Bonario-Event-Id', 'Bonario-Event-Type', 'Bonario-Timestamp', 'Bonario-Signature'].map(header),
          requestBody: { content: { 'application/json': { schema: JSON.parse(JSON.stringify(body)) } } },
          responses: { '2XX': { description: 'Ricevuto.' } },
        },
      },
    ]),
  );
}

const PAGE_CSP =
  "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/** `/api/openapi.json`, and `/api` as a page to read: no script, so that it stands under our strictest policy. */
export function serveDescription(api: FastifyInstance): void {
  api.get('/api/openapi.json', { schema: { hide: true } as object }, async () => api.swagger());
  api.get('/api', { schema: { hide: true } as object }, async (_request, reply) =>
    reply
      .headers({
        'content-security-policy': PAGE_CSP,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
      .type('text/html; charset=utf-8')
      .send(apiPage(api.swagger() as ApiDocument)),
  );
}

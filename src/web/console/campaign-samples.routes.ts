import type { FastifyInstance } from 'fastify';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { makeTestMessage, openSample, samplePeople } from '../../modules/campaigns/index.ts';
import { campaignOf, type FoundCampaign } from './campaign-find.ts';
import { samplePage, samplesPage } from './campaign-samples.view.tsx';
import { sayError } from './campaign-words.ts';
import { type ConsoleDeps, field, type Signed, seeOther, sendConsole, signedIn } from './context.ts';

const PATH = '/console/campagne/:code/prova/esempi';

/** O6: messages as real people would read them, and a try to one's own address. */
export function registerSampleRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const sample = { db: deps.db, now: deps.now, vaultOf: deps.vaultOf, portalUrl: deps.baseUrl };
  const list = async (
    signed: Signed,
    campaign: FoundCampaign,
    over: { problem?: string; sent?: boolean; to?: string },
  ) =>
    samplesPage(signed, campaign, {
      people: await peopleOf(signed, campaign.code),
      mail: deps.sendTest !== undefined,
      problem: over.problem ?? null,
      sent: over.sent ?? false,
      to: over.to ?? '',
    });

  /** A document that names a credit the body does not have has no audience: the rehearsal says why. */
  async function peopleOf(signed: Signed, code: string) {
    try {
      return await samplePeople(sample, signed.enteId, code);
    } catch (error) {
      if (isCoded(error, 'CREDIT_TYPE_UNKNOWN')) return [];
      throw error;
    }
  }

  app.get(PATH, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    return sendConsole(reply, await list(signed, campaign, { sent: field(request.query, 'esito') === 'mandata' }));
  });

  // Shown once, in the answer to a form, and the register says who looked (ui.md §5.13).
  app.post(PATH, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    try {
      const debtorId = field(request.body, 'persona');
      const { operatorId } = signed.operator;
      const opened = await openSample(sample, signed.enteId, campaign.code, debtorId, operatorId);
      return sendConsole(reply, samplePage(signed, campaign, opened));
    } catch (error) {
      return sendConsole(reply, await list(signed, campaign, { problem: sayError(error) }), 409);
    }
  });

  app.post('/console/campagne/:code/prova/invia', async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    const campaign = await campaignOf(deps, signed, request.params);
    const to = field(request.body, 'indirizzo');
    try {
      const step = Number(field(request.body, 'passo'));
      const { code } = campaign;
      const message = await makeTestMessage(sample, signed.enteId, code, step, to, signed.operator);
      await post(signed.enteId, message);
      return seeOther(reply, `/console/campagne/${code}/prova/esempi?esito=mandata`);
    } catch (error) {
      return sendConsole(reply, await list(signed, campaign, { problem: sayError(error), to }), 422);
    }
  });

  /** Error TEST_FAILED. */
  async function post(enteId: number, { to, subject, body }: { to: string; subject: string; body: string }) {
    try {
      if (deps.sendTest === undefined) throw new CodedError('TEST_FAILED', 'there is no mail channel');
      await deps.sendTest(enteId, to, subject, body);
    } catch (cause) {
      throw new CodedError('TEST_FAILED', 'the try was not sent', {}, { cause });
    }
  }
}

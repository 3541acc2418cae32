import type { FastifyInstance } from 'fastify';
import { parseCivilDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { romeInstant } from '../../kernel/rome-time.ts';
import { callOffStart, pause, resume, run, scheduleStart, stop } from '../../modules/campaigns/index.ts';
import { campaignPage } from './campaign.view.tsx';
import { campaignOf, type FoundCampaign, namesOf } from './campaign-find.ts';
import { sayError } from './campaign-words.ts';
import { type ConsoleDeps, field, type Signed, seeOther, sendConsole, signedIn } from './context.ts';

const HOME = '/console/campagne';

/** What moves an approved campaign: started, also later, paused, stopped. */
export function registerStartRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const refused = async (signed: Signed, campaign: FoundCampaign, error: unknown) =>
    campaignPage(signed, campaign, [], await namesOf(deps, signed.enteId), '', sayError(error));

  for (const [verb, action, outcome] of [
    ['avvia', run, 'avviata'],
    ['sospendi', pause, 'sospesa'],
    ['riprendi', resume, 'ripresa'],
    ['ferma', stop, 'fermata'],
  ] as const) {
    app.post(`${HOME}/:code/${verb}`, async (request, reply) => {
      const signed = await signedIn(request, deps, 'approve');
      const campaign = await campaignOf(deps, signed, request.params);
      try {
        await action(deps.campaigns, signed.enteId, campaign.code, signed.operator);
        return seeOther(reply, `${HOME}/${campaign.code}/avanzamento?esito=${outcome}`);
      } catch (error) {
        return sendConsole(reply, await refused(signed, campaign, error), 409);
      }
    });
  }
  app.post(`${HOME}/:code/programma`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'approve');
    const campaign = await campaignOf(deps, signed, request.params);
    try {
      const at = instantOf(field(request.body, 'giorno'), field(request.body, 'ora'));
      await scheduleStart(deps.campaigns, signed.enteId, campaign.code, at, signed.operator);
      return seeOther(reply, `${HOME}/${campaign.code}?esito=programmata`);
    } catch (error) {
      return sendConsole(reply, await refused(signed, campaign, error), 409);
    }
  });
  app.post(`${HOME}/:code/disdici`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'approve');
    const campaign = await campaignOf(deps, signed, request.params);
    try {
      await callOffStart(deps.campaigns, signed.enteId, campaign.code, signed.operator);
      return seeOther(reply, `${HOME}/${campaign.code}?esito=annullata`);
    } catch (error) {
      return sendConsole(reply, await refused(signed, campaign, error), 409);
    }
  });
}

/** Error START_NOT_FUTURE: no day, or no time. */
function instantOf(day: string, time: string): number {
  const date = parseCivilDate(day);
  const clock = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/.exec(time.trim());
  if (!date.ok || clock === null) throw new CodedError('START_NOT_FUTURE', 'no day or no time');
  return romeInstant(date.value, Number(clock[1]) * 60 + Number(clock[2]));
}

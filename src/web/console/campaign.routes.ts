import type { FastifyInstance } from 'fastify';
import { addDays, type CivilDate, formatDate } from '../../kernel/civil-date.ts';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import {
  approve,
  campaignTemplate,
  checkDocument,
  fillTemplate,
  leftOutSentence,
  offersFor,
  parseCampaign,
  rehearse,
  sendBack,
  submit,
} from '../../modules/campaigns/index.ts';
import { loadRules } from '../../modules/creditors/index.ts';
import { type CampaignDetail, campaignDetail, campaignRows } from '../../modules/insight/index.ts';
import { missingDefaults } from '../../modules/notices/index.ts';
import { campaignPage, campaignsPage } from './campaign.view.tsx';
import { approvalPage, rehearsalPage } from './campaign-approval.view.tsx';
import { editorPage } from './campaign-editor.view.tsx';
import { campaignOf, namesOf } from './campaign-find.ts';
import { type CampaignForm, emptyForm, formFromBody, formOf, rearranged, toYaml } from './campaign-form.ts';
import { lengthAndCost, previewText, textsAndPrices } from './campaign-preview.ts';
import { registerProgressRoutes } from './campaign-progress.routes.ts';
import { registerSampleRoutes } from './campaign-samples.routes.ts';
import { registerStartRoutes } from './campaign-start.routes.ts';
import { templatesPage } from './campaign-templates.view.tsx';
import { registerTextRoutes } from './campaign-texts.routes.ts';
import { sayError } from './campaign-words.ts';
import { type ConsoleDeps, field, type Signed, seeOther, sendConsole, signedIn } from './context.ts';
import { registerRecallRoutes } from './recall.routes.ts';

const HOME = '/console/campagne';
const NEW = '/console/campagne-nuova';
/** In place of a template: an empty page. */
const EMPTY = 'zero';

/** O3–O8: campaigns, their document, rehearsal, approval and progress, and the texts they send. */
export function registerCampaignRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  app.get(HOME, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const rows = await deps.db.tenant(signed.enteId, (tx) => campaignRows(tx));
    return sendConsole(reply, campaignsPage(signed, rows));
  });
  app.get(`${HOME}/:code`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const problems = await checkDocument(deps.campaigns, signed.enteId, campaign.yaml);
    const names = await namesOf(deps, signed.enteId);
    return sendConsole(reply, campaignPage(signed, campaign, problems, names, field(request.query, 'esito')));
  });
  editorRoutes(app, deps);
  approvalRoutes(app, deps);
  registerStartRoutes(app, deps);
  registerSampleRoutes(app, deps);
  registerProgressRoutes(app, deps);
  registerTextRoutes(app, deps);
  registerRecallRoutes(app, deps);
}

function editorRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const textChoices = async (signed: Signed, form: CampaignForm) => {
    const officeId = signed.ente.creditTypes.find((type) => form.types.includes(type.code))?.officeId ?? 0;
    const { texts, priceOf } = await textsAndPrices(deps, signed);
    return texts.map((text) => {
      const preview = previewText(signed.ente, officeId, text, priceOf(text.channel));
      return { channel: text.channel, code: text.code, note: lengthAndCost(preview) };
    });
  };
  const editor = async (
    signed: Signed,
    code: string | null,
    form: CampaignForm,
    yaml: string,
    problem: string | null,
    over: { readOnly?: boolean; note?: string | null } = {},
  ) =>
    editorPage(signed, {
      code,
      form,
      yaml,
      problem,
      readOnly: over.readOnly ?? false,
      note: over.note ?? null,
      texts: await textChoices(signed, form),
    });

  async function save(signed: Signed, code: string | null, yaml: string): Promise<string> {
    const doc = parseCampaign(yaml);
    if (code !== null && doc.code !== code) {
      throw new CodedError('CAMPAIGN_DOCUMENT', `il codice di questa campagna è «${code}» e non si cambia`);
    }
    if (code === null) {
      const taken = await deps.db.tenant(signed.enteId, (tx) => campaignDetail(tx, doc.code));
      if (taken !== null) throw new CodedError('CAMPAIGN_DOCUMENT', `c’è già una campagna con il codice «${doc.code}»`);
    }
    const { campaign } = await rehearse(deps.campaigns, signed.enteId, yaml, signed.operator);
    return `${HOME}/${campaign.code}/prova`;
  }

  app.get(NEW, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    const wanted = field(request.query, 'modello');
    const today = romeDate(deps.now());
    if (wanted === '') {
      const { offers, missingTexts } = await deps.db.tenant(signed.enteId, async (tx) => ({
        offers: offersFor(signed.ente, await loadRules(tx, today)),
        missingTexts: await missingDefaults(tx),
      }));
      return sendConsole(reply, templatesPage(signed, offers, missingTexts));
    }
    if (wanted !== EMPTY) return sendConsole(reply, await fromTemplate(signed, wanted, today));
    const types = signed.ente.creditTypes.map((type) => type.code);
    const { texts } = await textsAndPrices(deps, signed);
    // What falls due today is not due yet: yesterday is the last day that a campaign may speak of.
    const form = emptyForm(types, texts, formatDate(addDays(today, -1)));
    return sendConsole(reply, await editor(signed, null, form, toYaml(form), null));
  });

  async function fromTemplate(signed: Signed, wanted: string, today: CivilDate): Promise<string> {
    try {
      const rows = await deps.db.tenant(signed.enteId, (tx) => campaignRows(tx));
      const taken = rows.map((row) => row.code);
      const { yaml, leftOut } = fillTemplate(campaignTemplate(wanted), signed.ente, today, taken);
      return await editor(signed, null, formOf(parseCampaign(yaml)), yaml, null, { note: leftOutSentence(leftOut) });
    } catch (error) {
      if (!isCoded(error, 'CAMPAIGN_TEMPLATE_UNKNOWN') && !isCoded(error, 'CAMPAIGN_TEMPLATE_UNSUITABLE')) throw error;
      throw new CodedError('NOT_FOUND', 'no such template for this body');
    }
  }
  app.get(`${HOME}/:code/modifica`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const { code, state, yaml } = await campaignOf(deps, signed, request.params);
    const readOnly = state !== 'draft' || !signed.operator.roles.includes('write');
    return sendConsole(reply, await editor(signed, code, formOf(parseCampaign(yaml)), yaml, null, { readOnly }));
  });

  for (const path of [NEW, `${HOME}/:code/modifica`]) {
    app.post(path, async (request, reply) => {
      const signed = await signedIn(request, deps, 'write');
      const code = path === NEW ? null : (await campaignOf(deps, signed, request.params)).code;
      const raw = field(request.body, 'documento');
      // Two forms on one page: the fields, or the document itself.
      const form = raw === '' ? formFromBody(request.body) : null;
      const moved = form === null ? null : rearranged(form, field(request.body, 'azione'));
      if (moved !== null) return sendConsole(reply, await editor(signed, code, moved, toYaml(moved), null));
      const yaml = form === null ? raw.replaceAll('\r\n', '\n') : toYaml(form);
      try {
        return seeOther(reply, await save(signed, code, yaml));
      } catch (error) {
        const shown = form ?? readable(yaml) ?? emptyForm([], [], '');
        return sendConsole(reply, await editor(signed, code, shown, yaml, sayError(error)), 422);
      }
    });
  }
}

function readable(yaml: string): CampaignForm | null {
  try {
    return formOf(parseCampaign(yaml));
  } catch {
    return null;
  }
}

function approvalRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const previews = async (signed: Signed, campaign: CampaignDetail) => {
    const doc = parseCampaign(campaign.yaml);
    const type = signed.ente.creditTypes.find((one) => one.code === doc.creditTypes[0]);
    const { texts, priceOf } = await textsAndPrices(deps, signed);
    const codes = [...new Set(doc.steps.map((step) => step.templateCode))];
    return codes.flatMap((code) => {
      const text = texts.find((one) => one.code === code);
      return text === undefined
        ? []
        : [
            {
              code,
              version: text.version,
              ...previewText(signed.ente, type?.officeId ?? 0, text, priceOf(text.channel)),
            },
          ];
    });
  };

  app.get(`${HOME}/:code/prova`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const campaign = await campaignOf(deps, signed, request.params);
    const problems = await checkDocument(deps.campaigns, signed.enteId, campaign.yaml);
    return sendConsole(reply, rehearsalPage(signed, campaign, problems, await previews(signed, campaign), null));
  });
  app.post(`${HOME}/:code/prova`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    const campaign = await campaignOf(deps, signed, request.params);
    await rehearse(deps.campaigns, signed.enteId, campaign.yaml, signed.operator);
    return seeOther(reply, `${HOME}/${campaign.code}/prova`);
  });
  app.post(`${HOME}/:code/proponi`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    const campaign = await campaignOf(deps, signed, request.params);
    try {
      await submit(deps.campaigns, signed.enteId, campaign.code, signed.operator);
      return seeOther(reply, `${HOME}/${campaign.code}?esito=proposta`);
    } catch (error) {
      const page = rehearsalPage(signed, campaign, [], await previews(signed, campaign), sayError(error));
      return sendConsole(reply, page, 409);
    }
  });

  const approval = async (signed: Signed, campaign: CampaignDetail, problem: string | null) =>
    approvalPage(signed, campaign, await namesOf(deps, signed.enteId), await previews(signed, campaign), problem);
  app.get(`${HOME}/:code/approva`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    return sendConsole(reply, await approval(signed, await campaignOf(deps, signed, request.params), null));
  });
  app.post(`${HOME}/:code/approva`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'approve');
    const campaign = await campaignOf(deps, signed, request.params);
    try {
      const people = Number(field(request.body, 'persone'));
      await approve(deps.campaigns, signed.enteId, campaign.code, people, signed.operator);
      return seeOther(reply, `${HOME}/${campaign.code}?esito=approvata`);
    } catch (error) {
      return sendConsole(reply, await approval(signed, campaign, sayError(error)), 409);
    }
  });
  app.post(`${HOME}/:code/rimanda`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'approve');
    const campaign = await campaignOf(deps, signed, request.params);
    const reason = field(request.body, 'motivo').trim();
    if (reason === '') {
      return sendConsole(
        reply,
        await approval(signed, campaign, 'Scriva perché la rimanda: chi l’ha scritta deve saperlo.'),
        422,
      );
    }
    try {
      await sendBack(deps.campaigns, signed.enteId, campaign.code, reason, signed.operator);
      return seeOther(reply, `${HOME}/${campaign.code}?esito=rimandata`);
    } catch (error) {
      return sendConsole(reply, await approval(signed, campaign, sayError(error)), 409);
    }
  });
}

import type { FastifyInstance } from 'fastify';
import { formatDate } from '../../kernel/civil-date.ts';
import { CodedError } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import {
  approve,
  checkDocument,
  parseCampaign,
  pause,
  rehearse,
  resume,
  run,
  sendBack,
  stop,
  submit,
} from '../../modules/campaigns/index.ts';
import { type CampaignDetail, campaignDetail, campaignRows, textVersions } from '../../modules/insight/index.ts';
import { campaignPage, campaignsPage } from './campaign.view.tsx';
import { approvalPage, rehearsalPage } from './campaign-approval.view.tsx';
import { editorPage } from './campaign-editor.view.tsx';
import { campaignOf, namesOf } from './campaign-find.ts';
import { type CampaignForm, emptyForm, formFromBody, formOf, rearranged, toYaml } from './campaign-form.ts';
import { previewText } from './campaign-preview.ts';
import { registerProgressRoutes } from './campaign-progress.routes.ts';
import { registerTextRoutes } from './campaign-texts.routes.ts';
import { sayError } from './campaign-words.ts';
import { type ConsoleDeps, field, type Signed, seeOther, sendConsole, signedIn } from './context.ts';

const HOME = '/console/campagne';
const NEW = '/console/campagne-nuova';

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
  registerProgressRoutes(app, deps);
  registerTextRoutes(app, deps);
}

function editorRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const latestTexts = async (signed: Signed) => {
    const versions = await deps.db.tenant(signed.enteId, (tx) => textVersions(tx, null));
    return versions.filter((one, i) => versions.findIndex((other) => other.code === one.code) === i);
  };
  const editor = async (
    signed: Signed,
    code: string | null,
    form: CampaignForm,
    yaml: string,
    problem: string | null,
    readOnly = false,
  ) => editorPage(signed, { code, form, yaml, problem, readOnly, texts: await latestTexts(signed) });

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
    const types = signed.ente.creditTypes.map((type) => type.code);
    const form = emptyForm(types, await latestTexts(signed), formatDate(romeDate(deps.now())));
    return sendConsole(reply, await editor(signed, null, form, toYaml(form), null));
  });
  app.get(`${HOME}/:code/modifica`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const { code, state, yaml } = await campaignOf(deps, signed, request.params);
    const readOnly = state !== 'draft' || !signed.operator.roles.includes('write');
    return sendConsole(reply, await editor(signed, code, formOf(parseCampaign(yaml)), yaml, null, readOnly));
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
    const versions = await deps.db.tenant(signed.enteId, (tx) => textVersions(tx, null));
    const codes = [...new Set(doc.steps.map((step) => step.templateCode))];
    return codes.flatMap((code) => {
      const text = versions.find((one) => one.code === code);
      return text === undefined
        ? []
        : [{ code, version: text.version, ...previewText(signed.ente, type?.officeId ?? 0, text) }];
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
        const names = await namesOf(deps, signed.enteId);
        return sendConsole(reply, campaignPage(signed, campaign, [], names, '', sayError(error)), 409);
      }
    });
  }
}

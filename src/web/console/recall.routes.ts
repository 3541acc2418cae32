import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { writeLeaf } from '../../modules/audit/index.ts';
import {
  approveRecall,
  CORRECTION_OUTCOMES,
  type CorrectionOutcome,
  channelOutcomes,
  correctedPeople,
  endRecallDoubt,
  findRecall,
  listRecalls,
  previewRecall,
  type RecallRecord,
  type RecallText,
  recallTexts,
  refuseRecall,
  requestRecall,
} from '../../modules/campaigns/index.ts';
import { countDoubted } from '../../modules/debts/index.ts';
import { campaignRows, type TextVersion, textVersions } from '../../modules/insight/index.ts';
import { namesOf } from './campaign-find.ts';
import { previewText, textsAndPrices } from './campaign-preview.ts';
import { sayError } from './campaign-words.ts';
import { type ConsoleDeps, field, type Signed, seeOther, sendConsole, signedIn } from './context.ts';
import { fileNameOf, loadedFiles } from './recall.read.ts';
import { recallPage, recallsPage } from './recall.view.tsx';
import { correctionsCsv, shownCorrections } from './recall-export.ts';
import { causeOf, type RecallForm, recallForm } from './recall-form.ts';
import { recallFormPage } from './recall-form.view.tsx';
import { recallListPage } from './recall-list.view.tsx';
import type { RecallPreview } from './recall-parts.tsx';
import { NEW_RECALL, RECALLS } from './recall-words.ts';

/** Something wrong was sent: asked by one person, approved by another, followed address by address. */
export function registerRecallRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  requestRoutes(app, deps);
  decisionRoutes(app, deps);
  peopleRoutes(app, deps);
}

function requestRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const page = async (
    signed: Signed,
    form: RecallForm,
    shown: Parameters<typeof recallFormPage>[3],
    problem: string | null,
  ) => {
    const choices = await deps.db.tenant(signed.enteId, async (tx) => ({
      campaigns: await campaignRows(tx),
      files: await loadedFiles(tx),
      texts: await textVersions(tx, null),
    }));
    return recallFormPage(signed, choices, form, shown, problem);
  };
  app.get(RECALLS, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    return sendConsole(reply, recallsPage(signed, await deps.db.tenant(signed.enteId, listRecalls)));
  });
  app.get(NEW_RECALL, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    return sendConsole(reply, await page(signed, recallForm(request.query), null, null));
  });
  app.post(NEW_RECALL, async (request, reply) => {
    const signed = await signedIn(request, deps, 'write');
    const form = recallForm(request.body);
    const cause = causeOf(form);
    const seen = sha256Hex(JSON.stringify([cause, form.texts]));
    try {
      if (field(request.body, 'azione') === 'chiedi' && field(request.body, 'visto') === seen) {
        const { note, texts, amountsStand } = form;
        const input = { cause, note, texts, amountsStand };
        const { code } = await requestRecall(deps.campaigns, signed.enteId, input, signed.operator);
        return seeOther(reply, `${RECALLS}/${code}?esito=chiesta`);
      }
      const { counts, texts } = await previewRecall(
        deps.campaigns,
        signed.enteId,
        { cause, texts: form.texts },
        signed.operator,
      );
      const previews = await wordsOf(deps, signed, texts);
      return sendConsole(reply, await page(signed, form, { counts, previews, seen }, null));
    } catch (error) {
      return sendConsole(reply, await page(signed, form, null, sayError(error)), 422);
    }
  });
}

function decisionRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const page = async (signed: Signed, recall: RecallRecord, outcome: string, problem: string | null) => {
    const { recallId, kind, key } = recall;
    const read = await deps.db.tenant(signed.enteId, async (tx) => ({
      texts: await recallTexts(tx, recallId),
      outcomes: await channelOutcomes(tx, recallId),
      doubted: await countDoubted(tx, recallId),
      fileName: kind === 'import' ? await fileNameOf(tx, key) : null,
    }));
    const previews = await wordsOf(deps, signed, read.texts);
    const writers = new Set(previews.map((one) => one.authorId));
    const names = await namesOf(deps, signed.enteId);
    return recallPage(signed, { recall, ...read, previews, writers, names }, outcome, problem);
  };
  app.get(`${RECALLS}/:code`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const recall = await recallOf(deps, signed, request.params);
    return sendConsole(reply, await page(signed, recall, field(request.query, 'esito'), null));
  });
  app.post(`${RECALLS}/:code/approva`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'approve');
    const recall = await recallOf(deps, signed, request.params);
    try {
      await approveRecall(deps.campaigns, signed.enteId, recall.code, signed.operator);
      return seeOther(reply, `${RECALLS}/${recall.code}?esito=approvata`);
    } catch (error) {
      return sendConsole(reply, await page(signed, recall, '', sayError(error)), 409);
    }
  });
  app.post(`${RECALLS}/:code/importi-giusti`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'approve');
    const recall = await recallOf(deps, signed, request.params);
    try {
      await endRecallDoubt(deps.campaigns, signed.enteId, recall.code, signed.operator);
      return seeOther(reply, `${RECALLS}/${recall.code}?esito=confermati`);
    } catch (error) {
      return sendConsole(reply, await page(signed, recall, '', sayError(error)), 409);
    }
  });
  app.post(`${RECALLS}/:code/respingi`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'approve');
    const recall = await recallOf(deps, signed, request.params);
    const reason = field(request.body, 'motivo');
    if (reason.trim() === '') {
      const problem = 'Scriva perché la respinge: chi l’ha chiesta deve saperlo.';
      return sendConsole(reply, await page(signed, recall, '', problem), 422);
    }
    try {
      await refuseRecall(deps.campaigns, signed.enteId, recall.code, reason, signed.operator);
      return seeOther(reply, `${RECALLS}/${recall.code}?esito=respinta`);
    } catch (error) {
      return sendConsole(reply, await page(signed, recall, '', sayError(error)), 409);
    }
  });
}

function peopleRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  app.get(`${RECALLS}/:code/persone`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const recall = await recallOf(deps, signed, request.params);
    const outcome = outcomeOf(request.query);
    const page = Math.max(1, Math.trunc(Number(field(request.query, 'pagina'))) || 1);
    const shown = await deps.db.tenant(signed.enteId, async (tx) => {
      const found = await correctedPeople(tx, recall.recallId, outcome, page);
      return { ...found, rows: await shownCorrections(tx, deps, signed.enteId, found.people) };
    });
    return sendConsole(reply, recallListPage(signed, recall, { outcome, page, ...shown }));
  });
  // A POST, since it leaves a leaf: people leave the program, and who took them is written down.
  app.post(`${RECALLS}/:code/persone/csv`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const recall = await recallOf(deps, signed, request.params);
    const outcome = outcomeOf(request.body);
    await deps.db.tenant(signed.enteId, async (tx) => {
      const { total } = await correctedPeople(tx, recall.recallId, outcome, 1);
      await writeLeaf(tx, {
        at: deps.now(),
        kind: 'people.exported',
        actor: `operator:${signed.operator.operatorId}`,
        rowCount: total,
        facts: { recall: recall.code, outcome },
      });
    });
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${recall.code}.csv"`)
      .type('text/csv; charset=utf-8')
      .send(Readable.from(correctionsCsv(deps, signed.enteId, recall.recallId, outcome)));
  });
}

function outcomeOf(source: unknown): CorrectionOutcome | null {
  return CORRECTION_OUTCOMES.find((one) => one === field(source, 'esito')) ?? null;
}

/** Error NOT_FOUND, which is answered with the 404 page. */
async function recallOf(deps: ConsoleDeps, signed: Signed, params: unknown): Promise<RecallRecord> {
  try {
    return await deps.db.tenant(signed.enteId, (tx) => findRecall(tx, field(params, 'code')));
  } catch (error) {
    if (!isCoded(error, 'RECALL_UNKNOWN')) throw error;
    throw new CodedError('NOT_FOUND', 'no such recall');
  }
}

/** These very versions, as an invented person reads them. */
async function wordsOf(
  deps: ConsoleDeps,
  signed: Signed,
  texts: readonly RecallText[],
): Promise<(RecallPreview & Pick<TextVersion, 'authorId'>)[]> {
  const { priceOf } = await textsAndPrices(deps, signed);
  const officeId = signed.ente.offices[0]?.officeId ?? 0;
  const found: (RecallPreview & Pick<TextVersion, 'authorId'>)[] = [];
  for (const { channel, code, version } of texts) {
    const versions = await deps.db.tenant(signed.enteId, (tx) => textVersions(tx, code));
    const text = versions.find((one) => one.version === version);
    if (text === undefined) continue;
    const preview = previewText(signed.ente, officeId, text, priceOf(channel));
    found.push({ ...preview, channel, code, version, authorId: text.authorId });
  }
  return found;
}

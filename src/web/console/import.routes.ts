import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { creditTypeOf } from '../../modules/creditors/index.ts';
import { importProblems } from '../../modules/insight/index.ts';
import { sayError } from './campaign-words.ts';
import {
  type ConsoleDeps,
  checkFormToken,
  field,
  idParam,
  type Signed,
  seeOther,
  sendConsole,
  signedIn,
} from './context.ts';
import { previewPage, uploadPage } from './import.view.tsx';
import { headerOf } from './import-header.ts';
import { chosenProfile } from './import-mapping.ts';
import { readMultipart } from './import-multipart.ts';
import { openSpool, type Spool, type SpooledFile } from './import-spool.ts';
import { importPage } from './import-staged.view.tsx';
import { CSRF_FIELD } from './tokens.ts';

const LIMITS = { fieldBytes: 1_000, fileBytes: 100 * 1024 * 1024, parts: 5 };
const HOME = '/console/importa';
const SHOWN_PROBLEMS = 50;

/** O2 Importa: a file is sent, looked at, corrected in its columns, and only then loaded. */
export function registerImportRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  const spool = openSpool(deps.realNow);
  app.addHook('onClose', async () => spool.close());
  app.register(async (scope) => {
    // The body stays a stream: it is read with limits of its own, and never whole in memory.
    scope.addContentTypeParser('multipart/form-data', (_request, payload, done) => done(null, payload));
    scope.post(HOME, { bodyLimit: LIMITS.fileBytes + 16_384 }, async (request, reply) => {
      const signed = await signedIn(request, deps, 'import', { token: 'later' });
      try {
        return seeOther(reply, `${HOME}/file/${await receive(request, spool, signed)}`);
      } catch (error) {
        const page = uploadPage(signed, await deps.imports.list(signed.enteId), sayError(error));
        return sendConsole(reply, page, 422);
      }
    });
  });
  app.get(HOME, async (request, reply) => {
    const signed = await signedIn(request, deps, 'import');
    const gone = field(request.query, 'scaduto') === '1' ? 'Il file non è più qui: lo scelga di nuovo.' : null;
    return sendConsole(reply, uploadPage(signed, await deps.imports.list(signed.enteId), gone));
  });
  fileRoutes(app, deps, spool);
  stagedRoutes(app, deps);
}

async function receive(request: FastifyRequest, spool: Spool, signed: Signed): Promise<string> {
  let file: SpooledFile | null = null;
  const contentType = request.headers['content-type'] ?? '';
  // Text fields stand before the file in our form, so that nobody's bytes are taken in without the form's token.
  const fields = await readMultipart(
    contentType,
    request.body as AsyncIterable<Uint8Array>,
    LIMITS,
    async (part, typed) => {
      checkFormToken(signed, typed[CSRF_FIELD] ?? '');
      const creditType = creditTypeOf(signed.ente, typed.tipo ?? '').code;
      if (part.fileName === '') throw new CodedError('UPLOAD_FORM', 'no file was chosen');
      const about = {
        enteId: signed.enteId,
        operatorId: signed.operator.operatorId,
        fileName: part.fileName,
        creditType,
      };
      file = await spool.put(about, part.content);
    },
  );
  const kept = file as SpooledFile | null;
  if (kept === null) {
    checkFormToken(signed, fields[CSRF_FIELD] ?? '');
    throw new CodedError('UPLOAD_FORM', 'no file in the form');
  }
  return kept.id;
}

/** A file that was sent and is still being looked at. */
function fileRoutes(app: FastifyInstance, deps: ConsoleDeps, spool: Spool): void {
  const find = (request: FastifyRequest, signed: Signed) =>
    spool.get(signed.enteId, signed.operator.operatorId, idParam(request, 'id'));
  const requestOf = (file: SpooledFile) => ({
    enteId: file.enteId,
    creditType: file.creditType,
    fileName: file.fileName,
    open: file.open,
    profile: file.profile,
  });

  app.get(`${HOME}/file/:id`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'import');
    const file = find(request, signed);
    if (file === null) return seeOther(reply, `${HOME}?scaduto=1`);
    const header = await headerOf(file.open).catch(() => []);
    try {
      file.analysis ??= await deps.imports.dryRun(requestOf(file));
      return sendConsole(reply, previewPage(signed, file, header, null));
    } catch (error) {
      // A file whose columns are not understood is no mistake yet: a person says which is which.
      const status = isCoded(error, 'INTAKE_PROFILE') ? 200 : 422;
      return sendConsole(reply, previewPage(signed, file, header, sayError(error)), status);
    }
  });

  app.post(`${HOME}/file/:id/colonne`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'import');
    const file = find(request, signed);
    if (file === null) return seeOther(reply, `${HOME}?scaduto=1`);
    file.profile = chosenProfile(request.body, await headerOf(file.open), file.analysis?.profile ?? file.profile);
    file.analysis = null;
    return seeOther(reply, `${HOME}/file/${file.id}`);
  });

  app.post(`${HOME}/file/:id/carica`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'import');
    const file = find(request, signed);
    if (file === null) return seeOther(reply, `${HOME}?scaduto=1`);
    try {
      const consent = { skipBad: false, releaseQuarantined: false };
      const outcome = await deps.imports.load(requestOf(file), consent, `operator:${signed.operator.operatorId}`);
      if (file.profile !== null) await deps.imports.saveProfile(signed.enteId, file.creditType, file.profile);
      spool.drop(file.id);
      if (outcome.kind === 'sameFile') return seeOther(reply, `${HOME}/${outcome.earlier.importId}?esito=uguale`);
      if (outcome.kind === 'needsConsent') return seeOther(reply, `${HOME}/${outcome.importId}`);
      return seeOther(reply, `${HOME}/${outcome.counts.importId}?esito=caricato`);
    } catch (error) {
      return sendConsole(reply, previewPage(signed, file, await headerOf(file.open), sayError(error)), 422);
    }
  });

  app.post(`${HOME}/file/:id/dimentica`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'import');
    const file = find(request, signed);
    if (file !== null) spool.drop(file.id);
    return seeOther(reply, HOME);
  });
}

/** An import of the database: read and waiting for consent, or loaded. */
function stagedRoutes(app: FastifyInstance, deps: ConsoleDeps): void {
  async function show(signed: Signed, importId: string, outcome: string, error: string | null) {
    const found = (await deps.imports.list(signed.enteId)).find((one) => one.importId === importId);
    if (found === undefined) throw new CodedError('NOT_FOUND', 'no such import');
    const problems = await deps.db.tenant(signed.enteId, (tx) => importProblems(tx, importId, SHOWN_PROBLEMS));
    return importPage(signed, found, problems, outcome, error);
  }

  app.get(`${HOME}/:id`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'import');
    return sendConsole(reply, await show(signed, idParam(request, 'id'), field(request.query, 'esito'), null));
  });

  app.get(`${HOME}/:id/righe/:quali`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'import');
    const which = field(request.params, 'quali') === 'da-parte' ? 'quarantined' : 'rejected';
    const id = idParam(request, 'id');
    const rows = deps.imports.problemRows(signed.enteId, id, which);
    // The first piece is fetched here, so that an unknown import is an error page and no broken download.
    const first = await rows.next().catch((error: unknown) => {
      throw isCoded(error, 'IMPORT_UNKNOWN') ? new CodedError('NOT_FOUND', 'no such import') : error;
    });
    async function* pieces() {
      if (first.done !== true) yield first.value;
      yield* rows;
    }
    const name = which === 'rejected' ? 'righe-da-correggere' : 'righe-messe-da-parte';
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${name}.csv"`)
      .type('text/csv; charset=utf-8')
      .send(Readable.from(pieces()));
  });

  app.post(`${HOME}/:id/carica`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'import');
    const id = idParam(request, 'id');
    const consent = { skipBad: true, releaseQuarantined: field(request.body, 'daParte') === 'si' };
    try {
      await deps.imports.commitStaged(signed.enteId, id, consent, `operator:${signed.operator.operatorId}`);
      return seeOther(reply, `${HOME}/${id}?esito=caricato`);
    } catch (error) {
      return sendConsole(reply, await show(signed, id, '', sayError(error)), 409);
    }
  });

  app.post(`${HOME}/:id/dimentica`, async (request, reply) => {
    const signed = await signedIn(request, deps, 'import');
    const id = idParam(request, 'id');
    try {
      await deps.imports.discard(signed.enteId, id, `operator:${signed.operator.operatorId}`);
      return seeOther(reply, `${HOME}/${id}?esito=dimenticato`);
    } catch (error) {
      return sendConsole(reply, await show(signed, id, '', sayError(error)), 409);
    }
  });
}

import type { FastifyInstance } from 'fastify';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { answerDispute } from '../../modules/campaigns/index.ts';
import { disputeById } from '../../modules/disputes/index.ts';
import type { FieldError } from '../ui/forms.tsx';
import { CANNED } from './canned-answers.ts';
import { type ConsoleDeps, field, idParam, type Signed, seeOther, sendConsole, signedIn } from './context.ts';
import { DISPUTE_FILTERS, detailOf, readDisputes } from './disputes.read.ts';
import { confirmPage, disputePage, inboxPage } from './disputes.view.tsx';
import { DISPUTE_KINDS } from './words.ts';

const MAX_ANSWER = 4000;

/** O11: the inbox with its filters in the address, one dispute, and its answer in two steps. */
export function registerDisputeRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  const load = async (signed: Signed, id: string) => {
    const reader = { actor: `operator:${signed.operator.operatorId}`, now: deps.now() };
    const file = await deps.db.tenant(signed.enteId, (tx) => disputeById(tx, deps.vaultOf(signed.enteId), id, reader));
    if (file === null) throw new CodedError('NOT_FOUND', 'no such dispute');
    return detailOf(file, signed.ente, reader.now);
  };

  scope.get('/console/segnalazioni', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const kind = field(request.query, 'motivo');
    const filter = {
      show: DISPUTE_FILTERS.find((one) => one === field(request.query, 'stato')) ?? 'aperte',
      kind: kind in DISPUTE_KINDS ? kind : '',
      page: Math.min(Math.max(Number.parseInt(field(request.query, 'pagina'), 10) || 1, 1), 10_000),
    };
    const found = await deps.db.tenant(signed.enteId, (tx) =>
      readDisputes(tx, deps.vaultOf(signed.enteId), filter, deps.now()),
    );
    return sendConsole(reply, inboxPage(signed, filter, found));
  });

  scope.get('/console/segnalazioni/:id', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const detail = await load(signed, idParam(request, 'id'));
    const done = field(request.query, 'fatto');
    return sendConsole(reply, disputePage(signed, detail, { decision: '', canned: '', words: '' }, [], done));
  });

  scope.post('/console/segnalazioni/:id', async (request, reply) => {
    const signed = await signedIn(request, deps, 'decide');
    const id = idParam(request, 'id');
    const detail = await load(signed, id);
    const typed = {
      decision: field(request.body, 'decisione'),
      canned: field(request.body, 'modello'),
      words: field(request.body, 'testo').trim(),
    };
    const canned = CANNED.find((one) => one.code === typed.canned);
    const answer = [canned?.text ?? '', typed.words].filter(Boolean).join('\n\n');
    const errors: FieldError[] = [];
    if (typed.decision !== 'accolta' && typed.decision !== 'respinta') {
      errors.push({ field: 'decisione', message: 'Dica se accoglie la segnalazione.' });
    }
    if (answer === '') errors.push({ field: 'testo', message: 'Alla persona è dovuta una risposta in parole.' });
    if (answer.length > MAX_ANSWER) {
      errors.push({ field: 'testo', message: `La risposta è troppo lunga: al massimo ${MAX_ANSWER} caratteri.` });
    }
    if (canned !== undefined && typed.decision !== '' && canned.accept !== (typed.decision === 'accolta')) {
      errors.push({ field: 'modello', message: 'La risposta pronta dice il contrario della decisione.' });
    }
    if (errors.length > 0) return sendConsole(reply, disputePage(signed, detail, typed, errors, ''), 422);
    // Writing off a sum is shown before it is done, with the words as they will be kept (ui.md §5.8).
    if (field(request.body, 'passo') !== '2') return sendConsole(reply, confirmPage(signed, detail, typed, answer));
    try {
      const accept = typed.decision === 'accolta';
      await answerDispute(deps, signed.enteId, { disputeId: id, accept, answer }, signed.operator);
    } catch (error) {
      if (!isCoded(error, 'DISPUTE_DECIDED')) throw error;
      return seeOther(reply, `/console/segnalazioni/${id}?fatto=prima`);
    }
    return seeOther(reply, `/console/segnalazioni/${id}?fatto=si`);
  });
}

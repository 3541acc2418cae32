import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseCivilDate } from '../../kernel/civil-date.ts';
import type { FieldError } from '../ui/forms.tsx';
import { DISPUTE_KINDS, type DisputeKind, type PositionView } from './dialogue.ts';
import {
  field,
  isFormKey,
  newFormKey,
  type PortalDeps,
  positionVisit,
  seeOther,
  sendExpired,
  sendNotFound,
  sendPage,
  type Visit,
  visitOf,
} from './http.ts';
import { MAX_REPORT_TEXT, reportDonePage, reportPage } from './report.view.tsx';
import { texts } from './texts.it.ts';

const NOTHING_TYPED = { kind: '', text: '' };

/** C8: about one position, or (from the link alone) about the whole notice. */
export function reportRoutes(portal: FastifyInstance, deps: PortalDeps): void {
  portal.get('/segnala', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    return sendForm(reply, visit, null);
  });

  portal.get('/segnala/:debtId', async (request, reply) => {
    const visit = await positionVisit(request, reply, deps, { below: '/segnala' });
    if (visit === null) return reply;
    const { position } = visit;
    return sendForm(reply, visit, position);
  });

  portal.post('/segnala', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps, { savedText: field(request.body, 'testo') });
    return receive(request, reply, deps, visit, null);
  });

  portal.post('/segnala/:debtId', async (request, reply) => {
    const visit = await positionVisit(request, reply, deps, {
      below: '/segnala',
      savedText: field(request.body, 'testo'),
    });
    if (visit === null) return reply;
    const { position } = visit;
    return receive(request, reply, deps, visit, position);
  });

  portal.get('/segnala/fatto', async (request, reply) => {
    const visit = await visitOf(request, deps);
    if (visit === null) return sendExpired(request, reply, deps);
    const number = /^[\w/-]{1,32}$/.exec(field(request.query, 'n'));
    const deadline = parseCivilDate(field(request.query, 'entro'));
    if (number === null || !deadline.ok) return sendNotFound(request, reply, deps);
    return sendPage(reply, reportDonePage(visit.view, number[0], deadline.value));
  });
}

function sendForm(reply: FastifyReply, visit: Visit, position: PositionView | null) {
  return sendPage(
    reply,
    reportPage({ view: visit.view, position, formKey: newFormKey(), typed: NOTHING_TYPED, errors: [] }),
  );
}

async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps,
  visit: Visit,
  position: PositionView | null,
) {
  const typed = { kind: field(request.body, 'motivo'), text: field(request.body, 'testo').trim() };
  const key = field(request.body, 'chiave');
  const kind = kindOf(typed.kind);
  const errors: FieldError[] = [];
  if (kind === null) errors.push({ field: 'motivo', message: texts.report.kindMissing });
  if (typed.text.length > MAX_REPORT_TEXT) {
    errors.push({ field: 'testo', message: texts.report.textTooLong(MAX_REPORT_TEXT) });
  }
  if (kind === null || errors.length > 0) {
    // The same key: the form is still the same one, corrected.
    const formKey = isFormKey(key) ? key : newFormKey();
    return sendPage(reply, reportPage({ view: visit.view, position, formKey, typed, errors }), { status: 422 });
  }
  const opened = await deps.dialogue.openDispute(visit.session, {
    debtId: position?.debtId ?? null,
    kind,
    text: typed.text,
    // Without a key a repeat cannot be told from a second report: then it is one of its own.
    idempotencyKey: isFormKey(key) ? key : newFormKey(),
  });
  if (opened === null) return sendExpired(request, reply, deps, { savedText: typed.text });
  return seeOther(reply, `/segnala/fatto?n=${encodeURIComponent(opened.number)}&entro=${opened.deadline}`);
}

function kindOf(value: string): DisputeKind | null {
  return DISPUTE_KINDS.find((kind) => kind === value) ?? null;
}

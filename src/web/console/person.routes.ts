import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../kernel/errors.ts';
import { writeLeaf } from '../../modules/audit/index.ts';
import { type ConsoleDeps, field, idParam, type Signed, seeOther, sendConsole, signedIn } from './context.ts';
import { readPerson, searchPersons } from './person.read.ts';
import { personPage, searchPage } from './person.view.tsx';

/** O10. What is looked for is personal data: it travels in the form's body, never in an address. */
export function registerPersonRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  scope.get('/console/persone', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    return sendConsole(reply, searchPage(signed, '', null));
  });

  scope.post('/console/persone', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const typed = field(request.body, 'cerca').trim().slice(0, 100);
    const found = await deps.db.tenant(signed.enteId, (tx) => searchPersons(tx, deps.vaultOf(signed.enteId), typed));
    const only = found.persons.length === 1 ? found.persons[0] : undefined;
    if (only !== undefined) return seeOther(reply, `/console/persone/${only.debtorId}`);
    return sendConsole(reply, searchPage(signed, typed, found));
  });

  scope.get('/console/persone/:debtorId', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    return sendPerson(request, reply, deps, signed, false);
  });

  // The full tax code is shown once, in the answer to a form, and the register says who asked (ui.md §5.13).
  scope.post('/console/persone/:debtorId/rivela', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    return sendPerson(request, reply, deps, signed, true);
  });
}

async function sendPerson(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ConsoleDeps,
  signed: Signed,
  reveal: boolean,
) {
  const debtorId = idParam(request, 'debtorId');
  const text = field(request.query, 'testo');
  const history = await deps.db.tenant(signed.enteId, async (tx) => {
    const read = await readPerson(tx, deps.vaultOf(signed.enteId), signed.ente, debtorId, text === '' ? null : text);
    const leaf = { at: deps.now(), actor: `operator:${signed.operator.operatorId}`, rowCount: 1 };
    if (read !== null && reveal) await writeLeaf(tx, { ...leaf, kind: 'person.revealed', facts: { debtorId } });
    // Words that went to a person are that person's: who opens them is written down.
    if (read?.events.some((event) => event.kind === 'contact' && event.text !== null) === true) {
      await writeLeaf(tx, { ...leaf, kind: 'message.read', facts: { debtorId, deliveryId: text } });
    }
    return read;
  });
  if (history === null) throw new CodedError('NOT_FOUND', 'no such person');
  return sendConsole(reply, personPage(signed, history, reveal));
}

import type { FastifyInstance } from 'fastify';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { isUuid, newId } from '../../kernel/ids.ts';
import {
  addOperator,
  changeRoles,
  listPeople,
  type Managing,
  type Person,
  type Role,
  reactivateOperator,
  resetAccess,
  suspendOperator,
} from '../../modules/operators/index.ts';
import type { FieldError } from '../ui/forms.tsx';
import { type ConsoleDeps, field, idParam, type Signed, seeOther, sendConsole, signedIn } from './context.ts';
import { CHOSEN_ROLES, invitedPage, peoplePage, personAccessPage } from './operators.view.tsx';
import { confirmingPage } from './operators-parts.tsx';

const MAX_NAME = 100;

/** O15: who may do what. Everything here needs `manage` and is written in the register. */
export function registerOperatorRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  const people = (signed: Signed) => deps.db.tenant(signed.enteId, listPeople);
  const who = (signed: Signed): Managing => ({ by: signed.operator, now: deps.now(), realNow: deps.realNow() });
  const find = async (signed: Signed, id: string): Promise<Person> => {
    const found = (await people(signed)).find((person) => person.operatorId === id);
    if (found === undefined) throw new CodedError('NOT_FOUND', 'no such operator');
    return found;
  };

  scope.get('/console/permessi', async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const typed = { formId: newId(), name: '', roles: [] };
    return sendConsole(reply, peoplePage(signed, await people(signed), typed, [], deps.realNow()));
  });

  scope.post('/console/permessi', async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const roles = chosen(request.body);
    const formId = field(request.body, 'modulo');
    const typed = { formId: isUuid(formId) ? formId : newId(), name: field(request.body, 'nome').trim(), roles };
    const errors: FieldError[] = [];
    if (typed.name === '') errors.push({ field: 'nome', message: 'Scriva il nome della persona.' });
    if (typed.name.length > MAX_NAME) {
      errors.push({ field: 'nome', message: `Il nome è troppo lungo: al massimo ${MAX_NAME} caratteri.` });
    }
    if (errors.length > 0) {
      return sendConsole(reply, peoplePage(signed, await people(signed), typed, errors, deps.realNow()), 422);
    }
    const input = { operatorId: typed.formId, name: typed.name, roles };
    const invitation = await deps.db.tenant(signed.enteId, (tx) =>
      addOperator(tx, deps.vaultOf(signed.enteId), input, who(signed)),
    );
    if (invitation !== null) {
      return sendConsole(reply, invitedPage(signed, { ...invitation, name: typed.name }, deps.baseUrl));
    }
    // Sent twice: the code was shown by the first answer.
    return seeOther(reply, `/console/permessi/${typed.formId}`);
  });

  scope.get('/console/permessi/:id', async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const person = await find(signed, idParam(request, 'id'));
    return sendConsole(reply, personAccessPage(signed, person, deps.realNow(), field(request.query, 'fatto')));
  });

  scope.post('/console/permessi/:id/ruoli', async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const { operatorId } = await find(signed, idParam(request, 'id'));
    const roles = chosen(request.body);
    const changed = await unlessLast(() =>
      deps.db.tenant(signed.enteId, (tx) => changeRoles(tx, operatorId, roles, who(signed))),
    );
    // Who has just given his own permission away sees this page no more.
    const gone = changed && operatorId === signed.operator.operatorId && !roles.includes('manage');
    if (gone) return seeOther(reply, '/console');
    return seeOther(reply, `/console/permessi/${operatorId}?fatto=${changed ? 'ruoli' : 'ultimo'}`);
  });

  scope.post('/console/permessi/:id/sospendi', async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const person = await find(signed, idParam(request, 'id'));
    const path = `/console/permessi/${person.operatorId}`;
    if (field(request.body, 'passo') !== '2') {
      const page = confirmingPage(signed, {
        title: `Sospendi ${person.name}`,
        warning: 'Da subito non entra più',
        text: 'Le sessioni aperte si chiudono e la chiave per i comandi non vale più. L’accesso alla console si può riattivare.',
        action: `${path}/sospendi`,
        button: `Sospendi ${person.name}`,
        back: path,
      });
      return sendConsole(reply, page);
    }
    const done = await unlessLast(() =>
      deps.db.tenant(signed.enteId, (tx) => suspendOperator(tx, person.operatorId, who(signed))),
    );
    return seeOther(reply, `${path}?fatto=${done ? 'sospeso' : 'ultimo'}`);
  });

  scope.post('/console/permessi/:id/riattiva', async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const { operatorId } = await find(signed, idParam(request, 'id'));
    await unlessUnknown(() =>
      deps.db.tenant(signed.enteId, (tx) =>
        reactivateOperator(tx, deps.vaultOf(signed.enteId), operatorId, who(signed)),
      ),
    );
    return seeOther(reply, `/console/permessi/${operatorId}?fatto=riattivato`);
  });

  scope.post('/console/permessi/:id/invito', async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const person = await find(signed, idParam(request, 'id'));
    if (!person.active) throw new CodedError('NOT_FOUND', 'suspended: no invitation');
    const path = `/console/permessi/${person.operatorId}`;
    if (field(request.body, 'passo') !== '2') {
      const page = confirmingPage(signed, {
        title: `Nuovo invito per ${person.name}`,
        warning: 'L’accesso di prima finisce',
        text: 'Password, app di autenticazione e codici di riserva non varranno più; le sessioni aperte si chiudono.',
        action: `${path}/invito`,
        button: 'Crea l’invito',
        back: path,
      });
      return sendConsole(reply, page);
    }
    const invitation = await deps.db.tenant(signed.enteId, (tx) =>
      resetAccess(tx, deps.vaultOf(signed.enteId), person.operatorId, who(signed)),
    );
    return sendConsole(reply, invitedPage(signed, { ...invitation, name: person.name }, deps.baseUrl));
  });
}

const chosen = (body: unknown): Role[] => [
  'see',
  ...CHOSEN_ROLES.filter((role) => field(body, `ruolo-${role}`) === 'si'),
];

/** False when it would have left the body without anybody who manages its operators. */
async function unlessLast(work: () => Promise<void>): Promise<boolean> {
  try {
    await unlessUnknown(work);
    return true;
  } catch (error) {
    if (isCoded(error, 'LAST_MANAGER')) return false;
    throw error;
  }
}

/** The same form sent twice finds it done. */
async function unlessUnknown(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isCoded(error, 'OPERATOR_UNKNOWN')) throw error;
  }
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseCivilDate } from '../../kernel/civil-date.ts';
import { CodedError, isCoded } from '../../kernel/errors.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { writeLeaf } from '../../modules/audit/index.ts';
import { type CreditType, loadRules } from '../../modules/creditors/index.ts';
import { debtCase, rulesOfDebt, setRule } from '../../modules/debts/index.ts';
import type { FieldError } from '../ui/forms.tsx';
import { type ConsoleDeps, field, idParam, type Signed, seeOther, sendConsole, signedIn } from './context.ts';
import { caseOf } from './debt-rules.read.ts';
import { ruleFormPage, rulesPage } from './debt-rules.view.tsx';
import { debtRulesPage } from './debt-rules-case.view.tsx';
import { RULE_FIELDS, type RuleField, ruleTextOf, ruleValueOf } from './debt-rules-form.ts';

/** Which rules hold, why, and what the body has still to choose; for a credit, and for one debt of a person. */
export function registerDebtRuleRoutes(scope: FastifyInstance, deps: ConsoleDeps): void {
  scope.get('/console/regole', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const first = signed.ente.creditTypes[0];
    if (first === undefined) throw new CodedError('NOT_FOUND', 'no credit type');
    return seeOther(reply, `/console/regole/${encodeURIComponent(first.code)}`);
  });

  scope.get('/console/regole/:credito', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const type = typeOf(request, signed);
    const today = romeDate(deps.now());
    const rules = await deps.db.tenant(signed.enteId, (tx) => loadRules(tx, today));
    const shown = rulesOfDebt(rules, signed.ente.kind, type, { dueDate: today, violationDate: null });
    return sendConsole(reply, rulesPage(signed, type, shown, field(request.query, 'fatto') === 'si'));
  });

  scope.get('/console/regole/:credito/:regola', async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const type = typeOf(request, signed);
    const { key, spec } = keyOf(request);
    const empty = { value: '', cap: '', from: romeDate(deps.now()), basis: '' };
    return sendConsole(reply, ruleFormPage(signed, type, key, spec, empty, []));
  });

  scope.post('/console/regole/:credito/:regola', async (request, reply) => {
    const signed = await signedIn(request, deps, 'manage');
    const type = typeOf(request, signed);
    const { key, spec } = keyOf(request);
    const typed = ruleTextOf(request.body);
    const refused = (errors: readonly FieldError[]) =>
      sendConsole(reply, ruleFormPage(signed, type, key, spec, typed, errors), 422);
    const value = ruleValueOf(spec, typed);
    const validFrom = parseCivilDate(typed.from);
    const errors: FieldError[] = [
      ...(value === null ? [{ field: 'valore', message: 'Indichi un valore come nell’esempio.' }] : []),
      ...(validFrom.ok ? [] : [{ field: 'dal', message: 'Indichi da che giorno vale.' }]),
      ...(typed.basis === '' ? [{ field: 'delibera', message: SENTENCES.RULE_WITHOUT_BASIS?.message ?? '' }] : []),
    ];
    if (!validFrom.ok || errors.length > 0) return refused(errors);
    const now = deps.now();
    const rule = { key, creditType: type.code, validFrom: validFrom.value, value, legalBasis: typed.basis };
    try {
      await deps.db.tenant(signed.enteId, async (tx) => {
        await setRule(tx, deps.vaultOf(signed.enteId), rule, romeDate(now));
        const actor = `operator:${signed.operator.operatorId}`;
        const facts = { key, creditType: type.code, validFrom: validFrom.value, basis: typed.basis };
        await writeLeaf(tx, { at: now, kind: 'rule.set', actor, rowCount: 1, facts });
      });
    } catch (error) {
      if (!isCoded(error)) throw error;
      const sentence = SENTENCES[error.code];
      if (sentence === undefined) throw error;
      // In the units of the form: those that the rule is stored in would mislead.
      const hint = error.code === 'RULE_VALUE' && spec.kind !== 'choice' ? ` ${spec.hint}` : '';
      return refused([{ ...sentence, message: sentence.message + hint }]);
    }
    return seeOther(reply, `/console/regole/${encodeURIComponent(type.code)}?fatto=si`);
  });

  scope.get('/console/posizioni/:debtId/regole', async (request, reply) => {
    const signed = await signedIn(request, deps, 'see');
    const debtId = idParam(request, 'debtId');
    const today = romeDate(deps.now());
    const shown = await deps.db.tenant(signed.enteId, async (tx) => {
      const found = await debtCase(tx, deps.vaultOf(signed.enteId), debtId);
      return found === null ? null : caseOf(await loadRules(tx, today), signed.ente, found);
    });
    if (shown === null) throw new CodedError('NOT_FOUND', 'no such debt');
    return sendConsole(reply, debtRulesPage(signed, shown));
  });
}

/** What `setEnteRule` refuses, for the person at the form. */
const SENTENCES: Readonly<Record<string, FieldError>> = {
  RULE_VALUE: { field: 'valore', message: 'Questo valore non è ammesso.' },
  RULE_FIXED: { field: 'valore', message: 'La legge non lascia scelta all’ente su questa regola.' },
  RULE_WITHOUT_BASIS: { field: 'delibera', message: 'Indichi la deliberazione, con numero e data.' },
  RULE_SAME_DAY: { field: 'dal', message: 'Da quel giorno vale già un altro valore: indichi un giorno diverso.' },
};

function typeOf(request: FastifyRequest, signed: Signed): CreditType {
  const code = field(request.params, 'credito');
  const type = signed.ente.creditTypes.find((one) => one.code === code);
  if (type === undefined) throw new CodedError('NOT_FOUND', 'no such credit type');
  return type;
}

function keyOf(request: FastifyRequest): { readonly key: string; readonly spec: RuleField } {
  const key = field(request.params, 'regola');
  const spec = Object.hasOwn(RULE_FIELDS, key) ? RULE_FIELDS[key] : undefined;
  if (spec === undefined) throw new CodedError('NOT_FOUND', 'no form for this rule');
  return { key, spec };
}

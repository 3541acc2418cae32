import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import type { AccruedInterest } from '../../modules/debts/index.ts';
import { BackLink, Callout, Steps, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import type { DebtRulesShown } from './debt-rules.read.ts';
import { MissingRules, RuleTable } from './debt-rules.view.tsx';
import { componentWords, nextActWords, ruleValueWords } from './debt-rules-words.ts';
import { DataTable, Figure, Figures } from './parts.tsx';
import { consolePage } from './shell.tsx';

/** Which rules apply to one debt and why: its deadline step by step, interest, the act that follows. */
export function debtRulesPage(signed: Signed, shown: DebtRulesShown): string {
  const { deadline, rules } = shown;
  const { nextAct } = rules;
  return consolePage({
    ...signed,
    title: `Regole: ${shown.title}`,
    active: 'persone',
    body: (
      <>
        {shown.person === null ? (
          <BackLink href="/console/scadenze">Scadenze</BackLink>
        ) : (
          <BackLink href={`/console/persone/${shown.debtorId}`}>Persona {shown.person}</BackLink>
        )}
        <Title>Regole: {shown.title}</Title>
        <Figures>
          <Figure label="Resta da pagare" value={formatEuro(shown.outstandingCents)} />
          <Figure label="Voce" value={componentWords(shown.component)} />
          <Figure
            label={deadline?.kind === 'limitation' ? 'Prescrizione' : 'Termine per l’atto'}
            value={deadline === null ? 'non noto' : formatDate(deadline.date)}
          />
        </Figures>
        <section class="b-section b-text" aria-labelledby="termine">
          <h2 id="termine">Il termine, passo per passo</h2>
          <Steps items={shown.steps} />
        </section>
        <section class="b-section" aria-labelledby="interessi">
          <h2 id="interessi">Interessi</h2>
          <InterestPart interest={shown.interest} />
        </section>
        <section class="b-section b-text" aria-labelledby="atto">
          <h2 id="atto">Se non si paga</h2>
          <p>
            L’atto che segue è: {nextActWords(nextAct.value)} ({nextAct.legalBasis}).
          </p>
        </section>
        <section class="b-section" aria-labelledby="tutte">
          <h2 id="tutte">Tutte le regole di questa posizione</h2>
          <MissingRules signed={signed} type={shown.type} missing={rules.missing} />
          <RuleTable signed={signed} type={shown.type} rules={rules.rules} />
        </section>
      </>
    ),
  });
}

function InterestPart({ interest }: { interest: AccruedInterest }) {
  switch (interest.kind) {
    case 'none':
      return <p class="b-text">Su questa posizione non maturano interessi.</p>;
    case 'toChoose':
      return <p class="b-text">L’ente deve ancora stabilire il tasso: gli interessi non si calcolano.</p>;
    case 'notKnown':
      return <p class="b-text">Tassi o norme di oggi sugli interessi non sono ancora noti: non si calcolano.</p>;
    case 'accrued':
      return (
        <>
          <Callout title={`Ad oggi: ${formatEuro(interest.interest.cents)}`}>
            <p>Solo se l’ente li chiede: qui non si aggiunge nulla a quanto è dovuto. Base: {interest.legalBasis}.</p>
          </Callout>
          {interest.interest.parts.length === 0 ? null : (
            <DataTable
              id="periodi"
              caption="Interessi semplici, per periodo di tasso"
              head={['Dal', 'Al', 'Giorni', 'Tasso']}
              figures={[2, 3]}
              rows={interest.interest.parts.map((part) => [
                formatDate(part.from),
                formatDate(part.to),
                String(part.days),
                ruleValueWords('legalRateBp', part.bp),
              ])}
            />
          )}
        </>
      );
  }
}

import { formatDate } from '../../kernel/civil-date.ts';
import { type CreditType, RULE_KEYS } from '../../modules/creditors/index.ts';
import type { ApplicableRule, RulesOfDebt } from '../../modules/debts/index.ts';
import { ErrorSummary, Field, type FieldError, SubmitButton } from '../ui/forms.tsx';
import { BackLink, Badge, Callout, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { RULE_FIELDS, type RuleField, type RuleText } from './debt-rules-form.ts';
import { nextActWords, ruleValueWords } from './debt-rules-words.ts';
import { DataTable } from './parts.tsx';
import { CsrfField, consolePage } from './shell.tsx';

const MARKS: Readonly<Record<string, string>> = {
  M: 'da verificare sulla fonte',
  U: 'incerta: la valuti l’ente',
};
const BLOCKS: Readonly<Record<string, string>> = {
  campaign: 'le campagne per questo credito restano ferme',
  deadline: 'le campagne per questo credito restano ferme e i termini non si calcolano',
  interest: 'gli interessi non si calcolano',
  handOver: 'il passaggio alla riscossione resta fermo',
};

/** Units that the key is stored in are of no use to a reader: the value has its own. */
const plainLabel = (label: string) => label.replace(/, in centesimi di punto$/, '');

const pathOf = (type: CreditType, key?: string) =>
  `/console/regole/${encodeURIComponent(type.code)}${key === undefined ? '' : `/${encodeURIComponent(key)}`}`;
const maySet = (signed: Signed, key: string) =>
  signed.operator.roles.includes('manage') && Object.hasOwn(RULE_FIELDS, key);

export function rulesPage(signed: Signed, type: CreditType, shown: RulesOfDebt, done: boolean): string {
  return consolePage({
    ...signed,
    title: `Regole: ${type.name}`,
    active: null,
    alert: done
      ? { look: 'ok', title: 'Regola registrata', text: 'Vale dal giorno indicato; il registro dice chi l’ha scritta.' }
      : undefined,
    body: (
      <>
        <Title>Regole: {type.name}</Title>
        <p class="b-text">
          Che cosa la legge, o il regolamento dell’ente, fa fare al programma per questo credito, oggi. Prima vale il
          regolamento, poi la legge.
        </p>
        <nav class="c-filters" aria-label="Di quale credito">
          <ul>
            {signed.ente.creditTypes.map((one) => (
              <li key={one.code}>
                <a href={pathOf(one)} aria-current={one.code === type.code ? 'true' : undefined}>
                  {one.name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <MissingRules signed={signed} type={type} missing={shown.missing} />
        <p class="b-text">
          Se non si paga, l’atto che segue è: {nextActWords(shown.nextAct.value)} ({shown.nextAct.legalBasis}).
        </p>
        <RuleTable signed={signed} type={type} rules={shown.rules} />
      </>
    ),
  });
}

export function MissingRules(props: { signed: Signed; type: CreditType; missing: RulesOfDebt['missing'] }) {
  const { signed, type, missing } = props;
  if (missing.length === 0) return null;
  return (
    <Callout look="warn" title="L’ente deve ancora stabilire">
      <ul>
        {missing.map((one) => (
          <li key={one.key}>
            {maySet(signed, one.key) ? (
              <a class="c-link" href={pathOf(type, one.key)}>
                {plainLabel(one.label)}
              </a>
            ) : (
              plainLabel(one.label)
            )}
            {`: fino ad allora ${BLOCKS[one.blocks] ?? 'resta fermo ciò che ne dipende'}.`}
          </li>
        ))}
      </ul>
    </Callout>
  );
}

export function RuleTable(props: { signed: Signed; type: CreditType; rules: readonly ApplicableRule[] }) {
  const { signed, type, rules } = props;
  return (
    <DataTable
      id="regole"
      caption={`Regole in vigore per ${type.name}`}
      head={['Regola', 'Che cosa prevede', 'Perché vale qui', 'Base normativa', 'Chi l’ha stabilita']}
      rows={rules.map((rule) => [
        <>
          {plainLabel(rule.label)}
          {maySet(signed, rule.key) ? (
            <span class="b-row-note">
              <a href={pathOf(type, rule.key)}>Cambia: {plainLabel(rule.label)}</a>
            </span>
          ) : null}
        </>,
        <>
          {ruleValueWords(rule.key, rule.value)}
          {rule.off === null ? null : <span class="b-row-note">{rule.off}</span>}
        </>,
        rule.why,
        rule.legalBasis,
        <Source rule={rule} />,
      ])}
    />
  );
}

function Source({ rule }: { rule: ApplicableRule }) {
  if (rule.from === 'regulation') {
    return (
      <>
        <Badge look="ok">ente</Badge>
        {rule.insteadOf === null ? null : (
          <span class="b-row-note">al posto di: {ruleValueWords(rule.key, rule.insteadOf.value)}</span>
        )}
      </>
    );
  }
  const mark = rule.mark === null ? undefined : MARKS[rule.mark];
  return (
    <>
      <Badge look="off">{rule.mark === 'D' ? 'programma' : 'legge'}</Badge>
      {mark === undefined ? null : <span class="b-row-note">{mark}</span>}
    </>
  );
}

export function ruleFormPage(
  signed: Signed,
  type: CreditType,
  key: string,
  spec: RuleField,
  typed: RuleText,
  errors: readonly FieldError[],
): string {
  const label = plainLabel(RULE_KEYS[key]?.label ?? key);
  return consolePage({
    ...signed,
    title: `${errors.length > 0 ? 'Errore: ' : ''}${label}`,
    active: null,
    body: (
      <>
        <BackLink href={pathOf(type)}>Regole: {type.name}</BackLink>
        <Title>{`Regola: ${label}`}</Title>
        <ErrorSummary title="La regola non è stata registrata" errors={errors} />
        <p class="b-text">
          Vale per {type.name} dal giorno che indica. Non si cancella: per cambiarla se ne scrive una nuova.
        </p>
        <form method="post" action={pathOf(type, key)} class="b-text">
          <CsrfField csrf={signed.csrf} />
          <ValueField spec={spec} label={label} typed={typed} errors={errors} />
          <TextField id="dal" label="Vale dal" hint="gg/mm/aaaa" value={dayText(typed.from)} errors={errors} />
          <TextField
            id="delibera"
            label="Deliberazione"
            hint="Organo, numero e data. Senza deliberazione una regola dell’ente non si può scrivere."
            value={typed.basis}
            errors={errors}
          />
          <SubmitButton>Metti in vigore</SubmitButton>
        </form>
      </>
    ),
  });
}

/** The day as the form came with it is ISO; what somebody typed stays as typed. */
function dayText(from: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(from) ? formatDate(from as Parameters<typeof formatDate>[0]) : from;
}

interface ValueProps {
  readonly spec: RuleField;
  readonly label: string;
  readonly typed: RuleText;
  readonly errors: readonly FieldError[];
}

function ValueField({ spec, label, typed, errors }: ValueProps) {
  if (spec.kind === 'choice') {
    return (
      <Field
        id="valore"
        label={capital(label)}
        errors={errors}
        control={({ describedBy, invalid }) => (
          <select
            class="b-input c-select"
            id="valore"
            name="valore"
            required
            aria-describedby={describedBy}
            aria-invalid={invalid ? true : undefined}
          >
            <option value="">Scelga</option>
            {spec.options.map((option) => (
              <option key={option.value} value={option.value} selected={option.value === typed.value}>
                {option.label}
              </option>
            ))}
          </select>
        )}
      />
    );
  }
  const value = <TextField id="valore" label={capital(label)} hint={spec.hint} value={typed.value} errors={errors} />;
  if (spec.kind !== 'appointment') return value;
  return (
    <>
      {value}
      <TextField id="tetto" label="Importo massimo" hint="Esempio: 36,15" value={typed.cap} errors={errors} />
    </>
  );
}

const capital = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function TextField(props: {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly errors: readonly FieldError[];
}) {
  const { id, label, hint, value, errors } = props;
  return (
    <Field
      id={id}
      label={label}
      hint={hint}
      errors={errors}
      control={({ describedBy, invalid }) => (
        <input
          class="b-input"
          type="text"
          id={id}
          name={id}
          value={value}
          maxLength={500}
          required
          aria-describedby={describedBy}
          aria-invalid={invalid ? true : undefined}
        />
      )}
    />
  );
}
